"""What accounts itself puts on the staff home."""

from __future__ import annotations

from joinedup_web.accounts.home import Task, register
from joinedup_web.accounts.queries.access import emergencies_to_review, review_tasks, waiting_recoveries
from joinedup_web.gate.actor import Actor


def _recoveries(by: Actor) -> int:
    return waiting_recoveries(by).count()


def register_tasks() -> None:
    """Add the tasks of accounts. Called once, when the app is ready."""
    for task in (
        Task(
            "emergencies_to_review",
            "Review emergency access",
            "Somebody took a role in an emergency. Look at what they did",
            "accounts:emergencies",
            "access.close_break_glass",
            count=emergencies_to_review,
            counted=("emergency access", "emergency accesses"),
            only_waiting=True,
            order=5,
        ),
        Task(
            "recoveries",
            "Let a colleague back in",
            "Somebody lost their passkey or app. Make sure that it is them",
            "accounts:recoveries",
            "staff.recover",
            count=_recoveries,
            counted=("request", "requests"),
            order=10,
        ),
        Task(
            "access_review",
            "Review who has access",
            "Every 90 days, keep or end each role of each colleague",
            "accounts:reviews",
            "staff.review",
            count=review_tasks,
            counted=("decision", "decisions"),
            order=60,
        ),
        Task(
            "invite",
            "Invite a colleague",
            "Send an invitation with roles",
            "accounts:invite",
            "staff.invite",
            order=70,
        ),
        Task(
            "staff",
            "See staff and their roles",
            "Find a colleague, give or end a role",
            "accounts:staff",
            "staff.view",
            order=71,
        ),
        Task(
            "organisations",
            "Look after organisations",
            "Details, identifiers and officers",
            "accounts:organisations",
            "organisation.change",
            order=72,
        ),
        Task(
            "break_glass",
            "Open emergency access",
            "One more role for 1 hour, with an alarm",
            "accounts:break_glass",
            "access.break_glass",
            order=95,
        ),
        Task(
            "account",
            "See to your own account",
            "Passkeys, password and where you are signed in",
            "accounts:account",
            None,
            order=99,
        ),
    ):
        register(task)
