"""Where a case may go from where it stands."""

from __future__ import annotations

import pytest

from joinedup.casework import Move, State, after, moves
from joinedup.errors import UsageError


@pytest.mark.parametrize(
    ("state", "move", "then"),
    [
        ("open", "wait", "waiting"),
        ("open", "answer", "answered"),
        ("open", "close", "closed"),
        ("waiting", "resume", "open"),
        ("waiting", "answer", "answered"),
        ("answered", "answer", "answered"),
        ("answered", "reopen", "open"),
        ("closed", "reopen", "open"),
    ],
)
def test_a_move_leads_on(state, move, then):
    assert after(state, move) is State(then)


@pytest.mark.parametrize(
    ("state", "move"), [("closed", "answer"), ("closed", "wait"), ("answered", "wait"), ("open", "reopen")]
)
def test_what_does_not_lead_from_there_is_refused_in_words(state, move):
    with pytest.raises(UsageError, match=f"a case that is {state} cannot {move}"):
        after(state, move)


def test_every_state_can_be_left():
    assert [state for state in State if not moves(state)] == []


def test_every_move_leads_from_somewhere():
    assert {move for state in State for move in moves(state)} == set(Move)
