"""What happens to a value between a person's mouth and a record: slips of typing, sight and memory.

Each function changes one text, led by a random whole number, and is otherwise without state. They are
written for the few values that go wrong, so they run in plain Python; `rewrite` puts them in a column.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.people.county.draw import BoolArray

_NEIGHBOURS = {
    "q": "wa", "w": "qes", "e": "wrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok",
    "o": "ipl", "p": "ol", "a": "qsz", "s": "adwx", "d": "sfec", "f": "dgrv", "g": "fhtb", "h": "gjyn",
    "j": "hkum", "k": "jlim", "l": "kop", "z": "asx", "x": "zcs", "c": "xvd", "v": "cbf", "b": "vgn",
    "n": "bmh", "m": "njk", "1": "2", "2": "13", "3": "24", "4": "35", "5": "46", "6": "57", "7": "68",
    "8": "79", "9": "80", "0": "9",
}  # fmt: skip
_MISREAD = (
    ("rn", "m"), ("m", "rn"), ("l", "1"), ("i", "l"), ("I", "1"), ("O", "0"), ("o", "0"), ("S", "5"),
    ("B", "8"), ("cl", "d"), ("e", "c"), ("h", "b"), ("vv", "w"), ("w", "vv"), ("a", "o"), ("n", "u"),
    ("u", "v"), ("Z", "2"), ("g", "q"), ("t", "f"), ("0", "O"), ("1", "I"), ("5", "S"), ("8", "B"),
)  # fmt: skip
_MISHEARD = (
    ("ph", "f"), ("f", "ph"), ("ck", "k"), ("k", "ck"), ("ie", "y"), ("y", "ie"), ("ee", "ea"), ("ea", "ee"),
    ("ai", "ay"), ("ou", "ow"), ("er", "ar"), ("ll", "l"), ("l", "ll"), ("tt", "t"), ("t", "tt"), ("nn", "n"),
    ("n", "nn"), ("ss", "s"), ("s", "z"), ("c", "k"), ("en", "an"), ("an", "en"), ("or", "er"), ("i", "e"),
    ("ey", "y"), ("gh", "g"), ("wr", "r"), ("ton", "tun"), ("son", "sen"), ("a", "e"), ("o", "u"),
)  # fmt: skip

Change = Callable[[str, int], str | None]


def typed(text: str, luck: int) -> str:
    """One slip on the keyboard: a wrong neighbour, a lost, doubled or swapped letter, or a stray one.

    >>> typed("Martin", 133), typed("Martin", 155)
    ('Marrtin', 'Matin')
    """
    if not text:
        return text
    kind, rest = luck % 10, luck // 10
    # The first letter is seen by the typist and seldom wrong.
    place = 0 if len(text) == 1 or rest % 12 == 0 else 1 + (rest // 12) % (len(text) - 1)
    rest //= 997
    letter = text[place]
    if kind in (0, 1, 2):
        others = _NEIGHBOURS.get(letter.lower(), "e")
        other = others[rest % len(others)]
        return text[:place] + (other.upper() if letter.isupper() else other) + text[place + 1 :]
    if kind in (3, 4):
        return text[: place + 1] + letter.lower() + text[place + 1 :]
    if kind in (5, 6, 7) and len(text) > 2:
        return text[:place] + text[place + 1 :]
    if kind == 8:
        stray = "etaoinshrdlu"[rest % 12]
        return text[: place + 1] + stray + text[place + 1 :]
    if place + 1 < len(text):
        return text[:place] + text[place + 1] + letter + text[place + 2 :]
    return text[: place - 1] + letter + text[place - 1] if len(text) > 1 else text


def misread(text: str, luck: int) -> str:
    """One confusion of shapes, as optical reading makes them; unchanged where no shape is alike."""
    return _exchange(text, luck, _MISREAD, first=0)


def misheard(text: str, luck: int) -> str:
    """One spelling that sounds alike, as when a name is given over a counter or a telephone."""
    return _exchange(text, luck, _MISHEARD, first=1)


def initial(text: str, luck: int) -> str:
    """The first letter alone."""
    del luck
    return text[:1]


def _exchange(text: str, luck: int, pairs: Sequence[tuple[str, str]], *, first: int) -> str:
    possible = [(old, new) for old, new in pairs if old in text[first:]]
    if not possible:
        return typed(text, luck)
    old, new = possible[luck % len(possible)]
    return text[:first] + text[first:].replace(old, new, 1)


def rewrite(column: pa.Array, where: BoolArray, change: Change, rng: np.random.Generator) -> pa.Array:
    """The column with `change` applied to the texts where the mask is set; missing values stay missing."""
    rows = np.flatnonzero(where)
    luck = rng.integers(0, 2**40, len(rows)).tolist()
    if not len(rows):
        return column
    texts = column.take(pa.array(rows)).to_pylist()
    changed = [
        None if text is None else change(text, number) for text, number in zip(texts, luck, strict=True)
    ]
    return replace(column, where, pa.array(changed, pa.string()))


def replace(column: pa.Array, where: BoolArray, values: pa.Array) -> pa.Array:
    """The column with the values, in order, put where the mask is set."""
    return pc.replace_with_mask(column, pa.array(where), values)


def choose(where: BoolArray, yes: pa.Array, no: pa.Array) -> pa.Array:
    """yes where the mask is set, otherwise no."""
    return pc.if_else(pa.array(where), yes, no)


def blank(column: pa.Array, where: BoolArray) -> pa.Array:
    """The column with missing values where the mask is set."""
    return pc.if_else(pa.array(where), pa.scalar(None, column.type), column)


def joined(*columns: pa.Array, separator: str) -> pa.StringArray:
    """The texts of each row that are not missing, with the separator between them; missing where none is.

    Written out, as pyarrow's null_handling="skip" drops rows in which every text is missing (26.0).
    """
    result = columns[0]
    for column in columns[1:]:
        both = pc.binary_join_element_wise(result, column, separator)
        result = pc.coalesce(both, result, column)
    return result
