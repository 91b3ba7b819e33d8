"""What people come to do here, for the staff home."""

from __future__ import annotations

from joinedup_web.feedback.protect_tasks import register_protect_tasks


def register_tasks() -> None:
    """Add the tasks of each part."""
    register_protect_tasks()
