"""What a key makes of a column's distinct values: prefixes, postcode parts, phonetic keys and the like."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.errors import ModelError
from joinedup.linkage.date_text import date_reader, day_part
from joinedup.linkage.expression import Key, Transform
from joinedup.people import sound_keys, soundex

# The outward part and, after an optional space, the inward part (Royal Mail format): a whole one, always a
# digit and two letters, is told first, so that "LS14DY" is LS1 4DY; else one cut short after the district.
_POSTCODE = (
    r"^\s*(?P<area>[A-Z]{1,2})(?:(?P<rest>[0-9][A-Z0-9]?)\s*(?P<sector>[0-9])[A-Z]{2}"
    r"|(?P<short_rest>[0-9][A-Z0-9]?)\s*(?P<short_sector>[0-9])?[A-Z]{0,2})\s*$"
)


def transformed(values: pa.Array, key: Key) -> pa.Array:
    """The key's own transform of these texts, one for one; null where there is nothing left.

    values: distinct texts without nulls. The key's parts have been taken already (see ``encode``).
    """
    transform = key.transform
    assert transform is not None
    numbers = [option for option in key.options if isinstance(option, int)]
    if transform is Transform.PREFIX:
        out = pc.utf8_slice_codeunits(values, 0, numbers[0])
    elif transform is Transform.SUFFIX:
        out = pc.utf8_slice_codeunits(values, -numbers[0], 2**31 - 1)
    elif transform is Transform.SUBSTRING:
        out = pc.utf8_slice_codeunits(values, numbers[0] - 1, numbers[0] - 1 + numbers[1])
    elif transform is Transform.PATTERN:
        out = _pattern(values, str(key.options[0]), group=numbers[0] if numbers else 0)
    elif transform is Transform.ISO_DATE:
        out = _by_python(date_reader(str(key.options[0])))(values)
    elif transform is Transform.WITHOUT:
        out = pc.if_else(pc.equal(values, str(key.options[0])), pa.scalar(None, pa.string()), values)
    else:
        out = _PLAIN[transform](values)
    return pc.if_else(pc.equal(out, ""), pa.scalar(None, pa.string()), out)


def _pattern(values: pa.Array, regex: str, *, group: int) -> pa.Array:
    named = re.sub(r"(\\.|\[\^?\]?(?:\\.|[^\]])*\])|\((?!\?)", lambda m: m[1] or f"(?P<g{m.start()}>", regex)
    try:
        found = pc.extract_regex(values, f"(?P<whole>{named})")
        return pc.struct_field(found, [group])
    except (pa.ArrowInvalid, pa.ArrowIndexError):
        raise ModelError(
            what=f"'{regex}' is not a regular expression, or has no group {group}",
            mend="mend it (RE2 syntax)",
        ) from None


def _postcode_part(part: str) -> Callable[[pa.Array], pa.Array]:
    def take(values: pa.Array) -> pa.Array:
        found = pc.extract_regex(pc.utf8_upper(values), _POSTCODE)
        area, *halves = (pc.struct_field(found, [i]) for i in range(5))
        # A part that took no part in the match is "", and only one of each two takes part.
        rest, sector = (pc.binary_join_element_wise(halves[i], halves[i + 2], "") for i in range(2))
        if part == "area":
            return area
        district = pc.binary_join_element_wise(area, rest, "")
        if part == "district":
            return district
        whole = pc.binary_join_element_wise(district, sector, " ")
        return pc.if_else(pc.equal(sector, ""), pa.scalar(None, pa.string()), whole)

    return take


def _by_python(function: Callable[[str], str | None]) -> Callable[[pa.Array], pa.Array]:
    return lambda values: pa.array([function(text) for text in values.to_pylist()], pa.string())


def _iso_part(start: int, stop: int) -> Callable[[pa.Array], pa.Array]:
    def take(values: pa.Array) -> pa.Array:
        looks_iso = pc.match_substring_regex(values, r"^\d{4}-\d{2}-\d{2}")
        return pc.if_else(
            looks_iso, pc.utf8_slice_codeunits(values, start, stop), pa.scalar(None, pa.string())
        )

    return take


def _squash(values: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(pc.utf8_lower(values), r"[^\p{L}\p{N}]+", "")


def _email_part(index: int) -> Callable[[pa.Array], pa.Array]:
    def take(values: pa.Array) -> pa.Array:
        return pc.struct_field(pc.extract_regex(values, r"^(?P<user>[^@]+)@(?P<domain>[^@]+)$"), [index])

    return take


_PLAIN: dict[Transform, Callable[[pa.Array], pa.Array]] = {
    Transform.LOWER: pc.utf8_lower,
    Transform.UPPER: pc.utf8_upper,
    Transform.SQUASHED: _squash,
    Transform.YEAR: _iso_part(0, 4),
    Transform.MONTH_DAY: _iso_part(5, 10),
    Transform.POSTCODE_AREA: _postcode_part("area"),
    Transform.POSTCODE_DISTRICT: _postcode_part("district"),
    Transform.POSTCODE_SECTOR: _postcode_part("sector"),
    Transform.EMAIL_USER: _email_part(0),
    Transform.EMAIL_DOMAIN: _email_part(1),
    Transform.SOUNDEX: lambda values: soundex(values).dictionary_decode(),
    Transform.SOUND: lambda values: sound_keys(values)[0].dictionary_decode(),
    Transform.FIRST_WORD: _by_python(lambda text: next(iter(text.split()), None)),
    Transform.LAST_WORD: _by_python(lambda text: next(reversed(text.split()), None)),
    Transform.SORTED_WORDS: _by_python(lambda text: " ".join(sorted(text.split())) or None),
}


def iso_days(values: pa.Array) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Days since 1970 of ISO dates, float64, a time of day as part of one; NaN for what is no date."""
    form = r"^(\d{3}[1-9]|\d{2}[1-9]0|\d[1-9]00|[1-9]000)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
    good = pc.match_substring_regex(values, form)  # there is no year 0
    text = pc.if_else(good, pc.utf8_slice_codeunits(values, 0, 10), pa.scalar(None, pa.string()))
    # 31 June and its like pass the pattern: NumPy says NaT for none of them, so months are checked here.
    day = pc.cast(pc.utf8_slice_codeunits(text, 8, 10), pa.int32())
    first = pc.binary_join_element_wise(pc.utf8_slice_codeunits(text, 0, 8), "01", "")
    months = first.to_numpy(zero_copy_only=False).astype("datetime64[M]")
    last_day = ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(float)
    days = months.astype("datetime64[D]").astype(float)
    days[np.isnat(months)] = np.nan
    number = day.to_numpy(zero_copy_only=False).astype(float)
    whole = np.where(number <= last_day, days + number - 1, np.nan)
    rest = pc.utf8_slice_codeunits(values, 10, 2**31 - 1)
    timed = np.flatnonzero(pc.not_equal(rest, "").to_numpy(zero_copy_only=False))
    whole[timed] += [day_part(text) for text in rest.take(pa.array(timed)).to_pylist()]
    return whole


def iso_swapped(values: pa.Array) -> pa.Array:
    """ISO dates with day and month changed over; null where that is no date or the same one."""
    good = pc.match_substring_regex(values, r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-2])$")
    parts = [pc.utf8_slice_codeunits(values, a, b) for a, b in ((0, 4), (8, 10), (5, 7))]
    swapped = pc.binary_join_element_wise(*parts, "-")
    return pc.if_else(good, swapped, pa.scalar(None, pa.string()))
