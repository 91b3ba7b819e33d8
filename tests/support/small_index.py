"""A ledger with records that are called by one letter, for cases made by hand."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager

import numpy as np
import pyarrow as pa

from joinedup.linkage.decisions import Decision, Verdict
from joinedup.linkage.index.ledger import Ledger
from joinedup.linkage.spec import Clusters
from support.index_twin import Rules

SOURCE = "people"


class SmallIndex:
    """Every change is one day after the last: the first on 1 March 2026."""

    def __init__(self, path, **rules):
        clusters = Clusters(**{name: rules.pop(name) for name in list(rules) if name in vars(Clusters())})
        self.rules = Rules(clusters=clusters, **rules)
        self.ledger = Ledger.create(path)
        self.day = 0
        self.code = {}

    def at(self, day):
        return dt.datetime(2026, 3, day, 12, tzinfo=dt.UTC)

    @contextmanager
    def change(self, kind="add", settle=True):
        self.day += 1
        with self.ledger.change(kind, at=self.at(self.day), by="clerk", reason="because") as change:
            if not self.ledger.sources():
                change.add_source(SOURCE, 0 in self.rules.one_to_one)
            yield change
            if settle:
                self.settled = change.settle(self.rules, identifiers=self.codes)

    def codes(self, numbers):
        letter = {number: letter for letter, number in self.numbers.items()}
        return [np.array([self.code.get(letter[n], -1) for n in numbers.tolist()], np.int32)]

    @property
    def numbers(self):
        records = self.ledger.records()
        return dict(zip(records.ids.to_pylist(), records.number.tolist(), strict=True))

    def bring(self, letters="", weights=None, gone="", changed="", also=None):
        """Records come, go and change, with pairs such as {"ab": 5.0}; ``also`` is called in the same change."""
        with self.change() as change:
            at = self.numbers
            if gone or changed:
                change.remove_records(np.array([at[letter] for letter in gone + changed]), "gone")
            coming = list(letters + changed)
            if coming:
                change.add_records(
                    np.zeros(len(coming), int), pa.array(coming), np.zeros(len(coming), np.uint64)
                )
            at = self.numbers
            left, right = ([at[pair[side]] for pair in weights or {}] for side in (0, 1))
            change.add_pairs(np.array(left), np.array(right), np.array(list((weights or {}).values()), float))
            if also:
                also(change)
        return self.settled

    def decide(self, pair, verdict):
        with self.change("decide") as change:
            (number,) = change.decide(self.decision(pair, verdict))
        return number

    def decision(self, pair, verdict):
        left, right = ((SOURCE, letter) for letter in pair)
        return Decision(left, right, Verdict(verdict), "clerk", self.at(1).date(), "seen", 0)

    def withdraw(self, number):
        with self.change("withdraw") as change:
            change.withdraw(number, "mistaken")

    def undo(self, event):
        with self.change("undo") as change:
            return change.undo(event.number, "not the same person")

    @property
    def people(self):
        """Name and letters of everybody, such as {"P000001": "ab"}."""
        letter = {number: letter for letter, number in self.numbers.items()}
        record, _ = self.ledger.memberships()
        people = {}
        for number, name in zip(record.tolist(), self.ledger.people_of(record), strict=True):
            people[name] = "".join(sorted(people.get(name, "") + letter[number]))
        return dict(sorted(people.items()))

    def told(self, name, *kinds):
        """The events of a person of these kinds (all, if none are given)."""
        return [event for event in self.ledger.events(name) if not kinds or event.kind in kinds]
