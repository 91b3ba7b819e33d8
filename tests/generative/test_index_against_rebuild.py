"""However records come, change and go, an index holds the pairs, weights and people of one full run by its frame."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from joinedup.errors import UsageError
from joinedup.linkage import link
from joinedup.linkage.decisions import COLUMNS as DECISION_COLUMNS
from joinedup.linkage.index import (
    Ledger,
    add,
    build,
    check,
    compact,
    decide,
    load_frame,
    one_decision,
    remove,
    withdraw_decision,
)
from joinedup.linkage.model import Model, model_from_dict
from joinedup.linkage.spec import Clusters, Decision, JobKind, Source, Spec
from support.linkage_strategies import COLUMNS, ROWS

# Few values, so that many pairs are found, many of them weigh the same, and conditions are true of some alone.
_FEW = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["mary", "marie", "bob", None]),
        "other": st.sampled_from(["Smith", "Smyth", "Jones"]),
        "date": st.sampled_from(["1990-02-03", "1990-03-02", "1971-05-06"]),
        "number": st.sampled_from(["1", "2", None]),
        "set": st.sampled_from(["a|b", "b", "c"]),
        "place": st.sampled_from(["LS1 4DY", "LS1 2AB", "M1 1AA"]),
    }
)
_ROW = st.one_of(_FEW, _FEW, _FEW, _FEW, ROWS)
_PLACES = st.tuples(st.sampled_from("ab"), st.integers(0, 7).map(str))
_EXTRACT = st.dictionaries(st.integers(0, 7).map(str), _ROW, min_size=3, max_size=8)
_STEPS = st.one_of(
    st.tuples(st.just("add"), st.sampled_from("ab"), _EXTRACT, st.booleans()),
    st.tuples(st.just("add"), st.sampled_from("ab"), _EXTRACT, st.just(False)),
    st.tuples(st.just("remove"), _PLACES, st.booleans()),
    st.tuples(st.just("decide"), st.sampled_from(["same", "different"]), _PLACES, _PLACES),
    st.tuples(st.just("withdraw"), st.integers(1, 3)),
    st.tuples(st.just("compact"), st.booleans()),
)
_CLUSTERS = st.builds(
    Clusters,
    identifiers=st.lists(st.sampled_from(["number", "date"]), max_size=1).map(tuple),
    least_mean_weight=st.sampled_from([None, None, -1.0, 1.0]),
    absent_weight=st.sampled_from([-2.0, 0.0]),
)
_RULES = st.lists(
    st.sampled_from(
        [
            {"on": ["name"]},
            {"on": ["other"], "where": "equal(year(date))"},
            {"on": ["date"], "where": "levenshtein(name) <= 2"},
            {"on": ["prefix(name, 1)", "set"]},
            {"on": ["postcode_district(place)"], "where": "not equal(other)"},
            {"on": ["concat(name, other)"]},
            {"on": ["number"]},
        ]
    ),
    unique_by=str,
    min_size=1,
    max_size=3,
)
_SECOND = {
    "name": "jaro_winkler(name) >= 0.8",
    "other": "equal(soundex(other))",
    "date": "day_month_swapped(date)",
    "place": "equal(postcode_area(place))",
    "set": "overlap(set) >= 1",
    "number": "difference(number) <= 1",
}


@st.composite
def _models(draw: st.DrawFn) -> Model:
    """A trained model by which many of the generated rows find and fit each other."""
    chances = st.sampled_from([0.001, 0.05, 0.3, 0.9])
    fields = draw(st.lists(st.sampled_from(list(_SECOND)), unique=True, min_size=1, max_size=3))

    def level(when: str, **more: object) -> dict[str, object]:
        return {"when": when, "label": when, "m": draw(chances), "u": draw(chances), **more}

    rare = [{}, {"term_frequency": "name"}, {"term_frequency": "concat(name, other)"}]
    rare += [{"term_frequency": "prefix(other, 1)", "term_frequency_minimum": 0.3}]
    comparisons = [
        {
            "name": field,
            "levels": [
                {"when": f"missing({field})", "label": "missing", "missing": True},
                level(f"equal({field})", **draw(st.sampled_from(rare))),
                level(_SECOND[field], **draw(st.sampled_from(rare))),
                *([level("swapped(name, other)")] if field == "name" else []),
                *([level("crossed(name, other)")] if field == "other" else []),
                level("otherwise"),
            ],
        }
        for field in fields
    ]
    context = {
        "on": draw(st.sampled_from([["name"], ["date", "set"], ["prefix(other, 2)"]])),
        "prior": draw(st.sampled_from([0.001, 0.4])),
        "weights": {
            c["name"]: [draw(st.sampled_from([-4.0, 0.0, 3.0])) for _ in c["levels"]] for c in comparisons
        },
    }
    return model_from_dict(
        {
            "prior": draw(st.sampled_from([0.01, 0.3])),
            "comparisons": comparisons,
            "blocking_rules": draw(_RULES),
            "contexts": [context] if draw(st.booleans()) else [],
        }
    )


FIRST = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    _models(),
    st.sampled_from(list(JobKind)),
    _CLUSTERS,
    st.sampled_from([-3.0, 0.0, 2.0]),
    st.sets(st.sampled_from("ab")),
    st.tuples(_EXTRACT, _EXTRACT),
    st.lists(_STEPS, min_size=1, max_size=7),
)
def test_an_index_is_what_one_full_run_by_its_frame_would_be(
    model, kind, clusters, threshold, single, first, steps
):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        names = "a" if kind is JobKind.DEDUPE else "ab"
        # Each source keeps its record 0, as a run takes no empty source.
        there = {source: {"0": {}, **rows} for source, rows in zip(names, first, strict=False)}
        spec = Spec(
            kind=kind,
            sources=tuple(
                Source(
                    path=f"{source}.parquet",
                    name=source,
                    id="id",
                    fields={column: (column,) for column in COLUMNS},
                    one_record_per_person=source in single,
                )
                for source in names
            ),
            model=model,
            decision=Decision(threshold_weight=threshold),
            keep_probability=0.001,
            clusters=clusters,
            folder=folder,
        )
        _write(folder, there)
        build(folder / "index", spec, at=FIRST, by="test")
        _walk(folder, steps, there)
        expected = _full_run(folder, spec, there)

        assert _of_index(folder / "index") == expected
        assert check(folder / "index", deep=True).problems == ()


def _walk(folder: Path, steps, there) -> None:
    index = folder / "index"
    for number, (what, *how) in enumerate(steps, 1):
        when = {"at": FIRST + dt.timedelta(days=number), "by": "test"}
        if what == "add" and how[0] in there:
            source, rows, complete = how
            rows = {**({"0": there[source]["0"]} if complete else {}), **rows}
            path = folder / "extract.parquet"
            _write_table(path, rows)
            told = add(index, path, source, complete=complete, may_shrink=True, **when)
            before = there[source]
            there[source] = dict(rows) if complete else {**before, **rows}
            assert told.added == len(set(rows) - set(before))
            assert told.removed == (len(set(before) - set(rows)) if complete else 0)
        elif what == "remove" and how[0][0] in there and how[0][1] != "0":
            source, own = how[0]
            told = remove(index, source, [own], erase=how[1], **when)
            assert told.removed == (1 if there[source].pop(own, None) is not None else 0)
        elif what == "decide":
            verdict, left, right = how
            try:
                decision = one_decision(verdict, left, right, by="clerk", on=when["at"].date(), reason="")
                decide(index, [decision], waiting=True, **when)
            except UsageError:
                event("a decision that cannot be")
        elif what == "withdraw":
            try:
                withdraw_decision(index, how[0], **when)
            except UsageError:
                event("no such decision")
        elif what == "compact":
            compact(index, whole=how[0], **when)


def _full_run(folder: Path, spec: Spec, there):
    """Pairs with weights, and people as sets of records, of a run of the batch engine with the index's frame."""
    with Ledger.open(folder / "index" / "index.sqlite", read_only=True) as ledger:
        frame = load_frame(folder / "index", ledger.version().frame)
        held = ledger.decisions()
    _write(folder, there)
    with (folder / "decisions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(DECISION_COLUMNS)
        for each in held:
            ((left,), (right,)) = each.left, each.right
            writer.writerow([*left, *right, each.verdict.value, "clerk", "2026-01-01", ""])
    run = link(
        replace(spec, model=_with_texts(frame.model, there)),
        folder / "run",
        decisions=folder / "decisions.csv",
        report=False,
    ).directory
    pairs = pq.read_table(run / "pairs.parquet").to_pylist()
    people = pq.read_table(run / "people.parquet").to_pylist()
    return (
        {
            frozenset(((p["left_source"], p["left_id"]), (p["right_source"], p["right_id"]))): p[
                "match_weight"
            ]
            for p in pairs
        },
        _sets((p["person_id"], (p["source"], p["record_id"])) for p in people),
    )


def _with_texts(model: Model, there) -> Model:
    """The frame's model with its frozen shares as a plain table: a frame keeps the hashes of values alone."""
    import joinedup.linkage.index.frame as frames
    from joinedup.linkage.encode import encode

    tables = {source: _table(rows) for source, rows in there.items()}
    records = encode(tables, id_columns=dict.fromkeys(tables, "id"), columns=COLUMNS)
    plain = {}
    for key in frames.rare_keys(model):
        values = records.key(key).values
        shares = model.term_frequencies[str(key)].of(values)
        plain[str(key)] = {v: s for v, s in zip(values.to_pylist(), shares.tolist(), strict=True) if s == s}
    return replace(model, term_frequencies=plain)


def _of_index(index: Path):
    with Ledger.open(index / "index.sqlite", read_only=True) as ledger:
        names = [source.name for source in ledger.sources()]
        live = ledger.records()
        place = {
            number: (names[source], own)
            for number, source, own in zip(
                live.number.tolist(), live.source.tolist(), live.ids.to_pylist(), strict=True
            )
        }
        pairs = ledger.pairs()
        number, person = ledger.memberships()
    kept = {
        frozenset((place[left], place[right])): weight
        for left, right, weight in zip(
            pairs.left.tolist(), pairs.right.tolist(), pairs.weight.tolist(), strict=True
        )
    }
    return kept, _sets(zip(person.tolist(), (place[n] for n in number.tolist()), strict=True))


def _sets(memberships) -> set[frozenset[tuple[str, str]]]:
    people: dict[object, set[tuple[str, str]]] = {}
    for person, record in memberships:
        people.setdefault(person, set()).add(record)
    return {frozenset(records) for records in people.values()}


def _write(folder: Path, there) -> None:
    for source, rows in there.items():
        _write_table(folder / f"{source}.parquet", rows)


def _write_table(path: Path, rows) -> None:
    pq.write_table(_table(rows), path)


def _table(rows) -> pa.Table:
    columns = {"id": pa.array(list(rows), pa.string())}
    for column in COLUMNS:
        columns[column] = pa.array([row.get(column) for row in rows.values()], pa.string())
    return pa.table(columns)
