"""How a name sounds: Soundex, and a key of our own in the manner of Double Metaphone for names in Britain.

Soundex: the rules of the United States National Archives (H and W do not part equal codes; vowels do). The
second key is this project's own set of rules; like Lawrence Philips's Double Metaphone it gives a first and
an alternative key, because a spelling may be said in two ways (Clough, Hughes).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from joinedup.people.distinct import distinct
from joinedup.people.name_key import fold

_SOUNDEX = {
    letter: code
    for code, letters in enumerate(("bfpv", "cgjkqsxz", "dt", "l", "mn", "r"), 1)
    for letter in letters
}
_VOWELS = frozenset("aeiouy")
_SOFT = frozenset("eiy")
_LONGEST = 6
# A spelling, where it stands ("^" first, "$" last, "" anywhere), its sound, its other sound. Longest first.
_SPELLINGS: tuple[tuple[str, str, str, str], ...] = (
    ("schm", "^", "XM", "SM"),
    ("schn", "^", "XN", "SN"),
    ("sch", "", "X", "SK"),
    ("tch", "", "X", "X"),
    ("dge", "", "J", "J"),
    ("dgi", "", "J", "J"),
    ("tion", "", "XN", "TN"),
    ("sion", "", "XN", "SN"),
    ("cia", "", "X", "S"),
    ("chr", "", "KR", "KR"),
    ("ght", "", "T", "T"),
    ("kn", "^", "N", "KN"),
    ("gn", "^", "N", "KN"),
    ("pn", "^", "N", "N"),
    ("ps", "^", "S", "PS"),
    ("wr", "^", "R", "R"),
    ("wh", "^", "W", "H"),
    ("rh", "", "R", "R"),
    ("gh", "^", "K", "K"),
    ("gh", "", "", "F"),
    ("gn", "", "N", "KN"),
    ("mb", "$", "M", "M"),
    ("bh", "", "F", "P"),
    ("mh", "", "F", "M"),
    ("dh", "", "", "T"),
    ("ch", "$", "X", "K"),
    ("ch", "", "X", "K"),
    ("ck", "", "K", "K"),
    ("cz", "", "X", "S"),
    ("sz", "", "X", "S"),
    ("sh", "", "X", "X"),
    ("th", "", "0", "T"),
    ("tz", "", "S", "TS"),
    ("ts", "", "TS", "S"),
    ("ph", "", "F", "F"),
    ("kh", "", "K", "H"),
    ("zh", "", "J", "S"),
    ("sc", "", "SK", "S"),
)
_BY_START = {
    start: tuple(one for one in _SPELLINGS if one[0].startswith(start))
    for start in {s[0][:2] for s in _SPELLINGS}
}
_PLAIN = {
    "b": "P", "d": "T", "f": "F", "j": "J", "k": "K", "l": "L", "m": "M", "n": "N", "p": "P", "q": "K",
    "r": "R", "s": "S", "t": "T", "v": "F", "x": "KS", "z": "S",
}  # fmt: skip


def _letters(name: str) -> str:
    return "".join(letter for letter in fold(name) if "a" <= letter <= "z")


def soundex_of(name: str) -> str | None:
    """The four-character Soundex of a name; None without a Latin letter. Spaces and marks do not count.

    >>> soundex_of("Robert"), soundex_of("Ashcraft"), soundex_of("Tymczak"), soundex_of("Li")
    ('R163', 'A261', 'T522', 'L000')
    """
    letters = _letters(name)
    if not letters:
        return None
    code = letters[0].upper()
    last = _SOUNDEX.get(letters[0], 0)
    for letter in letters[1:]:
        digit = _SOUNDEX.get(letter, 0)
        if digit and digit != last:
            code += str(digit)
        if letter not in "hw":
            last = digit
    return (code + "000")[:4]


def sound_keys_of(name: str) -> tuple[str, str] | None:
    """The key of a name's sound and its alternative (often the same); None without a Latin letter.

    Up to six characters: consonant sounds (0 is th, X is sh or ch), and A for a vowel at the beginning.

    >>> sound_keys_of("Catherine") == sound_keys_of("Kathryn"), sound_keys_of("Hughes")
    (True, ('HS', 'HFS'))
    >>> sound_keys_of("Siobhán")
    ('SFN', 'SPN')
    """
    letters = _letters(name)
    if not letters:
        return None
    first: list[str] = []
    other: list[str] = []
    place = 0
    while place < len(letters):
        size, sound, alternative = _sound_at(letters, place)
        first.append(sound)
        other.append(alternative)
        place += size
    return _closed("".join(first)), _closed("".join(other))


def _sound_at(letters: str, place: int) -> tuple[int, str, str]:
    """How many letters are said together here, their sound, and their other sound."""
    letter, following = letters[place], letters[place + 1 : place + 2]
    for spelling, where, sound, other in _BY_START.get(letter + following, ()):
        if letters.startswith(spelling, place):
            end = place + len(spelling)
            if where == "" or (where == "^" and place == 0) or (where == "$" and end == len(letters)):
                return len(spelling), sound, other
    size = 2 if letter == following and letter not in _VOWELS else 1
    after = letters[place + size : place + size + 1]
    if letter in _VOWELS:
        start = "A" if place == 0 else ""
        return 1, start, start
    if letter == "c":
        return size, *(("S", "S") if after in _SOFT else ("K", "K"))
    if letter == "g":
        return size, *(("J", "K") if after in _SOFT else ("K", "K"))
    if letter == "h":
        said = place == 0 and after in _VOWELS
        return 1, "H" if said else "", "H" if said else ""
    if letter == "w":
        said = after in _VOWELS and place == 0
        return size, "W" if said else "", "F" if said else ""
    return size, _PLAIN[letter], _PLAIN[letter]


def _closed(key: str) -> str:
    """The key with equal neighbours made one, at most six characters, never empty."""
    out = ""
    for character in key:
        if not out or out[-1] != character:
            out += character
    return out[:_LONGEST] or "A"


def soundex(names: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    """Soundex of each name, null where there is none; each distinct name is looked at once."""
    return _keys(names, soundex_of)


def sound_keys(names: pa.Array | pa.ChunkedArray) -> tuple[pa.DictionaryArray, pa.DictionaryArray]:
    """The key of each name's sound and the alternative key, null where there is none."""
    known: dict[str, tuple[str, str] | None] = {}

    def key(name: str, place: int) -> str | None:
        if name not in known:
            known[name] = sound_keys_of(name)
        both = known[name]
        return None if both is None else both[place]

    return _keys(names, lambda name: key(name, 0)), _keys(names, lambda name: key(name, 1))


def _keys(names: pa.Array | pa.ChunkedArray, key: Callable[[str], str | None]) -> pa.DictionaryArray:
    found = distinct(names)
    keys = pa.array([key(text) for text in found.texts.to_pylist()], pa.string()).dictionary_encode()
    to_key = np.append(np.asarray(keys.indices.fill_null(-1)).astype(np.int32), np.int32(-1))
    indices = to_key[found.codes]
    return pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32(), mask=indices < 0), keys.dictionary)
