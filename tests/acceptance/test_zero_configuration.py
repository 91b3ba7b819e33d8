"""Zero configuration travels: floors on worlds that the engine was never built on, and on the shared real sets."""

from __future__ import annotations

import importlib.util
import random
import sys
from pathlib import Path
from types import ModuleType

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from joinedup.linkage import evaluate, link_files

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture(scope="module")
def worlds() -> ModuleType:
    """bench/unseen_people.py, which is no package."""
    spec = importlib.util.spec_from_file_location("unseen_people", BENCH / "unseen_people.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["unseen_people"] = module  # its dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("name", "floor"), [("hospital", 0.92), ("housing", 0.88), ("school", 0.97), ("contacts", 0.94)]
)
@pytest.mark.slow
def test_people_never_seen_before_are_joined(worlds, tmp_path, name, floor):
    world = worlds.build(name, tmp_path, seed=7)
    link_files(world.files, tmp_path / "out")

    found = evaluate(tmp_path / "out", world.truth)

    assert found.cluster.f1 >= floor
    assert found.best.f1 - found.pairwise.f1 <= 0.02


@pytest.mark.parametrize(("name", "floor"), [("claims", 0.96), ("custody", 0.94)])
@pytest.mark.slow
def test_sources_that_name_and_write_things_differently_are_linked(worlds, tmp_path, name, floor):
    world = worlds.build(name, tmp_path, seed=7)
    link_files(world.files, tmp_path / "out")

    assert evaluate(tmp_path / "out", world.truth).cluster.f1 >= floor


@pytest.mark.slow
def test_ten_thousand_different_people_stay_ten_thousand(worlds, tmp_path):
    world = worlds.build("clean", tmp_path, seed=7)

    run = link_files(world.files, tmp_path / "out").run

    assert run.counts["links"] == 0
    assert any("nobody was linked" in sentence for sentence in run.confidence)


@pytest.mark.slow
def test_a_roll_without_dates_of_birth_does_not_claim_to_be_sure(worlds, tmp_path):
    world = worlds.build("roll", tmp_path, seed=7)
    run = link_files(world.files, tmp_path / "out").run

    found = evaluate(tmp_path / "out", world.truth)

    assert found.cluster.precision >= 0.85  # families stay families
    assert run.precision is not None
    assert run.precision.value <= found.pairwise.precision + 0.05
    assert not any(sentence.startswith("How sure: quite") for sentence in run.confidence)


@pytest.mark.needs_shared
@pytest.mark.parametrize(
    ("file", "ids", "cluster", "floor"),
    [
        ("fake_1000.csv", "unique_id", "cluster", 0.86),
        pytest.param("dataset3.csv", "rec_id", "rec_id", 0.99, marks=pytest.mark.slow),
        pytest.param(
            "historical_figures_with_errors_50k.parquet", "unique_id", "cluster", 0.88,
            marks=pytest.mark.slow,
        ),
    ],
)  # fmt: skip
def test_real_sets_without_their_truth(shared, tmp_path, file, ids, cluster, floor):
    path = shared / "data/linkage" / file
    table = pq.read_table(path) if path.suffix == ".parquet" else text_table(path)
    order = list(range(table.num_rows))
    random.Random(1).shuffle(order)
    table = table.take(order)
    truth = table[cluster]
    if cluster == "rec_id":  # rec-12-org and rec-12-dup-0 are one person
        truth = pc.list_element(pc.split_pattern(pc.utf8_trim_whitespace(truth), "-"), 1)
    known = {"record_id": pa.array(range(1, len(order) + 1)), "cluster": truth}
    pa_csv.write_csv(pa.table(known), tmp_path / "truth.csv")
    pa_csv.write_csv(table.drop_columns(list({ids, cluster})), tmp_path / "people.csv")

    link_files([tmp_path / "people.csv"], tmp_path / "out")

    assert evaluate(tmp_path / "out", tmp_path / "truth.csv").cluster.f1 >= floor


def text_table(path: Path) -> pa.Table:
    names = pa_csv.open_csv(path).schema.names
    return pa_csv.read_csv(
        path, convert_options=pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
    )
