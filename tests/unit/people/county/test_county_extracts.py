"""Five extracts that our own reader reads: same bytes, counts that add up, truth without the unreadable."""

import csv
import hashlib
from pathlib import Path

import pytest

from joinedup.people.county import ORGANISATIONS, CountyFiles, write_county
from joinedup.people.county import write as writing
from joinedup.sources import ReadOptions, read, tables_in

ID_COLUMNS = {
    "council_tax": "Account Ref",
    "gp_register": "patient_id",
    "school_census": "PupilId",
    "benefits": "CLAIM_REF",
    "housing": "Tenancy No",
}


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> CountyFiles:
    return write_county(tmp_path_factory.mktemp("county"), people=8_000, seed=2, forms=0)


def tables(county: CountyFiles, organisation: str):
    path = county.extracts[organisation]
    if organisation == "benefits":
        return [read(path, options=ReadOptions(format="fixed", layout=county.layout))]
    if path.suffix == ".xlsx":
        return [read(path, options=ReadOptions(table=name)) for name in tables_in(path)[1:]]
    return [read(path)]


def test_every_byte_is_the_same_for_the_same_seed(county: CountyFiles, tmp_path: Path):
    again = write_county(tmp_path, people=8_000, seed=2, forms=0)

    for first, second in [*zip(county.extracts.values(), again.extracts.values(), strict=True),
                          (county.truth, again.truth), (county.layout, again.layout)]:  # fmt: skip
        digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (first, second)]
        assert digests[0] == digests[1], first.name


@pytest.mark.parametrize("organisation", ORGANISATIONS)
def test_the_records_that_can_be_read_are_those_in_the_truth(county: CountyFiles, organisation: str):
    with county.truth.open(encoding="utf-8", newline="") as file:
        true = [row["record_id"] for row in csv.DictReader(file) if row["source"] == organisation]
    found, aside = [], 0
    for reading in tables(county, organisation):
        found += reading.table()[ID_COLUMNS[organisation]].to_pylist()
        aside += reading.report.rows_aside

    assert sorted(found) == sorted(true)
    assert len(set(true)) == len(true)
    assert len(found) + aside == county.rows[organisation]


def test_text_files_have_lines_that_nobody_can_read(county: CountyFiles):
    for organisation in ("council_tax", "school_census", "benefits"):
        (reading,) = tables(county, organisation)
        reading.table()
        assert 0 < reading.report.rows_aside < 0.02 * reading.report.rows_in


def test_council_tax_is_windows_1252_below_a_title(county: CountyFiles):
    (reading,) = tables(county, "council_tax")
    names = reading.table()["Liable Party"].to_pylist()

    assert reading.report.encoding == "cp1252"
    assert reading.report.header_row == 4
    assert any("’" in name for name in names)
    assert any(name.partition(",")[0].isupper() for name in names if "," in name)


def test_every_organisation_has_people_twice_and_values_that_are_missing(county: CountyFiles):
    clusters: dict[str, list[str]] = {organisation: [] for organisation in ORGANISATIONS}
    with county.truth.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            clusters[row["source"]].append(row["cluster"])
    for organisation, members in clusters.items():
        assert 0 < len(members) - len(set(members)) < 0.1 * len(members), organisation
        assert any(column.null_count for column in tables(county, organisation)[0].table().columns)


def test_the_truth_stands_in_a_folder_of_its_own(county: CountyFiles):
    assert county.truth.parent != county.extracts["housing"].parent


def test_a_large_county_has_housing_as_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_county(tmp_path, people=2_000, seed=2, forms=0)
    monkeypatch.setattr(writing, "MOST_EXCEL_PEOPLE", 1_000)

    large = write_county(tmp_path, people=2_000, seed=2, forms=0)

    assert large.extracts["housing"].name == "housing.csv"
    assert not (tmp_path / "housing.xlsx").exists()
    assert read(large.extracts["housing"]).table().num_rows == large.rows["housing"]


def test_progress_ends_with_everybody(tmp_path: Path):
    told: list[tuple[int, int]] = []
    write_county(tmp_path, people=1_000, forms=0, progress=lambda done, total: told.append((done, total)))

    assert told[-1] == (1_000, 1_000)


def test_forms_say_where_their_fields_are_and_what_they_say(tmp_path: Path):
    pytest.importorskip("PIL")
    county = write_county(tmp_path, people=1_000, seed=2, forms=2)
    again = write_county(tmp_path / "again", people=1_000, seed=2, forms=2)

    with (tmp_path / "truth" / "forms.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["source"] for row in rows] == [path.stem for path in county.forms]
    layout = (tmp_path / "forms" / "forms.layout.toml").read_text(encoding="utf-8")
    assert layout.count("[[field]]") == len(rows[0]) - 2
    assert [a.read_bytes() for a in county.forms] == [b.read_bytes() for b in again.forms]


@pytest.mark.needs_ocr
@pytest.mark.slow
def test_a_form_is_read_as_it_was_written(tmp_path: Path):
    county = write_county(tmp_path, people=1_000, seed=2, forms=1)
    with (tmp_path / "truth" / "forms.csv").open(encoding="utf-8", newline="") as file:
        (true,) = csv.DictReader(file)

    options = ReadOptions(layout=tmp_path / "forms" / "forms.layout.toml")
    (row,) = read(county.forms[0], options=options).table().to_pylist()

    right = [row[name] == text for name, text in true.items() if name not in ("source", "cluster")]
    assert sum(right) >= 6  # of eight: optical reading may stumble over a letter or a space


def test_what_is_true_of_each_person_stands_beside_the_truth(county: CountyFiles):
    with county.people.open(encoding="utf-8", newline="") as file:
        people = list(csv.DictReader(file))

    assert county.people.parent == county.truth.parent
    assert [row["cluster"] for row in people] == [str(number) for number in range(len(people))]
    assert {row["sex"] for row in people} == {"M", "F"}
    assert {row["no_fixed_address"] for row in people} == {"yes", "no"}
    assert "Scottish or Irish" in {row["naming_tradition"] for row in people}
    with county.truth.open(encoding="utf-8", newline="") as file:
        assert {row["cluster"] for row in csv.DictReader(file)} <= {row["cluster"] for row in people}


def test_people_without_a_fixed_address_come_besides_and_change_nobody_else(
    county: CountyFiles, tmp_path: Path
):
    more = write_county(tmp_path, people=8_000, seed=2, forms=0, without_address=160)

    with more.people.open(encoding="utf-8", newline="") as file:
        people = list(csv.DictReader(file))
    assert [row["no_fixed_address"] for row in people[8_000:]] == ["yes"] * 160
    assert people[8_000]["cluster"] == "8000"
    assert county.people.read_text() == "".join(more.people.read_text().splitlines(keepends=True)[:8_001])
    for name in ("council_tax", "school_census"):
        before, after = (each.extracts[name].read_bytes() for each in (county, more))
        assert after.startswith(before), name
    before, after = (read(each.extracts["gp_register"]).table() for each in (county, more))
    assert after.slice(0, before.num_rows).equals(before)
    added = after.slice(before.num_rows)
    assert added.num_rows > 40
    assert set(added["address_line_1"].to_pylist()) == {"No fixed address"}
    assert set(added["postcode"].to_pylist()) <= {None, "ZZ99 3VZ"}
