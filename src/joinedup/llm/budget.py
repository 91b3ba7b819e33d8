"""What a job may spend on a language model: tokens, seconds and calls. When one is used up, nothing more is asked."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

LETTERS_A_TOKEN = 3  # a cautious guess for English; suppliers count in their own way


def guessed_tokens(text: str) -> int:
    """How many tokens a text may cost, rather too many than too few. Used before a call and where nobody counts.

    >>> guessed_tokens("The form was long")
    6
    """
    return -(-len(text) // LETTERS_A_TOKEN)


@dataclass
class Budget:
    """What is left to spend. Shared by the questions of one job; not by threads.

    tokens: in and out together. seconds: from the making of the budget on. calls: requests, failed ones too.
    now: seconds that only go forward.
    """

    tokens: int = 500_000
    seconds: float = 900.0
    calls: int = 500
    now: Callable[[], float] = time.monotonic
    spent_tokens: int = 0
    spent_calls: int = 0
    _began: float = field(init=False)

    def __post_init__(self) -> None:
        self._began = self.now()

    @property
    def seconds_left(self) -> float:
        """Seconds until nothing more is asked; never below 0."""
        return max(0.0, self.seconds - (self.now() - self._began))

    def allows(self, tokens: int) -> bool:
        """Whether one more call that may cost so many tokens is allowed."""
        return (
            self.spent_calls < self.calls
            and self.spent_tokens + tokens <= self.tokens
            and self.seconds_left > 0.0
        )

    def spend(self, tokens: int) -> None:
        """Note a call and what it cost."""
        self.spent_calls += 1
        self.spent_tokens += tokens
