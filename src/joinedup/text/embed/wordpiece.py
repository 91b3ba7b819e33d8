"""Texts to the numbered word pieces that BERT models read (uncased), in plain Python.

After Wu and others, "Google's Neural Machine Translation System" (2016): words that the vocabulary lacks are cut
from the left into the longest pieces it has. Checked against ids that other implementations give.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from joinedup.errors import ModelError

LONGEST_WORD = 100  # characters; a longer run without a space is one unknown piece
_ASCII_WORDS = re.compile(r"[0-9a-z]+|[!-/:-@\[-`{-~]")  # a word, or one punctuation mark
_CJK = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)  # each of these characters is a word by itself


class WordPiece:
    """A vocabulary that numbers the pieces of texts.

    >>> words = WordPiece(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "park", "##ing", "!"])
    >>> words.ids("Parking!")
    [2, 4, 5, 6, 3]
    """

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._number = {piece: number for number, piece in enumerate(vocabulary)}
        try:
            self.start, self.end = self._number["[CLS]"], self._number["[SEP]"]
            self._unknown = self._number["[UNK]"]
            self.padding = self._number["[PAD]"]
        except KeyError as lacking:
            raise ModelError(
                what=f"the vocabulary lacks {lacking}", where="vocab.txt", mend="fetch the model again"
            ) from None
        self._known: dict[str, tuple[int, ...]] = {}  # words met before: real texts repeat theirs

    def ids(self, text: str, *, longest: int = 256) -> list[int]:
        """Return the numbers of a text's pieces, between the start's and the end's; `longest` counts these two."""
        pieces = [self.start]
        room = longest - 1
        for word in words(text):
            pieces += self._pieces(word)
            if len(pieces) >= room:
                del pieces[room:]
                break
        pieces.append(self.end)
        return pieces

    def _pieces(self, word: str) -> tuple[int, ...]:
        found = self._known.get(word)
        if found is None:
            found = self._cut(word)
            if len(self._known) < 200_000:
                self._known[word] = found
        return found

    def _cut(self, word: str) -> tuple[int, ...]:
        if len(word) > LONGEST_WORD:
            return (self._unknown,)
        pieces = []
        start = 0
        while start < len(word):
            for end in range(len(word), start, -1):
                number = self._number.get(("##" if start else "") + word[start:end])
                if number is not None:
                    pieces.append(number)
                    start = end
                    break
            else:
                return (self._unknown,)
        return tuple(pieces)


def read_vocabulary(file: Path) -> WordPiece:
    """Return the vocabulary of a file with one piece a line."""
    return WordPiece(file.read_text("utf-8").removesuffix("\n").split("\n"))


def words(text: str) -> list[str]:
    """Return a text's words and punctuation marks, in lower case and without accents.

    >>> words("Tŷ’r dre, 2pm")
    ['ty', '’', 'r', 'dre', ',', '2pm']
    """
    if text.isascii():
        return _ASCII_WORDS.findall(_without_controls(text).lower())
    found: list[str] = []
    word: list[str] = []
    for letter in unicodedata.normalize("NFD", _spaced(text).lower()):
        kind = unicodedata.category(letter)
        if kind == "Mn":
            continue
        if letter.isspace() or kind[0] == "P" or _is_ascii_mark(letter):
            if word:
                found.append("".join(word))
                word = []
            if not letter.isspace():
                found.append(letter)
        else:
            word.append(letter)
    if word:
        found.append("".join(word))
    return found


def _without_controls(text: str) -> str:
    return text if text.isprintable() else "".join(filter(None, map(_plain, text)))


def _spaced(text: str) -> str:
    return "".join(
        f" {letter} " if any(low <= ord(letter) <= high for low, high in _CJK) else _plain(letter)
        for letter in text
    )


def _plain(letter: str) -> str:
    """The letter, a space for whitespace, or nothing for a control character."""
    if letter in "\t\n\r" or unicodedata.category(letter) == "Zs":
        return " "
    if letter in "\0\ufffd" or unicodedata.category(letter)[0] == "C":
        return ""
    return letter


def _is_ascii_mark(letter: str) -> bool:
    return letter.isascii() and not letter.isalnum() and letter.isprintable() and letter != " "
