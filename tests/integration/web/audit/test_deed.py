"""A deed and its event are one: both are kept or neither, and what fails leaves its neighbours alone."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from joinedup.audit import AuditError
from joinedup_web.accounts.models import Organisation
from joinedup_web.audit import committer, sequencer
from joinedup_web.audit.deed import action
from joinedup_web.audit.models import Event, Pending
from joinedup_web.audit.subjects import known_token
from joinedup_web.gate.actor import Actor, ActorKind
from joinedup_web.gate.decide import Refused
from support.web_deeds import administrator, all_of, kinds, name_of, rename, rename_silently
from support.web_people import acting, organisation, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db(transaction=True)]


def test_a_deed_is_kept_with_its_event_and_answers_what_the_function_returned():
    by = administrator()

    assert rename(by=by, place=by.organisation_id, name="Southshire Council") == "Southshire Council"

    assert name_of(by) == "Southshire Council"
    (event,) = Event.objects.all()
    assert (event.kind, event.organisation) == ("organisation.changed", by.organisation_id)
    assert event.fields == {"part": "name", "subject_organisation": str(by.organisation_id)}
    assert Pending.objects.filter(event=event).exists()


def test_the_actor_is_a_token_that_stays_the_same_and_is_no_id():
    by = administrator()

    rename(by=by, place=by.organisation_id, name="A")
    rename(by=by, place=by.organisation_id, name="B")

    tokens = set(Event.objects.values_list("actor", flat=True))
    assert tokens == {known_token("staff", by.id)}
    assert str(by.id) not in str(tokens)


def test_a_deed_that_fails_leaves_neither_row_nor_event():
    by = administrator()

    def fall(deed):
        raise ValueError("a fault of ours")

    with pytest.raises(ValueError, match="a fault of ours"):
        rename(by=by, place=by.organisation_id, name="Nowhere", then=fall)

    assert name_of(by) == "Northshire Council"
    assert kinds() == []


def test_a_deed_that_records_nothing_is_undone():
    by = administrator()

    with pytest.raises(RuntimeError, match="recorded no audit event"):
        rename_silently(by=by, place=by.organisation_id, name="Nowhere")

    assert name_of(by) == "Northshire Council"


def test_a_deed_with_an_unknown_kind_or_somebodys_name_is_undone():
    by = administrator()

    for kind, fields in (("organisation.sung", {}), ("account.enabled", {"account": "Priya Patel"})):
        with pytest.raises(AuditError):
            rename(
                by=by,
                place=by.organisation_id,
                name="X",
                then=lambda deed, k=kind, f=fields: deed.record(k, **f),
            )

    assert name_of(by) == "Northshire Council"


def test_the_gates_refusal_leaves_one_event_and_nothing_else():
    by = acting(staff("analyst"))

    with pytest.raises(Refused):
        rename(by=by, place=by.organisation_id, name="Nowhere")

    (event,) = Event.objects.all()
    assert event.kind == "access.refused"
    assert event.fields == {"permission": "organisation.change", "reason": "no_permission"}
    assert organisation().name == "Northshire Council"


def test_the_deeds_own_refusal_leaves_one_event_and_undoes_the_rows():
    by = administrator()

    def refuse(deed):
        raise deed.refuse("name_taken", "another organisation has this name")

    with pytest.raises(Refused):
        rename(by=by, place=by.organisation_id, name="Nowhere", then=refuse)

    assert kinds() == ["access.refused"]
    assert name_of(by) == "Northshire Council"


def test_a_deed_within_a_deed_joins_it():
    by = administrator()
    other = Organisation.objects.create(name="Other", kind="agency")

    def more(deed):
        rename(by=deed.by, place=other.id, name="Other still")

    done = rename.with_receipts(by=by, place=by.organisation_id, name="Both", then=more)

    assert kinds() == ["organisation.changed", "organisation.changed"]
    assert len(done.receipts) == 2
    assert Event.objects.values("writer").distinct().count() == 1


def test_when_the_outer_deed_fails_the_inner_goes_with_it():
    by = administrator()

    def more(deed):
        rename(by=deed.by, place=by.organisation_id, name="Inner")
        raise ValueError("outer")

    with pytest.raises(ValueError, match="outer"):
        rename(by=by, place=by.organisation_id, name="Outer", then=more)

    assert kinds() == []
    assert name_of(by) == "Northshire Council"


def test_a_refusal_within_a_deed_is_recorded_once_whether_the_outer_deed_lives_or_not():
    by = administrator()
    stranger = acting(staff("analyst"))

    def swallow(deed):
        with pytest.raises(Refused):
            rename(by=stranger, place=by.organisation_id, name="Inner")

    def let_through(deed):
        rename(by=stranger, place=by.organisation_id, name="Inner")

    rename(by=by, place=by.organisation_id, name="Outer", then=swallow)
    assert sorted(kinds()) == ["access.refused", "organisation.changed"]

    with pytest.raises(Refused):
        rename(by=by, place=by.organisation_id, name="Outer 2", then=let_through)
    assert sorted(kinds()) == ["access.refused", "access.refused", "organisation.changed"]
    assert name_of(by) == "Outer"


def test_messages_leave_after_the_commit_in_the_callers_thread_and_not_for_what_was_undone():
    by = administrator()
    sent = []

    def send(deed):
        deed.after_commit(lambda: sent.append((threading.get_ident(), len(deed.receipts))))

    rename(by=by, place=by.organisation_id, name="A", then=send)
    assert sent == [(threading.get_ident(), 1)]

    def send_and_fall(deed):
        send(deed)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        rename(by=by, place=by.organisation_id, name="B", then=send_and_fall)
    assert len(sent) == 1


def test_neighbours_of_a_failing_deed_are_kept():
    people = [administrator(f"Council {number}") for number in range(12)]

    def fall(deed):
        raise ValueError("mine alone")

    outcomes = all_of(
        *(
            lambda by=by, n=n: rename(
                by=by,
                place=by.organisation_id,
                name=f"New {n}",
                **({"then": fall} if n % 3 == 0 else {}),
            )
            for n, by in enumerate(people)
        )
    )

    for n, (by, outcome) in enumerate(zip(people, outcomes, strict=True)):
        assert isinstance(outcome, ValueError) == (n % 3 == 0)
        assert name_of(by) == (f"Council {n}" if n % 3 == 0 else f"New {n}")
    assert kinds() == ["organisation.changed"] * 8


def test_a_deed_that_breaks_a_constraint_leaves_its_neighbours_alone():
    people = [administrator(f"Council {number}") for number in range(6)]
    Organisation.objects.create(name="Taken", kind="agency")

    outcomes = all_of(
        *(
            lambda by=by, n=n: rename(by=by, place=by.organisation_id, name="Taken" if n == 2 else f"New {n}")
            for n, by in enumerate(people)
        )
    )

    assert [type(outcome).__name__ for outcome in outcomes] == [
        "IntegrityError" if n == 2 else "str" for n in range(6)
    ]
    assert len(kinds()) == 5


def test_many_deeds_at_once_have_one_event_each_and_writers_without_gaps():
    people = [administrator(f"Council {number}") for number in range(16)]

    def work(by):
        for turn in range(5):
            rename(by=by, place=by.organisation_id, name=f"{by.organisation_id} {turn}")

    assert all_of(*(lambda by=by: work(by) for by in people)) == [None] * 16

    assert Event.objects.count() == 80
    serials: dict[str, list[int]] = {}
    for writer, serial in Event.objects.order_by("number").values_list("writer", "writer_serial"):
        serials.setdefault(writer, []).append(serial)
    for found in serials.values():
        assert found == list(range(found[0], found[0] + len(found)))


def test_in_a_transaction_of_somebody_elses_the_deed_shares_its_fate():
    by = administrator()

    def rename_and_fall():
        with transaction.atomic():
            rename(by=by, place=by.organisation_id, name="Nowhere")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        rename_and_fall()

    assert kinds() == []
    rename(by=by, place=by.organisation_id, name="Somewhere")
    assert kinds() == ["organisation.changed"]


def test_the_committer_ends_when_it_is_told_and_begins_again():
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no committer")
    by = administrator()
    rename(by=by, place=by.organisation_id, name="A")

    committer.stop()
    assert not [t for t in threading.enumerate() if t.name == "audit-committer"]

    rename(by=by, place=by.organisation_id, name="B")
    assert name_of(by) == "B"


def test_when_the_commit_itself_fails_everybody_is_told(monkeypatch):
    by = administrator()

    def broken(events):
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("joinedup_web.audit.committer.insert", broken)
        patch.setattr("joinedup_web.audit.commit.insert", broken)
        with pytest.raises((committer.NotKept, OSError)):
            rename(by=by, place=by.organisation_id, name="Nowhere")
    assert name_of(by) == "Northshire Council"

    rename(by=by, place=by.organisation_id, name="Somewhere")
    assert name_of(by) == "Somewhere"


def test_a_deed_may_ask_to_be_alone():
    @action("organisation.change", alone=True)
    def slow(deed, *, place):
        deed.record("organisation.changed", subject_organisation=place, part="name")

    by = administrator()
    all_of(*(lambda: slow(by=by, place=by.organisation_id) for _ in range(3)))

    assert kinds() == ["organisation.changed"] * 3


@action("organisation.change", rows=False)
def note(deed, *, place, then=None):
    deed.record("organisation.changed", subject_organisation=place, part="name")
    if then is not None:
        then(deed)


def test_deeds_that_write_no_rows_are_kept_beside_others_and_their_failures_alone():
    by = administrator()

    def fall(deed):
        raise ValueError("a fault of ours")

    def noted():
        note(by=by, place=by.organisation_id)

    def fails():
        with pytest.raises(ValueError, match="a fault of ours"):
            note(by=by, place=by.organisation_id, then=fall)

    def refused():
        with pytest.raises(Refused):
            note(by=by, place=by.organisation_id, then=lambda deed: _raise(deed.refuse("no", "not today")))

    def renamed():
        rename(by=by, place=by.organisation_id, name="Southshire Council")

    all_of(*[noted, fails, refused, renamed] * 10)

    assert name_of(by) == "Southshire Council"
    assert sorted(kinds()) == ["access.refused"] * 10 + ["organisation.changed"] * 20


def test_a_deed_that_was_to_write_no_rows_and_does_is_undone():
    if connection.vendor != "sqlite":
        pytest.skip("on PostgreSQL each deed has a transaction of its own")
    by = administrator()

    def write(deed):
        Organisation.objects.filter(id=by.organisation_id).update(name="Nowhere")

    with pytest.raises(RuntimeError, match="wrote rows"):
        note(by=by, place=by.organisation_id, then=write)

    assert name_of(by) == "Northshire Council"
    assert kinds() == []
    note(by=by, place=by.organisation_id)
    assert kinds() == ["organisation.changed"]
    with pytest.raises(RuntimeError, match="wrote rows"):
        note(by=a_client(by), place=by.organisation_id, then=write)
    assert name_of(by) == "Northshire Council"


def a_client(by: Actor) -> Actor:
    return Actor(
        ActorKind.CLIENT,
        id=by.id,
        organisation_id=by.organisation_id,
        permissions=frozenset({"organisation.change"}),
    )


def test_clients_deeds_without_rows_are_kept_once_each_beside_others_with_rows():
    by = administrator()
    client = a_client(by)

    def noted():
        for _ in range(20):
            note(by=client, place=by.organisation_id)

    def renamed():
        for turn in range(5):
            rename(by=by, place=by.organisation_id, name=f"Council {turn}")

    def refused():
        for _ in range(5):
            with pytest.raises(Refused):
                note(
                    by=client,
                    place=by.organisation_id,
                    then=lambda deed: _raise(deed.refuse("no", "not today")),
                )

    assert all_of(*[noted, noted, noted, renamed, refused] * 2) == [None] * 10

    assert sorted(kinds()) == ["access.refused"] * 10 + ["organisation.changed"] * 130
    assert Pending.objects.count() == 140
    written: dict[str, list[int]] = {}
    for writer, serial in Event.objects.order_by("number").values_list("writer", "writer_serial"):
        written.setdefault(writer, []).append(serial)
    assert all(found == list(range(1, len(found) + 1)) for found in written.values())
    assert sequencer.sequence_all() == 140


def test_what_follows_a_clients_deed_happens_once_it_is_durable_and_not_when_it_fails():
    by = administrator()
    seen = []

    def follow(deed):
        deed.after_commit(
            lambda: seen.append((threading.get_ident(), Event.objects.count(), len(deed.receipts)))
        )

    note(by=a_client(by), place=by.organisation_id, then=follow)

    assert seen == [(threading.get_ident(), 1, 1)]

    def follow_and_fall(deed):
        follow(deed)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        note(by=a_client(by), place=by.organisation_id, then=follow_and_fall)
    assert len(seen) == 1
    assert len(kinds()) == 1


def test_when_clients_events_cannot_be_kept_every_one_of_them_is_told(monkeypatch):
    by = administrator()
    note(by=a_client(by), place=by.organisation_id)

    def broken(events):
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("joinedup_web.audit.committer.insert", broken)
        patch.setattr("joinedup_web.audit.commit.insert", broken)
        outcomes = all_of(*[lambda: note(by=a_client(by), place=by.organisation_id)] * 6)

    assert all(isinstance(outcome, (committer.NotKept, OSError)) for outcome in outcomes)
    assert len(kinds()) == 1
    note(by=a_client(by), place=by.organisation_id)
    assert len(kinds()) == 2


def test_what_waits_when_the_committer_is_told_to_end_is_still_kept():
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no committer")
    by = administrator()

    def noted():
        for _ in range(10):
            note(by=a_client(by), place=by.organisation_id)

    def stopped():
        for _ in range(5):
            committer.stop()

    outcomes = all_of(*[noted] * 4, stopped)

    assert [each for each in outcomes if isinstance(each, Exception)] == []
    assert len(kinds()) == 40


def test_a_deed_of_more_events_than_one_statement_takes_keeps_them_in_order():
    @action("organisation.change")
    def many(deed, *, place):
        for number in range(200):
            deed.record("table.exported", table="machine_clients", rows=number, filtered=False)

    by = administrator()
    many(by=by, place=by.organisation_id)

    events = Event.objects.order_by("number")
    assert [event.fields["rows"] for event in events] == list(range(200))
    assert [event.writer_serial for event in events] == list(range(1, 201))
    assert Pending.objects.count() == 200


def _raise(problem):
    raise problem
