"""A feature's algorithmic transparency record: fields as data, filled from what is known, and what people wrote.

Source: Algorithmic Transparency Recording Standard, 4.0 (July 2025), as far as its fields are known here; no schema
of the body is published. The list of fields is data (data/register.toml), to be checked against the live template.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Field:
    """One field. code: as the standard numbers it. fills: what fills it by itself; empty where only people can.

    hint: what belongs in it.
    """

    code: str
    section: str
    name: str
    label: str
    hint: str
    fills: str
    is_required: bool


@dataclass(frozen=True)
class Filled:
    """A field with its value. by: "person", "itself" or "" where it is empty."""

    field: Field
    value: str
    by: str


@dataclass(frozen=True)
class About:
    """What is known of a feature's model wherever it runs."""

    task: str
    input: str
    output: str
    architecture: str
    datasets: str
    dataset_purposes: str
    human_review: str
    risks: str
    process: str
    source_data: str


@cache
def _document() -> dict[str, Any]:
    found = (files("joinedup.text") / "data" / "register.toml").read_text(encoding="utf-8")
    return tomllib.loads(found)


def standard() -> Mapping[str, str]:
    """version, taken_from, as_of and is_checked of the list of fields."""
    return dict(_document()["standard"])


def fields() -> tuple[Field, ...]:
    """Every field, in the standard's order."""
    return tuple(
        Field(
            code=row["code"],
            section=row["section"],
            name=row["name"],
            label=row["label"],
            hint=row.get("hint", ""),
            fills=row.get("fills", ""),
            is_required=row.get("required", False),
        )
        for row in _document()["field"]
    )


def about(feature: str) -> About:
    """What is known of a feature's model. KeyError for a feature that is not listed."""
    return About(**_document()["feature"][feature])


def filled(known: Mapping[str, str], written: Mapping[str, str]) -> tuple[Filled, ...]:
    """Every field with what a person wrote, or else what is known. known: by the word in `fills`; written: by name."""
    found = []
    for each in fields():
        own = written.get(each.name, "").strip()
        value = own or (known.get(each.fills, "") if each.fills else "")
        found.append(Filled(each, value, "person" if own else "itself" if value else ""))
    return tuple(found)


def missing(entry: tuple[Filled, ...]) -> tuple[Field, ...]:
    """Fields that the standard requires and nothing fills yet."""
    return tuple(each.field for each in entry if each.field.is_required and not each.value)
