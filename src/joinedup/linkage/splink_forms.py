"""The longer pieces of SQL in which Splink's comparison library writes a measure, recognised as a whole.

Distances of places, proportions, and lists compared member by member are expressions of many parts, in DuckDB's
words. Each is kept here as a form whose columns stand for anything (``sql_condition.matched``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from joinedup.linkage.expression import Measure
from joinedup.linkage.sql_condition import Call, Node, Operation, matched, read_sql

_COSINE = (
    "(sin(radians(lat_x)) * sin(radians(lat_y))"
    " + cos(radians(lat_x)) * cos(radians(lat_y)) * cos(radians(long_y - long_x)))"
)
_KILOMETRES = (
    f"cast(acos(case when {_COSINE} > 1 then 1 when {_COSINE} < -1 then -1 else {_COSINE} end)"
    " * 6371 as float)"
)
_PROPORTION = "abs(x - y) / (case when y > x then y else x end)"
_ANY = (
    "{best}(list_transform(flatten(list_transform(x, a -> list_transform(y, b -> [a, b]))),"
    " pair -> {function}(pair[1], pair[2])))"
)
_FORMS = {
    Measure.KILOMETRES_APART: (_KILOMETRES,),
    Measure.PROPORTION_APART: (_PROPORTION,),
    Measure.COSINE: ("array_cosine_similarity(x, y)", "list_cosine_similarity(x, y)"),
    Measure.HAMMING: ("hamming(x, y)", "mismatches(x, y)"),
    Measure.ANY_JARO: (_ANY.format(best="list_max", function="jaro_similarity"),),
    Measure.ANY_JARO_WINKLER: (_ANY.format(best="list_max", function="jaro_winkler_similarity"),),
    Measure.ANY_LEVENSHTEIN: (_ANY.format(best="list_min", function="levenshtein"),),
    Measure.ANY_DAMERAU: (_ANY.format(best="list_min", function="damerau_levenshtein"),),
}
_SAME_WORDS = {"len": "array_length", "list_intersect": "array_intersect"}


@dataclass(frozen=True)
class Form:
    """A measure, and the values of both records that it reads: one of each, or (of places) two."""

    measure: Measure
    values: tuple[tuple[Node, Node], ...]


def measure_form(node: Node) -> Form | None:
    """The measure that a whole expression is; None for any other expression."""
    for measure, form in _forms():
        found = matched(form, node)
        if found is None:
            continue
        if measure is Measure.KILOMETRES_APART:
            latitude, longitude = (found["lat_x"], found["lat_y"]), (found["long_x"], found["long_y"])
            return Form(measure, (latitude, longitude))
        return Form(measure, ((found["x"], found["y"]),))
    return None


def subset_form(node: Operation) -> tuple[Node, Node] | None:
    """The two lists of "as many shared members as the shorter one has"; None for any other equation."""
    found = matched(_subset(), _one_wording(node))
    return (found["x"], found["y"]) if found else None


def filled_form(node: Operation) -> tuple[Node, Node] | None:
    """The two lists of "neither is without members"; None for any other comparison."""
    found = matched(_filled(), _one_wording(node))
    return (found["x"], found["y"]) if found else None


def _one_wording(node: Operation) -> Operation:
    """The same with one of DuckDB's two names for each function of lists."""

    def worded(part: Node) -> Node:
        if isinstance(part, Call):
            name = _SAME_WORDS.get(part.name, part.name)
            return Call(name, tuple(worded(argument) for argument in part.arguments))
        return part

    return Operation(node.sign, worded(node.left), worded(node.right))


@cache
def _forms() -> tuple[tuple[Measure, Node], ...]:
    return tuple((measure, read_sql(sql)) for measure, forms in _FORMS.items() for sql in forms)


@cache
def _subset() -> Node:
    return read_sql("array_length(array_intersect(x, y)) = least(array_length(x), array_length(y))")


@cache
def _filled() -> Node:
    return read_sql("least(array_length(x), array_length(y)) <> 0")
