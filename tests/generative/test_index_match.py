"""Matching one person's details gives what the batch engine gives for that record added to the same data."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from joinedup.errors import ModelError, UsageError
from joinedup.linkage.block import blocking
from joinedup.linkage.encode import encode
from joinedup.linkage.index.frame import Frame, frozen_model
from joinedup.linkage.index.plan import stored_keys
from joinedup.linkage.index.segment import Segment, plain_records, rule_keys, write_segment
from joinedup.linkage.index.view import make_view, search
from joinedup.linkage.run import BELOW_EVERY_WEIGHT
from joinedup.linkage.score import score
from joinedup.linkage.spec import JobKind, Source
from support.linkage_strategies import COLUMNS, OF_INDEX, ROWS, models

_SAME = st.one_of(
    ROWS, st.just({"name": "mary", "other": "Smith", "date": "1990-02-03", "set": "a|b", "place": "LS1 4DY"})
)
RECORDS = st.lists(_SAME, min_size=1, max_size=12)
SOURCES = st.lists(st.integers(0, 1), min_size=12, max_size=12).map(sorted)
_NAMES = ("a", "b")
_count = itertools.count()


def table_of(rows):
    return pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in COLUMNS})


def by_the_batch_engine(frame, rows, sources, asked, source):
    """The weight of each record's pair with the asked one, by the record's place; and what each rule finds."""
    names = list(_NAMES) if source is not None else [*_NAMES, "asked"]
    own = [*sources, 2 if source is None else source]
    tables = {}
    for number, name in enumerate(names):
        places = [place for place, one in enumerate(own) if one == number]
        # The asked one is written after all others of its source.
        ids = ["~" if place == len(rows) else f"r{place:02d}" for place in places]
        tables[name] = table_of([[*rows, asked][place] for place in places]).append_column(
            "id", pa.array(ids)
        )
    records = encode(tables, id_columns=dict.fromkeys(names, "id"), columns=COLUMNS)
    found = blocking(records, frame.model.blocking_rules, across_only=frame.across_only)
    scored = score(frame.model, records, found, keep_weight=BELOW_EVERY_WEIGHT)
    ids = records.ids.to_pylist()
    out = {}
    for left, right, weight in zip(
        scored.left.tolist(), scored.right.tolist(), scored.weight.tolist(), strict=True
    ):
        pair = {ids[left], ids[right]}
        if "~" in pair:
            (other,) = pair - {"~"}
            out[int(other[1:])] = weight
    return out


def opened(frame, rows, sources, cuts, folder):
    """The records in one or more segments."""
    segments = []
    for begin, end in itertools.pairwise([0, *cuts, len(rows)]):
        name = folder / f"s{next(_count)}"
        write_segment(
            name,
            frame,
            fields=table_of(rows[begin:end]),
            number=np.arange(begin, end) * 3,
            source=np.array(sources[begin:end], np.int16),
            ids=pa.array([f"r{n:02d}" for n in range(begin, end)], pa.string()),
        )
        segments.append(Segment(name))
    return segments


@settings(max_examples=250, deadline=None)
@given(
    rows=RECORDS,
    asked=_SAME,
    model=models(OF_INDEX),
    sources=SOURCES,
    source=st.sampled_from([None, 0, 1]),
    kind=st.sampled_from([JobKind.LINK, JobKind.LINK_AND_DEDUPE]),
    cuts=st.lists(st.integers(0, 12), max_size=2),
    dead=st.sets(st.integers(0, 11), max_size=2),
)
def test_one_person_matches_what_the_batch_engine_matches(
    rows, asked, model, sources, source, kind, cuts, dead
):
    sources = sources[: len(rows)]
    plain = plain_records(table_of(rows))
    try:
        model = frozen_model(model, plain)
        frame = Frame(
            1, model, {}, kind, tuple(Source(f"{n}.csv", n) for n in _NAMES), 0.0, 0.0, columns=COLUMNS
        )
        stored_keys(model)  # refuses what an index cannot hold
        expected = by_the_batch_engine(frame, rows, sources, asked, source)
    except ModelError:
        assume(False)
    expected = {place: weight for place, weight in expected.items() if place not in dead}
    with tempfile.TemporaryDirectory() as name:
        cuts = sorted(min(cut, len(rows)) for cut in cuts)
        segments = opened(frame, rows, sources, cuts, Path(name))
        view = make_view(frame, segments, dead=np.array(sorted(3 * d for d in dead), np.int64))
        try:
            question = view.asker.asked(view.asker.fields(asked))
        except UsageError:
            assert not expected
            return
        hits, candidates = search(view, question, source=source, top=20, least_weight=BELOW_EVERY_WEIGHT)

        assert {hit.number // 3: hit.weight for hit in hits} == pytest.approx(expected, abs=1e-9)
        assert candidates == len(expected)
        assert [(-hit.weight, hit.number) for hit in hits] == sorted((-h.weight, h.number) for h in hits)
        best, _ = search(view, question, source=source, top=2, least_weight=BELOW_EVERY_WEIGHT)
        assert [h.number for h in best] == [h.number for h in hits[:2]]
        own = rule_keys(frame, table_of([asked]))[0]
        for hit in hits:
            theirs = rule_keys(frame, hit.segment.fields(np.array([hit.row])))[0]
            for rule in np.flatnonzero(hit.rules).tolist():
                assert own[rule] == theirs[rule] != 0
