"""One person of a run is found and shown from the index as the outputs and sources tell it."""

from __future__ import annotations

import csv
import datetime as dt

import pyarrow.parquet as pq
import pytest

from joinedup.errors import SourceError
from joinedup.linkage import PersonLookup, link_files, load_spec, pair_material, write_person_index
from support.small_people import people_rows, write_rows


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("people")
    rows = people_rows(300, seed=7)
    file = write_rows(folder / "residents.csv", rows)
    link_files([file], folder / "linked", id_column="id")
    spec = load_spec(folder / "linked" / "spec.toml")
    written = write_person_index(folder / "linked", spec)
    return {"rows": rows, "directory": folder / "linked", "spec": spec, "written": written, "file": file}


@pytest.fixture(scope="module")
def lookup(run):
    return PersonLookup(run["directory"])


def test_every_person_and_record_of_the_run_is_in_it(run, lookup):
    people = pq.read_table(run["directory"] / "people.parquet").to_pylist()
    told = {row["record_id"]: row["person_id"] for row in people}

    held = {
        record.record_id: found.person_id
        for number in range(lookup.people.num_rows)
        for found in [lookup.person(number)]
        for record in found.records
    }

    assert held == told
    assert run["written"].records == len(run["rows"])


def test_a_record_comes_as_its_source_wrote_it(run, lookup):
    row = run["rows"][10]
    (number,) = lookup.find_identifier(row["id"])

    (record,) = [each for each in lookup.person(number).records if each.record_id == row["id"]]

    assert record.source == "residents"
    assert dict(record.columns) == {name: row[name] for name in record.columns}
    assert record.kinds["date_of_birth"] == "date_of_birth"


def test_joined_values_tell_source_and_rule(run, lookup):
    joined = {row["person_id"]: row for row in pq.read_table(run["directory"] / "joined.parquet").to_pylist()}
    found = lookup.person(3)

    values = {value.field: value.value for value in found.joined}

    assert values["surname"] == joined[found.person_id]["surname"]
    assert {value.source for value in found.joined} == {"residents"}
    assert all(value.rule for value in found.joined)


def test_a_name_is_found_however_it_is_written(run, lookup):
    row = next(row for row in run["rows"] if row["surname"] == "o'neil" and row["first_name"])
    born = dt.date.fromisoformat(row["date_of_birth"])
    (number,) = lookup.find_identifier(row["id"])

    assert number in lookup.find_name(surname=" O’NEIL ", born=born)
    assert number in lookup.find_name(surname="O'Neil", born=born, first_name=row["first_name"].upper())
    assert lookup.find_name(surname="O'Neil", born=dt.date(1801, 1, 1)) == ()
    assert lookup.find_identifier("no such thing") == ()


def test_links_add_up_to_their_weight_and_the_weakest_makes_a_person_doubtful(lookup):
    table = lookup.people.to_pylist()
    several = [row["number"] for row in table if row["records"] > 1]
    assert several
    for number in several:
        found = lookup.person(number)
        for link in found.links:
            assert sum(step.bits for step in link.steps) == pytest.approx(link.weight, abs=0.006)
        linked = [link.probability for link in found.links if link.linked]
        assert found.certainty == pytest.approx(min(linked), abs=1e-6)
        assert table[number]["doubtful"] == (found.certainty < 0.99)
    alone = next(row for row in table if row["records"] == 1)
    assert alone["certainty"] is None
    assert not alone["doubtful"]


def test_a_person_that_is_not_there_is_not_found(lookup):
    assert lookup.number_of("P999999") is None
    assert lookup.number_of("nobody") is None
    assert lookup.number_of(lookup.people["person_id"][5].as_py()) == 5
    with pytest.raises(IndexError):
        lookup.person(lookup.people.num_rows)


def test_a_run_without_index_and_a_source_that_has_changed_are_refused(run, tmp_path):
    with pytest.raises(SourceError, match="no index of people"):
        PersonLookup(tmp_path)

    before = run["file"].read_text()
    run["file"].write_text("\n".join(before.splitlines()[:-1]) + "\n")
    try:
        with pytest.raises(SourceError, match="in no source any more"):
            write_person_index(run["directory"], run["spec"])
    finally:
        run["file"].write_text(before)
    assert PersonLookup(run["directory"]).people.num_rows  # the index that stood there stands still


def test_any_pair_that_the_run_kept_comes_with_values_and_explanation(run):
    row = pq.read_table(run["directory"] / "pairs.parquet").slice(0, 1).to_pylist()[0]
    pair = (row["left_source"], row["left_id"]), (row["right_source"], row["right_id"])

    (told,) = pair_material(run["directory"], run["spec"], [pair])

    assert told.weight == row["match_weight"]
    assert sum(step.bits for step in told.steps) == pytest.approx(row["match_weight"], abs=0.006)
    assert told.left_values["id"] == row["left_id"]
    with pytest.raises(SourceError, match="not among those the run kept"):
        pair_material(run["directory"], run["spec"], [(("residents", "r1"), ("residents", "r1"))])


def test_an_identifier_that_one_source_alone_has_is_not_missed_in_the_others(tmp_path):
    rows = people_rows(200, seed=5)
    council = write_rows(tmp_path / "council.csv", rows)
    clinic = tmp_path / "clinic.csv"
    numbered = [
        {**row, "id": f"K{row['id']}", "nhs_number": number}
        for row, number in zip(rows, nhs_numbers(len(rows)), strict=True)
    ]
    with clinic.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(numbered[0]))
        out.writeheader()
        out.writerows(numbered)
    link_files([council, clinic], tmp_path / "linked", id_column="id")
    spec = load_spec(tmp_path / "linked" / "spec.toml")
    assert spec.clusters.identifiers == ("nhs_number",)

    written = write_person_index(tmp_path / "linked", spec)

    assert written.records == 2 * len(rows)


def nhs_numbers(count: int) -> list[str]:
    """Valid ones: nine digits and their check digit, by modulus 11."""
    found, number = [], 400_000_000
    while len(found) < count:
        number += 7
        digits = [int(digit) for digit in str(number)]
        check = 11 - sum(digit * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            found.append(f"{number}{check % 11}")
    return found
