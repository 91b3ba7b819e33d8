"""Numbers to places and to words: round axis steps, linear scales, short number formats."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

NumberFormat = Callable[[float], str]


@dataclass(frozen=True)
class Scale:
    """A linear map of values onto places; a domain without width maps to the middle."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        if self.high == self.low:
            return (self.start + self.end) / 2
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def ticks(low: float, high: float, *, about: int = 5) -> list[float]:
    """Round values (steps of 1, 2 or 5 times a power of ten) that cover ``low`` to ``high``.

    >>> ticks(0, 97)
    [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError("an axis needs finite bounds")
    if high < low:
        low, high = high, low
    if high == low:
        high = low + (abs(low) or 1.0)
    rough = (high - low) / max(about, 1)
    if rough <= 0 or not math.isfinite(rough):
        return [low, high]
    power = 10.0 ** math.floor(math.log10(rough))
    if power == 0:  # bounds closer than the smallest power of ten a float can hold
        return [low, high]
    step = next((m * power for m in (1, 2, 5) if m * power >= rough * 0.9999), 10 * power)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    if last - first > 50 or first + 1 == first:  # the step is lost beside the bounds' own size
        return [low, high]
    return [round(i * step, 12) + 0.0 for i in range(first, last + 1)]


def finite(values: Sequence[float]) -> list[float]:
    """The values that can be drawn: not infinite, not missing, and small enough to subtract (1e300)."""
    return [float(v) for v in values if abs(v) <= 1e300]


def plain(value: float) -> str:
    """A number for people: thousands separated, four significant figures where not whole.

    >>> plain(1234567), plain(0.123456), plain(-2.5), plain(1e-7)
    ('1,234,567', '0.1235', '−2.5', '1e-07')
    """
    if not math.isfinite(value):
        return "–"
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}".replace("-", "−")
    size = abs(value)
    if size >= 1000:
        text = f"{value:,.0f}" if size < 1e15 else f"{value:.3g}"
    elif size >= 0.001:
        text = f"{value:.4g}"
    else:
        return f"{value:.2g}".replace("-", "−", 1) if value < 0 else f"{value:.2g}"
    return text.replace("-", "−", 1) if value < 0 else text


def short(value: float) -> str:
    """A number for an axis: thousands as k, millions as M.

    >>> short(25000), short(1.5e6), short(0.25)
    ('25k', '1.5M', '0.25')
    """
    size = abs(value)
    for limit, letter in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if size >= limit and not (limit == 1e3 and size < 10_000):
            return f"{value / limit:.4g}{letter}".replace("-", "−")
    return plain(value)


def axis_format(form: NumberFormat) -> NumberFormat:
    """How an axis writes its steps: as the values are written, or shortened where they are plain numbers."""
    return short if form is plain else form


def percent(value: float) -> str:
    """A share (0 to 1) as a percentage, rounded down, so that 95.97% never reads as a target of 96% met.

    >>> percent(0.5), percent(0.99996), percent(1.0), percent(0.00001)
    ('50%', '99.9%', '100%', '<0.1%')
    """
    if not math.isfinite(value):
        return "–"
    if 0 < value < 0.001:
        return "<0.1%"
    if value < 1 and value > 0.999:
        return "99.9%"
    text = f"{math.floor(value * 1000 + 1e-9) / 10:.1f}"
    return f"{text.removesuffix('.0')}%".replace("-", "−")


def signed(value: float) -> str:
    """A weight with its sign, two decimals.

    >>> signed(3), signed(-0.456), signed(0)
    ('+3.00', '−0.46', '0.00')
    """
    if not math.isfinite(value):
        return "–" if math.isnan(value) else ("+∞" if value > 0 else "−∞")
    text = f"{value:+.2f}"
    return "0.00" if text in {"+0.00", "-0.00"} else text.replace("-", "−")
