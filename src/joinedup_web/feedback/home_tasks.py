"""What people come to do here, for the staff home."""

from __future__ import annotations


def register_tasks() -> None:
    """Nothing yet."""
