"""A small job for person indexes: two sources of people, a trained model, and extracts written by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from joinedup.linkage.index import read_ledger
from joinedup.linkage.spec import Spec, spec_from_dict

HEADER = "id,first_name,surname,born,postcode"
FIRST = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)

ANN = "Ann,Smith,1950-01-10,LS1 4DY"
BOB = "Bob,Jones,1961-02-11,M1 1AA"
CAT = "Cat,Patel,1972-03-12,SW1A 2AA"
DAN = "Dan,Braithwaite,1983-04-13,B33 8TH"


def day(number: int) -> dict[str, Any]:
    """When and by whom the change of that day is made."""
    return {"at": FIRST + dt.timedelta(days=number), "by": "a clerk"}


def write_rows(path: Path, rows: Iterable[str], *, header: str = HEADER) -> Path:
    """Write a CSV file of these lines."""
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def job(folder: Path, *, a: Iterable[str], b: Iterable[str] = (), **changes: Any) -> Spec:
    """A job that links and deduplicates a.csv and b.csv, written with these rows; without b, a alone."""
    sources = [{"path": write_rows(folder / "a.csv", a).name, "id": "id"}]
    rows = list(b)
    if rows:
        sources.append({"path": write_rows(folder / "b.csv", rows).name, "id": "id"})
    spec = spec_from_dict(
        {
            "kind": "link_and_dedupe" if rows else "dedupe",
            "sources": sources,
            "decision": {"threshold_weight": 3.0},
            "fields": {
                "first_name": {"kind": "first_name"},
                "surname": {"kind": "surname"},
                "born": {"kind": "date_of_birth"},
                "postcode": {"kind": "postcode"},
            },
            "model": _model(),
        },
        folder=folder,
    )
    return replace(spec, **changes)


def people(index: Path) -> dict[str, str]:
    """The person of each live record, by the record's own id."""
    with read_ledger(index) as ledger:
        live = ledger.records()
        return dict(zip(live.ids.to_pylist(), map(str, ledger.people_of(live.number)), strict=True))


def _model() -> dict[str, Any]:
    def comparison(name: str, near: str, **exact: str) -> dict[str, Any]:
        levels = [
            {"when": f"missing({name})", "label": "missing", "missing": True},
            {"when": f"equal({name})", "label": "equal", "m": 0.85, "u": 0.05, **exact},
            {"when": near, "label": "near", "m": 0.1, "u": 0.1},
            {"when": "otherwise", "label": "other", "m": 0.05, "u": 0.85},
        ]
        return {"name": name, "levels": levels}

    return {
        "prior": 0.01,
        "comparisons": [
            comparison("first_name", "jaro_winkler(first_name) >= 0.8"),
            comparison("surname", "jaro_winkler(surname) >= 0.8", term_frequency="surname"),
            comparison("born", "day_month_swapped(born)"),
            comparison("postcode", "equal(postcode_district(postcode))"),
        ],
        "blocking_rules": [
            ["first_name", "born"],
            {"on": ["postcode"], "where": "levenshtein(surname) <= 3"},
            ["surname", "year(born)"],
        ],
    }
