"""A server's reply read: what was answered, or why not. Nothing in it is believed, and no fault quotes it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from .model import Question, Reason
from .schema import faults_of

LONGEST_REPLY = 200_000
_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"\A```(?:json)?\s*\n(.*?)\n?```\Z", re.DOTALL | re.IGNORECASE)
_REFUSING = re.compile(
    r"\A\W*(?:(?:i['’]?m|i am) (?:sorry|unable|not able)|sorry\b|i (?:can['’]?t|cannot|can not|won['’]?t|will not)\b)",
    re.IGNORECASE,
)
_OPTIONAL = ("response_format", "max_completion_tokens", "max_tokens", "temperature", "seed")
_STATUS = {401: Reason.NOT_ALLOWED, 403: Reason.NOT_ALLOWED, 404: Reason.NOT_FOUND, 410: Reason.NOT_FOUND}


@dataclass(frozen=True)
class Read:
    """A reply. not_taken: a setting of ours that the server says it does not take. asked_to_wait: seconds."""

    reason: Reason
    value: Mapping[str, object] | None = field(default=None, repr=False)
    faults: tuple[str, ...] = ()
    model: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    asked_to_wait: float | None = None
    not_taken: str = ""


def read_reply(status: int, headers: Mapping[str, str], body: bytes, question: Question) -> Read:
    """What a reply of any status says. A reply that cannot be read counts as a fault of the server's."""
    told = _json(body.decode("utf-8", "replace"))
    if not 200 <= status < 300:
        return _read_error(status, headers, told if isinstance(told, dict) else {})
    if not isinstance(told, dict):
        return Read(Reason.UNREACHABLE)
    usage, model = told.get("usage"), told.get("model")
    counted = usage if isinstance(usage, dict) else {}
    reason, value, faults = _read_choice(told.get("choices"), question)
    return Read(
        reason,
        value,
        faults,
        model=model if isinstance(model, str) else "",
        tokens_in=_count(counted.get("prompt_tokens")),
        tokens_out=_count(counted.get("completion_tokens")),
    )


def _read_choice(
    choices: object, question: Question
) -> tuple[Reason, Mapping[str, object] | None, tuple[str, ...]]:
    first = choices[0] if isinstance(choices, list) and choices else None
    message = first.get("message") if isinstance(first, dict) else None
    if not isinstance(first, dict) or not isinstance(message, dict):
        return Reason.UNREACHABLE, None, ()
    if message.get("refusal"):
        return Reason.MODEL_REFUSED, None, ()
    ending = first.get("finish_reason")
    if ending == "content_filter":
        return Reason.FILTERED, None, ()
    content = message.get("content")
    text = content if isinstance(content, str) else ""
    if ending == "length":
        return Reason.CUT_OFF, None, ("it was longer than is allowed and ended in the middle",)
    answer = _json(_bare(text))
    if answer is None:
        if _REFUSING.match(_THOUGHTS.sub("", text)[:200]):
            return Reason.MODEL_REFUSED, None, ()
        return Reason.NOT_AS_ASKED, None, ("it was not JSON",)
    faults = faults_of(answer, question.schema)
    if not faults and isinstance(answer, dict):
        faults = tuple(question.check(answer))
    if faults or not isinstance(answer, dict):
        return Reason.NOT_AS_ASKED, None, faults
    return Reason.NONE, answer, ()


def _read_error(status: int, headers: Mapping[str, str], told: Mapping[str, object]) -> Read:
    error = told.get("error")
    said = error if isinstance(error, dict) else {}
    code, words = str(said.get("code") or ""), str(said.get("message") or "")[:2_000]
    if status == 429 and code == "insufficient_quota":
        return Read(Reason.NOT_ALLOWED)
    if status == 429:
        return Read(Reason.RATE_LIMITED, asked_to_wait=_seconds(headers.get("retry-after", "")))
    if status in (408, 504):
        return Read(Reason.TIMED_OUT, asked_to_wait=_seconds(headers.get("retry-after", "")))
    if status >= 500:
        return Read(Reason.UNREACHABLE, asked_to_wait=_seconds(headers.get("retry-after", "")))
    if status in _STATUS:
        return Read(_STATUS[status])
    if code == "content_filter" or "content_filter" in words:
        return Read(Reason.FILTERED)
    if status in (400, 422):
        named = str(said.get("param") or "").split(".")[0]
        for setting in _OPTIONAL:
            if named == setting or (not named and setting in words):
                return Read(Reason.NOT_UNDERSTOOD, not_taken=setting)
        return Read(Reason.NOT_UNDERSTOOD)
    return Read(Reason.NOT_FOUND if 300 <= status < 400 else Reason.NOT_UNDERSTOOD)


def _bare(text: str) -> str:
    """The text without what some models write before and around their answer."""
    text = _THOUGHTS.sub("", text[:LONGEST_REPLY]).strip()
    fenced = _FENCE.match(text)
    return fenced.group(1) if fenced else text


def _json(text: str) -> object:
    """The text read as JSON; None where it is not, or holds numbers that JSON does not know."""

    def refuse(word: str) -> NoReturn:
        raise ValueError(word)

    try:
        return json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError):
        return None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else None


def _seconds(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < 86_400 else None
