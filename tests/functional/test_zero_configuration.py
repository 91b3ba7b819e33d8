"""Zero configuration meets whatever a department sends: it links, or says plainly why not, and never crashes."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from joinedup.errors import JoinedupError, ModelError, SourceError
from joinedup.linkage import LinkResult, link, link_files, load_spec

COLUMNS = ("first name", "last name", "date of birth", "post code", "e-mail")
FIRST = (
    "Asta",
    "Bodil",
    "Carsten",
    "Ditte",
    "Egon",
    "Frida",
    "Gerda",
    "Holger",
    "Inge",
    "Jørn",
    "Kaj",
    "Lone",
)
LAST = (
    "Aagaard",
    "Bisgaard",
    "Dalsgaard",
    "Eriksen",
    "Friis",
    "Gravesen",
    "Holm",
    "Iversen",
    "Juhl",
    "Krogh",
)


def people(count: int, *, times: int, seed: int = 1) -> list[list[str]]:
    """Records of made-up people, each ``times`` times, now and then with a letter lost or a cell left out."""
    draw = random.Random(seed)
    rows = []
    for number in range(count):
        first, last = draw.choice(FIRST), draw.choice(LAST) + draw.choice(("", "ov", "ski", "sen"))
        born = f"{draw.randrange(1, 29):02}/{draw.randrange(1, 13):02}/{draw.randrange(1940, 2005)}"
        district = f"{draw.choice(('LL', 'CH', 'SY'))}{draw.randrange(1, 20)}"
        code = f"{district} {draw.randrange(1, 10)}{draw.choice('ABDEF')}Q"
        for _ in range(times):
            lost = draw.randrange(len(last))
            shown = last[:lost] + last[lost + 1 :] if draw.random() < 0.1 else last
            mail = f"{first}.{number}@post.example".lower() if draw.random() < 0.7 else ""
            rows.append([first, shown, born, code if draw.random() < 0.9 else "", mail])
    draw.shuffle(rows)
    return rows


def written(path: Path, rows: list[list[str]], columns: tuple[str, ...] = COLUMNS) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


def linked(folder: Path, *files: Path) -> LinkResult:
    return link_files(files, folder / "out")


def test_what_is_there_twice_is_found_and_a_stranger_is_left_alone(tmp_path):
    result = linked(tmp_path, written(tmp_path / "a.csv", people(150, times=2)))

    assert 148 <= result.run.counts["people"] <= 156
    assert pq.read_table(tmp_path / "out" / "people.parquet").num_rows == 300


def nhs_number(first: int) -> str:
    """The first valid number from nine digits on: the tenth is the check digit, 11 less the weighted sum modulo 11."""
    for nine in range(first, first + 20):
        check = 11 - sum(int(d) * w for d, w in zip(str(nine), range(10, 1, -1), strict=True)) % 11
        if check != 10:
            return f"{nine}{check % 11}"
    raise AssertionError


def test_nobody_holds_two_valid_nhs_numbers_and_a_clerk_is_told_of_those_who_would(tmp_path):
    rows = people(200, times=2, seed=3)
    whose = {tuple(row[2:4]): nhs_number(400_000_000 + 40 * place) for place, row in enumerate(rows)}
    numbered = [[*row, whose[tuple(row[2:4])]] for row in rows]
    seen: dict[tuple[str, ...], int] = {}
    twice = []
    for place, row in enumerate(numbered):
        if row[4] and tuple(row[:5]) in seen and len(twice) < 5:
            row[5] = nhs_number(700_000_000 + 40 * place)  # like the other record in everything but this
            twice.append({seen[tuple(row[:5])] + 1, place + 1})
        seen[tuple(row[:5])] = place
    file = written(tmp_path / "a.csv", numbered, (*COLUMNS, "NHS number"))

    run = linked(tmp_path, file).run
    again = link(load_spec(tmp_path / "out" / "spec.toml"), tmp_path / "again").run

    assert len(twice) == 5
    number = {str(place + 1): row[5] for place, row in enumerate(numbered)}
    for out in ("out", "again"):
        held: dict[str, set[str]] = {}
        for row in pq.read_table(tmp_path / out / "people.parquet").to_pylist():
            held.setdefault(row["person_id"], set()).add(number[row["record_id"]])
        assert max(map(len, held.values())) == 1
    assert run.counts["people"] == again.counts["people"]
    assert run.clusters is not None
    assert run.clusters.contradictions == run.clusters.refused["contradiction"] >= 5
    assert any("'nhs_number'" in sentence for sentence in run.confidence)
    with (tmp_path / "out" / "review.csv").open(newline="") as lines:
        told = [
            {int(r["left_id"]), int(r["right_id"])}
            for r in csv.DictReader(lines)
            if "contradiction" in r["why"]
        ]
    assert all(pair in told for pair in twice)


def test_an_identifier_that_one_source_alone_has_keeps_apart_and_is_not_compared(tmp_path):
    rows = people(200, times=2, seed=4)
    numbers = {row[4]: nhs_number(400_000_000 + 40 * place) for place, row in enumerate(rows)}
    one = written(tmp_path / "one.csv", [[*r, numbers[r[4]]] for r in rows], (*COLUMNS, "NHS number"))
    other = written(tmp_path / "other.csv", rows)
    (tmp_path / "plain").mkdir()
    plain = written(tmp_path / "plain" / "one.csv", rows)

    linked(tmp_path, one, other)
    link_files([plain, other], tmp_path / "without")

    models = [(tmp_path / name / "model.json").read_text() for name in ("out", "without")]
    assert models[0] == models[1]
    assert 'identifiers = ["nhs_number"]' in (tmp_path / "out" / "spec.toml").read_text()


def test_where_no_identifier_is_known_contradictions_are_not_said_to_be_none(tmp_path):
    run = linked(tmp_path, written(tmp_path / "a.csv", people(150, times=2))).run

    assert run.clusters is not None
    assert run.clusters.contradictions is None
    assert "no identifier declared" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_two_identical_files_are_linked_record_by_record(tmp_path):
    rows = people(150, times=1)
    result = linked(tmp_path, written(tmp_path / "a.csv", rows), written(tmp_path / "b.csv", rows))

    assert 148 <= result.run.counts["people"] <= 152


def test_of_different_people_nobody_is_linked_and_the_run_says_so(tmp_path):
    rows = people(2500, times=1)
    result = linked(tmp_path, written(tmp_path / "a.csv", rows))

    assert result.run.counts["links"] == 0
    assert result.run.counts["people"] == 2500
    assert any("nobody was linked" in sentence for sentence in result.run.confidence)
    assert any("nobody was linked" in advice.what for advice in result.run.warnings)


def test_a_family_of_one_address_is_not_one_person(tmp_path):
    draw = random.Random(3)
    heads, tails = ("Ab", "Bru", "Cel", "Do", "El", "Fin", "Gus", "Hel"), ("a", "bert", "ina", "mo", "rik")
    many = [head + tail for head in heads for tail in tails]
    rows, whole = [], 0
    for number in range(250):
        home = [f"{number} Long Dyke", f"YO{number % 25} {number % 9 + 1}{'ABDEFGHJLN'[number // 25]}P"]
        last = draw.choice(LAST) + draw.choice(("", "ov", "ski", "sen"))
        for first in draw.sample(many, 4):
            rows += [[first, last, *home]] * (2 if draw.random() < 0.2 else 1)
            whole += 1
    draw.shuffle(rows)
    columns = ("first name", "last name", "address", "post code")
    result = linked(tmp_path, written(tmp_path / "a.csv", rows, columns))

    assert abs(result.run.counts["people"] - whole) <= 0.02 * whole
    assert any("no date of birth" in advice.what for advice in result.run.warnings)


def test_forenames_in_one_column_are_told_apart(tmp_path):
    draw = random.Random(4)
    rows = [
        [f"{row[0]} {draw.choice(FIRST)}", *row[1:]] if draw.random() < 0.5 else row
        for row in people(120, times=2)
    ]
    columns = ("forenames", *COLUMNS[1:])
    path = written(tmp_path / "a.csv", rows, columns)
    result = linked(tmp_path, path)

    model = (tmp_path / "out" / "model.json").read_text(encoding="utf-8")
    assert "middle_name" in model
    assert 118 <= result.run.counts["people"] <= 128


@pytest.mark.parametrize("count", [5, 10, 50])
def test_few_records_are_linked_with_their_doubts_told(tmp_path, count):
    result = linked(tmp_path, written(tmp_path / "a.csv", people(count, times=2)[:count]))

    assert result.run.counts["records"] == count
    assert not any(sentence.startswith("How sure: quite") for sentence in result.run.confidence)


def test_columns_with_odd_names_and_empty_ones_are_taken(tmp_path):
    columns = ('first "given" ; name', "sur`name's", "d.o.b. – née", "póst code", 'e"mail', "☎", "")
    rows = [[*row, "", ""] for row in people(100, times=2)]
    result = linked(tmp_path, written(tmp_path / "a.csv", rows, columns))

    assert 98 <= result.run.counts["people"] <= 106


def test_three_hundred_columns_are_cut_down_to_those_that_tell(tmp_path):
    draw = random.Random(5)
    rows = [[*row, *(f"w{draw.randrange(100)}" for _ in range(300))] for row in people(120, times=2)]
    columns = (*COLUMNS, *(f"answer {number}" for number in range(300)))
    result = linked(tmp_path, written(tmp_path / "a.csv", rows, columns))

    assert any("fields that tell least about people were left out" in w.what for w in result.run.warnings)
    assert 110 <= result.run.counts["people"] <= 140


@pytest.mark.parametrize(
    ("rows", "columns", "words"),
    [
        (people(1, times=1), COLUMNS, "there is only one record"),
        (
            [["Asta", "Friis", "01/02/1980", "LL1 1AA", ""]] * 60,
            COLUMNS,
            "no field tells these 60 records apart",
        ),
        ([["", "", "", "", ""]] * 60, COLUMNS, "no field"),
        ([[row[1]] for row in people(80, times=2)], ("last name",), "only 'surname' tells"),
    ],
    ids=["one record", "all the same", "all missing", "one field"],
)
def test_a_hopeless_file_is_refused_in_words(tmp_path, rows, columns, words):
    with pytest.raises(JoinedupError, match=words):
        linked(tmp_path, written(tmp_path / "a.csv", rows, columns))

    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "text", ["", "\n\n", "first name,last name\n"], ids=["empty", "blank", "header only"]
)
def test_a_file_without_records_is_refused(tmp_path, text):
    path = tmp_path / "a.csv"
    path.write_text(text)

    with pytest.raises(SourceError):
        linked(tmp_path, path)


def test_two_files_with_nothing_in_common_are_refused(tmp_path):
    rows = people(100, times=1)
    left = written(tmp_path / "a.csv", [row[:3] for row in rows], COLUMNS[:3])
    right = written(tmp_path / "b.csv", [row[3:] for row in rows], COLUMNS[3:])

    with pytest.raises(ModelError, match="at least two fields must"):
        linked(tmp_path, left, right)


def test_identifiers_given_twice_or_not_there_are_refused(tmp_path):
    path = written(tmp_path / "a.csv", [[*row, "R1"] for row in people(40, times=2)], (*COLUMNS, "Ref"))

    with pytest.raises(JoinedupError, match="more than once"):
        link_files([path], tmp_path / "out", id_column="Ref")
    with pytest.raises(SourceError, match="there is no column 'Nr'"):
        link_files([path], tmp_path / "out", id_column="Nr")
