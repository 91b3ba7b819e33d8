"""What people come to do with models that read text, for the staff home."""

from __future__ import annotations

from joinedup_web.accounts.home import Task, register


def register_tasks() -> None:
    """Add the list of models."""
    register(
        Task(
            "models",
            "See which models read text",
            "What each is used for, how well it does, its switch, and its transparency record",
            "text:features",
            permission="model.view",
            order=60,
        )
    )
