"""Soundex against the National Archives' examples; names that may be one person's."""

from __future__ import annotations

import pyarrow as pa
import pytest

from joinedup.people import (
    formal_names,
    may_be_one_name,
    nickname_source,
    nickname_table,
    sound_keys,
    soundex,
)
from joinedup.people.data_file import rows_of
from joinedup.people.name_key import words_of
from joinedup.people.sound import sound_keys_of, soundex_of


@pytest.mark.parametrize(
    ("name", "code"),
    [  # as printed by the United States National Archives
        ("Washington", "W252"),
        ("Lee", "L000"),
        ("Gutierrez", "G362"),
        ("Pfister", "P236"),
        ("Jackson", "J250"),
        ("Tymczak", "T522"),
        ("VanDeusen", "V532"),
        ("Ashcraft", "A261"),
    ],
)
def test_soundex_as_published(name, code):
    assert soundex_of(name) == code


ALIKE = """Catherine=Kathryn Stephen=Stefan Philip=Filip Wright=Rite Schmidt=Smit Knight=Night Shaun=Schaun
Macdonald=MacDonnald Siobhan=Sioban Clough=Cluff Thompson=Tompson Hussein=Husein"""
ONE_PERSONS = """bob=robert bill=liam peggy=margaret mohammed=muhammad mohd=mohamed dai=dafydd sean=shaun
kasia=katarzyna hamish=james yousef=yusuf siân=sian tunde=babatunde raj=rajesh"""


@pytest.mark.parametrize(("one", "other"), [pair.split("=") for pair in ALIKE.split()])
def test_names_that_sound_alike_share_a_key(one, other):
    keys = sound_keys_of(one), sound_keys_of(other)

    assert keys[0] is not None
    assert keys[1] is not None
    assert set(keys[0]) & set(keys[1])


def test_names_without_latin_letters_have_no_sound_and_rows_stay():
    names = pa.array(["Li", "李", None, "Lee"])

    assert soundex(names).to_pylist() == ["L000", None, None, "L000"]
    assert [keys.to_pylist() for keys in sound_keys(names)] == [["L", None, None, "L"]] * 2


@pytest.mark.parametrize(("one", "other"), [pair.split("=") for pair in ONE_PERSONS.split()])
def test_names_that_may_be_one_persons(one, other):
    assert may_be_one_name(*(" ".join(words_of(name)) for name in (one, other)))


def test_unlike_names_are_not_joined():
    assert not may_be_one_name("bob", "bill")
    assert not may_be_one_name("john", "peter")


def test_formal_names_of_a_column():
    assert formal_names(pa.array(["Bob", None, "Quentin"])).to_pylist() == [
        ["bob", "robert"],
        None,
        ["quentin"],
    ]


def test_the_nickname_file_is_dated_ours_and_large_enough():
    assert "2026" in nickname_source()
    assert "compiled by the project" in nickname_source()
    assert len(rows_of("nicknames")) >= 300
    assert (
        len(
            {row["note"] for row in rows_of("nicknames")}
            & {"Welsh", "Irish", "Scottish", "Polish", "Arabic", "South Asian"}
        )
        == 6
    )
    assert nickname_table()["abe"] == {"abe", "abraham"}
