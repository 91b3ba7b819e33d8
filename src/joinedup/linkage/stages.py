"""The stages of a job as they go by: told to whoever watches, and timed for the run record."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from joinedup.linkage.budget import peak_memory_mb
from joinedup.linkage.run import Stage

log = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]
"""Told (stage, done, in all) as the job goes on; in all is 0 where it is not known."""


@dataclass
class Clock:
    """Seconds and peak memory of each stage."""

    progress: Progress | None
    stages: list[Stage] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what is done within."""
        if self.progress is not None:
            self.progress(name, 0, 0)
        start = time.perf_counter()
        yield
        seconds = time.perf_counter() - start
        self.stages.append(Stage(name, round(seconds, 4), round(peak_memory_mb(), 1)))
        log.info("%s: %.2f seconds", name, seconds)

    def counted(self, name: str, total: int) -> Callable[[int], None] | None:
        """What tells how far a stage is, if anybody watches."""
        progress = self.progress
        return None if progress is None else lambda done: progress(name, done, total)
