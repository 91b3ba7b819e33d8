"""How long to wait before asking again: longer each time, and never the same for two who were turned away at once."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Patience:
    """tries: calls in all for what may pass (a full server, no answer in time).

    repairs: how often an answer that is not as asked is asked for again. first, longest: seconds. asked_for: the most
    seconds we wait because a server told us to. chance: from 0 to 1, from a seeded generator in tests.
    """

    tries: int = 4
    repairs: int = 2
    first_seconds: float = 1.0
    longest_seconds: float = 20.0
    asked_for_seconds: float = 60.0
    chance: Callable[[], float] = field(default=random.random, repr=False)
    pause: Callable[[float], None] = field(default=time.sleep, repr=False)

    def wait_after(self, failures: int, *, asked_for: float | None = None) -> float:
        """Seconds to wait after so many failures: half of the doubling wait, and up to as much again by chance.

        asked_for: what the server said; we wait at least that, up to our own limit.
        """
        doubled = min(self.longest_seconds, self.first_seconds * 2.0 ** max(0, failures - 1))
        jittered = doubled * (0.5 + 0.5 * self.chance())
        return max(jittered, min(asked_for or 0.0, self.asked_for_seconds))
