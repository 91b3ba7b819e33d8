"""Which language a text is in, and whether the English models may read it.

Words decide first: most comments are plainly English or plainly Welsh. Where they do not, and the optional
package `py3langid` is installed (extra `text`), its letter statistics answer for about a hundred languages.
What nobody can tell is "und", which goes to a person.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Protocol

from joinedup.text.redact.canonical import HIDDEN, canonical

LONGEST = 4_000  # characters that are looked at: a language shows itself sooner
ENOUGH_ENGLISH = 0.6  # of the words, for a text to be taken as English on its words alone
ENOUGH_WELSH = 0.34  # Welsh words of everyday use; lower, as the list is short and words mutate
SOME_ENGLISH = 0.4  # besides the letter statistics' answer
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_SCRIPTS = {
    "ARABIC": "ar",
    "HEBREW": "he",
    "CYRILLIC": "ru",
    "GREEK": "el",
    "DEVANAGARI": "hi",
    "BENGALI": "bn",
    "GURMUKHI": "pa",
    "GUJARATI": "gu",
    "TAMIL": "ta",
    "TELUGU": "te",
    "SINHALA": "si",
    "THAI": "th",
    "HANGUL": "ko",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "CJK": "zh",
    "GEORGIAN": "ka",
    "ARMENIAN": "hy",
    "ETHIOPIC": "am",
}
_SHARED_SCRIPTS = frozenset({"ar", "ru", "hi", "bn"})  # several languages are written so


@dataclass(frozen=True, slots=True)
class Language:
    """What a text is written in.

    code: ISO 639-1 ("en", "cy", "pl"…), or "und" where it cannot be told. probability: how sure, 0 to 1.
    is_readable: whether the English models may read it. True for English, and where there is no letter to read
        ("10/10"); False goes to a person.
    """

    code: str
    probability: float
    is_readable: bool


class _Statistics(Protocol):
    def classify(self, text: str, /) -> tuple[str, float]: ...


def recognise(text: str) -> Language:
    """The language of a text; masks in it are not counted as words.

    >>> recognise("Roedd y staff yn gyfeillgar iawn, diolch").code
    'cy'
    >>> recognise("The staff were friendly")
    Language(code='en', probability=1.0, is_readable=True)
    >>> recognise("10/10")
    Language(code='und', probability=0.0, is_readable=True)
    """
    plain = canonical(text[:LONGEST]).text.replace(HIDDEN, " ")
    words = _WORD.findall(unicodedata.normalize("NFC", plain).lower())
    if not words:
        return Language("und", 0.0, is_readable=True)
    script = _other_script(plain)
    if script:
        return _by_statistics(plain, among=script) if script in _SHARED_SCRIPTS else _other(script, 0.9)
    english, welsh = _words("english"), _words("welsh")
    welsh_share = sum(word in welsh for word in words) / len(words)
    english_share = sum(word in english and word not in welsh for word in words) / len(words)
    return _latin(plain, words, english_share, welsh_share)


def _latin(plain: str, words: list[str], english: float, welsh: float) -> Language:
    if welsh >= ENOUGH_WELSH and welsh >= english:
        return _other("cy", round(welsh / (welsh + english), 3))
    if english >= ENOUGH_ENGLISH:
        much_welsh = welsh >= 0.15 and welsh * len(words) >= 4
        return Language("en", round(english / (welsh + english), 3), is_readable=not much_welsh)
    guess = _by_statistics(plain)
    if guess.code == "en" and english < SOME_ENGLISH:
        return Language("und", 0.0, is_readable=False)
    return guess


def _by_statistics(plain: str, *, among: str = "") -> Language:
    """The answer of the letter statistics, where they are installed and sure; else "und" or the script's."""
    model = _statistics()
    letters = sum(character.isalpha() for character in plain)
    if model is not None and letters >= 12:
        code, probability = model.classify(plain)
        if probability >= 0.7 and not (among and code in ("en", "cy")):
            return Language(code, round(float(probability), 3), is_readable=code == "en")
    return _other(among, 0.5) if among else Language("und", 0.0, is_readable=False)


def _other(code: str, probability: float) -> Language:
    return Language(code, probability, is_readable=False)


def _other_script(text: str) -> str:
    """The language usually written in the script that half of a text's letters have; "" for Latin."""
    if text.isascii():
        return ""
    counts: dict[str, int] = {}
    letters = 0
    for character in text:
        if character.isalpha():
            letters += 1
            if character > "\u036f":
                script = unicodedata.name(character, "").split(" ", 1)[0]
                code = _SCRIPTS.get(script, "")
                counts[code] = counts.get(code, 0) + 1
    code = max(counts, key=lambda it: counts[it], default="")
    if counts.get("ja"):
        code, counts = "ja", {"ja": sum(counts.values())}
    return code if 2 * counts.get(code, 0) >= letters else ""


@cache
def _words(name: str) -> frozenset[str]:
    text = (files("joinedup.text") / "data" / f"{name}_words.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


@cache
def _statistics() -> _Statistics | None:
    try:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier
    except ImportError:
        return None
    model: _Statistics = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    return model
