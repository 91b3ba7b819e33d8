"""Deeds for the tests of the audit record: an organisation's name is changed, by its administrator."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from uuid import UUID, uuid4

from django.db import connection

from joinedup_web.accounts.models import Organisation
from joinedup_web.audit.deed import Deed, action
from joinedup_web.audit.models import Event
from joinedup_web.gate.actor import Actor
from support.web_people import acting, organisation, staff


@action("organisation.change")
def rename(deed: Deed, *, place: UUID, name: str, then: Callable[[Deed], object] = lambda deed: None) -> str:
    """Change the name, record it, and do `then`, which may fail."""
    Organisation.objects.filter(id=place).update(name=name)
    deed.record("organisation.changed", subject_organisation=place, part="name")
    then(deed)
    return name


@action("organisation.change")
def rename_silently(deed: Deed, *, place: UUID, name: str) -> None:
    """A fault of ours: nothing is recorded."""
    Organisation.objects.filter(id=place).update(name=name)


def administrator(name: str = "Northshire Council") -> Actor:
    """The administrator of an organisation."""
    place = organisation(name)
    return acting(staff("organisation_administrator", where=place), place)


def some_deeds(count: int = 3, *, by: Actor | None = None) -> Actor:
    """That many deeds of one administrator, who is returned."""
    who = by or administrator(f"Council {uuid4()}")
    for _ in range(count):
        rename(by=who, place=who.organisation_id, name=f"Council {uuid4()}")
    return who


def name_of(by: Actor) -> str:
    """The name that the organisation has now."""
    return Organisation.objects.get(id=by.organisation_id).name


def kinds() -> list[str]:
    """The kinds of all events, in the order of writing."""
    return list(Event.objects.order_by("number").values_list("kind", flat=True))


@contextmanager
def threads_of(*calls: Callable[[], object]):
    """Run each call in a thread of its own; outcomes are values or what was raised."""
    outcomes: list[object] = [None] * len(calls)

    def run(index: int) -> None:
        try:
            outcomes[index] = calls[index]()
        except Exception as error:
            outcomes[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    try:
        yield outcomes
    finally:
        for thread in threads:
            thread.join(timeout=60)


def all_of(*calls: Callable[[], object]) -> list[object]:
    """Run all at once, and return their outcomes."""
    with threads_of(*calls) as outcomes:
        pass
    return outcomes


def wait_until(condition: Callable[[], bool], *, seconds: float = 10) -> None:
    """Return once the condition holds; fails after that time."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never came to pass"
        time.sleep(0.02)
