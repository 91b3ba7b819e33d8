"""What people come to do about how services do, for the staff home."""

from __future__ import annotations

from joinedup_web.accounts.home import Task, register


def register_act_tasks() -> None:
    """Add the scorecards and the digests."""
    register(
        Task(
            "scorecards",
            "See how services do",
            "Satisfaction, completion, take-up and cost of all services, side by side",
            "feedback:scorecards",
            permission="measure.view",
            order=35,
        )
    )
    register(
        Task(
            "digests",
            "Read last week’s digest",
            "What each service heard last week and what stood out; get it by email if you like",
            "feedback:digest",
            permission="measure.view",
            order=36,
        )
    )
