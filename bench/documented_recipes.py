"""Splink's documented recipes for the three public sets, and the sets' tables and truth.

The comparisons and rules are those of Splink's tutorial (fake_1000), its 50k historical people example and its
febrl3 example (dataset3), as its documentation gives them. A recipe is read by Splink as it is, and by us
through the settings that Splink writes of it, so that both have the same rules and levels.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

SHARED = Path(os.environ.get("JOINEDUP_SHARED", "../shared")) / "data" / "linkage"
CONCAT = "first_name_surname_concat"


@dataclass(frozen=True)
class Recipe:
    """One set's recipe. table: record_id, the recipe's columns, and cluster. prior, em, prediction: SQL conditions.

    given: the columns that a user would have (no truth, no record id).
    """

    name: str
    table: Callable[[], pa.Table]
    comparisons: Callable[[], list[Any]]
    prediction: tuple[str, ...]
    prior: tuple[str, ...]
    recall: float
    em: tuple[str, ...]
    u_pairs: float
    given: tuple[str, ...]


def same(*parts: str) -> str:
    """SQL for: these expressions (``{}`` standing for the side) are equal on both sides.

    >>> same("dob", "substr({}.city, 1, 2)")
    'l.dob = r.dob and substr(l.city, 1, 2) = substr(r.city, 1, 2)'
    """
    sides = [(part if "{}" in part else "{}." + part) for part in parts]
    return " and ".join(f"{part.format('l')} = {part.format('r')}" for part in sides)


def first(column: str, letters: int) -> str:
    return f"substr({{}}.{column}, 1, {letters})"


def fake_1000() -> pa.Table:
    table = pacsv.read_csv(
        SHARED / "fake_1000.csv",
        convert_options=pacsv.ConvertOptions(
            column_types={"dob": pa.string()}, strings_can_be_null=True, null_values=[""]
        ),
    )
    return table.rename_columns(["record_id", *table.column_names[1:]])


def historical_50k() -> pa.Table:
    table = pq.read_table(SHARED / "historical_figures_with_errors_50k.parquet")
    names = pc.binary_join_element_wise(table["first_name"], table["surname"], " ")
    return table.rename_columns(["record_id", *table.column_names[1:]]).append_column(CONCAT, names)


def dataset3() -> pa.Table:
    texts = pacsv.ConvertOptions(strings_can_be_null=True, null_values=["", " "])
    raw = pacsv.read_csv(SHARED / "dataset3.csv", convert_options=texts)
    columns = {
        name.strip(): pc.utf8_trim_whitespace(pc.cast(raw[name], pa.string())) for name in raw.column_names
    }
    columns = {
        name: pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values)
        for name, values in columns.items()
    }
    columns["record_id"] = columns.pop("rec_id")
    columns["cluster"] = pc.replace_substring_regex(columns["record_id"], r"^(rec-\d+)-.*$", r"\1")
    return pa.table(columns)


def _fake_comparisons() -> list[Any]:
    import splink.comparison_library as cl

    return [
        cl.NameComparison("first_name"),
        cl.NameComparison("surname"),
        cl.LevenshteinAtThresholds("dob", 1),
        cl.ExactMatch("city").configure(term_frequency_adjustments=True),
        cl.EmailComparison("email"),
    ]


def _historical_comparisons() -> list[Any]:
    import splink.comparison_library as cl

    return [
        cl.ForenameSurnameComparison("first_name", "surname", forename_surname_concat_col_name=CONCAT),
        cl.DateOfBirthComparison("dob", input_is_string=True),
        cl.PostcodeComparison("postcode_fake"),
        cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
        cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
    ]


def _dataset3_comparisons() -> list[Any]:
    import splink.comparison_library as cl

    return [
        cl.NameComparison("given_name"),
        cl.NameComparison("surname"),
        cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
        cl.DamerauLevenshteinAtThresholds("soc_sec_id", [2]),
        cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
        cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
    ]


_PC, _CODE3 = "postcode_fake", first("postcode_fake", 3)

RECIPES = (
    Recipe(
        "fake_1000",
        fake_1000,
        _fake_comparisons,
        prediction=(same("first_name", "city"), same("surname"), same("dob")),
        prior=(
            same("first_name", "dob"),
            same("first_name") + " and levenshtein(l.surname, r.surname) <= 2",
            same("email"),
        ),
        recall=0.7,
        em=(same("first_name", "surname"), same("dob")),
        u_pairs=1e6,
        given=("first_name", "surname", "dob", "city", "email"),
    ),
    Recipe(
        "historical_50k",
        historical_50k,
        _historical_comparisons,
        prediction=(
            same(first("first_name", 3), first("surname", 4)),
            same("surname", "dob"),
            same("first_name", "dob"),
            same(_PC, "first_name"),
            same(_PC, "surname"),
            same("dob", "birth_place"),
            same(_CODE3, "dob"),
            same(_CODE3, "first_name"),
            same(_CODE3, "surname"),
            same(first("first_name", 2), first("surname", 2), first("dob", 4)),
        ),
        prior=(
            same("first_name", "surname", "dob"),
            same(first("first_name", 2), "surname", first(_PC, 2)),
            same("dob", _PC),
        ),
        recall=0.6,
        em=(same("first_name", "surname"), same("dob")),
        u_pairs=1e7,
        given=(
            "full_name",
            "first_and_surname",
            "first_name",
            "surname",
            "dob",
            "birth_place",
            "postcode_fake",
            "gender",
            "occupation",
        ),
    ),
    Recipe(
        "dataset3",
        dataset3,
        _dataset3_comparisons,
        prediction=tuple(
            same(c) for c in ("soc_sec_id", "given_name", "surname", "date_of_birth", "postcode")
        ),
        prior=(
            same("soc_sec_id"),
            same("given_name", "surname", "date_of_birth"),
            "l.given_name = r.surname and l.surname = r.given_name and l.date_of_birth = r.date_of_birth",
        ),
        recall=0.9,
        em=(same(first("date_of_birth", 3)), same(first("postcode", 2))),
        u_pairs=1e6,
        given=(
            "given_name",
            "surname",
            "street_number",
            "address_1",
            "address_2",
            "suburb",
            "postcode",
            "state",
            "date_of_birth",
            "soc_sec_id",
        ),
    ),
)
