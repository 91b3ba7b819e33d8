"""The ledger of an index against a plain twin that clusters everybody from scratch after each change."""

from __future__ import annotations

import datetime as dt
import itertools
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from joinedup.errors import UsageError
from joinedup.linkage.decisions import Decision, Verdict
from joinedup.linkage.index.ledger import FILE, Ledger
from joinedup.linkage.index.told import Event, EventKind, Why
from joinedup.linkage.spec import Clusters
from support.index_twin import SOURCES, Rules, Ruling, Twin

PLACES = [(source, identifier) for source in SOURCES for identifier in "abcde"]
WEIGHTS = st.integers(-4, 8).map(lambda half_bits: half_bits / 2)
OWN = (EventKind.JOINED, EventKind.LEFT)  # told of one person; another may be named in it
START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


class LedgerAndTwin(RuleBasedStateMachine):
    """Anything that may be done to an index, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.ledger = Ledger.create(Path(self.folder.name) / FILE)
        self.said: list[dict] = [{}]  # after each version: the person of each place
        self.replayed: dict[int, str] = {}
        self.names: set[str] = set()
        self.told: list[Event] = []
        self.at = START

    @initialize(
        least=st.sampled_from([None, -1.0, 1.0]),
        single=st.frozensets(st.integers(0, 2), max_size=2),
        identifiers=st.booleans(),
    )
    def begin(self, least, single, identifiers):
        clusters = Clusters(("nhs_number",) if identifiers else (), least, absent_weight=-0.5)
        self.rules = Rules(clusters=clusters, one_to_one=single)
        self.twin = Twin(self.rules)
        with self.change("build") as change:
            for number, name in enumerate(SOURCES):
                assert change.add_source(name, number in single) == number
        self.remember()

    def teardown(self):
        if len(self.said) > 1:
            self.look_back()
        self.ledger.close()
        self.folder.cleanup()

    # --- what can be done

    def change(self, kind):
        self.at += dt.timedelta(days=1)
        self.kind = kind
        return self.ledger.change(kind, at=self.at, by="tester", reason="because")

    def settle(self, change):
        return change.settle(self.rules, identifiers=self.codes)

    def codes(self, numbers):
        place_of = {number: place for place, number in self.numbers.items()}
        return [np.array([self.twin.live[place_of[n]] for n in numbers.tolist()], np.int32)]

    @property
    def numbers(self):
        """The live record number of each place."""
        records = self.ledger.records()
        return {
            (SOURCES[source], identifier): number
            for number, source, identifier in zip(
                records.number.tolist(), records.source.tolist(), records.ids.to_pylist(), strict=True
            )
        }

    def add(self, change, places, data):
        sources = np.array([SOURCES.index(source) for source, _ in places])
        ids = pa.array([identifier for _, identifier in places], pa.string())
        numbers = change.add_records(sources, ids, np.zeros(len(places), np.uint64))
        for place in places:
            self.twin.live[place] = data.draw(st.integers(-1, 2))
        every = sorted(self.twin.live)
        wanted = {}
        for place in places:
            for other in data.draw(st.lists(st.sampled_from(every), unique=True, max_size=4)):
                if other != place:
                    wanted[frozenset((place, other))] = data.draw(WEIGHTS)
        at = self.numbers
        assert [at[place] for place in places] == numbers.tolist()
        self.twin.weight |= wanted
        ends = [sorted(at[place] for place in pair) for pair in wanted]
        left, right = (np.array([end[side] for end in ends], np.int64) for side in (1, 0))
        change.add_pairs(left, right, np.array(list(wanted.values()), np.float64))

    @rule(data=st.data(), gone=st.integers(0, 3), new=st.integers(0, 4), changed=st.integers(0, 2))
    def bring(self, data, gone, new, changed):
        """An extract: some records go, some come (or come again), some change."""
        live = data.draw(st.permutations(sorted(self.twin.live)))
        absent = [place for place in PLACES if place not in self.twin.live]
        leaving, changing = live[:gone], live[gone : gone + changed]
        coming = data.draw(st.permutations(absent))[:new]
        with self.change("add") as change:
            if leaving or changing:
                at = self.numbers
                change.remove_records(np.array([at[p] for p in [*leaving, *changing]]), "not in the extract")
            for place in (*leaving, *changing):
                self.twin.remove(place)
            if coming or changing:
                self.add(change, [*coming, *changing], data)
            settled = self.settle(change)
        assert settled.joined == len(coming)
        assert settled.left == len(leaving)
        self.remember()

    @precondition(lambda self: len(self.twin.live) > 1)
    @rule(data=st.data(), verdict=st.sampled_from(["same", "different"]))
    def decide(self, data, verdict):
        left, right = data.draw(st.permutations(sorted(self.twin.live)))[:2]
        ruling = Ruling(verdict, frozenset([left]), frozenset([right]))
        decision = Decision(left, right, Verdict(verdict), "clerk", self.at.date(), "seen", 0)
        if self.twin.is_contrary([ruling]):
            self.refused(lambda change: change.decide(decision))
            return
        with self.change("decide") as change:
            (number,) = change.decide(decision)
            self.settle(change)
        self.twin.rulings[number] = ruling
        self.remember()

    @precondition(lambda self: self.ledger.decisions(also_withdrawn=True))
    @rule(data=st.data())
    def withdraw(self, data):
        every = [held.number for held in self.ledger.decisions(also_withdrawn=True)]
        number = data.draw(st.sampled_from(every))
        if number not in self.twin.rulings:
            self.refused(lambda change: change.withdraw(number))
            return
        with self.change("withdraw") as change:
            change.withdraw(number, "wrong")
            self.settle(change)
        del self.twin.rulings[number]
        self.remember(by_hand=True)

    @precondition(lambda self: self.partings())
    @rule(data=st.data())
    def undo(self, data):
        event = data.draw(st.sampled_from(self.partings()))
        ruling = self.undoing(event)
        why_not = (
            any(held.undoes == event.number for held in self.ledger.decisions())
            or not (ruling.left and ruling.right)
            or self.is_overtaken(ruling)
            or self.twin.is_contrary([ruling])
        )
        if why_not:
            self.refused(lambda change: change.undo(event.number, "no"))
            return
        with self.change("undo") as change:
            number = change.undo(event.number, "no")
            self.settle(change)
        self.twin.rulings[number] = ruling
        held = {held.number: held for held in self.ledger.decisions()}[number]
        assert (frozenset(held.left), frozenset(held.right)) == (ruling.left, ruling.right)
        assert held.undoes == event.number
        self.remember(by_hand=True)
        if event.kind is EventKind.MERGED and event.person not in self.said[-2].values():
            self.the_name_is_back(event)

    def the_name_is_back(self, event):
        """Wherever most of a name's records stand, if they come from a person that stays with the other side."""
        then, before, now = self.said[event.version - 1], self.said[-2], self.said[-1]
        if event.other not in before.values():
            return
        right = self.undoing(event).right
        own = [place for place in now if then.get(place) == event.person]
        for name in set(now.values()):
            group = [place for place in now if now[place] == name]
            mine = [place for place in group if place in own]
            if (
                2 * len(mine) > len(own)
                and {before[place] for place in group} == {event.other}
                and not any(place in right or then.get(place) == event.other for place in group)
                and any(before.get(place) == event.other for place in right)
            ):
                assert name == event.person, (event, self.said)

    def partings(self):
        return [event for event in self.told if event.kind in (EventKind.MERGED, EventKind.SPLIT)]

    def undoing(self, event):
        """The decision that undoes an event, from what was said before and after it."""
        before, after = self.said[event.version - 1], self.said[event.version]
        if event.kind is EventKind.MERGED:
            there = {place for place, person in after.items() if person == event.other and place in before}
            left = {place for place in there if before[place] == event.person}
            return Ruling("different", frozenset(left), frozenset(there - left))
        was = {place for place, person in before.items() if person == event.other}
        left, right = ({p for p in was if after.get(p) == name} for name in (event.person, event.other))
        return Ruling("same", frozenset(left), frozenset(right))

    def is_overtaken(self, ruling):
        now = self.said[-1]
        left, right = ({now[p] for p in side if p in now} for side in (ruling.left, ruling.right))
        return not left & right if ruling.verdict == "different" else len(left | right) < 2

    @precondition(lambda self: self.kind != "refresh" and self.twin.live)
    @rule()
    def refresh(self):
        """Everybody anew, with nothing changed: nothing happens."""
        with self.change("refresh") as change:
            kept = self.ledger.pairs()
            change.clear_pairs()
            change.add_pairs(kept.left, kept.right, kept.weight, kept.pattern)
            settled = self.settle(change)
        assert settled.affected == len(self.twin.live)
        assert not any(n for name, n in vars(settled).items() if name != "affected")
        assert self.ledger.events_of(len(self.said)) == ()
        self.remember()

    @precondition(lambda self: self.kind == "add")
    @rule(data=st.data())
    def fail_half_way(self, data):
        absent = [place for place in PLACES if place not in self.twin.live]
        if absent:
            source, identifier = absent[0]
            before = self.everything()
            try:
                with self.change("add") as change:
                    change.add_records(
                        np.array([SOURCES.index(source)]), pa.array([identifier]), np.zeros(1, np.uint64)
                    )
                    raise KeyboardInterrupt
            except KeyboardInterrupt:
                pass
            assert self.everything() == before

    def refused(self, deed):
        before = self.everything()
        try:
            with self.change("refused") as change:
                deed(change)
        except UsageError:
            assert self.everything() == before
        else:
            raise AssertionError("should have been refused")

    # --- what must hold

    def everything(self):
        tables = (
            "version",
            "record",
            "pair",
            "person",
            "member",
            "past_member",
            "decision",
            "decision_record",
        )
        with closing(sqlite3.connect(self.ledger.path)) as database:
            return [database.execute(f"SELECT * FROM {table}").fetchall() for table in (*tables, "event")]

    def now(self):
        numbers = {number: place for place, number in self.numbers.items()}
        record, _ = self.ledger.memberships()
        return {numbers[n]: p for n, p in zip(record.tolist(), self.ledger.people_of(record), strict=True)}

    def remember(self, *, by_hand=False):
        """Take down the new version, and hold it against the one before."""
        before, now = self.said[-1], self.now()
        version = self.ledger.version().number
        assert version == len(self.said)
        self.said.append(now)
        if not by_hand:
            groups = {
                frozenset(p for p in before if before[p] == name): name for name in set(before.values())
            }
            for name in set(now.values()):
                same = frozenset(p for p in now if now[p] == name)
                assert groups.get(same, name) == name, "who stays as they were keep their name"
        events = self.ledger.events_of(version)
        self.told += events
        created = {e.person for e in events if e.kind is EventKind.CREATED}
        assert not created & self.names, "a name was given again"
        assert created == set(now.values()) - self.names
        self.names |= created
        for event in events:
            assert event.why is not Why.NONE or event.kind in (EventKind.CREATED, EventKind.MOVED)
            if event.kind is EventKind.JOINED:
                assert event.record not in self.replayed
                self.replayed[event.record] = event.person
            elif event.kind is EventKind.LEFT:
                assert self.replayed.pop(event.record) == event.person
            elif event.kind is EventKind.MOVED:
                assert self.replayed[event.record] == event.person
                self.replayed[event.record] = event.other
        living = set(before.values())
        living |= {e.person for e in events if e.kind in (EventKind.CREATED, EventKind.REVIVED)}
        living -= {e.person for e in events if e.kind in (EventKind.MERGED, EventKind.RETIRED)}
        assert living == set(now.values())

    @invariant()
    def people_are_those_of_the_twin(self):
        if len(self.said) > 1:
            now = self.said[-1]
            groups = {}
            for place, name in now.items():
                groups.setdefault(name, set()).add(place)
            assert {frozenset(group) for group in groups.values()} == self.twin.people()
            assert set(now) == set(self.twin.live)

    @invariant()
    def the_past_played_back_is_the_present(self):
        at = self.numbers
        if len(self.said) > 1:
            assert self.replayed == {at[place]: name for place, name in self.said[-1].items()}

    @invariant()
    def what_was_parted_stays_apart(self):
        if len(self.said) > 1:
            for ruling in self.twin.rulings.values():
                now = self.said[-1]
                left, right = ({now[p] for p in side if p in now} for side in (ruling.left, ruling.right))
                if ruling.verdict == "different":
                    assert not left & right
                else:
                    assert len(left | right) <= 1

    @invariant()
    def memberships_do_not_overlap(self):
        with closing(sqlite3.connect(self.ledger.path)) as database:
            spans = database.execute(
                "SELECT record, since, until FROM past_member UNION ALL "
                "SELECT record, since, 1e9 FROM member ORDER BY record, since"
            ).fetchall()
        assert all(since < until for _, since, until in spans)
        for one, other in itertools.pairwise(spans):
            assert one[0] != other[0] or one[2] <= other[1]

    def look_back(self):
        """Every version can still be asked for, by number and by time."""
        for version, said in enumerate(self.said):
            moment = START + (self.ledger.versions()[version - 1].at - START) if version else START
            for name in self.names:
                places = {place for place, person in said.items() if person == name}
                for at in (version, moment + dt.timedelta(hours=1)):
                    found = self.ledger.person(name, at)
                    assert {(m.source, m.id) for m in found.members} == places if places else found is None
            for source, identifier in PLACES:
                assert self.ledger.person_of(source, identifier, version) == said.get((source, identifier))
        for name in self.names:
            followed = self.ledger.followed(name)
            assert followed.is_live == (name in self.said[-1].values())
            told = [e for e in self.told if e.person == name or (e.other == name and e.kind not in OWN)]
            assert set(self.ledger.events(name)) == set(told)
            assert len(self.ledger.events(name)) == len(told)


TestLedgerAndTwin = LedgerAndTwin.TestCase
TestLedgerAndTwin.settings = settings(
    max_examples=20, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck)
)
