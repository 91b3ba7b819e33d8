"""One event, its canonical form, its writer, and the chain and tree it enters."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from joinedup.audit import (
    CHAIN_START,
    ActorKind,
    AuditError,
    Head,
    Writer,
    canonical_bytes,
    digest,
    draft_event,
    leaf_hash,
    link,
    read_event,
    receipt,
    root,
    sequence_events,
)
from support.audit_record import events

WRITER = Writer("0000000000000000000000000000000a")


def an_event(**changed):
    given = {
        "kind": "record.viewed",
        "fields": {"subject": "t_" + "b" * 32, "purpose": "check_link"},
        "at": datetime(2026, 5, 1, 10, 0, 0, 250, tzinfo=UTC),
        "actor_kind": ActorKind.STAFF,
        "actor": 7,
        "organisation": None,
        "event_id": "c" * 32,
    }
    return draft_event(WRITER, **{**given, **changed})


def test_the_canonical_form_is_written_out_here_by_hand():
    assert canonical_bytes(an_event()) == (
        b'{"actor":7,"actor_kind":"staff","at":"2026-05-01T10:00:00.000250Z",'
        b'"event_id":"cccccccccccccccccccccccccccccccc",'
        b'"fields":{"purpose":"check_link","subject":"t_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"},'
        b'"kind":"record.viewed","organisation":null,"version":1,'
        b'"writer":"0000000000000000000000000000000a",'
        b'"writer_previous":"0000000000000000000000000000000000000000000000000000000000000000",'
        b'"writer_serial":1}'
    )


def test_one_moment_has_one_form_whatever_its_zone():
    summer = timezone(timedelta(hours=1))
    event = an_event(at=datetime(2026, 5, 1, 11, 0, 0, 250, tzinfo=summer))

    assert canonical_bytes(event) == canonical_bytes(an_event())


def test_an_event_is_read_back_the_same():
    for event in events(40):
        assert canonical_bytes(read_event(canonical_bytes(event))) == canonical_bytes(event)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body + b" ",
        lambda body: body.replace(b'"actor":7', b'"actor": 7'),
        lambda body: body.replace(b'"actor":7,', b'"actor":7,"actor":7,'),
        lambda body: body.replace(b'"version":1', b'"version":2'),
        lambda body: body.replace(b'"version":1,', b""),
        lambda body: body.replace(b".000250Z", b".00025Z"),
        lambda body: body.replace(b"2026-05-01", b"2026-13-01"),
        lambda body: body.replace(b'"staff"', b'"boss"'),
        lambda body: body.replace(b'"actor":7', b'"actor":"Gwen"'),
        lambda body: b"[]",
        lambda body: b"",
        lambda body: b"[" * 100_000,
    ],
)
def test_what_is_not_to_the_letter_is_no_event(spoil):
    with pytest.raises(AuditError):
        read_event(spoil(canonical_bytes(an_event())))


def test_a_kind_of_a_later_release_can_still_be_read():
    body = canonical_bytes(an_event()).replace(b"record.viewed", b"record.folded")

    assert read_event(body).kind == "record.folded"


@pytest.mark.parametrize(
    ("actor_kind", "actor", "may"),
    [
        (ActorKind.STAFF, 7, True),
        (ActorKind.STAFF, "d" * 32, True),
        (ActorKind.STAFF, None, False),
        (ActorKind.STAFF, "gwen.f", False),
        (ActorKind.STAFF, 9434765919, False),
        (ActorKind.CITIZEN, "t_" + "d" * 32, True),
        (ActorKind.CITIZEN, "d" * 32, False),
        (ActorKind.CITIZEN, 7, False),
        (ActorKind.CITIZEN, None, False),
        (ActorKind.ANONYMOUS, None, True),
        (ActorKind.ANONYMOUS, 7, False),
        (ActorKind.SYSTEM, None, True),
        (ActorKind.CLIENT, 3, True),
        (ActorKind.CLIENT, None, False),
    ],
)
def test_who_acted_is_named_as_their_kind_may_be(actor_kind, actor, may):
    if may:
        assert an_event(actor_kind=actor_kind, actor=actor).actor == actor
        return
    with pytest.raises(AuditError, match="actor") as refused:
        an_event(actor_kind=actor_kind, actor=actor)
    assert "gwen" not in str(refused.value)


@pytest.mark.parametrize(
    "changed",
    [
        {"event_id": "c" * 31},
        {"event_id": "C" * 32},
        {"organisation": "Borsetshire"},
        {"at": datetime(2026, 5, 1)},
    ],
)
def test_every_part_of_an_event_has_a_closed_shape(changed):
    with pytest.raises(AuditError):
        an_event(**changed)


def test_a_writer_numbers_its_events_and_quotes_the_last():
    first = an_event()
    second = draft_event(
        WRITER.after(first),
        kind="sign_in.ended",
        fields={},
        at=first.at,
        actor_kind=ActorKind.STAFF,
        actor=7,
        organisation=1,
        event_id="d" * 32,
    )

    assert (second.writer_serial, second.writer_previous) == (2, digest(first).hex())
    with pytest.raises(ValueError, match="next event"):
        WRITER.after(second)


def test_the_digest_is_the_merkle_leaf_so_that_other_tools_find_it():
    event = an_event()

    assert digest(event) == leaf_hash(canonical_bytes(event))
    assert receipt(event).digest == hashlib.sha256(b"\x00" + canonical_bytes(event)).hexdigest()


def test_the_chain_is_as_documented():
    assert (
        link(CHAIN_START, 1, b"d" * 32)
        == hashlib.sha256(b"\x02" + bytes(32) + b"\x00\x00\x00\x00\x00\x00\x00\x01" + b"d" * 32).digest()
    )


def test_sequencing_in_batches_is_sequencing_at_once():
    made = events(50)
    at_once, placed = sequence_events(Head.start(), made)
    head, in_batches = Head.start(), []
    for begin in range(0, 50, 7):
        head, batch = sequence_events(head, [canonical_bytes(event) for event in made[begin : begin + 7]])
        in_batches += batch

    assert (head, in_batches) == (at_once, list(placed))
    assert [event.sequence for event in placed] == list(range(1, 51))
    assert head.root == root([event.digest for event in placed], 50)
    assert placed[3].event == made[3]


@pytest.mark.parametrize(
    "changed", [{"size": 3}, {"size": 0}, {"chain": b"x"}, {"frontier": b""}, {"frontier": b"\x00" * 8}]
)
def test_a_head_that_contradicts_itself_is_not_gone_on_from(changed):
    head, _ = sequence_events(Head.start(), events(4))

    with pytest.raises(AuditError):
        sequence_events(replace(head, **changed), events(1))


def test_the_canonical_form_is_what_rfc_8785_would_write():
    """Keys sorted, no blanks, and no text or number on which JSON writers differ."""
    for event in events(20):
        body = canonical_bytes(event)
        assert body == json.dumps(
            json.loads(body), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        ).encode("utf-8")
        assert body.isascii()
        assert b"\\" not in body
        assert b"." not in b"".join(part for part in body.split(b'"')[::2])
