"""What the texts of a column stand for where they are compared: numbers, sets, lists."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from joinedup.people import nickname_table


def numbers_of(values: pa.Array) -> npt.NDArray[np.float64]:
    """Texts as numbers; NaN for what is none."""
    return np.array([number_of(text) for text in values.to_pylist()], np.float64)


def number_of(text: str) -> float:
    """A text as a number; NaN for what is none, or has no end."""
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def members_of(text: str, *, nicknames: bool) -> set[str]:
    """A value as a set: its first word with its formal names, or its parts divided by ``|``."""
    if nicknames:
        first = (text.strip().lower().split() or [""])[0]
        return {first, *nickname_table().get(first, ())}
    return set(parts_of(text))


def parts_of(text: str) -> list[str]:
    """The members of a list that is written with ``|`` between them, as often as they are written."""
    return [part for written in text.split("|") if (part := written.strip())]
