"""The four measures of a service by the published formulas: satisfaction, completion, digital take-up, cost.

GOV.UK Service Manual, "Measuring the success of your service": completion rate = completed / started; digital take-up
= completed online / completed in all channels in the same months; cost per transaction = total cost in all channels /
completed in all channels; user satisfaction = the mean of a five-point scale as a percentage. That the mean is turned
into a percentage by (score - 1) / 4 is our reading of it, not its own words.

A month of which one of the two numbers is not known counts for neither: it is named as missing, and never nought.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction

from joinedup.errors import UsageError
from joinedup.feedback.figures import MonthFigures

Z_95 = 1.959963984540054


class Measure(StrEnum):
    """The four, and the share of something else that an improvement wants to change."""

    SATISFACTION = "satisfaction"
    COMPLETION = "completion"
    TAKE_UP = "take_up"
    COST = "cost"
    SHARE = "share"

    @property
    def is_better_higher(self) -> bool:
        """Whether more is better: not of cost, and not of how often people complain of something."""
        return self not in (Measure.COST, Measure.SHARE)


@dataclass(frozen=True)
class Measured:
    """A measure as it was found. value: exact; a share of 1, or pence; None where it is not known.

    above, below: the numbers of the fraction, as counted. counted: how many answers or transactions stand behind it.
    low, high: the 95% Wilson interval of a share: what chance alone would allow, were the same people asked again;
    None for a cost. known, missing: the months that count, and those that do not since something is not known.
    """

    measure: Measure
    value: Fraction | None
    above: int = 0
    below: int = 0
    counted: int = 0
    low: float | None = None
    high: float | None = None
    known: tuple[date, ...] = ()
    missing: tuple[date, ...] = ()

    @property
    def shown(self) -> str:
        """82.5%, £3.41, or "not known"."""
        if self.value is None:
            return "not known"
        return f"£{in_pounds(self.value):,}" if self.measure is Measure.COST else f"{in_percent(self.value)}%"

    @property
    def is_complete(self) -> bool:
        """Whether every month that was asked for counts."""
        return self.value is not None and not self.missing


@dataclass(frozen=True)
class Scores:
    """How many people gave each score, from 1 (worst) to 5 (best)."""

    counts: tuple[int, int, int, int, int]

    def __post_init__(self) -> None:
        if any(count < 0 for count in self.counts):
            raise UsageError(what="a number of people is less than 0", where="scores")

    @property
    def total(self) -> int:
        """How many gave any."""
        return sum(self.counts)

    @property
    def satisfied(self) -> int:
        """How many gave a 4 or a 5."""
        return self.counts[3] + self.counts[4]

    def __add__(self, other: Scores) -> Scores:
        one, two, three, four, five = (a + b for a, b in zip(self.counts, other.counts, strict=True))
        return Scores((one, two, three, four, five))


def scores_of(given: Iterable[int]) -> Scores:
    """Count scores. Raises UsageError for one outside 1 to 5.

    >>> scores_of([5, 5, 1]).counts
    (1, 0, 0, 0, 2)
    """
    counts = [0, 0, 0, 0, 0]
    for score in given:
        if not 1 <= score <= 5:
            raise UsageError(what="a score is from 1 to 5", where="scores")
        counts[score - 1] += 1
    one, two, three, four, five = counts
    return Scores((one, two, three, four, five))


def satisfaction(scores: Scores) -> Measured:
    """User satisfaction: the mean of (score - 1) / 4. Nobody asked is not known.

    The interval is Wilson's for as many yes-or-no answers with the same mean. Scores between 1 and 5 vary less than
    those, so it is wider than it need be and never too narrow.

    >>> satisfaction(Scores((0, 0, 0, 1, 1))).shown
    '87.5%'
    """
    above = sum(at * count for at, count in enumerate(scores.counts))
    return measured(Measure.SATISFACTION, above, 4 * scores.total, counted=scores.total)


def completion(months: Sequence[MonthFigures]) -> Measured:
    """Completion rate: completed / started, of the months of which both are known."""
    return _of_months(Measure.COMPLETION, months, lambda month: (month.completed, month.started))


def take_up(months: Sequence[MonthFigures]) -> Measured:
    """Digital take-up: completed online / completed in all channels, of the months of which both are known."""
    return _of_months(Measure.TAKE_UP, months, lambda month: (month.digital, month.completed))


def cost_per_transaction(months: Sequence[MonthFigures]) -> Measured:
    """Pence for each completed transaction: total cost / completed, all channels, of the months with both known.

    A month that cost money and completed nothing counts: what was spent was spent.
    """
    return _of_months(Measure.COST, months, lambda month: (month.cost_pence, month.completed))


def share(hits: int, total: int) -> Measured:
    """The share of something among all; not known where there is nothing."""
    return measured(Measure.SHARE, hits, total, counted=total)


def measured(
    measure: Measure,
    above: int,
    below: int,
    *,
    counted: int,
    known: tuple[date, ...] = (),
    missing: tuple[date, ...] = (),
) -> Measured:
    """A measure from its counts, as they may have been kept. counted: how many stand behind it, for the interval."""
    value = Fraction(above, below) if below else None
    low, high = (None, None)
    if value is not None and measure is not Measure.COST:
        low, high = wilson(value, counted)
    return Measured(measure, value, above, below, counted, low, high, known, missing)


def in_percent(value: Fraction, digits: int = 1) -> Decimal:
    """A share in per cent, halves rounded up as people do.

    >>> in_percent(Fraction(1, 8)), in_percent(Fraction(1, 16))
    (Decimal('12.5'), Decimal('6.3'))
    """
    return _rounded(value * 100, digits)


def in_pounds(pence: Fraction) -> Decimal:
    """Pence in pounds, to the nearest penny.

    >>> in_pounds(Fraction(1001, 2))
    Decimal('5.01')
    """
    return _rounded(pence / 100, 2)


def wilson(value: Fraction, total: int, *, z: float = Z_95) -> tuple[float, float]:
    """Wilson's score interval (1927) of a share of `total`; the share need not be one of whole numbers.

    >>> low, high = wilson(Fraction(45, 50), 50); round(low, 4), round(high, 4)
    (0.7864, 0.9565)
    """
    rate, spread = float(value), z * z / total
    middle = (rate + spread / 2) / (1 + spread)
    half = z * math.sqrt(rate * (1 - rate) / total + spread / (4 * total)) / (1 + spread)
    return max(0.0, min(rate, middle - half)), min(1.0, max(rate, middle + half))


def _of_months(
    measure: Measure,
    months: Sequence[MonthFigures],
    pair: Callable[[MonthFigures], tuple[int | None, int | None]],
) -> Measured:
    above = below = 0
    known: list[date] = []
    missing: list[date] = []
    for month in months:
        over, under = pair(month)
        if over is None or under is None:
            missing.append(month.month)
            continue
        above, below = above + over, below + under
        known.append(month.month)
    return measured(measure, above, below, counted=below, known=tuple(known), missing=tuple(missing))


def _rounded(value: Fraction, digits: int) -> Decimal:
    step = Decimal(1).scaleb(-digits)
    scaled = value * 10**digits
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)  # halves up, exactly
    return (Decimal(whole) * step).quantize(step, rounding=ROUND_HALF_UP)
