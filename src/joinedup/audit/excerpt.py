"""One organisation's events as files that can be carried off, each event with its inclusion proof.

An organisation may not be given another's events, so it gets an excerpt: its own, the checkpoint that the proofs
lead to, and the contents: how many events there are and their digest, signed by the record's keeper. Every event
that an excerpt proves stands unchanged in the record. That the keeper left none out is not shown by an excerpt.
docs/reference/audit-format.md tells every byte.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from joinedup.audit.checkpoint import Checkpoint, verify_checkpoint
from joinedup.audit.error import AuditError
from joinedup.audit.field import instant_text, is_hex, is_instant, read_instant
from joinedup.audit.lines import hashed_lines
from joinedup.audit.merkle import verify_inclusion
from joinedup.audit.note import NoteKey, Signer, read_keys, read_note, sign_note, strict_base64, verify_note
from joinedup.audit.record import Receipt, digest_of_bytes, read_event
from joinedup.audit.verify import EVENTS_BETWEEN_PROGRESS, MOST_PROBLEMS, Problem, Progress, VerifyReport

EXCERPT_EVENTS, EXCERPT_CHECKPOINT = "events.jsonl", "checkpoint.txt"
EXCERPT_CONTENTS, EXCERPT_KEYS = "contents.txt", "public-keys.txt"

_FORMAT = "joinedup-audit-excerpt-1"
_COUNT = re.compile(r"0|[1-9][0-9]{0,17}")
_NAME = re.compile(r"[0-9a-f-]{1,36}")
_SAY_AGAIN = "export the organisation's events again, and compare"


@dataclass(frozen=True)
class ExcerptContents:
    """What an excerpt says of itself, to be signed.

    origin: whose record. organisation: as its events name it. size: of the checkpoint that the proofs lead to.
    events_sha256, keys_sha256: of the files, in hex. at: UTC.
    """

    origin: str
    organisation: str
    size: int
    events: int
    events_sha256: str
    keys_sha256: str
    at: datetime

    @property
    def text(self) -> str:
        """What is signed. Its second line is no number, so it can never pass for a checkpoint."""
        return (
            f"{self.origin}\n{_FORMAT}\norganisation {self.organisation}\nsize {self.size}\n"
            f"events {self.events} {self.events_sha256}\nkeys {self.keys_sha256}\ntime {instant_text(self.at)}\n"
        )


def sign_contents(contents: ExcerptContents, signers: Sequence[Signer]) -> str:
    """Return the signed note. Raises AuditError where nobody signs."""
    return sign_note(contents.text, signers)


def excerpt_line(sequence: int, body: bytes, proof: Sequence[bytes]) -> bytes:
    """One event's line: its place in the record, its canonical bytes as text, its proof in base64."""
    parts = {
        "sequence": sequence,
        "event": body.decode("ascii"),
        "proof": [base64.b64encode(part).decode("ascii") for part in proof],
    }
    return json.dumps(parts).encode() + b"\n"


def is_excerpt(directory: Path) -> bool:
    """Whether a folder holds an excerpt, or what is left of one."""
    return any(
        (directory / name).is_file() for name in (EXCERPT_EVENTS, EXCERPT_CHECKPOINT, EXCERPT_CONTENTS)
    )


def verify_excerpt(
    directory: Path,
    public_keys: Sequence[NoteKey] | None = None,
    *,
    checkpoints: Iterable[str] = (),
    receipts: Iterable[Receipt] = (),
    progress: Progress | None = None,
) -> VerifyReport:
    """Check an organisation's events from their files alone; everything that is wrong is in the report.

    Parameters are those of `verify_export`. A checkpoint kept elsewhere can be held against the excerpt's own
    only where both are of one size; of others it is only seen that they do not contradict it in time.
    """
    found = _Findings()
    keys_raw = _bytes_of(directory, EXCERPT_KEYS, found)
    keys = _keys(keys_raw, found) if public_keys is None else tuple(public_keys)
    note = _text_of(directory, EXCERPT_CHECKPOINT, found)
    checkpoint = None if note is None else _checkpoint(note, keys, EXCERPT_CHECKPOINT, found)
    contents = _contents(_text_of(directory, EXCERPT_CONTENTS, found), keys, found)
    if contents is not None and keys_raw is not None and sha256(keys_raw).hexdigest() != contents.keys_sha256:
        found.complain("the file is not the one that was signed for", EXCERPT_KEYS)
    if checkpoint and contents and (checkpoint.origin, checkpoint.size) != (contents.origin, contents.size):
        found.complain("the checkpoint is not the one that was signed for", EXCERPT_CHECKPOINT)
    others = [
        _checkpoint(other, keys, f"checkpoint {n}", found) for n, other in enumerate(checkpoints, start=1)
    ]
    held = sum(_agree(checkpoint, other, found) for other in others if checkpoint and other)
    _check_names(directory, found)
    expected = {bytes.fromhex(receipt.digest): receipt.event_id for receipt in receipts}
    for leaf in _events(directory, checkpoint, contents, found, progress):
        expected.pop(leaf, None)
    for event_id in sorted(expected.values()):
        found.complain("an event for which a receipt was given is not in this export", f"event id {event_id}")
    return VerifyReport(
        ok=found.in_all == 0,
        events=found.events,
        problems=tuple(found.told),
        problems_in_all=found.in_all,
        first_bad_sequence=found.first_bad,
        checkpoints=1 + len(others),
        checkpoints_verified=held + (checkpoint is not None),
        events_sealed=checkpoint.size if checkpoint is not None else 0,
        keys_from_record=public_keys is None,
        is_excerpt=True,
        organisation=contents.organisation if contents is not None else None,
    )


class _Findings:
    """What was found wrong so far, and how many events were looked at."""

    def __init__(self) -> None:
        self.told: list[Problem] = []
        self.in_all = self.events = 0
        self.first_bad: int | None = None

    def complain(self, what: str, where: str, mend: str = _SAY_AGAIN, *, sequence: int | None = None) -> None:
        self.in_all += 1
        if sequence is not None and (self.first_bad is None or sequence < self.first_bad):
            self.first_bad = sequence
        if len(self.told) < MOST_PROBLEMS:
            self.told.append(Problem(what=what, where=where, mend=mend, sequence=sequence))


def _bytes_of(directory: Path, name: str, found: _Findings) -> bytes | None:
    try:
        return (directory / name).read_bytes()
    except OSError:
        what = "the file is missing or cannot be read"
        if name == EXCERPT_CONTENTS:
            what += ", so events that were taken out would not be missed"
        found.complain(what, name)
        return None


def _text_of(directory: Path, name: str, found: _Findings) -> str | None:
    raw = _bytes_of(directory, name, found)
    try:
        return None if raw is None else raw.decode()
    except UnicodeDecodeError:
        found.complain("this is not a signed note", name)
        return None


def _keys(raw: bytes | None, found: _Findings) -> tuple[NoteKey, ...]:
    if raw is None:
        return ()
    try:
        return read_keys(raw.decode(), where=EXCERPT_KEYS)
    except UnicodeDecodeError:
        found.complain("this is not a public key", EXCERPT_KEYS)
    except AuditError as error:
        found.complain(error.what, error.where or EXCERPT_KEYS, error.mend)
    return ()


def _checkpoint(note: str, keys: Sequence[NoteKey], where: str, found: _Findings) -> Checkpoint | None:
    try:
        return verify_checkpoint(note, keys)[0]
    except AuditError as error:
        found.complain(error.what, f"{where}: {error.where}" if error.where else where, error.mend)
        return None


def _contents(note: str | None, keys: Sequence[NoteKey], found: _Findings) -> ExcerptContents | None:
    if note is None:
        return None
    try:
        read = read_note(note)
        contents = _read_contents(read.text)
        signed = verify_note(read, [key for key in keys if key.name == contents.origin])
    except AuditError as error:
        where = f"{EXCERPT_CONTENTS}: {error.where}" if error.where else EXCERPT_CONTENTS
        found.complain(error.what, where, error.mend)
        return None
    if not any(key.is_valid_at(contents.at) for key in signed):
        found.complain("the key that signed was not valid at the time that is stated", EXCERPT_CONTENTS)
        return None
    return contents


def _read_contents(text: str) -> ExcerptContents:
    """Raises AuditError where it is not what `ExcerptContents.text` writes, to the letter."""
    lines = text.removesuffix("\n").split("\n")
    try:
        origin, _, organisation, size, events, keys, time = (line.split(" ")[-1] for line in lines)
        count = lines[4].split(" ")[1]
        if not (_COUNT.fullmatch(size) and _COUNT.fullmatch(count) and _NAME.fullmatch(organisation)):
            raise ValueError("not contents")
        if not (is_hex(events, digits=64) and is_hex(keys, digits=64) and is_instant(time)):
            raise ValueError("not digests and a time")
        contents = ExcerptContents(
            origin, organisation, int(size), int(count), events, keys, read_instant(time)
        )
        if not origin or contents.text != text:
            raise ValueError("not to the letter")
    except (ValueError, IndexError) as error:
        raise AuditError(what="these are not the contents of an export", mend=_SAY_AGAIN) from error
    return contents


def _agree(own: Checkpoint, other: Checkpoint, found: _Findings) -> bool:
    """Whether a checkpoint kept elsewhere is of the same record as the excerpt's, as far as two alone can tell."""
    where = f"checkpoints of {other.size} and {own.size} events"
    smaller, larger = sorted((own, other), key=lambda each: each.size)
    if own.origin != other.origin:
        found.complain("the checkpoint is another record's", where, "give those of one record")
    elif own.size == other.size:
        if (own.root, own.chain) == (other.root, other.chain):
            return True
        found.complain(
            "two checkpoints of the same size were signed over different records",
            where,
            "the record was forked: find out who was shown which",
        )
    elif smaller.at > larger.at:
        found.complain(
            "the larger checkpoint was signed before the smaller one",
            where,
            "the record was set back, as by restoring a backup, and went on; ask what was lost",
        )
    return False


def _check_names(directory: Path, found: _Findings) -> None:
    listed = {EXCERPT_EVENTS, EXCERPT_CHECKPOINT, EXCERPT_CONTENTS, EXCERPT_KEYS, "README.txt"}
    for _ in {file.name for file in directory.iterdir()} - listed:
        found.complain("there is a file that is none of an export's", "the folder", "take it out")


def _events(
    directory: Path,
    checkpoint: Checkpoint | None,
    contents: ExcerptContents | None,
    found: _Findings,
    progress: Progress | None,
) -> Iterator[bytes]:
    """Look at each line; pass on the digests of those that can be read."""
    file, hashed, last = directory / EXCERPT_EVENTS, sha256(), 0
    if not file.is_file():
        found.complain("the file is missing", EXCERPT_EVENTS)
        return
    with file.open("rb") as stream:
        for line in hashed_lines(stream, hashed):
            found.events += 1
            if progress is not None and found.events % EVENTS_BETWEEN_PROGRESS == 0:
                progress(found.events, contents.events if contents is not None else 0)
            parsed = _parsed_line(line)
            if parsed is None:
                where = f"{EXCERPT_EVENTS}, line {found.events}"
                found.complain("what stands here cannot be read as an event and its proof", where)
                continue
            sequence, body, proof = parsed
            if sequence <= last:
                found.complain(
                    "the event is there twice, or out of order", f"event {sequence}", sequence=sequence
                )
            last = max(last, sequence)
            yield _check_event(sequence, body, proof, checkpoint, contents, found)
    if contents is None:
        return
    if found.events != contents.events:
        what = f"there are {found.events} events, and {contents.events} were signed for"
        found.complain(what, EXCERPT_EVENTS)
    if hashed.hexdigest() != contents.events_sha256:
        found.complain("the file is not the one that was signed for", EXCERPT_EVENTS)


def _check_event(
    sequence: int,
    body: bytes,
    proof: Sequence[bytes],
    checkpoint: Checkpoint | None,
    contents: ExcerptContents | None,
    found: _Findings,
) -> bytes:
    leaf, where = digest_of_bytes(body), f"event {sequence}"
    if checkpoint is not None and not verify_inclusion(
        leaf=leaf, index=sequence - 1, size=checkpoint.size, proof=proof, root=checkpoint.root
    ):
        found.complain(
            "the proof does not lead from this event to the signed checkpoint", where, sequence=sequence
        )
    try:
        organisation = read_event(body).organisation
    except AuditError as error:
        found.complain(error.what, where, error.mend, sequence=sequence)
    else:
        if contents is not None and str(organisation) != contents.organisation:
            found.complain("the event is not of the organisation that is named", where, sequence=sequence)
    return leaf


def _parsed_line(line: bytes) -> tuple[int, bytes, tuple[bytes, ...]] | None:
    """Sequence, body and proof of a line; None where it is not written exactly so."""
    try:
        parts = json.loads(line)
        sequence, body = parts["sequence"], parts["event"].encode("ascii")
        proof = tuple(strict_base64(part) for part in parts["proof"])
        if type(sequence) is not int or excerpt_line(sequence, body, proof) != line:
            return None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return sequence, body, proof
