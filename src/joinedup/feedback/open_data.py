"""A service's figures made fit for everybody: numbers of 1 to 4 people are withheld, and cannot be worked out.

A number that is withheld could come back by subtraction, so more is withheld with it:

* Scores: where any of the five numbers is from 1 to 4, all five are withheld. What is left are how many answered and
  the mean; near its ends a mean gives the numbers away (a mean just below 100% is one 4 among 5s), so it is withheld
  there. Elsewhere each of the five may be 5 or more as far as a reader can tell: see the tests, which try every case.
* Transactions: a difference of two numbers is a number, too. Where from 1 to 4 of them were started, completed or
  completed online, were started and not completed, or completed in another way than online, all three are withheld.

Zero is told, since it says of nobody anything, and so is what is not known: the two are never the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import combinations

from joinedup.feedback.figures import MonthFigures
from joinedup.feedback.measures import Scores, in_percent, satisfaction

FEWEST = 5
EDGE = 21
"""How far, in steps of one score, a sum must be from the lowest and the highest that it could be."""
SCORES = ("score_1", "score_2", "score_3", "score_4", "score_5")
COLUMNS: Mapping[str, tuple[str, str]] = {
    "month": ("gYearMonth", "Calendar month"),
    "answers": ("integer", "People who said how satisfied they were, from 1 to 5"),
    **{
        name: ("integer", f"Of those, people who gave a {number}" + ends)
        for number, (name, ends) in enumerate(
            zip(SCORES, (" (very dissatisfied)", "", "", "", " (very satisfied)"), strict=True), 1
        )
    },
    "satisfaction_percent": ("decimal", "User satisfaction: the mean of (score - 1) / 4, in per cent"),
    "started": ("integer", "Transactions started, in all channels"),
    "completed": ("integer", "Transactions completed, in all channels"),
    "completed_online": ("integer", "Transactions completed online"),
    "eligible": ("integer", "People who could have used the service"),
    "cost_pounds": ("decimal", "What the month cost, in all channels, in pounds"),
    "withheld": ("string", "Columns whose number is withheld, since it or a difference is from 1 to 4"),
}


@dataclass(frozen=True)
class OpenMonth:
    """A month for everybody, by column: None where it is not known, or where `withheld` names the column."""

    month: date
    values: Mapping[str, int | Fraction | None]
    withheld: tuple[str, ...]

    def row(self) -> dict[str, str]:
        """The same as texts, by column, in the order of COLUMNS; nothing for None."""
        told = {"month": f"{self.month:%Y-%m}", "withheld": " ".join(self.withheld)}
        return {name: told[name] if name in told else _text(name, self.values[name]) for name in COLUMNS}


def open_month(scores: Scores, figures: MonthFigures) -> OpenMonth:
    """Return what may be told of a month."""
    of_scores, withheld = _scores(scores)
    of_figures, also = _figures(figures)
    names = [name for name in COLUMNS if name in {*withheld, *also}]
    return OpenMonth(figures.month, {**of_scores, **of_figures}, tuple(names))


def csvw(
    *, url: str, title: str, publisher: str, licence_url: str, notes: Sequence[str] = ()
) -> dict[str, object]:
    """Return the description of the CSV file by the W3C's "Metadata Vocabulary for Tabular Data" (2015).

    url: of the CSV file, as seen from the description.
    """
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "url": url,
        "dc:title": title,
        "dc:publisher": publisher,
        "dc:license": {"@id": licence_url},
        "dc:description": " ".join(notes),
        "dialect": {"header": True, "encoding": "utf-8"},
        "tableSchema": {
            "columns": [
                {"name": name, "titles": name, "datatype": kind, "dc:description": what}
                for name, (kind, what) in COLUMNS.items()
            ],
            "primaryKey": "month",
        },
    }


def _scores(scores: Scores) -> tuple[dict[str, int | Fraction | None], list[str]]:
    found: dict[str, int | Fraction | None] = dict(zip(SCORES, scores.counts, strict=True))
    found |= {"answers": scores.total, "satisfaction_percent": satisfaction(scores).value}
    withheld: list[str] = []
    if _is_few(scores.total):
        withheld = list(found)
    elif any(map(_is_few, scores.counts)):
        withheld = list(SCORES)
        above = sum(at * count for at, count in enumerate(scores.counts))
        if not EDGE <= above <= 4 * scores.total - EDGE:
            withheld.append("satisfaction_percent")
    return {name: None if name in withheld else value for name, value in found.items()}, withheld


def _figures(figures: MonthFigures) -> tuple[dict[str, int | Fraction | None], list[str]]:
    chain = {
        "started": figures.started,
        "completed": figures.completed,
        "completed_online": figures.digital,
    }
    known = [(name, value) for name, value in chain.items() if value is not None]
    numbers = [value for _, value in known]
    numbers += [more - fewer for (_, more), (_, fewer) in combinations(known, 2)]
    withheld = [name for name, _ in known] if any(map(_is_few, numbers)) else []
    if figures.eligible is not None and _is_few(figures.eligible):
        withheld.append("eligible")
    told: dict[str, int | Fraction | None] = {
        name: None if name in withheld else value
        for name, value in {**chain, "eligible": figures.eligible}.items()
    }
    told["cost_pounds"] = None if figures.cost_pence is None else Fraction(figures.cost_pence, 100)
    return told, withheld


def _is_few(number: int) -> bool:
    return 0 < number < FEWEST


def _text(name: str, value: int | Fraction | None) -> str:
    if value is None:
        return ""
    if name == "satisfaction_percent":
        return str(in_percent(Fraction(value)))
    if name == "cost_pounds":
        return str(in_percent(Fraction(value) / 100, 2))
    return str(value)
