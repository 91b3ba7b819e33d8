"""Tables to deduplicate and to link: exact sizes, honest truth, shuffled, deterministic, hard."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from joinedup.people.county import linkage_files, linkage_pair, linkage_table
from joinedup.people.county.__main__ import main

COLUMNS = ["record_id", "first_name", "surname", "date_of_birth", "gender", "postcode", "email", "town"]


@pytest.fixture(scope="module")
def made():
    return linkage_table(records=40_000, seed=5)


def test_size_columns_and_types(made):
    assert made.records.column_names == COLUMNS
    assert made.records.num_rows == len(made.clusters) == 40_000
    assert made.records.schema.types == [pa.int64(), *[pa.string()] * 7]


def test_same_seed_same_table_and_another_seed_another(made):
    assert linkage_table(records=40_000, seed=5).records.equals(made.records)
    assert not linkage_table(records=40_000, seed=6).records.equals(made.records)


def test_nearly_two_thirds_of_the_records_have_a_partner(made):
    _, place, counts = np.unique(made.clusters, return_inverse=True, return_counts=True)

    assert 0.60 < (counts[place] > 1).mean() < 0.68
    assert 1.5 < counts.mean() < 2.0


def test_neighbouring_rows_tell_nothing_about_the_truth(made):
    assert (made.clusters[1:] == made.clusters[:-1]).mean() < 0.001


def test_no_missing_value_is_an_empty_text(made):
    for name in COLUMNS[1:]:
        assert "" not in made.records[name].unique().to_pylist()


def test_two_records_of_a_person_agree_mostly_but_not_always(made):
    order = np.argsort(made.clusters, kind="stable")
    pairs = np.flatnonzero(made.clusters[order][1:] == made.clusters[order][:-1])
    left, right = order[pairs], order[pairs + 1]
    # Bounds from the laboratory report's exact-name and exact-date shares among matches.
    for column, least, most in (("surname", 0.75, 0.93), ("date_of_birth", 0.75, 0.93), ("gender", 0.9, 1)):
        texts = np.array(made.records[column].to_pylist(), dtype=object)
        known = np.array(
            [a is not None and b is not None for a, b in zip(texts[left], texts[right], strict=True)]
        )
        assert least < (texts[left] == texts[right])[known].mean() <= most, column


def test_namesakes_and_household_members_are_there_to_be_mistaken(made):
    names = zip(made.records["first_name"].to_pylist(), made.records["surname"].to_pylist(), strict=True)
    people: dict[tuple[str, str], set[int]] = {}
    for name, cluster in zip(names, made.clusters.tolist(), strict=True):
        people.setdefault(name, set()).add(cluster)

    assert sum(len(clusters) > 1 for clusters in people.values()) > 500


def test_each_side_of_a_pair_has_a_person_at_most_once():
    left, right = linkage_pair(records_each=20_000, seed=5)

    for side in (left, right):
        assert side.records.num_rows == 20_000
        assert len(np.unique(side.clusters)) == 20_000
    both = np.intersect1d(left.clusters, right.clusters)
    assert 0.5 < len(both) / 20_000 < 0.7


def test_the_command_writes_the_truth_apart(tmp_path):
    main(["--records", "1500", "--link", "--out", str(tmp_path)])

    truth = pq.read_table(tmp_path / "truth.parquet")
    assert truth.column_names == ["source", "record_id", "cluster"]
    assert truth["source"].unique().to_pylist() == ["left", "right"]
    assert "cluster" not in pq.read_table(tmp_path / "left.parquet").column_names
    assert truth.num_rows == 3000


def test_the_command_refuses_to_guess_a_size(tmp_path, capsys):
    with pytest.raises(SystemExit) as refusal:
        main(["--out", str(tmp_path)])

    assert refusal.value.code == 2
    assert "--records" in capsys.readouterr().err


@pytest.mark.slow
def test_a_million_records_are_exact_and_distinct():
    made = linkage_table(records=1_000_000, seed=1)

    assert made.records.num_rows == 1_000_000
    assert len(made.records["record_id"].unique()) == 1_000_000


@pytest.mark.parametrize("link", [False, True])
def test_written_through_files_it_is_the_same_table(tmp_path, monkeypatch, link):
    monkeypatch.setattr(linkage_files, "ROWS", 1 << 10)
    options = ["--records", "5000", "--seed", "5", *(["--link"] if link else [])]

    main([*options, "--out", str(tmp_path)])

    made = linkage_pair(records_each=5_000, seed=5) if link else (linkage_table(records=5_000, seed=5),)
    names = ("left", "right") if link else ("records",)
    for name, side in zip(names, made, strict=True):
        file = pq.ParquetFile(tmp_path / f"{name}.parquet")
        assert file.num_row_groups == 5
        assert file.read().equals(side.records)
    truth = pq.read_table(tmp_path / "truth.parquet")
    assert truth.select(["record_id", "cluster"]).equals(pa.concat_tables([side.truth() for side in made]))
    assert truth["source"].to_pylist() == [name for name in names for _ in range(5_000)]
    assert {file.name for file in tmp_path.iterdir()} == {"truth.parquet", *(f"{n}.parquet" for n in names)}
