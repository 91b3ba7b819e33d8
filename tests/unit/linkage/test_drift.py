"""Drift: silent on a fresh sample of the same county, loud where a field goes, a format changes or names shift."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from joinedup.errors import SourceError, UsageError
from joinedup.linkage import Drift, drift_of, drift_summary, link, link_files, load_spec
from joinedup.linkage.drift import FALL, MISSING, SHAPE, drift, psi
from joinedup.linkage.encode import Codes
from joinedup.linkage.seen import FEWEST, OTHERS, field_seen, read_training
from joinedup.people.county import linkage_table

RECORDS = 5_000


@pytest.fixture(scope="module")
def county(tmp_path_factory) -> tuple[Path, pa.Table]:
    """A run that trained its model on half of a county's people, and the records of the other half."""
    folder = tmp_path_factory.mktemp("county")
    made = linkage_table(records=2 * RECORDS, seed=3)
    side = np.random.default_rng(1).random(int(made.clusters.max()) + 1) < 0.5
    pq.write_table(made.records.filter(pa.array(side[made.clusters])), folder / "records.parquet")
    link_files([folder / "records.parquet"], folder / "run", id_column="record_id")
    return folder, made.records.filter(pa.array(~side[made.clusters]))


def linked(county: tuple[Path, pa.Table], records: pa.Table, out: Path) -> Path:
    """A run of other records with the model of the first."""
    out.mkdir()
    pq.write_table(records, out / "records.parquet")
    spec = load_spec(county[0] / "run" / "spec.toml")
    sources = tuple(replace(source, path=str(out / "records.parquet")) for source in spec.sources)
    job = replace(spec, sources=sources, output=replace(spec.output, joined=False, report=False))
    return link(job, out / "run").directory


def changed(records: pa.Table, name: str, texts: list[str | None]) -> pa.Table:
    return records.set_column(records.schema.get_field_index(name), name, pa.array(texts, pa.string()))


def alarms(found: Drift) -> set[tuple[str, str]]:
    return {(sign.what, sign.place) for sign in found.alarms}


def test_a_fresh_sample_of_the_same_county_is_no_drift(county, tmp_path):
    run = linked(county, county[1], tmp_path / "fresh")

    found = drift_of(run)

    assert alarms(found) == set()
    assert found.against == "what its model was trained on"
    assert {"missing", "values", "levels", "weights", "doubtful", "precision", "recall"} <= {
        s.what for s in found.signs
    }
    assert "no proof" in drift_summary(found)
    assert drift_of(run, against=county[0] / "run").signs == found.signs


def test_a_field_that_goes_missing_is_told_with_its_share(county, tmp_path):
    dates = county[1]["date_of_birth"].to_pylist()
    run = linked(
        county,
        changed(county[1], "date_of_birth", [None if at % 4 == 0 else d for at, d in enumerate(dates)]),
        tmp_path / "gone",
    )

    found = drift_of(run)

    assert {("missing", "date_of_birth"), ("levels", "date_of_birth")} <= alarms(found)
    sign = next(s for s in found.signs if (s.what, s.place) == ("missing", "date_of_birth"))
    assert sign.now - sign.then == pytest.approx(0.25, abs=0.02)
    assert sign.least == MISSING
    assert "ask who supplies it" in sign.words


def test_a_format_that_changes_is_told(county, tmp_path):
    spec = (county[0] / "run" / "spec.toml").read_text(encoding="utf-8")
    postcodes = [
        None if p is None else p[:-3].strip() + "/" + p[-3:] for p in county[1]["postcode"].to_pylist()
    ]
    pq.write_table(changed(county[1], "postcode", postcodes), tmp_path / "records.parquet")

    found = drift_of(tmp_path / "records.parquet", against=county[0] / "run")

    assert any(place == "postcode" for _, place in alarms(found))
    assert "spec.toml" not in str(found.as_dict())
    assert spec  # the run's own spec says how an extract is read
    assert any("no pairs by itself" in note for note in found.notes)


def test_names_that_shift_are_told(county, tmp_path):
    polish = ["Nowak", "Kowalska", "Lewandowski", "Zielinska", "Wojcik", "Kaminski"]
    surnames = county[1]["surname"].to_pylist()
    shifted = [polish[at % 6] if at % 3 == 0 and s else s for at, s in enumerate(surnames)]
    pq.write_table(changed(county[1], "surname", shifted), tmp_path / "records.parquet")

    found = drift_of(tmp_path / "records.parquet", against=county[0] / "run")

    assert ("values", "surname") in alarms(found)
    assert all(place == "surname" for _, place in alarms(found))


def test_a_column_that_is_not_there_any_more_is_told(county):
    then = read_training(county[0] / "run").run
    source = then.sources["records"]
    now = replace(
        then,
        sources={
            "records": replace(source, standing={k: v for k, v in source.standing.items() if k != "email"})
        },
    )

    found = drift(now, then, of="now", against="then")

    assert alarms(found) == {("gone", "email")}


def test_a_model_that_expects_less_of_itself_is_told(county):
    then = read_training(county[0] / "run").run
    worse = replace(then.pairs, precision=then.pairs.precision - 3 * FALL, near=then.pairs.near * 4)

    found = drift(replace(then, pairs=worse), then, of="now", against="then")

    assert alarms(found) == {("precision", "the model"), ("doubtful", "threshold")}


def test_runs_of_other_sources_are_compared_as_a_whole(county):
    then = read_training(county[0] / "run").run
    now = replace(then, sources={"april": then.sources["records"]})

    assert alarms(drift(now, then, of="now", against="then")) == set()


def test_psi_by_hand():
    # (0.3 - 0.5) ln(0.3 / 0.5) + (0.7 - 0.5) ln(0.7 / 0.5) = 0.10217 + 0.06729
    assert psi([0.3, 0.7], [0.5, 0.5]) == pytest.approx(0.16946, abs=1e-5)
    assert psi([0.7, 0.3], [0.5, 0.5]) == psi([0.5, 0.5], [0.7, 0.3])
    assert psi([0.2, 0.8], [0.2, 0.8]) == 0 < SHAPE
    assert psi([1.0, 0.0], [0.5, 0.5]) < 5  # finite where a share is 0


def test_what_is_kept_holds_no_value(county):
    text = (county[0] / "run" / "training.json").read_text(encoding="utf-8")
    records = pq.read_table(county[0] / "records.parquet")

    for name in ("first_name", "surname", "date_of_birth", "postcode", "email", "town"):
        values = {v for v in records[name].unique().to_pylist() if v and len(v) > 2}
        assert not any(f'"{value}"' in text or value in text for value in values), name


def test_a_rare_value_leaves_no_trace_that_can_be_read():
    """Forms and endings that few bear are among the others, and a bucket is shared by fifty records on average."""
    values = [f"Smith{'' if at % 2 else 's'}" for at in range(998)] + ["X-9é", "X-9é"]
    coded = pa.array(values).dictionary_encode()
    codes = Codes(coded.indices.to_numpy().astype(np.int32), coded.dictionary)

    found = field_seen(codes, np.arange(len(values)))

    assert set(found.endings) == {"h", "s", OTHERS}
    assert set(found.forms) == {"A", OTHERS}
    assert len(found.buckets) <= len(values) / FEWEST
    assert field_seen(codes, np.arange(4 * FEWEST - 1)).buckets == ()


def test_pretending_is_refused(county, tmp_path):
    with pytest.raises(UsageError, match="trained its model itself"):
        drift_of(county[0] / "run")
    with pytest.raises(UsageError, match="compared with a run"):
        drift_of(county[0] / "records.parquet")
    (tmp_path / "training.json").write_text("[]")
    with pytest.raises(SourceError, match="not what a run saw"):
        drift_of(tmp_path)
    text = json.loads((county[0] / "run" / "training.json").read_text())
    (tmp_path / "training.json").write_text(json.dumps({**text, "here": False, "trained_on": None}))
    with pytest.raises(UsageError, match="not known"):
        drift_of(tmp_path)


def test_what_training_saw_goes_with_the_model(county, tmp_path):
    run = linked(county, county[1], tmp_path / "again")

    kept = read_training(run)

    assert not kept.here
    assert kept.trained_on == read_training(county[0] / "run").run
    assert pc.equal(kept.run.records, county[1].num_rows).as_py()
