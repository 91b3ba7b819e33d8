"""The reference page names every kind, reason and data file, with the words that the code gives."""

from __future__ import annotations

import doctest
from importlib.resources import files
from pathlib import Path

from joinedup.people import REASONS, FieldKind
from joinedup.people.data_file import remark_of

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "person-fields.md"


def test_every_kind_reason_and_data_file_is_documented():
    text = PAGE.read_text(encoding="utf-8")
    data = files("joinedup.people") / "data"

    assert [kind for kind in FieldKind if f"`{kind}`" not in text] == []
    assert [code for code, words in REASONS.items() if f"| `{code}` | {words} |" not in text] == []
    names = [Path(entry.name).stem for entry in data.iterdir() if entry.name.endswith(".csv")]
    assert [name for name in names if f"| `{name}` |" not in text] == []


def test_the_example_on_the_page_runs():
    failures, tried = doctest.testfile(str(PAGE), module_relative=False)

    assert (failures, tried) == (0, 4)


def test_every_data_file_says_its_date():
    for entry in (files("joinedup.people") / "data").iterdir():
        if entry.name.endswith(".csv"):
            assert "2026" in remark_of(Path(entry.name).stem), entry.name
