"""Naming rules: how names are read, how an administrator's file is checked, and who may use them."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

import joinedup
import joinedup.linkage
from joinedup.errors import ModelError
from joinedup.linkage.naming_traditions import NOT_RECOGNISED, naming_rules


@pytest.mark.parametrize(
    ("first_name", "surname", "tradition"),
    [
        ("Agnieszka", "Wiśniewska", "Polish or east European"),
        ("AGNIESZKA", "WISNIEWSKA", "Polish or east European"),
        ("Siân", "Llewellyn", "Welsh"),
        ("Sean", "O'Brien", "Scottish or Irish"),
        ("Harpreet", "Kaur", "Punjabi"),
        ("Chioma", "Nwosu-Smith", "West African"),
        (None, "Smith", "English"),
        ("Xyzzy", "Qqqq", NOT_RECOGNISED),
        (None, None, None),
    ],
)
def test_names_are_read_without_case_accents_and_marks(first_name, surname, tradition):
    assert naming_rules().of_names([first_name], [surname]) == [tradition]


def test_the_rules_say_when_and_how_they_came_about():
    rules = naming_rules()

    assert rules.dated == date(2026, 3, 31)
    assert "general knowledge" in rules.basis


def test_an_administrators_own_rules_are_taken(tmp_path):
    path = tmp_path / "names.toml"
    path.write_text(
        'dated = 2027-01-02\n[[tradition]]\nname = "Cornish"\nsurname_beginnings = ["tre", "pol"]\n'
    )

    rules = naming_rules(path)

    assert rules.of_names(["Jory", "Jory"], ["Trelawny", "Smith"]) == ["Cornish", NOT_RECOGNISED]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("dated = ", "not TOML"),
        ('[[tradition]]\nname = "x"\n', "no day"),
        ("dated = 2026-01-01\n", "no tradition"),
        ("dated = 2026-01-01\n[[tradition]]\nsurnames = []\n", "no name"),
        ('dated = 2026-01-01\n[[tradition]]\nname = "x"\nsurname = ["y"]\n', "'surname' is no list"),
        ('dated = 2026-01-01\n[[tradition]]\nname = "x"\nsurnames = "y"\n', "not a list of texts"),
    ],
)
def test_rules_that_cannot_be_are_refused(tmp_path, text, what):
    (tmp_path / "names.toml").write_text(text)

    with pytest.raises(ModelError, match=re.escape(what)):
        naming_rules(tmp_path / "names.toml")


def test_nothing_but_the_count_over_groups_uses_them():
    """No decision and no page about one person may: only the modules of fairness import the rules."""
    package = Path(joinedup.__file__).parent.parent
    users = {
        path.name
        for room in ("joinedup", "joinedup_web")
        for path in (package / room).rglob("*.py")
        if "naming_traditions" in path.read_text(encoding="utf-8") and path.name != "naming_traditions.py"
    }

    assert users <= {"fairness.py", "fairness_groups.py", "fairness_sample.py"}
    assert not any("naming" in name for name in joinedup.linkage.__all__)
