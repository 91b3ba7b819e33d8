"""Which words on a scanned form are the value of which field.

A layout is a small TOML file; without one, `Label: value` pairs are found.

    pages_per_form = 1              # optional

    [[field]]
    name = "surname"
    label = "Surname"               # its value stands right of the label, else below it

    [[field]]
    name = "nhs_number"
    box = [0.10, 0.20, 0.90, 0.25]  # left, top, right, bottom as shares of the page
    page = 1                        # optional, of a form of several pages
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from joinedup.errors import SourceError

_ALIKE = 75  # of 100: how alike a read label must be to a declared one
_MEND = "see the layout of a form in the documentation"


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of text on a page and how sure the reader is of it (0 to 1); places are shares of the page."""

    text: str
    confidence: float
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class FormField:
    """Found by its label, or by the box it stands in."""

    name: str
    label: str | None = None
    box: tuple[float, float, float, float] | None = None
    page: int = 1


@dataclass(frozen=True)
class FormLayout:
    """The fields of a form, and how many pages it has."""

    fields: tuple[FormField, ...]
    pages: int = 1


@dataclass(frozen=True, slots=True)
class Value:
    """What a field says; confidence is that of its least sure piece."""

    text: str
    confidence: float


def form_layout(document: dict[str, Any]) -> FormLayout:
    """Return the layout that a TOML document declares; SourceError names what is wrong with it."""
    pages = document.get("pages_per_form", 1)
    if type(pages) is not int or pages < 1:
        raise SourceError(what="pages_per_form is no whole number from 1", where="layout", mend=_MEND)
    fields = []
    for place, given in enumerate(document.get("field", []), start=1):
        where = f"layout, field {place}"
        if not isinstance(given, dict) or not isinstance(given.get("name"), str) or not given["name"]:
            raise SourceError(what="a field has no name", where=where, mend=_MEND)
        label, box, page = given.get("label"), given.get("box"), given.get("page", 1)
        if (label is None) == (box is None) or not (
            label is None or (isinstance(label, str) and label.strip())
        ):
            raise SourceError(what="a field needs a label or a box", where=where, mend=_MEND)
        if box is not None:
            good = isinstance(box, list) and len(box) == 4 and all(isinstance(n, int | float) for n in box)
            if not good or not (0 <= box[0] < box[2] <= 1 and 0 <= box[1] < box[3] <= 1):
                raise SourceError(
                    what="a box is not left, top, right, bottom from 0 to 1", where=where, mend=_MEND
                )
        if type(page) is not int or not 1 <= page <= pages:
            raise SourceError(
                what="a field is on a page that the form does not have", where=where, mend=_MEND
            )
        fields.append(FormField(given["name"], label, tuple(map(float, box)) if box else None, page))  # type: ignore[arg-type] # four, as checked
    names = [field.name for field in fields]
    if not fields or len(set(names)) != len(names):
        raise SourceError(what="no field, or two of the same name", where="layout", mend=_MEND)
    return FormLayout(tuple(fields), pages)


def values_by_layout(pages: Sequence[Sequence[Words]], layout: FormLayout) -> dict[str, Value]:
    """Return the value of each declared field that was found on the form's pages."""
    found: dict[str, Value] = {}
    labels = [field.label for field in layout.fields if field.label]
    for field in layout.fields:
        words = pages[field.page - 1] if field.page <= len(pages) else ()
        if field.box is not None:
            value = _value([word for word in words if _is_in(word, field.box)])
        else:
            value = _labelled(words, field.label or "", labels)
        if value is not None:
            found[field.name] = value
    return found


def pairs(words: Sequence[Words]) -> tuple[dict[str, Value], Value | None]:
    """Return the `Label: value` pairs of a page in reading order, and the text that belongs to none."""
    found: dict[str, Value] = {}
    used: set[int] = set()
    ordered = _reading_order(words)
    for place, word in enumerate(ordered):
        label, colon, rest = word.text.partition(":")
        if not colon or not label.strip() or len(label) > 60 or place in used:
            continue
        used.add(place)
        name, number = label.strip(), 2
        while name in found:
            name, number = f"{label.strip()} {number}", number + 1
        if rest.strip():
            found[name] = Value(rest.strip(), word.confidence)
            continue
        places = _beside(ordered, word, stop=lambda other: ":" in other.text) or _below(
            ordered, word, stop=lambda other: ":" in other.text
        )
        places = [at for at in places if at not in used]
        used.update(places)
        value = _value([ordered[at] for at in places])
        found[name] = value or Value("", word.confidence)
    return found, _value([word for place, word in enumerate(ordered) if place not in used])


def _labelled(words: Sequence[Words], label: str, labels: Sequence[str]) -> Value | None:
    best = max(words, key=lambda word: _likeness(word.text, label), default=None)
    if best is None or _likeness(best.text, label) < _ALIKE:
        return None
    rest = _after_label(best.text, label)
    if rest:
        return Value(rest, best.confidence)

    def is_label(other: Words) -> bool:
        return any(_likeness(other.text, one) >= _ALIKE for one in labels)

    beside = [words[at] for at in _beside(words, best, stop=is_label)]
    return _value(beside) or _value([words[at] for at in _below(words, best, stop=is_label)])


def _likeness(text: str, label: str) -> float:
    """How alike a piece of text, or its beginning, is to a label."""
    plain, wanted = _plain(text), _plain(label)
    if not plain:
        return 0.0
    whole = fuzz.ratio(plain, wanted)
    if len(plain) > len(wanted) and not plain[len(wanted) : len(wanted) + 1].isalnum():
        return max(whole, fuzz.ratio(plain[: len(wanted)], wanted) - 1)
    return whole


def _after_label(text: str, label: str) -> str:
    before, colon, rest = text.partition(":")
    if colon and fuzz.ratio(_plain(before), _plain(label)) >= _ALIKE:
        return rest.strip()
    if len(_plain(text)) > len(_plain(label)) + 1 and fuzz.ratio(_plain(text), _plain(label)) < _ALIKE:
        return text[len(label) :].strip(" :.")
    return ""


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace(":", " ").replace("*", " ").split())


def _beside(words: Sequence[Words], label: Words, *, stop: Any) -> list[int]:
    """Places of what stands right of a label on its line, up to the next label."""
    line = [
        (word.left, at)
        for at, word in enumerate(words)
        if word is not label
        and word.left >= label.right - 0.3 * label.height
        and min(word.bottom, label.bottom) - max(word.top, label.top) > 0.5 * min(word.height, label.height)
    ]
    found = []
    for _, at in sorted(line):
        if stop(words[at]):
            break
        found.append(at)
    return found


def _below(words: Sequence[Words], label: Words, *, stop: Any) -> list[int]:
    """The place of what stands right under a label, if that is near."""
    near = [
        (word.top, at)
        for at, word in enumerate(words)
        if word is not label
        and -0.3 * label.height <= word.top - label.bottom < 2 * label.height
        and word.left < label.right
        and word.right > label.left
    ]
    for _, at in sorted(near)[:1]:
        return [] if stop(words[at]) else [at]
    return []


def _value(words: Sequence[Words]) -> Value | None:
    if not words:
        return None
    ordered = _reading_order(words)
    return Value(" ".join(word.text for word in ordered), min(word.confidence for word in ordered))


def _is_in(word: Words, box: tuple[float, float, float, float]) -> bool:
    across, down = (word.left + word.right) / 2, (word.top + word.bottom) / 2
    return box[0] <= across <= box[2] and box[1] <= down <= box[3]


def _reading_order(words: Sequence[Words]) -> list[Words]:
    """Lines from the top, each from the left: words whose middles are near in height share a line."""
    lines: list[list[Words]] = []
    for word in sorted(words, key=lambda word: word.top + word.bottom):
        middle = (word.top + word.bottom) / 2
        if lines and lines[-1][0].top <= middle <= lines[-1][0].bottom:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [word for line in lines for word in sorted(line, key=lambda word: word.left)]
