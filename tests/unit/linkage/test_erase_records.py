"""What is erased from a run is in none of its files, and what is not stays."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest

from joinedup.linkage import link_files, load_spec, review_material, write_review_material
from joinedup.linkage.erase_records import erase_records

MARK = "Zebulon"


@pytest.fixture(scope="module")
def a_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    first = ["Anna", "Ben", "Carys", "Dai", "Eleri", "Farah", "George", "Harriet", "Imran", "Jane"]
    last = [
        "Morgan",
        "Okafor",
        "Patel",
        "Quinn",
        "Roberts",
        "Sanders",
        "Thomas",
        "Underhill",
        "Vaughan",
        "Walker",
    ]
    for source in ("council", "clinic"):
        lines = ["id,first_name,surname,date_of_birth,postcode"]
        for i in range(300):
            forename = MARK if i == 7 and source == "council" else first[i % 10]
            born = f"{1950 + i % 47}-{1 + i % 12:02d}-{1 + (i * 7) % 28:02d}"
            lines.append(f"{source}{i},{forename},{last[(i // 10) % 10]},{born},SW{1 + i % 9}A {1 + i % 8}AB")
        (folder / f"{source}.csv").write_text("\n".join(lines) + "\n")
    out = folder / "out"
    link_files([folder / "council.csv", folder / "clinic.csv"], out, id_column="id")
    write_review_material(out / "review.jsonl", review_material(out, load_spec(out / "spec.toml")))
    return out


def test_an_erased_record_is_in_no_file_and_the_others_stay(a_run):
    before = pq.read_table(a_run / "people.parquet").num_rows

    assert erase_records(a_run, [("council", "council7")]) > 0

    people = pq.read_table(a_run / "people.parquet").to_pylist()
    assert len(people) == before - 1
    assert ("council", "council7") not in {(row["source"], row["record_id"]) for row in people}
    for row in pq.read_table(a_run / "pairs.parquet").to_pylist():
        assert "council7" not in (row["left_id"], row["right_id"])
    joined = pq.read_table(a_run / "joined.parquet")
    assert MARK.lower() not in json.dumps(joined.to_pylist(), default=str).lower()
    for name in ("review.csv", "review.jsonl"):
        assert "council7," not in (a_run / name).read_text()
        assert MARK.lower() not in (a_run / name).read_text().lower()
    assert not list(a_run.glob("*.erasing"))


def test_erasing_again_changes_nothing(a_run):
    erase_records(a_run, [("council", "council9")])
    held = {path.name: path.read_bytes() for path in a_run.iterdir() if path.is_file()}

    assert erase_records(a_run, [("council", "council9")]) == 0
    assert {path.name: path.read_bytes() for path in a_run.iterdir() if path.is_file()} == held


def test_an_id_of_another_source_is_another_record(a_run):
    assert erase_records(a_run, [("clinic", "council11")]) == 0
