"""Improvements, signed-off themes and comments that may be quoted, for tests."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from joinedup_web.feedback.actions.act_improvements import (
    Written,
    publish_improvement,
    submit_improvement,
    write_improvement,
)
from joinedup_web.feedback.models import (
    Analysis,
    Comment,
    FormVersion,
    Improvement,
    JobState,
    Response,
    Service,
    Theme,
    ThemeAssignment,
    ThemeState,
)
from joinedup_web.gate.actor import Actor
from support.feedback_forms import received

SAID = "You told us that the letter took too long to come."
DID = "We send it on the same day now."


def written(**told: Any) -> Written:
    """What somebody wrote, done a while ago."""
    first = {"said": SAID, "did": DID, "done_on": timezone.localdate() - timedelta(days=40)}
    return Written(**{**first, **told})


def submitted(by: Actor, service: Service, **told: Any) -> Improvement:
    """One that waits to be published."""
    made = write_improvement(by=by, service=service, written=written(**told))
    return submit_improvement(by=by, improvement=made)


def published(by: Actor, publisher: Actor, service: Service, **told: Any) -> Improvement:
    """One that everybody can read."""
    return publish_improvement(by=publisher, improvement=submitted(by, service, **told))


def quotable(of: FormVersion, text: str = "The letter took six weeks to come", **given: Any) -> Comment:
    """A comment that may be quoted: its sender allowed it, and somebody confirmed its masks."""
    answers = {"satisfaction": given.pop("satisfaction", "2"), "improve": text}
    kept = received(of, answers, may_publish=True, **given)
    Response.objects.filter(id=kept.id).update(masks_confirmed_at=timezone.now())
    return Comment.objects.get(response=kept)


def signed_off_theme(service: Service, *comments: Comment, title: str = "Letters come late") -> Theme:
    """A theme of an analysis that was signed off, with some comments."""
    analysis = Analysis.objects.create(
        service=service,
        question="improve",
        first_day=date(2026, 1, 1),
        last_day=date(2026, 3, 31),
        method="clusters",
        state=JobState.DONE,
        signed_off_at=timezone.now(),
    )
    theme = Theme.objects.create(analysis=analysis, number=1, title=title, state=ThemeState.KEPT)
    for comment in comments:
        ThemeAssignment.objects.create(comment=comment, theme=theme, made_by="person")
    return theme


def at_day(*, days_ago: int) -> dict[str, Any]:
    """For `received`: some days ago."""
    return {"received_at": timezone.now() - timedelta(days=days_ago), "submission": uuid4()}
