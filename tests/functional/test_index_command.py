"""The person index at the command line: made, fed, asked, corrected, looked after."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from joinedup.cli.app import app
from joinedup.linkage.spec_text import spec_toml
from support.index_job import ANN, BOB, CAT, DAN, job, write_rows


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a spec, an extract, and an index that is built of it."""
    monkeypatch.chdir(tmp_path)
    spec = job(tmp_path, a=[f"p{n},{who}" for n, who in enumerate((ANN, BOB, CAT) * 3)], b=[f"b1,{ANN}"])
    (tmp_path / "spec.toml").write_text(spec_toml(spec), encoding="utf-8")
    write_rows(tmp_path / "next.csv", [f"p20,{DAN}", f"p0,{BOB}", f",{CAT}"])
    said("build", "spec.toml")
    return tmp_path


def run(*words):
    return CliRunner().invoke(app, ["index", *words, "--dir", "ix"])


def said(*words, code=0):
    result = run(*words)
    assert result.exit_code == code, result.output
    return result.stdout if code == 0 else result.output


def answer(*words, code=0):
    result = run(*words, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def test_an_extract_is_added_and_its_bad_rows_written_down(folder):
    told = answer("add", "next.csv", "--source", "a", "--reason", "nightly", "--aside", "aside.csv")

    assert (told["version"], told["added"], told["changed"], told["rows_aside"]) == (2, 1, 1, 1)
    assert "no identifier" in (folder / "aside.csv").read_text()
    last = answer("history")["versions"][-1]
    assert (last["kind"], last["reason"], last["counts"]["joined"]) == ("add", "nightly", 1)


def test_a_complete_extract_is_refused_where_a_row_could_not_be_read_and_says_where_it_is(folder):
    told = said("add", "next.csv", "--source", "a", "--complete", "--aside", "aside.csv", code=3)

    assert "1 row that could not be read" in " ".join(told.split())
    assert "are in aside.csv" in told
    assert "no identifier" in (folder / "aside.csv").read_text()
    assert answer("status")["sources"]["a"] == 9


def test_a_source_is_emptied_by_a_complete_extract_only_when_that_is_confirmed(folder):
    write_rows(folder / "empty.csv", [])
    assert "--shrinks" in said("add", "empty.csv", "--source", "a", "--complete", code=2)
    assert answer("status")["sources"]["a"] == 9
    assert answer("add", "empty.csv", "--source", "a", "--complete", "--shrinks")["removed"] == 9


def test_somebody_is_looked_up_with_reasons(folder):
    best = answer("match", "surname=Smith", "first_name=Ann", "born=1950-01-10")["matches"][0]

    assert best["record_id"] in ("p0", "p3", "p6", "b1")
    assert sum(step["bits"] for step in best["steps"]) == pytest.approx(best["weight"])
    assert "why" in said("match", "surname=Smith", "first_name=Ann", "born=1950-01-10")


def test_a_decision_merges_and_the_history_tells_of_it(folder):
    ann = answer("person", "--record", "a", "p0")["person"]
    bob = answer("person", "--record", "a", "p1")["person"]
    decided = answer("decide", "same", "a", "p0", "a", "p1", "--reason", "seen")

    assert decided["people"]["merged"] == 1
    gone = bob if answer("person", ann)["is_live"] else ann
    assert answer("person", gone)["members"] == []
    assert {event["kind"] for event in answer("history", gone)["events"]} >= {"created", "merged"}
    assert "Merged into" in said("person", gone)
    assert "merged" in said("history", gone)
    assert answer("decide", "--withdraw", str(decided["decisions"][0]))["people"]["split"] == 1
    assert answer("person", gone)["is_live"]


def test_a_history_fits_a_narrow_terminal_and_tells_links_and_decisions(folder, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    ann = answer("person", "--record", "a", "p0")["person"]
    answer("decide", "same", "a", "p1", "a", "p0", "--reason", "both cards were seen at the desk")

    told = said("history", ann)

    assert max(map(len, told.splitlines())) <= 80
    words = told.split()
    assert ann in words
    assert "decision 1: both cards" in " ".join(words)
    assert {len(word) for word in words if word.startswith("20")} == {10}
    event = next(e for e in answer("history", ann)["events"] if e["decision"] == 1)
    assert event["kind"] == "merged"
    assert [held["reason"] for held in answer("history", ann)["decisions"]] == [
        "both cards were seen at the desk"
    ]


def test_a_merge_by_a_link_names_the_two_records_and_no_word_is_broken(folder, monkeypatch):
    """Two people of one record each, until one of the records is written as the other."""
    monkeypatch.setenv("COLUMNS", "80")
    write_rows(folder / "two.csv", [f"council-0030,{DAN}", "council-0031,Eve,Quill,1999-09-09,LS9 9ZZ"])
    said("add", "two.csv", "--source", "a")
    dan, eve = (answer("person", "--record", "a", f"council-003{n}")["person"] for n in (0, 1))
    write_rows(folder / "two.csv", [f"council-0031,{DAN}"])
    said("add", "two.csv", "--source", "a")

    told = said("history", eve)

    (merge,) = [event for event in answer("history", eve)["events"] if event["kind"] == "merged"]
    assert max(map(len, told.splitlines())) <= 80
    assert {dan, eve, "council-0030", "council-0031"} <= set(told.split())
    words = " ".join(told.split())
    assert "link of" in words
    assert f"{merge['weight']:.2f}" in words


def test_records_are_removed_and_erased(folder):
    assert answer("remove", "p0", "nobody", "--source", "a")["unknown"] == 1
    (folder / "ids.txt").write_text("p1\np4\n", encoding="utf-8")
    assert answer("remove", "--ids", "ids.txt", "--source", "a", "--erase")["erased"] == 2
    assert answer("status")["sources"] == {"a": 6, "b": 1}


def test_to_remove_what_is_not_there_ends_with_a_refusal_and_no_version(folder):
    assert "2 ids that were given name no record" in said("remove", "x", "y", "--source", "a", code=2)
    assert "1 id that was given names no record" in said("remove", "x", "--source", "a", "--erase", code=2)
    assert answer("remove", "p0", "--source", "a", "--erase")["version"] == 2
    assert "nothing was removed" in said("remove", "p0", "--source", "a", "--erase", code=2)
    assert answer("status")["version"] == 2


def test_one_is_told_in_the_singular(folder):
    assert "1 id names no record" in said("remove", "p0", "x", "--source", "a")
    assert "1 segment." in said("check")
    said("decide", "same", "a", "p3", "a", "p1")
    assert "it holds already" in said("decide", "same", "a", "p3", "a", "p1")
    assert "b: 1 record\n" in said("status")


def test_an_index_is_looked_after(folder):
    said("add", "next.csv", "--source", "a")
    assert "model trained" in said("status")
    assert "segments became 1" in said("compact", "--whole")
    assert answer("refresh")["version"] == 4
    assert "The index is whole." in said("check", "--deep")
    assert "refresh" in said("history")


def test_an_index_that_is_not_whole_ends_with_code_3(folder):
    (segment,) = (folder / "ix" / "segments").iterdir()
    (segment / "arrays.bin").unlink()

    assert answer("check", code=3)["problems"]


@pytest.mark.parametrize(
    "words",
    [
        ["add", "next.csv", "--source", "a"],
        ["match", "surname=Smith", "first_name=Ann", "born=1950-01-10"],
        ["status"],
        ["history"],
        ["person", "--record", "a", "p0"],
    ],
)
def test_a_damaged_ledger_ends_with_code_3_and_no_apology(folder, words):
    ledger = folder / "ix" / "index.sqlite"
    data = ledger.read_bytes()
    ledger.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))

    told = said(*words, code=3)

    assert "the index's ledger cannot be used" in told
    assert "restore the index from a copy" in " ".join(told.split())


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["build", "spec.toml"], 2, "there is a person index already"),
        (["add", "next.csv", "--source", "c"], 3, "no source 'c'"),
        (["add", "next.csv", "--source", "a", "--aside", "x.doc"], 2, "end it in .parquet or .csv"),
        (["add", "next.csv", "--source", "a", "--shrinks"], 2, "nothing without --complete"),
        (["remove", "--source", "a"], 2, "no record is named"),
        (["match", "surname"], 2, "FIELD=VALUE"),
        (["match", "shoe=9"], 2, "no field 'shoe'"),
        (["match", "surname=Li", "surname=Su"], 2, "'surname' is given twice"),
        (["person", "P000001", "--record", "a", "p0"], 2, "a person and a record are both named"),
        (["person", "P000001", "--at", "2999-01-01"], 2, "--at has not come yet"),
        (["person", "P000001", "--at", "2999-01-01T12:00"], 2, "--at has not come yet"),
        (["person", "P999999"], 2, "there never was a person of that name"),
        (["person"], 2, "no person is named"),
        (["person", "P000001", "--at", "yesterday"], 2, "--at is no day"),
        (["history", "P999999"], 2, "nothing is known"),
        (["decide", "same", "a", "p0"], 2, "five words"),
        (["decide", "perhaps", "a", "p0", "a", "p1"], 2, "say same or different"),
        (["decide"], 2, "one pair, one --file or one --withdraw"),
        (["undo", "99"], 2, "joinedup:"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(folder, words, code, told):
    assert told in said(*words, code=code)


def test_where_there_is_no_index_that_is_said(tmp_path):
    result = CliRunner().invoke(app, ["index", "status", "--dir", str(tmp_path)])

    assert result.exit_code == 3
    assert "there is no person index" in result.output
