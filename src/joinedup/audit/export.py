"""The record as files that can be carried off and checked anywhere, without the database and without a network.

A folder of JSON Lines segments, the checkpoints, the public keys, and a manifest with the digest of each file.
docs/reference/audit-format.md tells every byte.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain as joined
from itertools import islice
from pathlib import Path

from joinedup.audit.chain import Head, SequencedEvent
from joinedup.audit.error import AuditError
from joinedup.audit.excerpt import is_excerpt, verify_excerpt
from joinedup.audit.lines import hashed_lines
from joinedup.audit.manifest import (
    CHECKPOINTS,
    MANIFEST,
    PUBLIC_KEYS,
    Manifest,
    Segment,
    manifest_bytes,
    read_manifest,
    segment_name,
)
from joinedup.audit.note import NoteKey, keys_text, read_keys
from joinedup.audit.record import Receipt
from joinedup.audit.verify import EVENTS_BETWEEN_PROGRESS, Problem, Progress, Verification, VerifyReport

EVENTS_PER_SEGMENT = 100_000

_BEFORE_CHAIN, _BEFORE_BODY, _BEFORE_SEQUENCE = b'{"chain":"', b'","event":', b',"sequence":'
_CHAIN_AT = slice(len(_BEFORE_CHAIN), len(_BEFORE_CHAIN) + 64)
_BODY_FROM = _CHAIN_AT.stop + len(_BEFORE_BODY)
_SEQUENCE = re.compile(rb"[1-9][0-9]{0,17}")
_SAY_AGAIN = "export the record again, and compare"


@dataclass(frozen=True)
class Export:
    """What was written. first: the first event's number. manifest_digest: SHA-256 of the manifest, in hex."""

    first: int
    events: int
    manifest_digest: str


def write_export(
    directory: Path,
    events: Iterable[SequencedEvent],
    checkpoints: Iterable[str],
    public_keys: Sequence[NoteKey],
    *,
    start: Head | None = None,
    events_per_segment: int = EVENTS_PER_SEGMENT,
) -> Export:
    """Write events, as they stand, into a folder that is made if absent; the manifest comes last.

    Nothing is verified in passing: a record that was tampered with is exported as it is, and `verify_export`
    finds it. start: how the record stood before its first event here, where older ones were removed.

    Raises AuditError where the folder holds something already, or the keys are of several records.
    """
    origins = {key.name for key in public_keys}
    if len(origins) != 1:
        raise AuditError(
            what="the public keys are not those of one record", mend="give at least one, all of one origin"
        )
    directory.mkdir(parents=True, exist_ok=True)
    if any(directory.iterdir()):
        raise AuditError(what="the folder is not empty", where=str(directory), mend="name another one")
    begin = start or Head.start()
    segments: list[Segment] = []
    remaining = iter(events)
    for event in remaining:
        batch = joined((event,), islice(remaining, events_per_segment - 1))
        segments.append(_write_segment(directory, len(segments) + 1, event.sequence, batch))
    keys = keys_text(public_keys).encode()
    (directory / PUBLIC_KEYS).write_bytes(keys)
    manifest = Manifest(
        origin=origins.pop(),
        start=begin,
        segments=tuple(segments),
        checkpoints_sha256=_write_lines(directory / CHECKPOINTS, (_note_line(note) for note in checkpoints))[
            1
        ],
        public_keys_sha256=sha256(keys).hexdigest(),
    )
    written = manifest_bytes(manifest)
    (directory / MANIFEST).write_bytes(written)
    return Export(
        first=segments[0].first if segments else begin.size + 1,
        events=manifest.events,
        manifest_digest=sha256(written).hexdigest(),
    )


def verify_export(
    directory: Path,
    public_keys: Sequence[NoteKey] | None = None,
    *,
    checkpoints: Iterable[str] = (),
    receipts: Iterable[Receipt] = (),
    progress: Progress | None = None,
) -> VerifyReport:
    """Check an export from its files alone: the whole record's, or one organisation's excerpt of it.

    Which of the two it was is in the report; `verify_excerpt` tells what an excerpt can show and cannot.

    public_keys: the keeper's, got by another way; without them those in the export are believed, which shows
    only that it agrees with itself. checkpoints: further signed notes, kept elsewhere; only they can show that
    an export was cut short together with its own checkpoints. receipts: of events that must be there.

    Raises AuditError where there is no such folder; everything else that is wrong is in the report.
    """
    if not directory.is_dir():
        raise AuditError(
            what="there is no such folder", where=str(directory), mend="give the folder of an export"
        )
    if not (directory / MANIFEST).exists() and is_excerpt(directory):
        return verify_excerpt(
            directory, public_keys, checkpoints=checkpoints, receipts=receipts, progress=progress
        )
    try:
        manifest = read_manifest((directory / MANIFEST).read_bytes())
        keys_raw = (directory / PUBLIC_KEYS).read_bytes()
        keys = read_keys(keys_raw.decode(), where=PUBLIC_KEYS) if public_keys is None else public_keys
        verification = Verification(keys, start=manifest.start, receipts=receipts)
    except (AuditError, OSError, UnicodeDecodeError) as error:
        return _unopenable(error, keys_from_record=public_keys is None)
    if sha256(keys_raw).hexdigest() != manifest.public_keys_sha256:
        verification.complain("the file is not what the manifest says", PUBLIC_KEYS, _SAY_AGAIN)
    if any(key.name != manifest.origin for key in keys):
        verification.complain("the keys are not those of the record's origin", MANIFEST, _SAY_AGAIN)
    _check_names(directory, manifest, verification)
    own = _own_checkpoints(directory / CHECKPOINTS, manifest, verification)
    verification.take_checkpoints(joined(checkpoints, own))
    done = 0
    for segment in manifest.segments:
        for _ in _verify_segment(directory, segment, verification):
            done += 1
            if progress is not None and done % EVENTS_BETWEEN_PROGRESS == 0:
                progress(done, manifest.events)
    return verification.report(keys_from_record=public_keys is None)


def _write_segment(directory: Path, number: int, first: int, events: Iterable[SequencedEvent]) -> Segment:
    file = segment_name(number)
    count, digest = _write_lines(directory / file, (_event_line(event) for event in events))
    return Segment(file=file, first=first, events=count, sha256=digest)


def _write_lines(file: Path, lines: Iterable[bytes]) -> tuple[int, str]:
    hashed, count = sha256(), 0
    with file.open("wb") as out:
        for line in lines:
            out.write(line)
            hashed.update(line)
            count += 1
    return count, hashed.hexdigest()


def _event_line(event: SequencedEvent) -> bytes:
    return b'{"chain":"%s","event":%s,"sequence":%d}\n' % (
        event.chain.hex().encode(),
        event.body,
        event.sequence,
    )


def _note_line(note: str) -> bytes:
    return json.dumps(note).encode() + b"\n"


def _verify_segment(directory: Path, segment: Segment, verification: Verification) -> Iterator[None]:
    """Pass a segment's events on, one a turn."""
    before, count, hashed = verification.position, 0, sha256()
    path = directory / segment.file
    if not path.is_file():
        verification.complain("the file is missing", segment.file, _SAY_AGAIN, sequence=segment.first)
        return
    with path.open("rb") as stream:
        for line in hashed_lines(stream, hashed):
            count += 1
            found = _parsed_line(line)
            if count == 1 and found is not None and found[0] != segment.first:
                verification.complain(
                    "the file does not begin where the manifest says", segment.file, _SAY_AGAIN
                )
            if found is None:
                verification.take_unreadable(f"{segment.file}, line {count}")
            else:
                verification.take(*found)
            yield
    if hashed.hexdigest() != segment.sha256:
        verification.complain("the file is not what the manifest says", segment.file, _SAY_AGAIN)
    if count != segment.events:
        verification.complain(
            f"the file has {count} events, and the manifest says {segment.events}",
            segment.file,
            _SAY_AGAIN,
            sequence=verification.position + 1 if count < segment.events else before + segment.events + 1,
        )


def _parsed_line(line: bytes) -> tuple[int, bytes, bytes] | None:
    """Sequence, body and chain value of a line; None where it is not written exactly so."""
    body_end = line.rfind(_BEFORE_SEQUENCE)
    sequence = line[body_end + len(_BEFORE_SEQUENCE) : -2]
    if (
        body_end < _BODY_FROM
        or not line.startswith(_BEFORE_CHAIN)
        or line[_CHAIN_AT.stop : _BODY_FROM] != _BEFORE_BODY
        or line[-2:] != b"}\n"
        or _SEQUENCE.fullmatch(sequence) is None
    ):
        return None
    written = line[_CHAIN_AT]
    try:
        chain = bytes.fromhex(written.decode("ascii"))
    except ValueError:
        return None
    if chain.hex().encode() != written:  # fromhex is lenient: capitals and blanks
        return None
    return int(sequence), line[_BODY_FROM:body_end], chain


def _own_checkpoints(file: Path, manifest: Manifest, verification: Verification) -> Iterator[str]:
    hashed = sha256()
    if not file.is_file():
        verification.complain("the file is missing", CHECKPOINTS, _SAY_AGAIN)
        return
    with file.open("rb") as stream:
        for number, line in enumerate(hashed_lines(stream, hashed), start=1):
            note = _note_of(line)
            if note is None:
                verification.complain(
                    "this line is not a signed note", f"{CHECKPOINTS}, line {number}", _SAY_AGAIN
                )
            else:
                yield note
    if hashed.hexdigest() != manifest.checkpoints_sha256:
        verification.complain("the file is not what the manifest says", CHECKPOINTS, _SAY_AGAIN)


def _note_of(line: bytes) -> str | None:
    try:
        note = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return note if isinstance(note, str) and _note_line(note) == line else None


def _check_names(directory: Path, manifest: Manifest, verification: Verification) -> None:
    listed = {MANIFEST, CHECKPOINTS, PUBLIC_KEYS, *(segment.file for segment in manifest.segments)}
    for name in sorted({file.name for file in directory.iterdir()} - listed):
        # A name somebody else chose may say anything, so it is not repeated unless it is of our own pattern.
        shown = name if re.fullmatch(r"events-\d{6}\.jsonl", name) else "a file that is none of an export's"
        verification.complain("the manifest does not list this file", shown, "take it out, or export again")


def _unopenable(error: Exception, *, keys_from_record: bool) -> VerifyReport:
    """The report where the verification could not even begin."""
    if isinstance(error, AuditError):
        problem = Problem(what=error.what, where=error.where or MANIFEST, mend=error.mend)
    else:
        file = Path(error.filename).name if isinstance(error, OSError) and error.filename else PUBLIC_KEYS
        problem = Problem(what="the file is missing or cannot be read", where=file, mend=_SAY_AGAIN)
    return VerifyReport(
        ok=False,
        events=0,
        problems=(problem,),
        problems_in_all=1,
        first_bad_sequence=None,
        checkpoints=0,
        checkpoints_verified=0,
        events_sealed=0,
        keys_from_record=keys_from_record,
    )
