"""A deed: permission, rows and audit event in one transaction, answered only when it is durable.

    @action("pair.review")
    def decide_pair(deed: Deed, *, pair: Pair, verdict: Verdict) -> PairDecision:
        ...rows...
        deed.record("pair_decided", pair=pair.id, verdict=verdict.value)
        return row

    decide_pair(by=request.actor, pair=pair, verdict=Verdict.SAME)

A deed that records nothing is a fault of ours and is rolled back. One that the gate refuses leaves one event.
"""

from __future__ import annotations

import functools
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from joinedup_web.audit.models import Event
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import GateDecision, Refused, decide

P = ParamSpec("P")
R = TypeVar("R")


@dataclass
class Deed:
    """What an action is handed: who acts, for which organisation, when, and where to record it."""

    by: Actor
    permission: str | None
    organisation_id: UUID | None
    at: datetime
    events: list[Event] = field(default_factory=list)

    def record(self, kind: str, *, organisation_id: UUID | None = None, **fields: Any) -> None:
        """Add an audit event to this deed's transaction. fields: those of the kind, and never personal data."""
        self.events.append(_event(self.by, kind, self.at, organisation_id or self.organisation_id, fields))

    def after_commit(self, call: Callable[[], object]) -> None:
        """Do something once the deed is durable: send a message, queue a job."""
        transaction.on_commit(call)

    def refuse(self, code: str, reason: str) -> Refused:
        """Return the refusal to raise, with a reason that the person will read."""
        return Refused(GateDecision(False, code, (reason,)), permission=self.permission or "")


def action(
    permission: str | None,
) -> Callable[[Callable[Concatenate[Deed, P], R]], Callable[..., R]]:
    """Make a function an action: `by` (an Actor) and, where it is another's, `organisation_id` come first.

    permission: None for deeds that need none (signing in), whose function decides for itself.
    """

    def make(function: Callable[Concatenate[Deed, P], R]) -> Callable[..., R]:
        @functools.wraps(function)
        def perform(*, by: Actor, organisation_id: UUID | None = None, **arguments: Any) -> R:
            where = organisation_id or by.organisation_id
            if permission is not None:
                decision = decide(by, permission, organisation_id=where)
                if not decision.allowed:
                    refused = Refused(decision, permission=permission)
                    record_refusal(by, refused)
                    raise refused
            deed = Deed(by=by, permission=permission, organisation_id=where, at=timezone.now())
            try:
                with transaction.atomic():
                    answer = function(deed, **arguments)  # type: ignore[call-arg]
                    if not deed.events:
                        raise RuntimeError(f"{function.__name__} recorded no audit event")
                    Event.objects.bulk_create(deed.events)
                return answer
            except Refused as refused:
                record_refusal(by, refused)
                raise

        perform.permission = permission  # type: ignore[attr-defined]
        return perform

    return make


def record_refusal(by: Actor, refused: Refused) -> None:
    """Write the one event of a refusal; a refusal that was written already is not written again."""
    if getattr(refused, "recorded", False):
        return
    refused.recorded = True  # type: ignore[attr-defined]
    fields = {"permission": refused.permission or "none", "reason": refused.decision.code}
    Event.objects.bulk_create([_event(by, "access_refused", timezone.now(), by.organisation_id, fields)])


def _event(by: Actor, kind: str, at: datetime, organisation_id: UUID | None, fields: dict[str, Any]) -> Event:
    return Event(
        event_id=secrets.token_hex(16),
        kind=kind,
        at=at,
        actor_kind=by.kind.value,
        actor=str(by.id) if by.id else "",
        organisation=organisation_id,
        fields={name: str(value) if isinstance(value, UUID) else value for name, value in fields.items()},
    )
