"""What people come to do with person indexes, for the staff home."""

from __future__ import annotations

from joinedup_web.accounts.home import Task, register


def register_tasks() -> None:
    """Add the question at the counter."""
    register(
        Task(
            "match_person",
            "Ask whether somebody is known",
            "Enter what you know of a person, and see who it may be and why",
            "index:match",
            permission="record.view",
            order=26,
        )
    )
