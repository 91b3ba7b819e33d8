"""Keys of one record at a time, for answers while somebody waits: the same as ``transform.transformed`` gives.

Regular expressions are RE2's there. Those that Python is sure to read alike are read by Python; any other is
left to Arrow, its answers for the last texts remembered.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache

import pyarrow as pa

from joinedup.linkage.date_text import date_reader, day_part
from joinedup.linkage.expression import Key, Transform
from joinedup.linkage.transform import transformed
from joinedup.people import sound_keys_of, soundex_of
from joinedup.values import arrow_text

OneTransform = Callable[[str], str | None]

_REMEMBERED = 1 << 12
_SPACE = arrow_text.RE2_SPACE
_POSTCODE = re.compile(
    rf"{_SPACE}*(?P<area>[A-Z]{{1,2}})(?:(?P<rest>[0-9][A-Z0-9]?){_SPACE}*(?P<sector>[0-9])[A-Z]{{2}}"
    rf"|(?P<short_rest>[0-9][A-Z0-9]?){_SPACE}*(?P<short_sector>[0-9])?[A-Z]{{0,2}}){_SPACE}*"
)
_DAY = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")
_EXCHANGEABLE = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-2])")
_DAY_ZERO = date(1970, 1, 1).toordinal()
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EMAIL = re.compile(r"([^@]+)@([^@]+)")
# Literal characters and classes of ASCII, each perhaps repeated: read alike by RE2 and by Python.
_PLAIN_PIECE = r"(?:[A-Za-z0-9 @,/-]|\\[.+*?()|@/-]|\[\^?(?:[A-Za-z0-9](?:-[A-Za-z0-9])?|[ @_,.])+\])"
_PLAIN_PATTERN = re.compile(rf"\^?(?:{_PLAIN_PIECE}(?:[?*+]|\{{[0-9]{{1,2}}(?:,[0-9]{{0,2}})?\}})?)+\$?")


class KeyReader:
    """Takes several keys from one record's standardised fields, each part of them worked out once.

    >>> from joinedup.linkage.expression import parse_key
    >>> KeyReader([parse_key("upper(a)"), parse_key("joined(b, upper(a))")])({"a": "x", "b": "y"})
    ['X', 'yX']
    """

    def __init__(self, keys: Sequence[Key]) -> None:
        self._columns: list[str] = []
        self._steps: list[tuple[int, OneTransform | None, tuple[int, ...], str]] = []
        place: dict[Key, int] = {}
        every = list(dict.fromkeys(part for whole in keys for part in _parts(whole)))
        for key in every:
            if key.column is not None:
                place[key] = len(self._columns)
                self._columns.append(key.column)
        for key in every:
            if key.column is None:
                several = key.transform in (Transform.CONCAT, Transform.JOINED)
                of = tuple(place[part] for part in key.of)
                place[key] = len(place)
                between = " " if key.transform is Transform.CONCAT else ""
                self._steps.append((of[0], None if several else one_transform(key), of, between))
        self._places = [place[key] for key in keys]

    def __call__(self, fields: Mapping[str, str | None]) -> list[str | None]:
        """The text of each key, None where it is missing. fields: what is missing may be None, empty or not there."""
        get = fields.get
        values: list[str | None] = [get(name) or None for name in self._columns]
        for first, transform, of, between in self._steps:
            if transform is not None:
                text = values[first]
                values.append(None if text is None else transform(text))
            else:
                texts = [text for text in [values[part] for part in of] if text is not None]
                values.append(between.join(texts) if len(texts) == len(of) else None)
        return [values[place] for place in self._places]


def _parts(key: Key) -> Iterator[Key]:
    """The keys that a key is made of, inner ones first, then itself."""
    for part in key.of:
        yield from _parts(part)
    yield key


def one_transform(key: Key) -> OneTransform:
    """The key's own transform of one text (not empty); None where there is nothing left.

    >>> from joinedup.linkage.expression import parse_key
    >>> one_transform(parse_key("postcode_sector(x)"))("LS14DY")
    'LS1 4'
    """
    function = _transform(key)

    def transform(text: str) -> str | None:
        return function(text) or None

    return lru_cache(maxsize=_REMEMBERED)(transform) if key.transform in _SLOW else transform


def iso_day(text: str) -> float:
    """Days since 1970 of an ISO date, as ``transform.iso_days``; NaN for what is no date."""
    if not _DAY.match(text) or text.startswith("0000"):
        return math.nan
    try:
        day = date(int(text[:4]), int(text[5:7]), int(text[8:10])).toordinal() - _DAY_ZERO
    except ValueError:
        return math.nan
    return day + day_part(text[10:]) if len(text) > 10 else float(day)


def iso_exchanged(text: str) -> str | None:
    """An ISO date with day and month changed over, as ``transform.iso_swapped``; None where that is no date."""
    return f"{text[:4]}-{text[8:10]}-{text[5:7]}" if _EXCHANGEABLE.fullmatch(text) else None


def _transform(key: Key) -> OneTransform:
    transform = key.transform
    assert transform is not None
    numbers = [option for option in key.options if isinstance(option, int)]
    if transform is Transform.PREFIX:
        return lambda text: text[: numbers[0]]
    if transform is Transform.SUFFIX:
        return lambda text: text[-numbers[0] :]
    if transform is Transform.SUBSTRING:
        begin, size = numbers
        return lambda text: text[begin - 1 : begin - 1 + size]
    if transform is Transform.PATTERN:
        return _pattern(key, group=numbers[0] if numbers else 0)
    if transform is Transform.ISO_DATE:
        return date_reader(str(key.options[0]))
    if transform is Transform.WITHOUT:
        unwanted = str(key.options[0])
        return lambda text: None if text == unwanted else text
    return _PLAIN[transform]


def _pattern(key: Key, *, group: int) -> OneTransform:
    regex = str(key.options[0])
    if group == 0 and _PLAIN_PATTERN.fullmatch(regex):
        # Python's $ also matches before a line's end that closes the text; RE2's does not.
        ending = regex.endswith("$") and not regex.endswith(r"\$")
        search = re.compile(regex[:-1] + r"\Z" if ending else regex).search

        def find(text: str) -> str | None:
            found = search(text)
            return None if found is None else found.group()

        return find

    @lru_cache(maxsize=_REMEMBERED)
    def ask(text: str) -> str | None:
        found: str | None = transformed(pa.array([text], pa.string()), key)[0].as_py()
        return found

    return ask


def _postcode_part(part: str) -> OneTransform:
    def take(text: str) -> str | None:
        found = _POSTCODE.fullmatch(arrow_text.upper(text))
        if found is None:
            return None
        area, rest, sector, short_rest, short_sector = found.groups(default="")
        district = area + rest + short_rest
        if part == "area":
            return area
        if part == "district":
            return district
        whole_sector = sector + short_sector
        return f"{district} {whole_sector}" if whole_sector else None

    return take


def _iso_part(start: int, stop: int) -> OneTransform:
    return lambda text: text[start:stop] if _ISO.match(text) else None


def _email_part(index: int) -> OneTransform:
    def take(text: str) -> str | None:
        found = _EMAIL.fullmatch(text)
        return None if found is None else found.group(index + 1)

    return take


# Worth remembering: names come again and again.
_SLOW = (Transform.SOUND, Transform.SOUNDEX)


def _sound(text: str) -> str | None:
    both = sound_keys_of(text)
    return None if both is None else both[0]


_PLAIN: dict[Transform, OneTransform] = {
    Transform.LOWER: arrow_text.lower,
    Transform.UPPER: arrow_text.upper,
    Transform.SQUASHED: arrow_text.squashed,
    Transform.YEAR: _iso_part(0, 4),
    Transform.MONTH_DAY: _iso_part(5, 10),
    Transform.POSTCODE_AREA: _postcode_part("area"),
    Transform.POSTCODE_DISTRICT: _postcode_part("district"),
    Transform.POSTCODE_SECTOR: _postcode_part("sector"),
    Transform.EMAIL_USER: _email_part(0),
    Transform.EMAIL_DOMAIN: _email_part(1),
    Transform.SOUNDEX: soundex_of,
    Transform.SOUND: _sound,
    Transform.FIRST_WORD: lambda text: next(iter(text.split()), None),
    Transform.LAST_WORD: lambda text: next(reversed(text.split()), None),
    Transform.SORTED_WORDS: lambda text: " ".join(sorted(text.split())),
}
