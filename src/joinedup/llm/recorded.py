"""Replies kept and given again: so that a department can test against its own model without asking it each time.

What is kept is redacted first by a function the caller must name, and never holds a key: headers are not kept.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from joinedup.errors import ServiceError, SourceError

from .budget import Budget, guessed_tokens
from .chat import HttpReply, HttpSender
from .model import Answer, Question, Reason
from .schema import faults_of

Redact = Callable[[str], str]


@dataclass(frozen=True)
class KeptReply:
    """A reply as it was recorded. asked: digest of the instructions that it answers."""

    asked: str
    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Recorder:
    """An HTTP client that keeps what came back, each reply redacted before it is written to `path` (mode 600).

    redact: takes and returns the text of a reply; say `lambda text: mask_text(text).text`. What was sent is not
    kept, only a digest of the instructions, so comments are in no recording.
    """

    http: HttpSender
    path: Path
    redact: Redact

    def post_json(self, url: str, content: object, *, headers: Mapping[str, str]) -> HttpReply:
        """Send, keep, return."""
        reply = self.http.post_json(url, content, headers=headers)
        kept = {
            "asked": _asked(content),
            "status": reply.status,
            "body": _redacted(reply.body, self.redact),
        }
        line = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(line, "a", encoding="utf-8") as file:
            file.write(json.dumps(kept, ensure_ascii=False) + "\n")
        return reply


class RecordedReplies:
    """An HTTP client that answers from a recording, in its order, and reaches nobody.

    Raises ServiceError when the recording is used up, or was made with other instructions: record anew then.
    """

    def __init__(self, replies: Sequence[KeptReply]) -> None:
        self._waiting = list(replies)

    def post_json(self, url: str, content: object, *, headers: Mapping[str, str]) -> HttpReply:
        """The next reply that was recorded."""
        if not self._waiting:
            raise ServiceError(what="the recording has no more replies", mend="record it anew")
        reply = self._waiting.pop(0)
        if reply.asked != _asked(content):
            raise ServiceError(what="the recording was made with other instructions", mend="record it anew")
        return reply


def read_recording(path: Path) -> RecordedReplies:
    """The recording at `path`. SourceError naming the line where it is none."""
    replies = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise SourceError(
            what="the recording cannot be read", where=path.name, mend="check the path"
        ) from None
    for number, line in enumerate(lines, start=1):
        try:
            kept = json.loads(line)
            replies.append(KeptReply(str(kept["asked"]), int(kept["status"]), str(kept["body"]).encode()))
        except (ValueError, KeyError, TypeError):
            raise SourceError(
                what="not a recorded reply", where=f"{path.name}, line {number}", mend="record it anew"
            ) from None
    return RecordedReplies(replies)


Answering = Callable[[Question], Mapping[str, object] | Reason]


@dataclass
class RecordedModel:
    """A model that answers from a function: for tests and demonstrations. It reaches nobody.

    It holds answers to the form and the check of the question as the real one does, without asking again.
    """

    answering: Answering
    name: str = "recorded"
    version: str = "1"
    asked: list[Question] = field(default_factory=list)

    def ask(self, question: Question, *, budget: Budget) -> Answer:
        """What the function answers, if it is as asked."""
        cost = guessed_tokens(question.prompt.text) + guessed_tokens(question.data)
        if not budget.allows(cost + question.longest_tokens):
            return Answer(Reason.BUDGET, model=self.name)
        self.asked.append(question)
        budget.spend(cost)
        given = self.answering(question)
        if isinstance(given, Reason):
            return Answer(given, model=self.name, tries=1, tokens_in=cost, tokens_out=0)
        faults = faults_of(given, question.schema) or tuple(question.check(given))
        if faults:
            return Answer(Reason.NOT_AS_ASKED, None, faults, model=self.name, tries=1, tokens_in=cost)
        return Answer(Reason.NONE, given, model=self.name, tries=1, tokens_in=cost, tokens_out=0)


def _asked(content: object) -> str:
    messages = content.get("messages") if isinstance(content, Mapping) else None
    first = messages[0] if isinstance(messages, list) and messages else {}
    text = str(first.get("content", "")) if isinstance(first, Mapping) else ""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _redacted(body: bytes, redact: Redact) -> str:
    """The body with the text of each answer redacted, wherever it stands in it."""
    text = body.decode("utf-8", "replace")
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return redact(text)
    return json.dumps(_each_text(told, redact), ensure_ascii=False)


def _each_text(value: object, redact: Redact) -> object:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list):
        return [_each_text(each, redact) for each in value]
    if isinstance(value, dict):
        return {name: _each_text(each, redact) for name, each in value.items()}
    return value
