"""The look for known faults: found ones stop, silence is said and stops nobody."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "deploy" / "known_faults.py"
GOOD_NPM = {"vulnerabilities": {}, "metadata": {"dependencies": {"total": 3}}}
GOOD_PIP = {"dependencies": [{"name": "lxml", "version": "6.0", "vulns": []}]}


@pytest.fixture(scope="module")
def known_faults():
    spec = importlib.util.spec_from_file_location("known_faults", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["known_faults"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def saying(document, *, code: int = 0) -> tuple[str, ...]:
    """A program that says this and ends so."""
    text = document if isinstance(document, str) else json.dumps(document)
    return (sys.executable, "-c", f"import sys; sys.stdout.write({text!r}); sys.exit({code})")


def test_nothing_known_is_good(known_faults, capsys):
    assert known_faults.main(saying(GOOD_PIP), saying(GOOD_NPM)) == 0
    assert capsys.readouterr().out.splitlines() == [
        "pip-audit: 0 known faults in 1 packages",
        "npm audit: 0 known faults in 3 packages",
    ]


def test_a_known_fault_of_a_python_package_stops_and_is_named(known_faults, capsys):
    fault = {"id": "PYSEC-2099-1", "fix_versions": ["6.1"]}
    told = {"dependencies": [{"name": "lxml", "version": "6.0", "vulns": [fault]}]}

    assert known_faults.main(saying(told, code=1), saying(GOOD_NPM)) == 1
    assert "  lxml 6.0: PYSEC-2099-1, mended in 6.1" in capsys.readouterr().out


def test_a_known_fault_of_a_front_end_stops_and_is_named(known_faults, capsys):
    told = {
        "vulnerabilities": {"axe-core": {"range": "<4.0", "severity": "high"}},
        "metadata": {"dependencies": {"total": 3}},
    }

    assert known_faults.main(saying(GOOD_PIP), saying(told, code=1)) == 1
    assert "  axe-core <4.0: high" in capsys.readouterr().out


@pytest.mark.parametrize(
    "program",
    [
        saying("", code=1),
        saying("not JSON"),
        saying({"message": "405 Method Not Allowed", "error": {}}, code=1),
        ("/nowhere/auditor",),
        (sys.executable, "-c", "import time; time.sleep(60)"),
    ],
    ids=["silent", "garbled", "refused", "not installed", "too slow"],
)
def test_an_auditor_that_cannot_ask_is_said_and_stops_nobody(known_faults, monkeypatch, capsys, program):
    monkeypatch.setattr(known_faults, "SECONDS", 1.0)

    assert known_faults.main(program, program) == 0
    assert capsys.readouterr().out.splitlines() == [
        "pip-audit: not reachable, so nothing was looked up",
        "npm audit: not reachable, so nothing was looked up",
    ]


def test_packages_that_were_skipped_do_not_count_as_looked_up(known_faults, capsys):
    """An index without advisories makes pip-audit skip every package and end with 0: that is no clean bill."""
    skipped = {"name": "lxml", "skip_reason": "not found"}

    known_faults.main(saying({"dependencies": [skipped]}), saying(GOOD_NPM))
    known_faults.main(saying({"dependencies": [skipped, *GOOD_PIP["dependencies"]]}), saying(GOOD_NPM))

    said = capsys.readouterr().out.splitlines()
    assert said[0] == "pip-audit: not reachable, so nothing was looked up"
    assert said[2] == "pip-audit: 0 known faults in 1 packages, 1 could not be looked up"


def test_a_good_answer_is_remembered_until_a_lock_changes(known_faults, monkeypatch, tmp_path, capsys):
    asked = []
    monkeypatch.setattr(known_faults, "REMEMBERED", tmp_path / "known-faults.json")
    monkeypatch.setattr(known_faults, "LOCK", tmp_path / "lock")
    (tmp_path / "lock").write_text("lxml==6.0")

    def ask() -> int:
        asked.append(1)
        sys.stdout.write("pip-audit: 0 known faults in 1 packages\n")
        return 0

    known_faults.once_in_a_while(ask)
    known_faults.once_in_a_while(ask)
    (tmp_path / "lock").write_text("lxml==6.1")
    known_faults.once_in_a_while(ask)

    assert len(asked) == 2
    assert capsys.readouterr().out.splitlines() == ["pip-audit: 0 known faults in 1 packages"] * 3


def test_a_fault_is_asked_about_again_every_time(known_faults, monkeypatch, tmp_path):
    monkeypatch.setattr(known_faults, "REMEMBERED", tmp_path / "known-faults.json")

    assert [known_faults.once_in_a_while(lambda: 1) for _ in range(2)] == [1, 1]
    assert not (tmp_path / "known-faults.json").exists()
