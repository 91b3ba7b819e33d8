"""A small audit record, made and signed: what the audit tests begin from."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from joinedup.audit import (
    ActorKind,
    AuditEvent,
    Ed25519Signer,
    ExcerptContents,
    Head,
    SequencedEvent,
    Writer,
    checkpoint_of,
    draft_event,
    excerpt_line,
    inclusion_proof,
    key_of,
    keys_text,
    leaf_hash,
    sequence_events,
    sign_checkpoint,
    sign_contents,
    write_export,
)

ORIGIN = "example.gov.uk/joinedup"
SIGNER = Ed25519Signer(ORIGIN, bytes(range(32)))
KEY = key_of(SIGNER)
BEGAN = datetime(2026, 5, 1, 10, tzinfo=UTC)


def events(count: int, *, writers: int = 3, seed: int = 1, organisations: int = 1) -> list[AuditEvent]:
    """That many events of several kinds, by several writers whose turns the seed decides.

    organisations: whose they are, in turn: 1, 2 …
    """
    chance = random.Random(seed)
    standing = [Writer(f"{number:032x}") for number in range(1, writers + 1)]
    made = []
    for number in range(count):
        turn = chance.randrange(writers)
        token = f"t_{chance.getrandbits(128):032x}"
        kind, fields, actor_kind, actor = chance.choice(
            [
                ("record.viewed", {"subject": token, "purpose": "check_link"}, ActorKind.STAFF, 7),
                ("sign_in.failed", {"reason": "wrong_code"}, ActorKind.ANONYMOUS, None),
                ("citizen.signed_in", {}, ActorKind.CITIZEN, token),
                ("client.token_issued", {"client": 3, "scopes": ["read", "link"]}, ActorKind.CLIENT, 3),
                (
                    "pair.second_opinion_given",
                    {"pair": number + 1, "decision": "same", "agrees": True},
                    *(ActorKind.STAFF, f"{chance.getrandbits(128):032x}"),
                ),
            ]
        )
        event = draft_event(
            standing[turn],
            kind=kind,
            fields=fields,
            at=BEGAN + timedelta(milliseconds=number),
            actor_kind=actor_kind,
            actor=actor,
            organisation=1 + number % organisations,
            event_id=f"{chance.getrandbits(128):032x}",
        )
        standing[turn] = standing[turn].after(event)
        made.append(event)
    return made


def record(
    count: int, *, checkpoints_at: tuple[int, ...] = (), seed: int = 1
) -> tuple[list[SequencedEvent], list[str]]:
    """A sequenced record, and its signed checkpoints at those sizes."""
    return sealed([*events(count, seed=seed)], checkpoints_at)


def sealed(
    bodies: list[AuditEvent] | list[bytes], checkpoints_at: tuple[int, ...]
) -> tuple[list[SequencedEvent], list[str]]:
    """Those events in sequence, and checkpoints at those sizes, an hour apart."""
    head, placed, notes = Head.start(), [], []
    for number in range(len(bodies) + 1):
        if number in checkpoints_at:
            at = BEGAN + timedelta(hours=1 + len(notes))
            notes.append(sign_checkpoint(checkpoint_of(head, origin=ORIGIN, at=at), [SIGNER]))
        if number < len(bodies):
            head, (event,) = sequence_events(head, [bodies[number]])
            placed.append(event)
    return placed, notes


def export(folder: Path, count: int = 60, *, checkpoints_at: tuple[int, ...] = (20, 60), segment: int = 25):
    """An export of such a record."""
    placed, notes = record(count, checkpoints_at=checkpoints_at)
    write_export(folder, placed, notes, [KEY], events_per_segment=segment)
    return folder


def excerpt(folder: Path, count: int = 60, *, organisations: int = 3, at: datetime = BEGAN) -> Path:
    """The export of organisation 1 alone, out of a record whose events are of several organisations in turn."""
    placed, (note,) = sealed([*events(count, organisations=organisations)], (count,))
    leaves = [leaf_hash(event.body) for event in placed]
    lines = b"".join(
        excerpt_line(each.sequence, each.body, inclusion_proof(leaves, index=each.sequence - 1, size=count))
        for each in placed[::organisations]
    )
    keys = keys_text([KEY])
    contents = ExcerptContents(
        origin=ORIGIN,
        organisation="1",
        size=count,
        events=len(placed[::organisations]),
        events_sha256=sha256(lines).hexdigest(),
        keys_sha256=sha256(keys.encode()).hexdigest(),
        at=at,
    )
    folder.mkdir(parents=True)
    (folder / "events.jsonl").write_bytes(lines)
    (folder / "checkpoint.txt").write_text(note)
    (folder / "contents.txt").write_text(sign_contents(contents, [SIGNER]))
    (folder / "public-keys.txt").write_text(keys)
    (folder / "README.txt").write_text("how to check it")
    return folder
