"""One written name to the form in which names are compared, and to the form in which they are shown.

Compared: lower case, accents folded, apostrophes closed up (o'brien, o brien → obrien), hyphens as spaces,
titles and letters after the name taken off. Shown: as written, with spaces, apostrophes and case mended.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from joinedup.people.data_file import rows_of
from joinedup.values.judged import Judged, invalid, mended, valid

# Letters that NFKD does not take apart.
_FOLDS = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",
        "ŋ": "n",
        "ħ": "h",
    }
)
APOSTROPHES = "'’‘`´ʼʻ′＇"
_APOSTROPHE = re.compile(f"[{APOSTROPHES}]")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}")
_SMALL_MARKS = re.compile(r"[\u0300-\u036f]")
_NOT_WORD = re.compile(r"[^\w]+|_+")
_MAIDEN = re.compile(r"\b(née|nee|formerly|aka|a\.k\.a\.?)\s.*$", re.IGNORECASE)
_BROKEN = re.compile("[ÃÂâÅÄ][\u0080-\u00bf\u2018-\u201e\u20ac\u2122\u0152-\u0178\u02c6\u02dc\u2020-\u203a]")
# Joined to the next word, so that "Mac Donald" is "MacDonald" and "O Brien" is "O'Brien".
JOINED_PARTICLES = frozenset({"mac", "mc", "o", "d", "fitz"})


@cache
def titles(place: str) -> dict[str, str]:
    """Words that stand before or after names ("before", "after"), each with when it may be taken off."""
    return {row["word"]: row["when"] for row in rows_of("titles") if row["place"] == place}


def mend_encoding(text: str) -> str:
    """Text whose UTF-8 was read as Windows-1252, put back; other text as it is.

    >>> mend_encoding("ZoÃ«"), mend_encoding("Zoë")
    ('Zoë', 'Zoë')
    """
    if not _BROKEN.search(text):
        return text
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return text


def fold(text: str) -> str:
    """Lower case without accents; other scripts stay.

    >>> fold("Łukasz Ó Sé"), fold("STRAẞE")
    ('lukasz o se', 'strasse')
    """
    if text.isascii():
        return text.lower()
    lowered = text.casefold().translate(_FOLDS)
    return _SMALL_MARKS.sub("", unicodedata.normalize("NFKD", lowered)).casefold()


def words_of(text: str) -> list[str]:
    """The folded words of a name, apostrophes closed up, hyphens and other marks as spaces.

    >>> words_of("Anne-Marie O’Neill"), words_of("सुनीता")
    (['anne', 'marie', 'oneill'], ['सुनीता'])
    """
    closed = _APOSTROPHE.sub("", fold(text))
    if closed.isascii():
        return _NOT_WORD.sub(" ", closed).split()
    return "".join(character if _is_of_word(character) else " " for character in closed).split()


def _is_of_word(character: str) -> bool:
    """Letters, digits, and the marks that other scripts write their vowels with."""
    return character.isalnum() or unicodedata.category(character)[0] == "M"


def judge_name(text: str, *, surname: bool = False) -> Judged:
    """Judge one first, middle or last name; the value is in the form for comparing.

    surname: also join Mac, Mc, O', D' and Fitz to the word after them.

    >>> judge_name("Mrs Anne-Marie").value, judge_name("O’BRIEN", surname=True).value
    ('anne marie', 'obrien')
    >>> judge_name("Ng").value, judge_name("12").reason
    ('ng', 'no_letters')
    """
    whole = mend_encoding(text)
    remark = "encoding_mended" if whole != text else None
    bare = _BRACKETS.sub(" ", whole)
    bare = _MAIDEN.sub("", bare) if _MAIDEN.search(bare) else bare
    words = words_of(bare)
    if words and bare != whole:
        remark = "note_removed"
    if not words:
        words = words_of(whole)
    words, removed = settled(words, join=surname)
    return _judged(words, remark or removed)


def _judged(words: list[str], remark: str | None) -> Judged:
    value = " ".join(words)
    if not any(character.isalpha() for character in value):
        return invalid("no_letters")
    if remark:
        return mended(value, remark)
    if any(character.isdigit() for character in value):
        return valid(value, "digit_in_name")
    return valid(value, "single_letter" if len(value) == 1 else None)


def settled(words: list[str], *, join: bool) -> tuple[list[str], str | None]:
    """Titles off and, if `join`, particles joined, until nothing changes; and the reason if a title went."""
    remark = None
    while True:
        bare, removed = without_titles(words, after_comma=False, keep=1)
        if join:
            bare = joined_particles(bare)
        remark = remark or removed
        if bare == words:
            return words, remark
        words = bare


def without_titles(words: list[str], *, after_comma: bool, keep: int) -> tuple[list[str], str | None]:
    """The words without titles and letters after the name, at least `keep` left; and the reason if any went.

    >>> without_titles(["dr", "jane", "ma"], after_comma=False, keep=1)
    (['jane', 'ma'], 'title_removed')
    """
    remark = None
    before, after = titles("before"), titles("after")
    while len(words) > keep and words[0] in before:
        if before[words[0]] != "always" and len(words) < keep + 2:
            break
        words, remark = words[1:], "title_removed"
    while len(words) > keep and words[-1] in after:
        if after[words[-1]] != "always" and not after_comma and len(words) < keep + 2:
            break
        words, remark = words[:-1], remark or "suffix_removed"
    return words, remark


def joined_particles(words: list[str]) -> list[str]:
    """Words with Mac, Mc, O, D and Fitz joined to the word that follows.

    >>> joined_particles(["mac", "donald", "smith"])
    ['macdonald', 'smith']
    """
    out: list[str] = []
    held = ""
    for word in words:
        if word in JOINED_PARTICLES and not held:
            held = word
            continue
        out.append(held + word)
        held = ""
    if held:
        out.append(held)
    return out
