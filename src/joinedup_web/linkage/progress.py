"""How far a run is, in words and numbers that the watch page and its progress bar share."""

from __future__ import annotations

from dataclasses import dataclass

from joinedup_web.design.words import count
from joinedup_web.linkage.models import Run, RunState
from joinedup_web.linkage.words import STAGES

UNDER_WAY = (RunState.QUEUED, RunState.RUNNING, RunState.CANCELLING)


@dataclass(frozen=True)
class Progress:
    """words: one sentence. done, total: of the whole run in hundredths of a stage; total 0 while it waits.

    stages: each stage in words with where it stands: done, now or to come.
    """

    words: str
    done: int
    total: int
    stages: tuple[tuple[str, str], ...]

    def as_dict(self) -> dict[str, object]:
        """For the page's script."""
        return {
            "words": self.words,
            "done": self.done,
            "total": self.total,
            "stages": [standing for _, standing in self.stages],
        }


def progress_of(run: Run) -> Progress:
    """Return how far a run that is under way has come."""
    if run.state == RunState.QUEUED:
        return Progress("Waiting for its turn.", 0, 0, tuple((words, "to come") for _, words in STAGES))
    names = [name for name, _ in STAGES]
    at = names.index(run.stage) if run.stage in names else 0
    share = min(run.done / run.total, 1.0) if run.total else 0.0
    words = f"Step {at + 1} of {len(STAGES)}: {STAGES[at][1].lower()}"
    if run.total:
        words += f", {share:.0%} ({count(run.done)} of {count(run.total)})"
    if run.state == RunState.CANCELLING:
        words = "Being cancelled. It stops within a second or two"
    standings = ["done"] * at + ["now"] + ["to come"] * (len(STAGES) - at - 1)
    stages = tuple((words, standing) for (_, words), standing in zip(STAGES, standings, strict=True))
    return Progress(f"{words}.", at * 100 + int(share * 100), len(STAGES) * 100, stages)
