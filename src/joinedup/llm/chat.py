"""A language model asked over OpenAI's chat completions: retries, repairs, refusals told apart, a budget kept.

It speaks HTTP through a client it is given (joinedup.ports.HttpxClient fits), so that proxies, certificates and
limits are those of the whole installation, and no supplier's own library is needed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from joinedup.errors import ServiceError

from .budget import Budget, guessed_tokens
from .guard import require_callable
from .model import Answer, Question, Reason
from .reply import Read, read_reply
from .retry import Patience
from .supplier import Supplier

_PASSING = frozenset({Reason.TIMED_OUT, Reason.RATE_LIMITED, Reason.UNREACHABLE})
_REPAIRABLE = frozenset({Reason.NOT_AS_ASKED, Reason.CUT_OFF})
_UNENFORCED = frozenset({"minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum"})
_FORM = "Answer with one JSON object of the following form, and with nothing else:\n"
_AGAIN = "The answer before this was not as asked: {faults}. Answer again, in the form that was asked for."
_MODEL_NAME = re.compile(r"[\w.:/@ -]{1,100}")


class HttpReply(Protocol):
    """What came back over HTTP."""

    @property
    def status(self) -> int:
        """The number."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """By name in small letters."""
        ...

    @property
    def body(self) -> bytes:
        """As received."""
        ...


class HttpSender(Protocol):
    """Sends JSON once. Raises ServiceError where no whole answer came."""

    def post_json(self, url: str, content: object, *, headers: Mapping[str, str]) -> HttpReply:
        """Send and return what came back, of any status."""
        ...


@dataclass
class _Course:
    """How one question goes."""

    began: float
    tries: int = 0
    failures: int = 0
    repairs: int = 0
    faults: tuple[str, ...] = ()
    model: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None

    def count(self, read: Read) -> None:
        if read.tokens_in is not None:
            self.tokens_in = (self.tokens_in or 0) + read.tokens_in
        if read.tokens_out is not None:
            self.tokens_out = (self.tokens_out or 0) + read.tokens_out


@dataclass
class ChatModel:
    """A model at a supplier's.

    seed: sent with each question; servers that keep to it answer alike. Settings that a server says it does not take
    are left out from then on; the form of answers is always checked here, whoever enforces it.
    """

    supplier: Supplier
    http: HttpSender = field(repr=False)
    patience: Patience = field(default_factory=Patience)
    seed: int = 20260501
    _left_out: set[str] = field(default_factory=set, init=False, repr=False)

    def __post_init__(self) -> None:
        require_callable(self.supplier.host)

    @property
    def name(self) -> str:
        """The model that is asked for."""
        return self.supplier.model

    @property
    def version(self) -> str:
        """Kind and host of the supplier."""
        return f"{self.supplier.kind.value} at {self.supplier.host}"

    def ask(self, question: Question, *, budget: Budget) -> Answer:
        """Ask, and return how it ended.

        What may pass (a full server, no answer in time) is tried again after a longer wait each time; an answer that
        is not as asked is asked for again with what was wrong, in our words. A refusal is final, as is a filter.
        """
        require_callable(self.supplier.host)
        course = _Course(began=budget.now(), model=self.name)
        while True:
            messages = self._messages(question, course.faults if course.repairs else ())
            guessed = sum(guessed_tokens(each["content"]) for each in messages)
            if not budget.allows(guessed + question.longest_tokens):
                return self._ended(Reason.BUDGET, course, budget)
            read = self._send(messages, question, budget, guessed)
            course.tries += 1
            course.count(read)
            course.model = read.model if _MODEL_NAME.fullmatch(read.model) else course.model
            if read.not_taken and read.not_taken not in self._left_out:
                self._left_out.add(read.not_taken)
                continue
            course.faults = read.faults
            if read.reason in _PASSING and course.failures + 1 < self.patience.tries:
                course.failures += 1
                wait = self.patience.wait_after(course.failures, asked_for=read.asked_to_wait)
                if wait >= budget.seconds_left:
                    return self._ended(read.reason, course, budget)
                self.patience.pause(wait)
            elif read.reason in _REPAIRABLE and course.repairs < self.patience.repairs:
                course.repairs += 1
            else:
                return self._ended(read.reason, course, budget, value=read.value)

    def _send(self, messages: list[dict[str, str]], question: Question, budget: Budget, guessed: int) -> Read:
        content = self._content(messages, question)
        try:
            reply = self.http.post_json(self.supplier.address, content, headers=self.supplier.headers)
        except ServiceError as error:
            budget.spend(guessed)
            return Read(Reason.TIMED_OUT if "in time" in error.what else Reason.UNREACHABLE)
        read = read_reply(reply.status, reply.headers, reply.body, question)
        counted = (read.tokens_in or guessed) + (read.tokens_out or 0)
        budget.spend(counted)
        return read

    def _messages(self, question: Question, faults: tuple[str, ...]) -> list[dict[str, str]]:
        form = json.dumps(question.schema, separators=(",", ":"))
        told = [
            {"role": "system", "content": f"{question.prompt.text}\n\n{_FORM}{form}"},
            {"role": "user", "content": question.data},
        ]
        if faults:  # the answer itself does not go back: it may hold what a comment put there
            told.append({"role": "user", "content": _AGAIN.format(faults="; ".join(faults))})
        return told

    def _content(self, messages: list[dict[str, str]], question: Question) -> dict[str, object]:
        enforced = {"name": question.prompt.name, "strict": True, "schema": _enforced(question.schema)}
        limit = self.supplier.limit_name
        if limit in self._left_out:
            limit = "max_tokens" if limit == "max_completion_tokens" else "max_completion_tokens"
        optional: dict[str, object] = {
            "temperature": 0,
            "seed": self.seed,
            "response_format": {"type": "json_schema", "json_schema": enforced},
            limit: question.longest_tokens,
        }
        kept = {name: value for name, value in optional.items() if name not in self._left_out}
        return {"model": self.supplier.model, "messages": messages, **kept}

    def _ended(
        self,
        reason: Reason,
        course: _Course,
        budget: Budget,
        *,
        value: Mapping[str, object] | None = None,
    ) -> Answer:
        return Answer(
            reason=reason,
            value=value if reason is Reason.NONE else None,
            faults=course.faults,
            model=course.model,
            tries=course.tries,
            seconds=budget.now() - course.began,
            tokens_in=course.tokens_in,
            tokens_out=course.tokens_out,
        )


def _enforced(schema: object) -> object:
    """The schema as servers enforce it: without the limits that some of them refuse; we check those ourselves."""
    if isinstance(schema, Mapping):
        return {name: _enforced(inner) for name, inner in schema.items() if name not in _UNENFORCED}
    return [_enforced(each) for each in schema] if isinstance(schema, list) else schema
