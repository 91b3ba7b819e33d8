"""What the page of one person shows: the joined record, the records behind it, and why they were linked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from joinedup.linkage import PersonFound
from joinedup_web.design.words import day
from joinedup_web.linkage.pair_page import field_words, signed, source_words, steps_of, weight_chart
from joinedup_web.linkage.side_by_side import ORDER
from joinedup_web.linkage.words import KINDS

RULES = {
    "only value": "The only value that the records give",
    "most frequent": "Most records say so",
    "preferred source": "Its source comes first in the order of trust",
    "longest": "The fullest of equally good values",
    "first in the alphabet": "Equally good as others; the first in the alphabet",
}
MOST_RECORDS, MOST_LINKS = 30, 20
CERTAINTY = (
    (0.999, "Almost certainly the same person"),
    (0.95, "Very likely the same person"),
    (0.5, "More likely than not the same person"),
    (0.0, "Not enough by itself"),
)


@dataclass(frozen=True)
class LinkShown:
    """One link. names: of its two records. decided: whether a clerk decided it."""

    names: tuple[str, str]
    certainty: str
    weight: str
    steps: list[dict[str, Any]]
    decided: bool


def person_context(
    person: PersonFound, decided: list[tuple[int, int]], *, threshold: float | None
) -> dict[str, Any]:
    """Return what the template needs of a person. decided: pairs of records that a clerk said are one person."""
    shown = person.records[:MOST_RECORDS]
    names = [f"{source_words(record.source)} {record.record_id}" for record in person.records]
    links = person.links[:MOST_LINKS]
    linked = [link for link in person.links if link.linked]
    weakest = min(linked, key=lambda link: link.weight, default=None)
    clerks = {frozenset(ends) for ends in decided}
    scored = {frozenset((link.left, link.right)) for link in person.links}
    levels = [_level(step) for step in weakest.steps] if weakest else []
    return {
        "person": person,
        "joined": [
            (
                field_words(value.field),
                _value(value.value),
                source_words(value.source),
                RULES.get(value.rule, value.rule),
            )
            for value in person.joined
        ],
        "heads": [(source_words(record.source), record.record_id) for record in shown],
        "rows": _rows(person),
        "others": [_others(record) for record in shown],
        "records_left_out": len(person.records) - len(shown),
        "links": [
            LinkShown(
                (names[link.left], names[link.right]),
                next(words for least, words in CERTAINTY if link.probability >= least),
                signed(link.weight),
                steps_of([_level(step) for step in link.steps]),
                frozenset((link.left, link.right)) in clerks,
            )
            for link in links
        ],
        "decided_alone": [
            (names[left], names[right]) for left, right in decided if frozenset((left, right)) not in scored
        ],
        "links_left_out": len(person.links) - len(links),
        "weakest": (names[weakest.left], names[weakest.right]) if weakest else None,
        "picture": weight_chart(levels, threshold=threshold) if levels else None,
    }


def _level(step: Any) -> dict[str, Any]:
    return {"label": step.label, "found": step.found, "bits": step.bits}


def _rows(person: PersonFound) -> list[tuple[str, list[str]]]:
    """One row a kind of field that any record has, with each record's value as its source wrote it."""
    rows = []
    for kind in ORDER:
        cells = [
            " / ".join(
                value
                for column, value in record.columns.items()
                if record.kinds.get(column) == kind.value and value
            )
            for record in person.records[:MOST_RECORDS]
        ]
        if any(cells):
            rows.append((KINDS[kind], cells))
    return rows


def _others(record: Any) -> list[tuple[str, str]]:
    known = {kind.value for kind in ORDER}
    return [
        (column, value)
        for column, value in record.columns.items()
        if value and record.kinds.get(column) not in known and value != record.record_id
    ]


def _value(text: str) -> str:
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text
