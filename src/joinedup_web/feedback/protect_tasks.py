"""What moderators and duty people come to do, and what stands above every page while somebody may be in danger."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from joinedup_web.accounts import home, notices
from joinedup_web.accounts.home import Task
from joinedup_web.accounts.notices import Notice
from joinedup_web.design.words import clock
from joinedup_web.feedback.queries import protect as queries
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import decide


def register_protect_tasks() -> None:
    """Add the tasks and the notice."""
    home.register(
        Task(
            "flags",
            "Look at people who may be in danger",
            "Comments by which somebody may be in danger, or that no model can read",
            "feedback:flags",
            permission="flag.acknowledge",
            count=queries.flags_waiting,
            counted=("flag", "flags"),
            order=1,
        )
    )
    notices.register("flags", danger_notices)


def danger_notices(by: Actor) -> list[Notice]:
    """Above every page of those who may act, until somebody acknowledges it. One query."""
    if not decide(by, "flag.acknowledge").allowed:
        return []
    found = queries.dangers_waiting(by)
    if not found:
        return []
    first = found[0]
    several = len(found) > 1
    heading = (
        f"{len(found)} comments say that people may be in danger" if several else "Somebody may be in danger"
    )
    when = "Acknowledge the first" if several else "Acknowledge it"
    late = first.due_at < timezone.now()
    words = (
        f"It should have been acknowledged by {clock(first.due_at)}."
        if late
        else f"{when} by {clock(first.due_at)}."
    )
    href = reverse("feedback:flags") if several else reverse("feedback:flag", args=[first.id])
    return [Notice(heading, words, href, "Look at them" if several else "Look at it")]
