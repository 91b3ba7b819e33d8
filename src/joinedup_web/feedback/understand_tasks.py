"""What people come to do about what comments mean, for the staff home."""

from __future__ import annotations

from joinedup_web.accounts.home import Task, register
from joinedup_web.feedback.queries.themes import to_sign_off


def register_understand_tasks() -> None:
    """Add the comments of each service, and the themes that wait to be signed off."""
    register(
        Task(
            "comments",
            "Find out what comments say",
            "Tags, teams, themes and trends of each service’s comments, as models suggest them and people decide",
            "feedback:understanding",
            permission="feedback.view",
            order=33,
        )
    )
    register(
        Task(
            "sign_off",
            "Sign themes off",
            "Themes that models drafted, to be kept, changed or deleted",
            "feedback:understanding",
            permission="theme.sign_off",
            count=to_sign_off,
            counted=("analysis", "analyses"),
            only_waiting=True,
            order=34,
        )
    )
