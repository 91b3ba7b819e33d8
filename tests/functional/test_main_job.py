"""The main job from the command line: a county is built, measured, linked, and held against the truth."""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

PROGRAM = Path(sys.executable).with_name("joinedup")
REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"
SCORES = {"precision", "recall", "f1"}


def joinedup(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False)


def answer(*arguments: str | Path) -> Any:
    result = joinedup(*arguments, "--json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def people_in(folder: Path) -> set[frozenset[tuple[str, str]]]:
    """The people of a run, each as the set of its records."""
    people: dict[str, set[tuple[str, str]]] = {}
    for row in pq.read_table(folder / "people.parquet").to_pylist():
        people.setdefault(row["person_id"], set()).add((row["source"], row["record_id"]))
    return {frozenset(records) for records in people.values()}


def people_csv(count: int, *, key: str = "ref", start: int = 0) -> str:
    """Made-up people, the same for the same count; every fourth is there twice. key: the column of the records' ids."""
    draw, lines = random.Random(1), [f"{key},first_name,surname,date_of_birth,postcode"]
    for number in range(count):
        name = f"{draw.choice(('Asta', 'Bodil', 'Egon', 'Frida', 'Kaj'))},{draw.choice(('Holm', 'Juhl', 'Friis'))}"
        name += draw.choice(("", "son", "ville", "wick"))
        born = f"{draw.randrange(1940, 2005)}-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}"
        place = f"LL{draw.randrange(10, 30)} {draw.randrange(1, 10)}A{draw.choice('ABDEF')}"
        for copy in range(2 if number % 4 == 0 else 1):
            lines.append(f"R{start + number:04}{copy},{name},{born},{place}")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory) -> Path:
    """A county of 1,500 people, built once; its own account of itself is in demo.json."""
    folder = tmp_path_factory.mktemp("demo") / "workspace"
    told = answer("demo", "--people", "1500", "--dir", folder)
    (folder / "demo.json").write_text(json.dumps(told))
    return folder


@pytest.fixture(scope="module")
def demo(workspace) -> dict[str, Any]:
    return json.loads((workspace / "demo.json").read_text())


def test_a_demonstration_that_is_only_built_says_how_to_see_it(tmp_path):
    built = joinedup("demo", "--people", "100", "--dir", tmp_path / "small", "--no-serve")

    assert built.returncode == 0, built.stderr
    assert f"joinedup serve --dir {tmp_path / 'small'}" in built.stdout.replace("\n", "")


def test_the_demonstration_accounts_for_every_row_of_five_extracts(demo):
    assert len({e["file"] for e in demo["extracts"].values()}) == 5
    assert all(e["rows_in"] == e["rows_good"] + e["rows_aside"] for e in demo["extracts"].values())
    assert demo["linkage"]["records"] == sum(e["rows_good"] for e in demo["extracts"].values())


def test_the_demonstration_finds_most_people_and_says_how_many(demo):
    # Floors far below what is measured: they fail when the job breaks, not when the seed is unlucky.
    assert demo["evaluation"]["pairwise"]["precision"] > 0.8
    assert demo["evaluation"]["pairwise"]["recall"] > 0.7


def test_linking_writes_what_it_promises(workspace):
    written = {file.name for file in (workspace / "linked").iterdir()}
    people = pq.read_table(workspace / "linked" / "people.parquet")
    pairs = pq.read_table(workspace / "linked" / "pairs.parquet")

    promised = {"pairs.parquet", "people.parquet", "joined.parquet", "model.json", "run.json", "report.html"}
    assert promised | {"spec.toml"} <= written
    assert people.column_names == ["source", "record_id", "person_id"]
    assert pairs.column_names[:4] == ["left_source", "left_id", "right_source", "right_id"]
    assert {"match_weight", "match_probability"} <= set(pairs.column_names)


def test_the_reference_names_everything_that_is_written(workspace):
    def missing(page: str, names: set[str]) -> set[str]:
        text = (REFERENCE / page).read_text(encoding="utf-8")
        return {name for name in names if f"`{name}`" not in text}

    run = json.loads((workspace / "linked" / "run.json").read_text())
    quality = json.loads((workspace / "quality" / "council_tax" / "quality.json").read_text())
    columns = {key for column in quality["columns"] for key in column}

    assert not missing("quality.md", {*quality, *columns})
    assert not missing("linkage-outputs.md", {*run, *run["counts"]} - {"records"})
    files = {file.name for file in (workspace / "linked").iterdir()} - {"fairness.json"}
    assert not missing("linkage-outputs.md", files)


def test_a_levels_number_is_its_place_in_the_model(workspace):
    model = json.loads((workspace / "linked" / "model.json").read_text())
    pairs = pq.read_table(workspace / "linked" / "pairs.parquet")

    for comparison in model["comparisons"]:
        assert max(pairs[f"level_{comparison['name']}"].to_pylist()) < len(comparison["levels"])
    (date_of_birth,) = [c for c in model["comparisons"] if c["name"] == "date_of_birth"]
    same = [n for n, level in enumerate(date_of_birth["levels"]) if level["when"] == "equal(date_of_birth)"]
    strong = [p["level_date_of_birth"] for p in pairs.to_pylist() if p["match_weight"] > 25]
    assert strong.count(same[0]) > 0.9 * len(strong)


def test_with_hardly_any_memory_the_people_are_the_same(workspace, tmp_path):
    spec = workspace / "linked" / "spec.toml"

    usual = answer("link", spec, "--out", tmp_path / "usual")
    told = answer("link", spec, "--out", tmp_path / "small", "--memory-gb", "0.001")
    words = joinedup("link", spec, "--out", tmp_path / "small", "--memory-gb", "0.001")

    assert people_in(tmp_path / "small") == people_in(tmp_path / "usual")
    assert told["counts"] == usual["counts"]
    assert usual["pairs_on_disk_mb"] == 0 < told["pairs_on_disk_mb"]
    assert usual["memory_budget_mb"] > 1000 > told["memory_budget_mb"]
    assert "MB on disk" in " ".join(words.stdout.split())
    refused = joinedup("link", spec, "--out", tmp_path / "none", "--memory-gb", "0")
    assert refused.returncode == 2
    assert "--memory-gb" in refused.stderr
    assert not (tmp_path / "none").exists()


def test_evaluating_again_says_the_same(workspace, demo):
    told = answer("evaluate", workspace / "linked", "--truth", workspace / "county/truth/truth.csv")

    assert all(set(told[name]) >= SCORES for name in ("pairwise", "best", "cluster"))
    assert told["pairwise"] == demo["evaluation"]["pairwise"]
    assert told["best"]["f1"] >= told["pairwise"]["f1"]
    page, kept = (workspace / "linked" / f"evaluation.{ending}" for ending in ("html", "json"))
    assert told["files"] == [str(kept), str(page)]
    assert json.loads(kept.read_text())["curve"] == told["curve"]
    assert told["pairwise"]["threshold_weight"] in [point["threshold_weight"] for point in told["curve"]]
    for words in ("What each threshold would give", "Threshold (bits)", ">chosen<"):
        assert words in page.read_text(encoding="utf-8"), words


def test_the_same_job_gives_the_same_people_on_one_thread(workspace, tmp_path):
    answer("link", workspace / "spec.toml", "--out", tmp_path / "again", "--threads", "1")

    assert people_in(tmp_path / "again") == people_in(workspace / "linked")


def test_a_clerks_sample_is_drawn_and_its_labels_give_intervals(workspace):
    told = answer("sample", workspace / "linked", "--size", "120")
    sample = Path(told["path"])
    with sample.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["label"] = "same" if row["joined"] == "yes" else "different"
    with sample.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)

    estimate = answer("evaluate", workspace / "linked", "--sample", sample)

    assert len(rows) == told["pairs"] == 120
    precision = estimate["people"]["precision"]
    assert precision["value"] == 1.0
    assert precision["low"] < 1.0


def test_one_file_is_deduplicated_without_any_configuration(workspace, tmp_path):
    told = answer("dedupe", workspace / "county/gp_register.parquet", "--id", "patient_id", "--out", tmp_path)

    assert told["kind"] == "dedupe"
    assert "spec.toml" in told["files"]


def test_without_a_folder_to_write_to_the_outputs_go_to_linked_and_no_run_there_is_lost(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text(people_csv(200))
    (tmp_path / "b.csv").write_text(people_csv(180))

    first = answer("link", "a.csv", "b.csv")
    second = joinedup("dedupe", "a.csv")
    said = joinedup("dedupe", "a.csv", "--out", "linked")

    assert first["folder"] == "linked"
    assert {"people.parquet", "run.json", "spec.toml"} <= {file.name for file in Path("linked").iterdir()}
    assert second.returncode == 2
    assert "--out linked replaces that run" in second.stderr
    assert said.returncode == 0, said.stderr
    assert "Written to linked:" in said.stdout
    assert json.loads(Path("linked/run.json").read_text())["kind"] == "dedupe"


def test_a_sample_knows_from_the_run_what_its_sources_call_their_ids(tmp_path):
    (tmp_path / "a.csv").write_text(people_csv(120))
    (tmp_path / "b.csv").write_text(people_csv(120, key="number"))
    answer("link", tmp_path / "a.csv", tmp_path / "b.csv", "--out", tmp_path / "out")

    sources = ["--source", tmp_path / "a.csv", "--source", tmp_path / "b.csv"]
    told = answer("sample", tmp_path / "out", "--size", "60", *sources)

    with Path(told["path"]).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    surnames = {line.split(",")[0]: line.split(",")[2] for line in people_csv(120).splitlines()[1:]}
    assert all(row["left_surname"] == surnames[row["left_id"]] for row in rows)
    assert all(row["right_surname"] == surnames[row["right_id"]] for row in rows)


def test_an_id_that_is_given_twice_is_told_by_the_name_of_its_column(tmp_path):
    lines = people_csv(60, key="id").splitlines()
    (tmp_path / "twice.csv").write_text("\n".join([*lines, lines[-1]]) + "\n")

    named = joinedup("dedupe", tmp_path / "twice.csv", "--id", "id", "--out", tmp_path / "out")
    numbered = answer("dedupe", tmp_path / "twice.csv", "--out", tmp_path / "out")

    assert named.returncode == 3
    assert "twice, column 'id'" in named.stderr
    (told,) = [w for w in numbered["warnings"] if w["place"] == "identifiers"]
    assert "'twice'" in told["what"]
    assert "--id COLUMN" in told["mend"]


def test_a_profile_is_written_and_its_trend_grows(workspace, tmp_path):
    file = workspace / "county/council_tax.csv"
    answer("profile", file, "--out", tmp_path, "--on", "2026-03-31")
    told = answer("profile", file, "--out", tmp_path, "--on", "2026-04-30")

    assert {Path(path).name for path in told["files"]} >= {"quality.json", "quality.html", "action-plan.md"}
    assert {each["dimension"] for each in told["dimensions"]} == {
        "completeness", "uniqueness", "consistency", "timeliness", "validity", "accuracy",
    }  # fmt: skip
    assert "2026-03-31" in [run["on"] for run in told["trend"]]


def workbook(path: Path, **sheets: str) -> Path:
    """A workbook of sheets by name, each given as the text of a CSV file."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, text in sheets.items():
        sheet = book.create_sheet(name)
        for row in csv.reader(text.splitlines()):
            sheet.append(row)
    book.save(path)
    return path


def test_all_sheets_of_people_are_read_and_the_others_are_named(tmp_path):
    book = workbook(
        tmp_path / "book.xlsx",
        About="Prepared by,Checked by\nthe team,another team\n",
        North=people_csv(120),
        South=people_csv(120, start=500),
        Empty="",
    )

    told = answer("dedupe", book, "--out", tmp_path / "out")
    said = joinedup("link", tmp_path / "out/spec.toml", "--out", tmp_path / "again")
    profiled = joinedup("profile", book, "--out", tmp_path / "quality", "--quiet")
    standard = answer("standardise", book, "--out", tmp_path / "standard.csv")

    assert told["counts"]["records"] == 300
    (warning,) = [w["what"] for w in told["warnings"] if w["place"] == "sources"]
    assert warning == "the sheet 'About' of 'book' was not read"
    assert warning in [w["what"] for w in json.loads((tmp_path / "out/run.json").read_text())["warnings"]]
    assert said.returncode == 0
    assert len(people_in(tmp_path / "again")) == told["counts"]["people"]
    assert "not read of book.xlsx: 'North', 'South'" in profiled.stderr
    assert standard["sheets_not_read"] == ["North", "South"]


def test_a_splink_model_becomes_ours(tmp_path):
    level = {"sql_condition": '"surname_l" = "surname_r"', "m_probability": 0.8, "u_probability": 0.1}
    other = {"sql_condition": "ELSE", "m_probability": 0.2, "u_probability": 0.9}
    settings = {
        "comparisons": [{"output_column_name": "surname", "comparison_levels": [level, other]}],
        "probability_two_random_records_match": 0.01,
        "blocking_rules_to_generate_predictions": [{"blocking_rule": 'l."surname" = r."surname"'}],
    }
    (tmp_path / "splink.json").write_text(json.dumps(settings))

    told = answer("model", "import-splink", tmp_path / "splink.json", "--out", tmp_path / "model.json")

    assert told["comparisons"][0]["levels"][0]["m"] == 0.8
    assert json.loads((tmp_path / "model.json").read_text()) == told


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (["link", "one.csv", "--out", "x"], 2, "one file cannot be linked"),
        (["link", "a.csv", "b.csv", "--out", "x", "--model", "m.json"], 2, "--model goes with a spec"),
        (["link", "absent.toml", "--out", "x"], 4, "absent.toml"),
        (["dedupe", "absent.csv", "--out", "x"], 3, "absent.csv"),
        (["link", "a.csv", "./a.csv", "--out", "x"], 2, "use 'joinedup dedupe'"),
        (["sample", "x", "--source", "a.csv"], 2, "add --id COLUMN"),
        (["evaluate", "x"], 2, "--truth FILE or --sample FILE"),
        (["evaluate", "x", "--truth", "absent.csv"], 3, "x"),
        (["profile", "absent.csv", "--out", "x"], 3, "absent.csv"),
        (["model", "import-splink", "absent.json"], 4, "absent.json"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(tmp_path, monkeypatch, arguments, exit_code, said):
    monkeypatch.chdir(tmp_path)

    result = joinedup(*arguments)

    assert (result.returncode, result.stdout) == (exit_code, "")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
