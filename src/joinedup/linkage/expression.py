"""The small language in which a model says what it looks at and what it asks of a pair.

A *key* names a value of one record: ``surname``, ``prefix(surname, 3)``, ``postcode_sector(postcode)``,
``concat(first_name, surname)``. A *condition* asks something of a pair: ``equal(surname)``,
``jaro_winkler(surname) >= 0.92``, ``missing(dob)``, ``equal(a) and not equal(b)``, ``otherwise``.
Both are read with Python's own parser, restricted to the names below; nothing is ever executed.
"""

from __future__ import annotations

import ast
import json
import keyword
import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal as OneOf

from joinedup.errors import ModelError


class Transform(StrEnum):
    """What may be made of a value before it is looked at; each works on text and keeps missing missing."""

    PREFIX = "prefix"  # prefix(x, n): the first n characters
    SUFFIX = "suffix"  # suffix(x, n): the last n characters
    SUBSTRING = "substring"  # substring(x, start, n): n characters from start, counted from 1
    LOWER = "lower"
    UPPER = "upper"
    SQUASHED = "squashed"  # letters and digits only, lower case
    YEAR = "year"  # of an ISO date, as text
    MONTH_DAY = "month_day"  # of an ISO date, as text "MM-DD"
    POSTCODE_AREA = "postcode_area"  # "LS" of "LS1 4DY"
    POSTCODE_DISTRICT = "postcode_district"  # "LS1"
    POSTCODE_SECTOR = "postcode_sector"  # "LS1 4"
    EMAIL_USER = "email_user"  # what stands before the @
    EMAIL_DOMAIN = "email_domain"
    SOUNDEX = "soundex"
    SOUND = "sound"  # how a name sounds (joinedup.people.sound_keys, the first key)
    FIRST_WORD = "first_word"
    LAST_WORD = "last_word"
    SORTED_WORDS = "sorted_words"  # the words in alphabetical order, so that their order does not matter
    PATTERN = "pattern"  # pattern(x, "regex"): its first match; pattern(x, "regex", n): the match's group n
    ISO_DATE = "iso_date"  # iso_date(x, "%d/%m/%Y"): a date (and time) written so, as YYYY-MM-DD; missing if it is none
    WITHOUT = "without"  # without(x, "n/a"): missing where the value is exactly this text
    CONCAT = "concat"  # concat(a, b, …): several values with a space between; missing if any is
    JOINED = "joined"  # joined(a, b, …): the same with nothing between


# The options that a transform takes, by type, in order; all others take none.
_OPTIONS: dict[Transform, tuple[tuple[type, ...], ...]] = {
    Transform.PREFIX: ((int,),),
    Transform.SUFFIX: ((int,),),
    Transform.SUBSTRING: ((int, int),),
    Transform.PATTERN: ((str,), (str, int)),
    Transform.ISO_DATE: ((str,),),
    Transform.WITHOUT: ((str,),),
}


class Measure(StrEnum):
    """How alike two values are, as one number."""

    JARO_WINKLER = "jaro_winkler"
    JARO = "jaro"
    JACCARD = "jaccard"
    LEVENSHTEIN = "levenshtein"
    DAMERAU = "damerau_levenshtein"
    DAYS_APART = "days_apart"
    DIFFERENCE = "difference"
    OVERLAP = "overlap"
    NICKNAME = "nickname"
    DAY_MONTH_SWAPPED = "day_month_swapped"
    HAMMING = "hamming"  # places that differ; texts of two lengths are not alike at all
    PROPORTION_APART = "proportion_apart"  # the difference of two numbers over the larger one
    KILOMETRES_APART = "kilometres_apart"  # of concat(latitude, longitude), in degrees
    COSINE = "cosine"  # of lists of numbers
    SUBSET = "subset"  # every member of the shorter list is in the longer one, and it has members
    SUBSET_OR_EMPTY = "subset_or_empty"
    # Some member of one list against some member of the other: the pair of members that is most alike.
    ANY_JARO_WINKLER = "any_jaro_winkler"
    ANY_JARO = "any_jaro"
    ANY_LEVENSHTEIN = "any_levenshtein"
    ANY_DAMERAU = "any_damerau_levenshtein"
    DICE = "dice"  # of filters: fixed numbers of bits, as joinedup.linkage.private writes them

    @property
    def is_distance(self) -> bool:
        """Small is alike."""
        return self.is_whole or self in (
            Measure.DAYS_APART,
            Measure.DIFFERENCE,
            Measure.PROPORTION_APART,
            Measure.KILOMETRES_APART,
        )

    @property
    def is_whole(self) -> bool:
        """A distance that is counted: 0, 1, 2, …"""
        return self in (
            Measure.LEVENSHTEIN,
            Measure.DAMERAU,
            Measure.HAMMING,
            Measure.ANY_LEVENSHTEIN,
            Measure.ANY_DAMERAU,
        )

    def may_be(self, threshold: float) -> bool:
        """Whether some pairs pass the threshold and others do not."""
        if self is Measure.OVERLAP:
            return 1 <= threshold < math.inf
        return 0 <= threshold < math.inf if self.is_distance else 0 < threshold <= 1

    @property
    def is_yes_or_no(self) -> bool:
        """Asked without a threshold: ``nickname(first_name)``."""
        return self in (
            Measure.NICKNAME,
            Measure.DAY_MONTH_SWAPPED,
            Measure.SUBSET,
            Measure.SUBSET_OR_EMPTY,
        )

    @property
    def may_be_unknown(self) -> bool:
        """Of two values that are there the answer may be unknown: a text that is no number, a list without members."""
        return self in (
            Measure.DAYS_APART,
            Measure.DIFFERENCE,
            Measure.PROPORTION_APART,
            Measure.KILOMETRES_APART,
            Measure.COSINE,
            Measure.ANY_JARO_WINKLER,
            Measure.ANY_JARO,
            Measure.ANY_LEVENSHTEIN,
            Measure.ANY_DAMERAU,
        )


@dataclass(frozen=True)
class Key:
    """A value of one record: a column, or a transform of other keys with its options."""

    column: str | None = None
    transform: Transform | None = None
    of: tuple[Key, ...] = ()
    options: tuple[int | str, ...] = ()

    def __str__(self) -> str:
        if self.column is not None:
            return self.column if _is_plain(self.column) else f"column({_quoted(self.column)})"
        inner = [str(key) for key in self.of]
        inner += [_quoted(o) if isinstance(o, str) else str(o) for o in self.options]
        assert self.transform is not None
        return f"{self.transform.value}({', '.join(inner)})"

    def columns(self) -> tuple[str, ...]:
        """The columns of the record that it reads, each once, in order."""
        if self.column is not None:
            return (self.column,)
        return tuple(dict.fromkeys(name for key in self.of for name in key.columns()))


@dataclass(frozen=True)
class Missing:
    """True where either record lacks the value."""

    key: Key

    def __str__(self) -> str:
        return f"missing({self.key})"


@dataclass(frozen=True)
class Equal:
    """True where both records have the same value."""

    key: Key

    def __str__(self) -> str:
        return f"equal({self.key})"


@dataclass(frozen=True)
class Alike:
    """True where a measure of two values passes a threshold (at least, or at most for a distance)."""

    measure: Measure
    key: Key
    threshold: float

    def __str__(self) -> str:
        if self.measure.is_yes_or_no:
            return f"{self.measure.value}({self.key})"
        sign = "<=" if self.measure.is_distance else ">="
        return f"{self.measure.value}({self.key}) {sign} {_number(self.threshold)}"


@dataclass(frozen=True)
class Swapped:
    """True where one record's first value is the other's second; ``both`` asks it both ways round."""

    first: Key
    second: Key
    both: bool = True

    def __str__(self) -> str:
        return f"{'swapped' if self.both else 'crossed'}({self.first}, {self.second})"


Side = OneOf["both", "left", "right"]
_SIDES: dict[str, Side] = {"both": "both", "left": "left", "right": "right"}


@dataclass(frozen=True)
class Same:
    """True where both records hold exactly this text, or the one that is written left (or right) does."""

    key: Key
    text: str
    side: Side = "both"

    def __str__(self) -> str:
        return f"{self.side}({self.key}, {_quoted(self.text)})"


@dataclass(frozen=True)
class Otherwise:
    """Always true: the last level of a comparison."""

    def __str__(self) -> str:
        return "otherwise"


@dataclass(frozen=True)
class And:
    """True where all parts are."""

    parts: tuple[Condition, ...]

    def __str__(self) -> str:
        return " and ".join(_bracketed(part) for part in self.parts)


@dataclass(frozen=True)
class Or:
    """True where any part is."""

    parts: tuple[Condition, ...]

    def __str__(self) -> str:
        return " or ".join(_bracketed(part) for part in self.parts)


@dataclass(frozen=True)
class Not:
    """True where the part is false; unknown stays unknown, as in SQL."""

    part: Condition

    def __str__(self) -> str:
        return f"not {_bracketed(self.part)}"


Atom = Missing | Equal | Alike | Swapped | Same
Condition = Missing | Equal | Alike | Swapped | Same | Otherwise | And | Or | Not


def _bracketed(part: Condition) -> str:
    return f"({part})" if isinstance(part, (And, Or)) else str(part)


def _is_plain(name: str) -> bool:
    return name.isidentifier() and name.isascii() and not keyword.iskeyword(name)


def _quoted(text: str) -> str:
    # JSON's escapes are read the same by Python's parser, so a pattern's backslashes come back as they were.
    return json.dumps(text, ensure_ascii=False)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))


def atoms(condition: Condition) -> tuple[Atom, ...]:
    """The plain questions in a condition, left to right, each once."""
    if isinstance(condition, (And, Or)):
        return tuple(dict.fromkeys(atom for part in condition.parts for atom in atoms(part)))
    if isinstance(condition, Not):
        return atoms(condition.part)
    if isinstance(condition, Otherwise):
        return ()
    return (condition,)


def keys_of(condition: Condition) -> tuple[Key, ...]:
    """Every key that a condition reads, each once."""
    found: list[Key] = []
    for atom in atoms(condition):
        found += [atom.first, atom.second] if isinstance(atom, Swapped) else [atom.key]
    return tuple(dict.fromkeys(found))


def parse_key(text: str, *, where: str = "") -> Key:
    """Read a key; raises ModelError, naming the part that is not understood.

    >>> str(parse_key("prefix( surname,3 )"))
    'prefix(surname, 3)'
    """
    return _key(_parse(text, where), text, where)


def parse_condition(text: str, *, where: str = "") -> Condition:
    """Read a condition; raises ModelError, naming the part that is not understood.

    >>> str(parse_condition("jaro_winkler(surname) >= .92 or equal(soundex(surname))"))
    'jaro_winkler(surname) >= 0.92 or equal(soundex(surname))'
    """
    return _condition(_parse(text, where), text, where)


def _parse(text: str, where: str) -> ast.expr:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ModelError(
            what=f"'{text[:80]}' cannot be read",
            where=where,
            mend="write for example equal(surname) or jaro_winkler(surname) >= 0.9",
        ) from None


def _refuse(node: ast.AST, text: str, where: str, expected: str) -> ModelError:
    part = ast.unparse(node)[:80]
    return ModelError(what=f"'{part}' is not understood in '{text[:80]}'", where=where, mend=expected)


def _key(node: ast.expr, text: str, where: str) -> Key:
    names = ", ".join(t.value for t in Transform)
    if isinstance(node, ast.Name):
        return Key(column=node.id)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        constants = [a.value for a in node.args if isinstance(a, ast.Constant)]
        if node.func.id == "column" and len(node.args) == 1 and len(constants) == 1:
            return Key(column=str(constants[0]))
        if node.func.id in {t.value for t in Transform}:
            transform = Transform(node.func.id)
            of = tuple(_key(a, text, where) for a in node.args if not isinstance(a, ast.Constant))
            options = tuple(value for value in constants if isinstance(value, (int, str)))
            several = transform in (Transform.CONCAT, Transform.JOINED)
            kinds = tuple(type(constant) for constant in constants)
            if (
                kinds in _OPTIONS.get(transform, ((),))
                and (len(of) == 1 or (several and len(of) > 1))
                and (transform is Transform.PATTERN or all(n >= 1 for n in options if isinstance(n, int)))
            ):
                return Key(transform=transform, of=of, options=options)
            raise _refuse(node, text, where, f"{transform.value} has too few or too many parts")
    raise _refuse(node, text, where, f"name a column or use one of: {names}")


def _condition(node: ast.expr, text: str, where: str) -> Condition:
    if isinstance(node, ast.BoolOp):
        parts = tuple(_condition(value, text, where) for value in node.values)
        return And(parts) if isinstance(node.op, ast.And) else Or(parts)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return Not(_condition(node.operand, text, where))
    if isinstance(node, ast.Name) and node.id == "otherwise":
        return Otherwise()
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _question(node, node.func.id, text, where)
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.left, ast.Call):
        return _alike(node, text, where)
    raise _refuse(
        node, text, where, "ask missing(), equal(), swapped(), a measure with >= or <=, or otherwise"
    )


def _question(node: ast.Call, name: str, text: str, where: str) -> Condition:
    if name in _SIDES and len(node.args) == 2 and isinstance(node.args[1], ast.Constant):
        return Same(_key(node.args[0], text, where), str(node.args[1].value), _SIDES[name])
    keys = [_key(argument, text, where) for argument in node.args]
    if name == "missing" and len(keys) == 1:
        return Missing(keys[0])
    if name == "equal" and len(keys) == 1:
        return Equal(keys[0])
    if name in ("swapped", "crossed") and len(keys) == 2:
        return Swapped(keys[0], keys[1], both=name == "swapped")
    if name in {m.value for m in Measure if m.is_yes_or_no} and len(keys) == 1:
        return Alike(Measure(name), keys[0], 1.0)
    raise _refuse(
        node, text, where, "ask missing(x), equal(x), swapped(x, y), nickname(x) or a measure with >=, <="
    )


def _alike(node: ast.Compare, text: str, where: str) -> Condition:
    call, value = node.left, node.comparators[0]
    known = {m.value: m for m in Measure if not m.is_yes_or_no}
    if (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in known
        and len(call.args) == 1
        and isinstance(value, ast.Constant)
        and isinstance(value.value, (int, float))
    ):
        measure = known[call.func.id]
        sign = ast.LtE if measure.is_distance else ast.GtE
        if isinstance(node.ops[0], sign):
            if not measure.may_be(value.value):
                raise _refuse(
                    node, text, where, f"{measure.value} never passes, or always, at that threshold"
                )
            return Alike(measure, _key(call.args[0], text, where), float(value.value))
        raise _refuse(
            node, text, where, f"{measure.value} is asked with {'<=' if measure.is_distance else '>='}"
        )
    raise _refuse(node, text, where, f"measures: {', '.join(known)}")
