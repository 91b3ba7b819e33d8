"""Clerks' decisions in an index: made, withdrawn, taken from a file; merges and splits undone by them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from joinedup.errors import UsageError
from joinedup.linkage.decisions import Decision, Place, Verdict, read_decisions
from joinedup.linkage.index.change import settle
from joinedup.linkage.index.deed import Change
from joinedup.linkage.index.opened import Checkpoint, nowhere, opened
from joinedup.linkage.index.told import Settled


@dataclass(frozen=True)
class Decided:
    """What decisions did. decisions: the numbers of those that were made or withdrawn. already: that were there
    before, and were passed over. people: what became of whom."""

    version: int
    is_published: bool
    decisions: tuple[int, ...] = ()
    already: int = 0
    people: Settled = field(default_factory=Settled)


def decide(
    directory: str | Path,
    decisions: Sequence[Decision],
    *,
    at: dt.datetime,
    by: str,
    reason: str = "",
    waiting: bool = False,
    checkpoint: Checkpoint = nowhere,
) -> Decided:
    """Obey these decisions from now on; those that hold already are passed over.

    waiting: also those about records that are not there; they hold once the record comes.

    Raises UsageError for a record that is not there, for a decision that contradicts one that holds, and where
    somebody else is changing the index; SourceError where there is no index. Nothing has changed then.
    """
    with opened(directory, checkpoint=checkpoint) as index:
        held = {
            frozenset((held.left[0], held.right[0], held.verdict))
            for held in index.ledger.decisions()
            if len(held.left) == len(held.right) == 1
        }
        new = [d for d in decisions if frozenset((d.left, d.right, d.verdict)) not in held]
        if not new:
            return Decided(index.version, False, already=len(decisions))
        with index.ledger.change("decide", at=at, by=by, reason=reason) as change:
            made = change.decide(*new, waiting=waiting)
            checkpoint("decided")
            people = settle(index, change, index.pool.segments)
        checkpoint("published")
        return Decided(change.version, True, made, len(decisions) - len(new), people)


def one_decision(verdict: str, left: Place, right: Place, *, by: str, on: dt.date, reason: str) -> Decision:
    """A decision about two records, each a source and its own id; raises UsageError for another verdict."""
    if verdict not in {each.value for each in Verdict}:
        raise UsageError(what=f"'{verdict}' is no decision", mend="say same or different")
    if left == right:
        raise UsageError(what="a record is held against itself", mend="name two records")
    return Decision(left, right, Verdict(verdict), by, on, reason, row=0)


def import_decisions(
    directory: str | Path,
    path: str | Path,
    *,
    at: dt.datetime,
    by: str,
    reason: str = "",
    checkpoint: Checkpoint = nowhere,
) -> Decided:
    """Obey a file of decisions (see ``read_decisions``); importing it again changes nothing.

    Decisions about records that are not there wait for them. Raises SourceError for a file that is wrong, and
    what ``decide`` raises.
    """
    return decide(
        directory, read_decisions(path), at=at, by=by, reason=reason, waiting=True, checkpoint=checkpoint
    )


def withdraw(
    directory: str | Path,
    decision: int,
    *,
    at: dt.datetime,
    by: str,
    reason: str = "",
    checkpoint: Checkpoint = nowhere,
) -> Decided:
    """Let a decision hold no longer. Raises UsageError where there is none of that number that holds."""

    def deed(change: Change) -> int:
        change.withdraw(decision, reason)
        return decision

    return _changed("withdraw", directory, deed, at=at, by=by, reason=reason, checkpoint=checkpoint)


def undo(
    directory: str | Path,
    event: int,
    *,
    at: dt.datetime,
    by: str,
    reason: str = "",
    checkpoint: Checkpoint = nowhere,
) -> Decided:
    """Undo a merge or a split of people, by a decision that every later version obeys.

    event: its number, as the history tells it. Raises UsageError for an event that cannot be undone.
    """
    return _changed(
        "undo",
        directory,
        lambda change: change.undo(event, reason),
        at=at,
        by=by,
        reason=reason,
        checkpoint=checkpoint,
    )


def _changed(
    kind: str,
    directory: str | Path,
    deed: Callable[[Change], int],
    *,
    at: dt.datetime,
    by: str,
    reason: str,
    checkpoint: Checkpoint,
) -> Decided:
    with opened(directory, checkpoint=checkpoint) as index:
        with index.ledger.change(kind, at=at, by=by, reason=reason) as change:
            number = deed(change)
            checkpoint("decided")
            people = settle(index, change, index.pool.segments)
        checkpoint("published")
        return Decided(change.version, True, (number,), people=people)
