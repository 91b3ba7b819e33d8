"""A column of titled names is a column of names, whatever it is called."""

from __future__ import annotations

import pyarrow as pa

from joinedup.people import FieldKind, find_meanings


def test_titles_before_words_make_a_column_of_whole_names() -> None:
    names = [
        "Mr Colin Thripp",
        "Mrs Ada Quellwright",
        "KITKINSON, Ivor",
        "Miss Zuzanna Wolskaja",
        "Dr Femi Adewalla",
    ]
    table = pa.table({"Liable Party": names * 40})

    assert find_meanings(table)["Liable Party"].kind is FieldKind.FULL_NAME


def test_a_column_of_titles_alone_is_not_a_column_of_names() -> None:
    table = pa.table({"Salutation": ["Mr", "Mrs", "Miss", "Ms", "Dr"] * 40})

    assert find_meanings(table)["Salutation"].kind is not FieldKind.FULL_NAME
