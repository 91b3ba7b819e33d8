"""Splink's level conditions and blocking rules, as our conditions and keys.

The forms are those that Splink's comparison library writes for DuckDB (versions 4 and 5), and what people
commonly build from the same pieces. The meaning is kept, missing values included; a form that our language
cannot say raises SqlError with a few words on the piece.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal as OneOf

from joinedup.linkage.expression import (
    Alike,
    And,
    Condition,
    Equal,
    Key,
    Measure,
    Missing,
    Not,
    Or,
    Otherwise,
    Same,
    Swapped,
    Transform,
)
from joinedup.linkage.splink_forms import filled_form, measure_form, subset_form
from joinedup.linkage.sql_condition import (
    Call,
    Case,
    Column,
    IsNull,
    Literal,
    Logic,
    Node,
    Operation,
    SqlError,
    read_sql,
)

Side = OneOf["l", "r"]

_MEASURES = {
    "levenshtein": Measure.LEVENSHTEIN,
    "editdist3": Measure.LEVENSHTEIN,  # DuckDB's other name for it
    "damerau_levenshtein": Measure.DAMERAU,
    "jaro_winkler_similarity": Measure.JARO_WINKLER,
    "jaro_similarity": Measure.JARO,
    "jaccard": Measure.JACCARD,
}
_SECONDS_A_DAY = 86_400
_SIDES: dict[Side, OneOf["left", "right"]] = {"l": "left", "r": "right"}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True)
class _Half:
    """A question about one record alone, which means something to us only with its other half.

    ask: 'missing', 'present' or 'is' (the text).
    """

    ask: OneOf["missing", "present", "is"]
    side: Side
    key: Key
    text: str = ""


@dataclass(frozen=True)
class _Filled:
    """That neither record's list is without members: a part of ``subset``, and nothing by itself."""

    key: Key


_Part = Condition | _Half | _Filled


def condition_from_sql(sql: str) -> Condition:
    """Return one level's condition; raises SqlError, naming the piece that cannot be said.

    >>> str(condition_from_sql('"dob_l" IS NULL OR "dob_r" IS NULL'))
    'missing(dob)'
    >>> str(condition_from_sql('jaro_winkler_similarity("surname_l", "surname_r") >= 0.92'))
    'jaro_winkler(surname) >= 0.92'
    """
    if sql.strip().upper() == "ELSE":
        return Otherwise()
    return _whole(_condition(read_sql(sql)))


def rule_from_sql(sql: str) -> tuple[tuple[Key, ...], Condition | None]:
    """Return the keys that a blocking rule wants equal, and what else must hold; raises SqlError.

    >>> [str(key) for key in rule_from_sql('left(l.surname, 2) = left(r.surname, 2) and l.a = r.a')[0]]
    ['prefix(surname, 2)', 'a']
    """
    condition = _whole(_condition(read_sql(sql)))
    parts = condition.parts if isinstance(condition, And) else (condition,)
    keys = tuple(dict.fromkeys(part.key for part in parts if isinstance(part, Equal)))
    rest = tuple(part for part in parts if not isinstance(part, Equal))
    if not keys:
        raise SqlError("no equality of a value in both records, so that all pairs would be compared")
    return keys, (And(rest) if len(rest) > 1 else rest[0]) if rest else None


def _whole(found: _Part) -> Condition:
    if isinstance(found, _Filled):
        raise SqlError(f"it asks whether lists of '{found.key}' have members, and no more")
    if isinstance(found, _Half):
        if found.ask == "is":
            return Same(found.key, found.text, _SIDES[found.side])
        raise SqlError(f"it asks about '{found.key}' of one record alone")
    return found


def _condition(node: Node) -> _Part:
    if isinstance(node, Logic):
        if node.word == "not":
            return Not(_whole(_condition(node.parts[0])))
        parts = _paired([_condition(part) for part in node.parts], node.word)
        if len(parts) == 1:
            return parts[0]
        return And(tuple(parts)) if node.word == "and" else Or(tuple(parts))
    if isinstance(node, IsNull):
        side, key = _key(node.value)
        return _Half("present" if node.negated else "missing", side, key)
    if isinstance(node, Operation):
        if node.sign == "<>" and (filled := filled_form(node)):
            return _Filled(_pair_key(*filled))
        if node.sign == "=" and (lists := subset_form(node)):
            return Alike(Measure.SUBSET_OR_EMPTY, _pair_key(*lists), 1.0)
        if node.sign in ("=", "<>"):
            equal = _equality(node.left, node.right)
            return equal if node.sign == "=" else Not(_whole(equal))
        if node.sign in _TURNED:
            return _measured(node)
    raise SqlError(f"{_named(node)} is not a question that is asked of a pair")


def _paired(parts: list[_Part], word: str) -> list[Condition]:
    """Join halves, and crossings both ways, at the place of the first; SqlError for a half left alone."""
    joins = {"missing": "or", "present": "and", "is": "and"}
    left = list(parts)
    out: list[Condition] = []
    while left:
        part = left.pop(0)
        if isinstance(part, _Half):
            other = _Half(part.ask, "r" if part.side == "l" else "l", part.key, part.text)
            if joins[part.ask] != word or other not in left:
                out.append(_whole(part))
                continue
            left.remove(other)
            missing = Missing(part.key)
            whole: dict[str, Condition] = {
                "missing": missing,
                "present": Not(missing),
                "is": Same(part.key, part.text),
            }
            out.append(whole[part.ask])
        elif isinstance(part, _Filled):
            subset = Alike(Measure.SUBSET_OR_EMPTY, part.key, 1.0)
            if word != "and" or subset not in left:
                _whole(part)
            left[left.index(subset)] = Alike(Measure.SUBSET, part.key, 1.0)
        elif isinstance(part, Swapped) and word == "and" and Swapped(part.second, part.first, False) in left:
            left.remove(Swapped(part.second, part.first, False))
            out.append(Swapped(part.first, part.second))
        else:
            out.append(part)
    return out


def _equality(left: Node, right: Node) -> Condition | _Half:
    for value, other in ((left, right), (right, left)):
        text = _constant(other)
        if text is not None:
            side, key = _key(value)
            return _Half("is", side, key, text)
    (side, key), (other_side, other_key) = _key(left), _key(right)
    if side == other_side:
        raise SqlError("it compares two values of the same record")
    if key == other_key:
        return Equal(key)
    return Swapped(key, other_key, False) if side == "l" else Swapped(other_key, key, False)


def _constant(node: Node) -> str | None:
    """The text of a literal, also in a cast, as our columns hold it."""
    kind = ""
    if isinstance(node, Call) and node.name == "cast":
        kind, node = str(_literal(node.arguments[1])), node.arguments[0]
    if not isinstance(node, Literal):
        return None
    if isinstance(node.value, str):
        return node.value
    if node.value == int(node.value) and kind not in ("real", "float", "double"):
        return str(int(node.value))
    return repr(node.value)


def _measured(node: Operation) -> Condition:
    sign, asked, limit = node.sign, node.left, node.right
    if not isinstance(limit, Literal):
        sign, asked, limit = _TURNED[sign], node.right, node.left
    if not isinstance(limit, Literal) or isinstance(limit.value, str):
        raise SqlError(f"{_named(node)} is not a measure against a number")
    measure, key, unit = _measure(asked)
    threshold = limit.value / unit
    if measure.is_distance:
        if sign in ("<=", ">"):
            alike = Alike(measure, key, threshold)
        else:  # strictly below: whole distances stop one short of it
            below = math.ceil(threshold) - 1.0 if measure.is_whole else math.nextafter(threshold, -math.inf)
            alike = Alike(measure, key, below)
        return alike if sign in ("<", "<=") else Not(alike)
    at_least = threshold if sign in (">=", "<") else math.nextafter(threshold, math.inf)
    alike = Alike(measure, key, at_least)
    return alike if sign in (">", ">=") else Not(alike)


def _measure(call: Node) -> tuple[Measure, Key, float]:
    """The measure, what it is asked of, and how many of the SQL's units make one of ours."""
    if form := measure_form(call):
        keys = tuple(_pair_key(*pair) for pair in form.values)
        return form.measure, keys[0] if len(keys) == 1 else Key(transform=Transform.CONCAT, of=keys), 1.0
    if not isinstance(call, Call):
        raise SqlError(f"{_named(call)} is not among the measures")
    if call.name in _MEASURES and len(call.arguments) == 2:
        return _MEASURES[call.name], _pair_key(*call.arguments), 1.0
    inner = call.arguments[0] if call.arguments else None
    counts = call.name in ("array_length", "len", "length")
    if counts and isinstance(inner, Call) and inner.name in ("list_intersect", "array_intersect"):
        return Measure.OVERLAP, _pair_key(*inner.arguments), 1.0
    if call.name == "abs" and isinstance(inner, Operation) and inner.sign == "-":
        left, right = inner.left, inner.right
        if isinstance(left, Call) and isinstance(right, Call) and left.name == right.name == "epoch":
            return Measure.DAYS_APART, _pair_key(*left.arguments, *right.arguments), float(_SECONDS_A_DAY)
        return Measure.DIFFERENCE, _pair_key(left, right), 1.0
    days = inner.arguments if isinstance(inner, Call) and inner.name in ("date_diff", "datediff") else ()
    if call.name == "abs" and days[:1] == (Literal("day"),):
        return Measure.DAYS_APART, _pair_key(*days[1:]), 1.0
    raise SqlError(f"{_named(call)} is not among the measures")


def _pair_key(*nodes: Node) -> Key:
    """The one key that two nodes read, one of each record."""
    if len(nodes) != 2:
        raise SqlError("a measure wants two values")
    (side, key), (other_side, other_key) = _key(nodes[0]), _key(nodes[1])
    if side == other_side or key != other_key:
        raise SqlError("a measure of two different columns, or of the same record twice")
    return key


def _key(node: Node) -> tuple[Side, Key]:
    """Which record a value belongs to, and the key that gives it."""
    if isinstance(node, Column):
        return _column(node)
    if isinstance(node, Operation) and node.sign == "||":
        return _concatenation(node)
    if isinstance(node, Call) and node.arguments:
        if node.name == "nullif" and node.arguments[1:] == (Literal(""),):
            return _key_or_pattern(node.arguments[0])
        side, inner = _key(node.arguments[0])
        options = [_literal(argument) for argument in node.arguments[1:]]
        key = _transformed(node.name, inner, options)
        if key is not None:
            return side, key
    raise SqlError(f"{_named(node)} is not among the ways to look at a value")


def _key_or_pattern(node: Node) -> tuple[Side, Key]:
    """A value with empty text made missing, as ours are; only so may it be a regular expression's find."""
    if isinstance(node, Call) and node.name == "regexp_extract" and len(node.arguments) in (2, 3):
        side, inner = _key(node.arguments[0])
        regex, *group = (_literal(argument) for argument in node.arguments[1:])
        if isinstance(regex, str) and not any(isinstance(number, str) for number in group):
            return side, _make(Transform.PATTERN, inner, regex, *(int(number) for number in group if number))
    return _key(node)


def _transformed(name: str, inner: Key, options: list[str | float]) -> Key | None:
    count = len(options)
    numbers = [int(o) for o in options if not isinstance(o, str) and o == int(o)]
    texts = [o for o in options if isinstance(o, str)]
    all_numbers, all_texts = len(numbers) == count, len(texts) == count
    if name in ("lower", "lcase", "upper", "ucase") and not options:
        return _make(Transform.LOWER if name[0] == "l" else Transform.UPPER, inner)
    if name in ("left", "right") and all_numbers and count == 1 and numbers[0] > 0:
        return _make(Transform.PREFIX if name == "left" else Transform.SUFFIX, inner, *numbers)
    if name in ("substr", "substring") and all_numbers and count in (1, 2):
        if count == 2 and numbers[0] == 1 and numbers[1] > 0:
            return _make(Transform.PREFIX, inner, numbers[1])
        if count == 2 and min(numbers) > 0:
            return _make(Transform.SUBSTRING, inner, *numbers)
        if count == 1 and numbers[0] < 0:
            return _make(Transform.SUFFIX, inner, -numbers[0])
    if name == "nullif" and all_texts and count == 1:
        return _make(Transform.WITHOUT, inner, texts[0])
    if name == "regexp_extract":
        # It gives empty text where nothing is found, and two empty texts are equal; ours gives missing.
        raise SqlError("regexp_extract() without nullif(…, '') around it")
    if (
        name in ("split_part", "str_split_part")
        and count == 2
        and texts
        and len(texts[0]) == 1
        and numbers == [1]
    ):
        return _make(Transform.PATTERN, inner, f"^[^{re.escape(texts[0])}]+")
    if name == "element" and numbers in ([1], [-1]):
        return _make(Transform.PATTERN, inner, "^[^|]+" if numbers == [1] else "[^|]+$")
    if name in ("try_strptime", "strptime") and all_texts and count == 1:
        return _date(inner, texts[0])
    if name == "cast" and texts:
        if texts[0] in ("text", "varchar", "string", "char"):
            return inner
        if texts[0] == "date":
            if inner.transform is not Transform.ISO_DATE:
                return _date(inner, "%Y-%m-%d")
            return (
                _make(Transform.PREFIX, inner, 10) if re.search("%-?[HMSf]", str(inner.options[0])) else inner
            )
    if name == "year" and not options:
        return _make(Transform.YEAR, inner)
    return None


def _date(inner: Key, form: str) -> Key:
    if re.search(r"%(?!-?[mdHMS]|[YybBf])", form):
        raise SqlError(f"'{form}' has a part that is not read")
    if not re.search(r"%-?[Yy]", form):
        raise SqlError(f"'{form}' has no year")
    return _make(Transform.ISO_DATE, inner, form)


def _make(transform: Transform, inner: Key, *options: int | str) -> Key:
    return Key(transform=transform, of=(inner,), options=options)


def _literal(node: Node) -> str | float:
    if isinstance(node, Literal):
        return node.value
    raise SqlError(f"{_named(node)} where a text or a number is expected")


def _column(node: Column) -> tuple[Side, Key]:
    if node.table in ("l", "r"):
        return ("l" if node.table == "l" else "r"), Key(column=node.name)
    if not node.table and len(node.name) > 2 and node.name[-2:].lower() in ("_l", "_r"):
        return ("l" if node.name[-1] in "lL" else "r"), Key(column=node.name[:-2])
    raise SqlError(f"'{node.name}' does not say which record it is of")


def _concatenation(node: Operation) -> tuple[Side, Key]:
    parts: list[Node] = []
    rest: Node = node
    while isinstance(rest, Operation) and rest.sign == "||":
        parts.insert(0, rest.right)
        rest = rest.left
    parts.insert(0, rest)
    spaced = len(parts) > 2 and len(parts) % 2 == 1 and all(part == Literal(" ") for part in parts[1::2])
    sides_and_keys = [_key(part) for part in (parts[::2] if spaced else parts)]
    if len({side for side, _ in sides_and_keys}) > 1:
        raise SqlError("'||' of values of both records")
    transform = Transform.CONCAT if spaced else Transform.JOINED
    return sides_and_keys[0][0], Key(transform=transform, of=tuple(key for _, key in sides_and_keys))


def _named(node: Node) -> str:
    if isinstance(node, Call):
        return f"'{node.name}()'"
    if isinstance(node, Column):
        return f"'{node.name}'"
    if isinstance(node, Literal):
        return f"'{node.value}'"
    if isinstance(node, Operation):
        return f"'{node.sign}'"
    if isinstance(node, Case):
        return "'case'"
    return "'is null'" if isinstance(node, IsNull) else f"'{node.word}'"
