"""Matching one person gives the batch engine's records and weights, on the county and its two models."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from joinedup.errors import UsageError
from joinedup.linkage.index.build import build
from joinedup.linkage.index.match import open_index
from joinedup.linkage.spec import JobKind, Source, Spec

BENCH = Path(__file__).parents[2] / "bench"
AT = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["zero configuration", "the recipe's"])
def test_matches_and_weights_are_the_batch_engines(model, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(BENCH))
    from county_data import county
    from index_queries import by_the_batch_engine, index_frame, queries
    from recipe_spec import recipe_spec

    data = county(records=3_000, folder=tmp_path / "data")
    if model == "zero configuration":
        sources = (Source(path=str(data.inputs[0]), name="records", id="record_id"),)
        spec = Spec(kind=JobKind.DEDUPE, sources=sources)
    else:
        spec = recipe_spec(data.inputs, em_pairs=None)
    build(tmp_path / "index", spec, at=AT, by="test")
    asked = queries(index_frame(tmp_path / "index")[0], data.inputs[0], count=400, seed=1)
    expected = by_the_batch_engine(tmp_path / "index", asked, tmp_path)

    found = 0
    with open_index(tmp_path / "index") as index:
        for query, wanted in zip(asked, expected, strict=True):
            try:
                matches = index.match(query.details, top=1000)
            except UsageError:
                assert not wanted
                continue
            assert {m.record_id: m.weight for m in matches} == pytest.approx(wanted, abs=1e-9), query.kind
            found += len(matches)
    assert found > 300
