"""What people come to do here, for the staff home."""

from __future__ import annotations

from joinedup_web.accounts.home import Task, register
from joinedup_web.feedback.act_tasks import register_act_tasks
from joinedup_web.feedback.protect_tasks import register_protect_tasks
from joinedup_web.feedback.understand_tasks import register_understand_tasks


def register_tasks() -> None:
    """Add the tasks of each part."""
    register_protect_tasks()
    register_act_tasks()
    register_understand_tasks()
    register(
        Task(
            "feedback",
            "See what people say",
            "Services that ask for feedback: their forms, links and QR codes, and what came of the answers",
            "feedback:services",
            permission="feedback.view",
            order=32,
        )
    )
