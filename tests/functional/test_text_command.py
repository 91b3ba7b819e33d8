"""`joinedup text read`: a file of comments becomes masked comments, draft themes and a page."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(sys.executable).with_name("joinedup")
SUBJECTS = (
    "I waited {} minutes on the telephone and nobody answered my call",
    "The staff at desk {} were kind and helpful, thank you",
    "The form lost all {} pages when I pressed continue, it is broken",
)


def joinedup(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def comments(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("comments") / "spring.csv"
    texts = [subject.format(number) for number in range(3, 15) for subject in SUBJECTS]
    texts += [
        "If nobody answers I will kill myself",
        '=HYPERLINK("http://x") my email is jo.bloggs@example.com',
        "",
    ]
    with file.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["id", "What would you change?"])
        rows.writerows([at, text] for at, text in enumerate(texts))
    return file


@pytest.fixture(scope="module")
def answer(comments, tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    done = joinedup("text", "read", comments, "--column", "What would you change?", "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), out, done


def test_the_answer_counts_all_and_names_no_words_of_a_comment_but_quotes(answer):
    told, out, _ = answer

    assert (told["rows"], told["comments"], told["empty"]) == (39, 38, 1)
    assert told["danger"] == [{"row": 37, "kind": "threat_to_life"}]
    assert told["masked"]["email"] == 1
    assert told["out"] == str(out)


def test_what_is_written_holds_no_personal_data_and_no_formula(answer):
    _, out, done = answer

    for text in (
        *((out / name).read_text() for name in ("comments.csv", "themes.csv", "report.html")),
        done.stderr,
    ):
        assert "jo.bloggs" not in text
    rows = list(csv.DictReader((out / "comments.csv").open(encoding="utf-8")))
    assert [row["row"] for row in rows] == [str(number) for number in range(1, 39)]
    assert not any(row["text"].startswith("=") for row in rows)


def test_a_column_that_is_not_there_is_told_with_those_that_are(comments, tmp_path):
    done = joinedup("text", "read", comments, "--column", "Comment", "--out", tmp_path / "out")

    assert done.returncode == 2
    assert "no such column" in done.stderr
    assert "What would you change?" in done.stderr
    assert not (tmp_path / "out").exists()


def test_without_the_model_words_alone_are_used_and_that_is_said(comments, tmp_path, monkeypatch):
    monkeypatch.setenv("JOINEDUP_MODEL_DIR", str(tmp_path / "nothing here"))

    done = joinedup("text", "read", comments, "--column", "What would you change?", "--out", tmp_path / "out")

    assert done.returncode == 0, done.stderr
    assert "words alone" in done.stderr
    assert "words alone" in (tmp_path / "out" / "report.html").read_text()
