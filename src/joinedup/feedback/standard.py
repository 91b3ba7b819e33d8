"""The "great" standard of services as dated data, and whether a service meets it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any

from joinedup.errors import ModelError
from joinedup.feedback.measures import Measure, Measured

ACCESSIBILITY = "accessibility"
CODES = (*(each.value for each in Measure if each is not Measure.SHARE), ACCESSIBILITY)


class Judgement(StrEnum):
    """Whether a criterion, or the whole standard, is met."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True)
class Criterion:
    """One criterion. above: the share (of 1) that must be passed, not only reached; None where it has no number."""

    code: str
    above: Fraction | None = None
    note: str = ""


@dataclass(frozen=True)
class Standard:
    """The standard as stated on a day. is_verified: somebody compared it with its own text."""

    name: str
    stated_on: date
    source: str
    is_verified: bool
    criteria: tuple[Criterion, ...]
    note: str = ""


@dataclass(frozen=True)
class Judged:
    """A service held against the standard. Met: all are. Not met: one is not. Otherwise it is not known."""

    standard: Standard
    criteria: tuple[tuple[Criterion, Judgement], ...]
    overall: Judgement

    def of(self, code: str) -> Judgement:
        """One criterion's; not known where the standard does not have it."""
        return next(
            (found for criterion, found in self.criteria if criterion.code == code), Judgement.NOT_KNOWN
        )


def read_standard(path: Path | None = None) -> Standard:
    """Return the standard of a TOML file, by default the one that comes with the package.

    Raises ModelError naming what is missing or cannot be.
    """
    where = "great_standard.toml" if path is None else path.name
    try:
        own = files("joinedup.feedback").joinpath("great_standard.toml") if path is None else path
        told = tomllib.loads(own.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise ModelError(what="it is not TOML", where=where) from None
    for name, kind in {"name": str, "stated_on": date, "source": str, "is_verified": bool}.items():
        if not isinstance(told.get(name), kind):
            raise ModelError(what=f"{name} is missing or of another kind", where=where)
    criteria = tuple(_criterion(code, told[code], where) for code in CODES if code in told)
    if not criteria:
        raise ModelError(what="it has no criterion", where=where, mend=f"name one of {', '.join(CODES)}")
    return Standard(
        name=told["name"],
        stated_on=told["stated_on"],
        source=told["source"],
        is_verified=told["is_verified"],
        criteria=criteria,
        note=str(told.get("note", "")),
    )


def judge(
    standard: Standard,
    measured: Mapping[Measure, Measured],
    *,
    cost_at_most_pence: int | None = None,
    is_accessible: bool | None = None,
) -> Judged:
    """Hold a service against the standard, by exact values: 78.04% passes a threshold of 78% although it shows 78.0%.

    cost_at_most_pence: the threshold that applies to this kind of service; is_accessible: what its last audit found.
    What is not known meets nothing and fails nothing.
    """
    found: list[tuple[Criterion, Judgement]] = []
    for criterion in standard.criteria:
        if criterion.code == ACCESSIBILITY:
            found.append((criterion, _answer(is_accessible)))
            continue
        one = measured.get(Measure(criterion.code))
        value = None if one is None else one.value
        if criterion.code == Measure.COST:
            known = value is not None and cost_at_most_pence is not None
            found.append((criterion, _answer(value <= cost_at_most_pence if known else None)))  # type: ignore[operator]
        else:
            known = value is not None and criterion.above is not None
            found.append((criterion, _answer(value > criterion.above if known else None)))  # type: ignore[operator]
    judgements = {judgement for _, judgement in found}
    if Judgement.NOT_MET in judgements:
        overall = Judgement.NOT_MET
    else:
        overall = Judgement.MET if judgements == {Judgement.MET} else Judgement.NOT_KNOWN
    return Judged(standard, tuple(found), overall)


def _criterion(code: str, told: Any, where: str) -> Criterion:
    place = f"{where}, {code}"
    if not isinstance(told, dict):
        raise ModelError(what="it is no table", where=place)
    above = told.get("above")
    if above is not None and (
        isinstance(above, bool) or not isinstance(above, int | float) or not 0 <= above < 100
    ):
        raise ModelError(what="`above` is not a percentage below 100", where=place)
    limit = None if above is None else Fraction(str(above)) / 100
    return Criterion(code=code, above=limit, note=str(told.get("note", "")))


def _answer(met: bool | None) -> Judgement:
    if met is None:
        return Judgement.NOT_KNOWN
    return Judgement.MET if met else Judgement.NOT_MET
