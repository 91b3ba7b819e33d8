"""Comments are data: how they go into a question so that nothing in them reads as ours, and how answers come out.

Going in, every text is a JSON string between two marks that bear a word nobody could have known when they wrote, with
the signs that could close a mark written as escapes. Coming out, nothing is believed: ids must be ones that were
given, and text loses its links, its markup and its invisible letters. That a model obeys a comment all the same can
only be made harmless, not impossible: it can do nothing but fill the form it was given, and people sign off.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

LONGEST_COMMENT = 2_000

_LINKS = re.compile(
    r"""(?:[a-z][a-z0-9+.-]{1,20}:)?//[^\s<>"')\]]{1,500}   # any scheme, or none
      | \b(?:javascript|data|mailto|tel|vbscript|file):[^\s<>"')\]]{1,500}
      | \bwww\.[^\s<>"')\]]{1,500}
      | \b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}
      | \b(?!gov\.uk\b(?!/))[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,4}
        \.(?:com|org|net|uk|io|info|biz|co|ru|cn|xyz|app|dev|me|ly|wales|cymru)\b(?:/[^\s<>"')\]]{0,300})?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_MARKDOWN_LINK = re.compile(r"!?\[([^\[\]\n]{0,300})\]\([^()\n]{0,600}\)")
_TAG = re.compile(r"<[^<>\n]{0,500}>")
_MARKUP = re.compile(r"[`*_#|~<>]+")
_SPACE = re.compile(r"\s+")


def as_data(texts: Mapping[str, str], *, word: str, longest: int = LONGEST_COMMENT) -> str:
    """The texts as one line of JSON each, between marks that bear `word`.

    texts: by the id that the answer must use; ids are ours and short, never a database's. word: fresh for each
    question (from `secrets`), so that no comment can close the marks. longest: letters of a text; the rest is left off.
    """
    lines = [f"<<data {word}>>"]
    for key, text in texts.items():
        line = json.dumps({"id": key, "text": visible(text)[:longest]}, ensure_ascii=False)
        lines.append(line.replace("<", "\\u003c").replace(">", "\\u003e"))
    lines.append(f"<<end of data {word}>>")
    return "\n".join(lines)


def visible(text: str) -> str:
    """The text without letters that nobody sees: control, direction, zero-width, tag and private-use characters.

    >>> visible("a\\u200bb\\u202ec\\U000e0041")
    'abc'
    """
    kept = []
    for letter in unicodedata.normalize("NFC", text):
        if letter in "\n\t\r":
            kept.append(" ")
        elif unicodedata.category(letter) not in ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"):
            kept.append(letter)
    return "".join(kept)


def plain(text: str, *, most: int) -> str:
    """A model's words as one line of plain text: no link, no address, no markup, nothing invisible; cut at `most`.

    >>> plain("**Long waits** [see](https://evil.example/x) on the phone", most=80)
    'Long waits see on the phone'
    """
    text = visible(text)
    before = None
    while before != text:  # what is left of one removal must not make another link
        before = text
        text = _MARKDOWN_LINK.sub(r"\1", text)
        text = _TAG.sub(" ", text)
        text = _LINKS.sub(" ", text)
    text = _SPACE.sub(" ", _MARKUP.sub(" ", text)).strip(" -–—:;,()[]")
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def known_ids(given: Sequence[str], answered: Iterable[object]) -> tuple[str, ...]:
    """Those of the ids in an answer that were given, each once, in the order answered; all others are dropped."""
    allowed = set(given)
    return tuple(dict.fromkeys(each for each in answered if isinstance(each, str) and each in allowed))
