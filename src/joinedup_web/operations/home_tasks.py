"""What people come to do about keeping and about the service, for the staff home."""

from __future__ import annotations

from joinedup_web.accounts.home import Task, register
from joinedup_web.operations.keeping_queries import erasures_to_approve


def register_tasks() -> None:
    """Add the tasks of keeping and of the service."""
    register(
        Task(
            "erasures_to_approve",
            "Decide on erasures",
            "Somebody asked for a person's data to be erased, and another must approve it",
            "operations:erasures",
            permission="erasure.approve",
            count=erasures_to_approve,
            counted=("erasure", "erasures"),
            only_waiting=True,
            order=10,
        )
    )
    register(
        Task(
            "keeping",
            "Keep, hold and erase",
            "How long things are kept, legal holds, and erasures of a person's data",
            "operations:retention",
            permission="retention.view",
            order=60,
        )
    )
    register(
        Task(
            "service",
            "See how the service runs",
            "Whether everything works, and the background jobs",
            "operations:service",
            permission="operations.view",
            order=20,
        )
    )
