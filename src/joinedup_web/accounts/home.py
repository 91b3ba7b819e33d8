"""What people come to do: tasks that each app registers, so that the staff home knows no other app.

    register(Task("pairs", "Review pairs", "Decide whether two records are the same person", "linkage:review",
                  permission="pair.review", count=pairs_waiting, order=20))

An app calls it from its AppConfig.ready().
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import decide


@dataclass(frozen=True)
class Task:
    """One thing that somebody may come to do.

    text: a verb first. what: one sentence. count: how many things wait for this person; None where nothing is
    counted. counted: what is counted, for one and for several ("pair", "pairs"). only_waiting: shown only where
    something waits. order: low comes first.
    """

    code: str
    text: str
    what: str
    view: str
    permission: str | None
    count: Callable[[Actor], int] | None = None
    counted: tuple[str, str] = ("thing", "things")
    only_waiting: bool = False
    order: int = 50


@dataclass(frozen=True)
class Shown:
    """A task for one person. waiting: None where nothing is counted."""

    text: str
    what: str
    href: str
    waiting: int | None
    counted: tuple[str, str]

    @property
    def amount(self) -> str:
        """3 pairs waiting; nothing where nothing waits."""
        if not self.waiting:
            return ""
        return f"{self.waiting:,} {self.counted[0] if self.waiting == 1 else self.counted[1]} waiting"


_TASKS: dict[str, Task] = {}


def register(task: Task) -> None:
    """Add a task to the staff home; one of the same code takes its place."""
    _TASKS[task.code] = task


def tasks_for(by: Actor) -> tuple[list[Shown], list[Shown]]:
    """Return what waits for this person, and what else they may do. One count each; no task they may not do."""
    waiting: list[Shown] = []
    other: list[Shown] = []
    for task in sorted(_TASKS.values(), key=lambda each: (each.order, each.text)):
        if task.permission is not None and not decide(by, task.permission).allowed:
            continue
        try:
            href = reverse(task.view)
        except NoReverseMatch:
            continue  # an app that this deployment has not installed
        amount = task.count(by) if task.count is not None else None
        shown = Shown(task.text, task.what, href, amount, task.counted)
        if amount:
            waiting.append(shown)
        elif not task.only_waiting:
            other.append(shown)
    return waiting, other
