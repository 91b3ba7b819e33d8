"""Changes of a person index, broken off by SIGKILL inside any of their phases, and what must hold afterwards."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from joinedup.errors import SourceError
from joinedup.linkage.index import (
    Ledger,
    add,
    build,
    check,
    compact,
    open_index,
    refresh,
    remove,
)
from joinedup.linkage.spec import spec_from_dict

FIRST = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
_NAMES = ("Ann", "Bob", "Cat", "Dan", "Eve", "Fay", "Gus", "Hal")
_LAST = ("Smith", "Smyth", "Jones", "Brown", "Braun", "O'Neil", "Patel", "Khan")
_SPAWN = multiprocessing.get_context("forkserver")
_SPAWN.set_forkserver_preload(["joinedup.linkage.index"])

OPERATIONS = ("build", "add", "remove", "erase", "compact", "refresh")


@dataclass(frozen=True)
class State:
    """What an index says: each record's person, the pairs, the kinds of its versions."""

    people: dict[tuple[str, str], str]
    pairs: dict[frozenset[tuple[str, str]], float]
    versions: tuple[str, ...]


@dataclass(frozen=True)
class Phase:
    """One phase of an operation: what ends it, and how long it took."""

    name: str
    seconds: float


@dataclass(frozen=True)
class Prepared:
    """An operation, the index that it finds and the one that it leaves. before: None: there is none yet."""

    operation: str
    folder: Path
    before: State | None
    after: State
    phases: tuple[Phase, ...]


def prepare(folder: Path, operation: str, *, records: int = 240) -> Prepared:
    """Make the files and indexes that ``break_off`` needs, and walk the operation once to its end.

    records: of each of two sources.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write_sources(folder, records)
    index = folder / "before"
    if operation == "build":
        index.mkdir()
        before = None
    else:
        build(index, _spec(folder), at=FIRST, by="test")
        if operation in ("compact", "refresh"):
            add(index, folder / "more.csv", "a", at=_on(2), by="test")
            remove(index, "b", ["b1", "b2"], at=_on(3), by="test")
        before = state(index)
    done = folder / "done"
    shutil.copytree(index, done)
    phases: list[Phase] = []
    last = [time.perf_counter()]

    def note(phase: str) -> None:
        now = time.perf_counter()
        phases.append(Phase(phase, now - last[0]))
        last[0] = now

    run(operation, folder, done, note)
    return Prepared(operation, folder, before, state(done), tuple(phases))


def run(operation: str, folder: Path, index: Path, checkpoint: Callable[[str], None]) -> None:
    """Do the operation on an index."""
    told: dict[str, Any] = {"at": _on(9), "by": "test", "checkpoint": checkpoint}
    if operation == "build":
        build(index, _spec(folder), **told)
    elif operation == "add":
        add(index, folder / "next.csv", "b", complete=True, **told)
    elif operation in ("remove", "erase"):
        remove(index, "a", ["a3", "a4", "a5", "nobody"], erase=operation == "erase", **told)
    elif operation == "compact":
        compact(index, whole=True, **told)
    else:
        refresh(index, **told)


def break_off(prepared: Prepared, phase: int, *, seed: int) -> str:
    """Start the operation on a fresh copy, kill it at a random moment of a phase, and look what is left.

    Returns which version was found: "before" or "after". Fails where the index does not open, is not whole, holds
    anything else than one of these two, has lost what was acknowledged, or cannot take the change again.
    """
    index = prepared.folder / f"broken_{seed}_{phase}"
    shutil.copytree(prepared.folder / "before", index)
    generator = random.Random(seed)
    ours, theirs = _SPAWN.Pipe(duplex=False)
    child = _SPAWN.Process(target=_child, args=(prepared.operation, prepared.folder, index, theirs))
    child.start()
    theirs.close()
    acknowledged = _kill_in(child, ours, prepared, phase, generator)
    found = look(prepared, index, acknowledged=acknowledged)
    shutil.rmtree(index)
    return found


def look(prepared: Prepared, index: Path, *, acknowledged: bool) -> str:
    """Hold what a broken-off operation left against what there was and what there should be."""
    try:
        left = state(index)
    except SourceError as problem:
        if prepared.before is not None or problem.what != "there is no person index":
            raise
        left = None
    if left == prepared.after:
        assert check(index, deep=True).problems == ()
        found = "after"
    else:
        assert not acknowledged, "what was acknowledged is there"
        assert left == prepared.before, "all or nothing"
        if left is not None:
            assert check(index, deep=True).problems == ()
            with open_index(index) as opened:
                opened.match({"surname": "Smith", "first_name": "Ann", "born": "1950-01-10"})
        run(prepared.operation, prepared.folder, index, lambda phase: None)
        assert state(index) == prepared.after, "the change can be made again"
        assert check(index, deep=True).problems == ()
        found = "before"
    return found


def _child(operation: str, folder: Path, index: Path, out: Connection) -> None:
    out.send("begun")
    run(operation, folder, index, out.send)
    out.send("returned")


def _kill_in(
    child: Any, messages: Connection, prepared: Prepared, phase: int, generator: random.Random
) -> bool:
    """Kill the process inside the phase; whether it had already said that it was done."""
    heard = []
    starts = "begun" if phase == 0 else prepared.phases[phase - 1].name
    earlier = [p.name for p in prepared.phases[:phase]].count(starts) or 1
    try:
        while heard.count(starts) < earlier and "returned" not in heard:
            heard.append(messages.recv())
        time.sleep(generator.random() * prepared.phases[phase].seconds)
        with suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)
    except EOFError:
        child.join()
        assert child.exitcode == 0, "it came to its end by itself"
    child.join()
    try:
        while messages.poll():
            heard.append(messages.recv())
    except EOFError:
        pass
    return "returned" in heard


def state(index: Path) -> State:
    """What an index says; raises SourceError where there is none."""
    from joinedup.linkage.index import read_ledger

    with read_ledger(index) as ledger:
        return _state(ledger)


def _state(ledger: Ledger) -> State:
    names = [source.name for source in ledger.sources()]
    live = ledger.records()
    numbers = live.number.tolist()
    place = dict(
        zip(
            numbers,
            zip((names[s] for s in live.source.tolist()), live.ids.to_pylist(), strict=True),
            strict=True,
        )
    )
    pairs = ledger.pairs()
    return State(
        people=dict(zip(place.values(), map(str, ledger.people_of(live.number)), strict=True)),
        pairs={
            frozenset((place[left], place[right])): weight
            for left, right, weight in zip(
                pairs.left.tolist(), pairs.right.tolist(), pairs.weight.tolist(), strict=True
            )
        },
        versions=tuple(version.kind for version in ledger.versions()),
    )


def _on(day: int) -> dt.datetime:
    return FIRST + dt.timedelta(days=day)


def _write_sources(folder: Path, records: int) -> None:
    generator = random.Random(5)
    people = [
        (
            generator.choice(_NAMES),
            generator.choice(_LAST),
            f"19{generator.randint(50, 79)}-0{generator.randint(1, 9)}-1{generator.randint(0, 9)}",
            f"LS{generator.randint(1, 9)} {generator.randint(1, 9)}AB",
        )
        for _ in range(records)
    ]

    def row(prefix: str, number: int, person: int) -> str:
        first, last, born, postcode = people[person % records]
        if generator.random() < 0.2:
            last = generator.choice(_LAST)
        return f"{prefix}{number},{first},{last},{born},{postcode}"

    def write(name: str, rows: list[str]) -> None:
        text = "\n".join(["id,first_name,surname,born,postcode", *rows]) + "\n"
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")

    b = [row("b", number, number // 2) for number in range(records)]
    write("a", [row("a", number, number) for number in range(records)])
    write("b", b)
    write("more", [row("a", records + number, number * 3) for number in range(records // 4)])
    changed = [f"{line}X" if number % 9 == 0 else line for number, line in enumerate(b[records // 5 :])]
    write("next", [*changed, *(row("b", records + n, n * 2) for n in range(records // 4))])


def _spec(folder: Path) -> Any:
    def level(when: str, m: float, u: float, **more: str) -> dict[str, Any]:
        return {"when": when, "label": when, "m": m, "u": u, **more}

    def comparison(name: str, near: str) -> dict[str, Any]:
        levels = [
            {"when": f"missing({name})", "label": "missing", "missing": True},
            level(f"equal({name})", 0.85, 0.05, **({"term_frequency": name} if name == "surname" else {})),
            level(near, 0.1, 0.1),
            level("otherwise", 0.05, 0.85),
        ]
        return {"name": name, "levels": levels}

    return spec_from_dict(
        {
            "kind": "link_and_dedupe",
            "sources": [{"path": "a.csv", "id": "id"}, {"path": "b.csv", "id": "id"}],
            "decision": {"threshold_weight": 3.0},
            "clusters": {"least_mean_weight": -1.0},
            "model": {
                "prior": 0.01,
                "comparisons": [
                    comparison("first_name", "jaro_winkler(first_name) >= 0.8"),
                    comparison("surname", "jaro_winkler(surname) >= 0.8"),
                    comparison("born", "day_month_swapped(born)"),
                    comparison("postcode", "equal(postcode_district(postcode))"),
                ],
                "blocking_rules": [
                    ["first_name", "born"],
                    {"on": ["postcode"], "where": "levenshtein(surname) <= 3"},
                    ["surname", "year(born)"],
                ],
            },
        },
        folder=folder,
    )
