"""The page about OWASP ASVS names tests that exist, and says of every item what shows it or what is lacking."""

from __future__ import annotations

import ast
import re

from support.tree import ROOT

PAGE = ROOT / "docs/reference/asvs.md"
NAMED = re.compile(r"`(tests/[\w/.]+\.py)::(\w+)`")
WITHOUT_A_TEST = ("by reading", "the platform", "in part", "not met")


def test_every_test_that_is_named_exists():
    missing = [
        f"{file}::{name}"
        for file, name in NAMED.findall(PAGE.read_text("utf-8"))
        if not (ROOT / file).exists() or name not in _tests_of(file)
    ]

    assert missing == []


def test_every_item_says_what_shows_it_or_what_is_lacking():
    mute = [
        cells[1]
        for line in PAGE.read_text("utf-8").splitlines()
        if line.startswith("| ") and not line.startswith("| item")
        for cells in (line.split("|"),)
        if not NAMED.search(cells[3]) and not any(word in cells[3] for word in WITHOUT_A_TEST)
    ]

    assert mute == []


def test_no_item_stands_there_twice():
    items = re.findall(r"^\| (\d+\.\d+\.\d+)", PAGE.read_text("utf-8"), re.M)

    assert len(items) == len(set(items)) > 90


def _tests_of(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
