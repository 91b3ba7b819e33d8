"""A deed: permission, rows and audit event in one transaction, answered only when it is durable.

    @action("pair.review")
    def decide_pair(deed: Deed, *, pair: Pair, verdict: Verdict) -> PairDecision:
        ...rows...
        deed.record("pair.decided", pair=pair.id, decision=verdict.value)
        return row

    decide_pair(by=request.actor, pair=pair, verdict=Verdict.SAME)

A deed that records nothing is a fault of ours and is rolled back. One that the gate refuses leaves one event.
The function may run in another thread than the caller's (commit.py): it gets all it needs as arguments.
"""

from __future__ import annotations

import contextvars
import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from joinedup.audit import Receipt
from joinedup_web.audit.commit import Unit, keep
from joinedup_web.audit.write import Draft, draft
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import GateDecision, Refused, decide

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


@dataclass(eq=False)
class Deed:
    """What an action is handed: who acts, for which organisation, when, and where to record it.

    `after_commit` is where to use its receipts.
    """

    by: Actor
    permission: str | None
    organisation_id: UUID | None
    at: datetime
    drafts: list[Draft] = field(default_factory=list)
    refusals: list[Refused] = field(default_factory=list)
    unit: Unit | None = None
    _thread: int = 0

    @property
    def receipts(self) -> tuple[Receipt, ...]:
        """Of its events, those of deeds within it included; none before it is durable."""
        return self.unit.receipts if self.unit is not None else ()

    @property
    def receipt(self) -> Receipt:
        """The receipt of the deed's first event; IndexError before it is durable."""
        return self.receipts[0]

    @property
    def events(self) -> list[Draft]:
        """The events so far."""
        return self.drafts

    def record(self, kind: str, *, organisation_id: UUID | None = None, **fields: Any) -> None:
        """Add an audit event to this deed's transaction. fields: those of the kind, and never personal data.

        Raises AuditError for a kind or a field that joinedup.audit does not know, or that could hold such data.
        """
        where = organisation_id or self.organisation_id
        self.drafts.append(draft(kind=kind, at=self.at, by=self.by, organisation=where, fields=fields))

    def after_commit(self, call: Callable[[], object]) -> None:
        """Do something once the deed is durable, in the caller's thread: send a message, queue a job."""
        if connection.in_atomic_block or self.unit is None:
            transaction.on_commit(call)
        else:
            self.unit.hooks.append((call, False))

    def refuse(self, code: str, reason: str) -> Refused:
        """Return the refusal to raise, with a reason that the person will read."""
        return Refused(GateDecision(False, code, (reason,)), permission=self.permission or "")


@dataclass(frozen=True)
class Done(Generic[R]):
    """What a deed returned, and the receipts of its events."""

    answer: R
    receipts: tuple[Receipt, ...]


class Action(Protocol[R_co]):
    """An action: called with `by`, and what its function takes."""

    permission: str | None

    def __call__(self, *, by: Actor, organisation_id: UUID | None = None, **arguments: Any) -> R_co:
        """Do it, durably, and return what the function returned."""
        ...

    def with_receipts(self, *, by: Actor, organisation_id: UUID | None = None, **arguments: Any) -> Done[Any]:
        """The same, with receipts that prove later that the events were not lost."""
        ...


_under_way: contextvars.ContextVar[Deed | None] = contextvars.ContextVar("deed", default=None)


def action(
    permission: str | None, *, alone: bool = False, rows: bool = True
) -> Callable[[Callable[Concatenate[Deed, P], R]], Action[R]]:
    """Make a function an action: `by` (an Actor) and, where it is another's, `organisation_id` come first.

    permission: None for deeds that need none (signing in), whose function decides for itself.
    alone: for deeds that take more than some milliseconds, so that no other waits under the same commit.
    rows: False for deeds that write no row beside their events, as of reading, which cost less so; what is to follow
    they hand to `after_commit`.
    An action called within another's function joins its transaction and its events.
    """

    def make(function: Callable[Concatenate[Deed, P], R]) -> Action[R]:
        def done(*, by: Actor, organisation_id: UUID | None = None, **arguments: Any) -> Done[R]:
            where = organisation_id or by.organisation_id
            if permission is not None:
                decision = decide(by, permission, organisation_id=where)
                if not decision.allowed:
                    refused = Refused(decision, permission=permission)
                    record_refusal(by, refused)
                    raise refused
            deed = Deed(by=by, permission=permission, organisation_id=where, at=timezone.now())
            return _perform(
                deed, functools.partial(function, deed, **arguments), function.__name__, alone, rows
            )  # type: ignore[call-arg]

        @functools.wraps(function)
        def perform(**arguments: Any) -> R:
            return done(**arguments).answer

        perform.permission = permission  # type: ignore[attr-defined]
        perform.with_receipts = done  # type: ignore[attr-defined]
        return perform  # type: ignore[return-value]

    return make


def record_refusal(by: Actor, refused: Refused) -> None:
    """Write the one event of a refusal; a refusal that was written already is not written again.

    Within a deed under way it is written when that one ends, however it ends.
    """
    if getattr(refused, "recorded", False):
        return
    outer = _outer()
    if outer is not None:
        outer.refusals.append(refused)
        return
    keep(Unit(lambda: [_refusal(by, refused)], rows=False))
    refused.recorded = True  # type: ignore[attr-defined]


def _perform(deed: Deed, call: Callable[[], R], name: str, alone: bool, rows: bool) -> Done[R]:
    answers: list[R] = []

    def work() -> list[Draft]:
        deed._thread = threading.get_ident()
        before = _under_way.set(deed)
        try:
            answers.append(call())
        finally:
            _under_way.reset(before)
        if not deed.drafts:
            raise RuntimeError(f"{name} recorded no audit event")
        return deed.drafts + [_refusal(deed.by, each) for each in _once(deed.refusals)]

    outer = _outer()
    if outer is not None:
        deed.unit = outer.unit
        try:
            with transaction.atomic():
                drafts = work()
        except Refused as refused:
            outer.refusals.append(refused)
            raise
        outer.drafts += drafts
        return Done(answers[0], ())
    unit = deed.unit = Unit(work, alone=alone, rows=rows)
    try:
        keep(unit)
    except Refused as refused:
        deed.refusals.append(refused)
        raise
    finally:
        if unit.receipts:
            for each in deed.refusals:
                each.recorded = True  # type: ignore[attr-defined]
        else:
            for each in _once(deed.refusals):
                record_refusal(deed.by, each)
    return Done(answers[0], unit.receipts)


def _outer() -> Deed | None:
    """The deed under way in this thread."""
    deed = _under_way.get()
    return deed if deed is not None and deed._thread == threading.get_ident() else None


def _once(refusals: list[Refused]) -> list[Refused]:
    """Each refusal that was not written yet, once."""
    return list({id(each): each for each in refusals if not getattr(each, "recorded", False)}.values())


def _refusal(by: Actor, refused: Refused) -> Draft:
    fields = {"permission": refused.permission or "none", "reason": refused.decision.code}
    return draft(
        kind="access.refused",
        at=timezone.now(),
        by=by,
        organisation=by.organisation_id,
        fields=fields,
    )
