"""The port: what is asked of a language model, and what comes back however it ends.

Asking never raises for what a model or a network does. An answer says how it ended, so that whoever asked can keep
the use on record, those that failed too, and go on without it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from .budget import Budget
from .prompts import Prompt


class Outcome(StrEnum):
    """How a question ended: DONE alone bears a value."""

    DONE = "done"
    REFUSED = "refused"
    INVALID = "invalid"
    FAILED = "failed"


class Reason(StrEnum):
    """Why a question did not end well."""

    NONE = ""
    MODEL_REFUSED = "model_refused"  # the model would not answer
    FILTERED = "filtered"  # a filter of the supplier's stopped the question or the answer
    NOT_AS_ASKED = "not_as_asked"  # answers came, and none had the form asked for
    CUT_OFF = "cut_off"  # answers came, and all ended in the middle
    TIMED_OUT = "timed_out"
    RATE_LIMITED = "rate_limited"
    UNREACHABLE = "unreachable"  # no connection, or a server's own fault, each time
    NOT_ALLOWED = "not_allowed"  # the key is not accepted
    NOT_FOUND = "not_found"  # no such model, or no such address
    NOT_UNDERSTOOD = "not_understood"  # the server says that the request is wrong
    BUDGET = "budget"  # the tokens, seconds or calls that were allowed are used up


_OUTCOMES = {
    Reason.NONE: Outcome.DONE,
    Reason.MODEL_REFUSED: Outcome.REFUSED,
    Reason.FILTERED: Outcome.REFUSED,
    Reason.NOT_AS_ASKED: Outcome.INVALID,
    Reason.CUT_OFF: Outcome.INVALID,
}
Check = Callable[[Mapping[str, object]], Sequence[str]]


def nothing_to_add(answer: Mapping[str, object]) -> Sequence[str]:
    """The check that finds no fault beyond those of the form."""
    return ()


@dataclass(frozen=True)
class Question:
    """One question.

    prompt: the instructions, ours. data: what it is about, delimited by `joinedup.llm.delimit`; nothing else may go in.
    schema: the form of the answer, in the subset of JSON Schema that `joinedup.llm.schema` reads.
    check: finds further faults in an answer of the right form, as words that bear nothing of the answer.
    longest_tokens: of one answer.
    """

    prompt: Prompt
    data: str = field(repr=False)
    schema: Mapping[str, object] = field(repr=False)
    check: Check = nothing_to_add
    longest_tokens: int = 2_000


@dataclass(frozen=True)
class Answer:
    """How a question ended.

    value: the answer, of the form asked for and checked; None unless the outcome is DONE. It is still a model's
    word: text in it is to be cleaned (`delimit.plain`) and shown to people as a draft.
    faults: of the last answer that was not as asked; words of ours, nothing of the answer.
    model: what the server said answered, else what was asked. tries: calls made. tokens: as the server counted,
    over all tries; None where it did not say.
    """

    reason: Reason
    value: Mapping[str, object] | None = field(default=None, repr=False)
    faults: tuple[str, ...] = ()
    model: str = ""
    tries: int = 0
    seconds: float = 0.0
    tokens_in: int | None = None
    tokens_out: int | None = None

    @property
    def outcome(self) -> Outcome:
        """DONE, REFUSED, INVALID or FAILED."""
        return _OUTCOMES.get(self.reason, Outcome.FAILED)


class LanguageModel(Protocol):
    """A language model. name: as records show it. version: of the remote model as far as it is known."""

    @property
    def name(self) -> str:
        """The model that is asked for."""
        ...

    @property
    def version(self) -> str:
        """Where and how it is asked, without anything secret: kind and host."""
        ...

    def ask(self, question: Question, *, budget: Budget) -> Answer:
        """Ask, retrying what may pass, and return how it ended. Never raises for what the other side does."""
        ...
