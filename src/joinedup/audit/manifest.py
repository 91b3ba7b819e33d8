"""The manifest of an export: which files it has, with the digest of each, and where the record begins."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from joinedup.audit.chain import Head
from joinedup.audit.error import AuditError

EXPORT_FORMAT = "joinedup-audit-export-1"
MANIFEST = "manifest.json"
CHECKPOINTS = "checkpoints.jsonl"
PUBLIC_KEYS = "public_keys.txt"


@dataclass(frozen=True)
class Segment:
    """One file of events. first: its first event's number. sha256: of the file, in hex."""

    file: str
    first: int
    events: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """origin: whose record. start: how it stood before the first event here. segments: in order."""

    origin: str
    start: Head
    segments: tuple[Segment, ...]
    checkpoints_sha256: str
    public_keys_sha256: str

    @property
    def events(self) -> int:
        """Events in all segments."""
        return sum(segment.events for segment in self.segments)


def segment_name(number: int) -> str:
    """The file of the number-th segment, from 1."""
    return f"events-{number:06d}.jsonl"


def manifest_bytes(manifest: Manifest) -> bytes:
    """The manifest as JSON, always the same way."""
    document = {
        "checkpoints": {"file": CHECKPOINTS, "sha256": manifest.checkpoints_sha256},
        "events": manifest.events,
        "format": EXPORT_FORMAT,
        "origin": manifest.origin,
        "public_keys": {"file": PUBLIC_KEYS, "sha256": manifest.public_keys_sha256},
        "segments": [
            {"events": each.events, "file": each.file, "first": each.first, "sha256": each.sha256}
            for each in manifest.segments
        ],
        "start": {
            "chain": manifest.start.chain.hex(),
            "frontier": manifest.start.frontier.hex(),
            "size": manifest.start.size,
        },
    }
    return json.dumps(document, indent=2, sort_keys=True).encode() + b"\n"


def read_manifest(raw: bytes) -> Manifest:
    """Read what `manifest_bytes` wrote. Raises AuditError where it is not exactly that."""
    try:
        manifest = _manifest_of(json.loads(raw))
        # Written back it must be the same to the letter, so nothing in it goes unread.
        same = manifest_bytes(manifest) == raw
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        raise _not_a_manifest() from error
    names = [segment_name(number) for number in range(1, len(manifest.segments) + 1)]
    if not same or [segment.file for segment in manifest.segments] != names:
        raise _not_a_manifest()
    return manifest


def _manifest_of(document: Any) -> Manifest:
    start = document["start"]
    return Manifest(
        origin=document["origin"],
        start=Head(
            size=start["size"],
            chain=bytes.fromhex(start["chain"]),
            frontier=bytes.fromhex(start["frontier"]),
        ),
        segments=tuple(
            Segment(each["file"], int(each["first"]), int(each["events"]), each["sha256"])
            for each in document["segments"]
        ),
        checkpoints_sha256=document["checkpoints"]["sha256"],
        public_keys_sha256=document["public_keys"]["sha256"],
    )


def _not_a_manifest() -> AuditError:
    return AuditError(
        what="this is not the manifest of an export, to the letter",
        where=MANIFEST,
        mend="export the record again, and compare",
    )
