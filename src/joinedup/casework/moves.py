"""Where a case may stand, which moves lead from there, how it may end, and what its entries say."""

from __future__ import annotations

from enum import StrEnum

from joinedup.errors import UsageError


class State(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    WAITING = "waiting"
    ANSWERED = "answered"
    CLOSED = "closed"


class Move(StrEnum):
    """What may be done that changes where it stands."""

    WAIT = "wait"
    RESUME = "resume"
    ANSWER = "answer"
    CLOSE = "close"
    REOPEN = "reopen"


class Origin(StrEnum):
    """How a case came."""

    FEEDBACK = "feedback"
    TELEPHONE = "telephone"
    LETTER = "letter"
    EMAIL = "email"
    VISIT = "visit"
    OTHER = "other"


class Outcome(StrEnum):
    """How a case ended."""

    ANSWERED = "answered"
    RESOLVED = "resolved"
    NO_ACTION = "no_action"
    PASSED_ON = "passed_on"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"


class Entry(StrEnum):
    """What happened to a case."""

    OPENED = "opened"
    TAKEN = "taken"
    GIVEN = "given"
    NOTE = "note"
    WAITING = "waiting"
    RESUMED = "resumed"
    ESCALATED = "escalated"
    REPLY = "reply"
    REPLY_SENT = "reply_sent"
    REPLY_FAILED = "reply_failed"
    LINKED = "linked"
    PARTED = "parted"
    CLOSED = "closed"
    REOPENED = "reopened"


_MOVES: dict[State, dict[Move, State]] = {
    State.OPEN: {Move.WAIT: State.WAITING, Move.ANSWER: State.ANSWERED, Move.CLOSE: State.CLOSED},
    State.WAITING: {Move.RESUME: State.OPEN, Move.ANSWER: State.ANSWERED, Move.CLOSE: State.CLOSED},
    State.ANSWERED: {Move.ANSWER: State.ANSWERED, Move.CLOSE: State.CLOSED, Move.REOPEN: State.OPEN},
    State.CLOSED: {Move.REOPEN: State.OPEN},
}


def moves(state: State | str) -> frozenset[Move]:
    """What may be done to a case in a state."""
    return frozenset(_MOVES[State(state)])


def after(state: State | str, move: Move | str) -> State:
    """Where a case stands after a move. UsageError where the move does not lead from there.

    >>> after("open", "wait")
    <State.WAITING: 'waiting'>
    """
    found = _MOVES[State(state)].get(Move(move))
    if found is None:
        raise UsageError(
            what=f"a case that is {State(state).value} cannot {Move(move).value}",
            mend="look at the case again: a colleague may have changed it",
        )
    return found
