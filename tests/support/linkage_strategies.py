"""Generated rows, keys, conditions and models: small, and full of what goes wrong in real tables."""

from __future__ import annotations

from hypothesis import strategies as st

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
from joinedup.linkage.index.plan import HELD as INDEX_MEASURES
from joinedup.linkage.model import BlockingRule, Comparison, Context, Level, Model

COLUMNS = ("name", "other", "date", "number", "set", "place")
LONG = st.text(alphabet="abcé ", min_size=60, max_size=70)
NAMES = st.one_of(
    st.none(),
    st.sampled_from(
        [
            "",
            "mary",
            "Polly",
            "bob",
            "robert",
            "Smith",
            "Smyth",
            "smiht",
            "mary ann",
            "ann mary",
            "ŁUKASZ",
            "李四",
            "李",
            "𝒜nn",
            "O'Neil",
            "o neil",
            "x",
            "é",
            "  ",
            "n/a",
            "a.b@c.uk",
            "a@b@c",
            "@",
        ]
    ),
    st.text(alphabet="abcé", max_size=6),
)
DATES = st.one_of(
    st.none(),
    st.dates().map(str),
    st.sampled_from(
        [
            "1990-02-03",
            "1990-03-02",
            "1990-02-25",
            "1990-02-30",
            "1990-13-01",
            "0000-01-01",
            "2000-02-29",
            "no date",
            "1990-02-03T10",
            "1990-02-03T18:30",
            "1990-02-04 06:30:00.5Z",
            "1990-02-13T18:30:00",
            "3/2/1990",
            "03/02/1990",
            "",
            "1990-2-3",
            "1900-02-29",
            "9999-12-31",
        ]
    ),
)
NUMBERS = st.one_of(
    st.none(), st.sampled_from(["1", "1.0", "2", "-3", "nan", "inf", "-inf", "x", "1e3", "", "2.5"])
)
SETS = st.one_of(
    st.none(),
    st.sampled_from(
        ["a", "a|b", "b|a", "b|c|a", "|", " a | b ", "a|a", "c", "", "1|2", "2|1", "0|0", "-1|2", "1|x"]
    ),
)
PLACES = st.one_of(
    st.none(),
    st.sampled_from(["LS1 4DY", "LS14DY", "ls1 4ab", "LS1", "LS14", "M1 1AA", "M11AA", "SW1A 2AA", "SW1A2AB"])
    | st.sampled_from(["nowhere", "LS1 4", "", " LS1 4DY ", "A1"]),
)
ROWS = st.fixed_dictionaries(
    {"name": NAMES, "other": NAMES, "date": DATES, "number": NUMBERS, "set": SETS, "place": PLACES}
)
TABLES = st.lists(ROWS, min_size=2, max_size=9)

_NO_OPTIONS = [
    t
    for t in Transform
    if t
    not in (
        Transform.PREFIX,
        Transform.SUFFIX,
        Transform.SUBSTRING,
        Transform.PATTERN,
        Transform.ISO_DATE,
        Transform.WITHOUT,
        Transform.CONCAT,
        Transform.JOINED,
    )
]
_OPTIONS = st.one_of(
    st.tuples(st.sampled_from([Transform.PREFIX, Transform.SUFFIX]), st.tuples(st.integers(1, 4))),
    st.tuples(st.just(Transform.SUBSTRING), st.tuples(st.integers(1, 3), st.integers(1, 3))),
    st.tuples(
        st.just(Transform.PATTERN),
        st.sampled_from(
            [("[0-9]+",), ("^(.)(.*)$", 2), ("([a-c])|([0-9])", 2), ("a(b)?", 1), ("b[(]*|\\(",)]
        ),
    ),
    st.tuples(st.just(Transform.ISO_DATE), st.just(("%d/%m/%Y",))),
    st.tuples(st.just(Transform.WITHOUT), st.sampled_from([("n/a",), ("mary",), ("1",)])),
)
_COLUMN = st.sampled_from(COLUMNS).map(lambda name: Key(column=name))


def _derived(inner: st.SearchStrategy[Key]) -> st.SearchStrategy[Key]:
    return st.one_of(
        st.builds(lambda t, k: Key(transform=t, of=(k,)), st.sampled_from(_NO_OPTIONS), inner),
        st.builds(lambda t, k: Key(transform=t[0], of=(k,), options=t[1]), _OPTIONS, inner),
        st.builds(
            lambda t, ks: Key(transform=t, of=tuple(ks)),
            st.sampled_from([Transform.CONCAT, Transform.JOINED]),
            st.lists(inner, min_size=2, max_size=3),
        ),
    )


KEYS = st.recursive(_COLUMN, _derived, max_leaves=3)
_SHORT = st.one_of(st.sampled_from(["name", "other"]).map(lambda name: Key(column=name)), KEYS)


def _alike(measure: Measure, key: Key, share: float, edits: int) -> Alike:
    if measure.is_yes_or_no:
        return Alike(measure, key, 1.0)
    if measure is Measure.DAYS_APART:
        return Alike(measure, key, float(edits * 10))
    if measure is Measure.OVERLAP:
        return Alike(measure, key, float(max(1, edits)))
    whole = measure.is_distance and measure is not Measure.PROPORTION_APART
    return Alike(measure, key, float(edits) if whole else share)


_PLACE = Key(transform=Transform.CONCAT, of=(Key(column="number"), Key(column="number")))
_FITTING = {
    Measure.DAYS_APART: Key(column="date"),
    Measure.DAY_MONTH_SWAPPED: Key(column="date"),
    Measure.DIFFERENCE: Key(column="number"),
    Measure.PROPORTION_APART: Key(column="number"),
    Measure.KILOMETRES_APART: _PLACE,
    **dict.fromkeys(
        [
            Measure.OVERLAP,
            Measure.COSINE,
            Measure.SUBSET,
            Measure.SUBSET_OR_EMPTY,
            Measure.ANY_JARO,
            Measure.ANY_JARO_WINKLER,
            Measure.ANY_LEVENSHTEIN,
            Measure.ANY_DAMERAU,
        ],
        Key(column="set"),
    ),
}
OF_TEXT = [measure for measure in Measure if measure is not Measure.DICE]
"""Dice is asked of filters alone; tests/generative/test_private_filters.py has them."""
OF_INDEX = [measure for measure in Measure if measure in INDEX_MEASURES]


def _atoms(of: list[Measure]) -> st.SearchStrategy[Condition]:
    measures = st.builds(
        lambda measure, key, fitting, share, edits: _alike(
            measure, _FITTING[measure] if fitting and measure in _FITTING else key, share, edits
        ),
        st.sampled_from(of),
        _SHORT,
        st.booleans(),
        st.sampled_from([0.5, 0.6, 0.7, 0.8, 0.88, 0.92]),
        st.integers(0, 3),
    )
    return st.one_of(
        measures,
        measures,
        KEYS.map(Missing),
        KEYS.map(Equal),
        st.builds(Swapped, KEYS, KEYS, st.booleans()),
        st.builds(
            Same,
            KEYS,
            st.sampled_from(["mary", "Smith", "1", "a", "nobody"]),
            st.sampled_from(["both", "left", "right"]),
        ),
    )


def conditions(atoms: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    """Conditions over these plain questions."""
    return st.recursive(
        atoms,
        lambda inner: st.one_of(
            inner.map(Not),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
        ),
        max_leaves=4,
    )


CONDITIONS = conditions(_atoms(OF_TEXT))


@st.composite
def on_one_key(draw: st.DrawFn, of: list[Measure]) -> list[Condition]:
    """Several measures, equality and missingness of one key, in any order, as a comparison's levels ask them."""
    key = draw(_SHORT)
    atoms = st.one_of(
        st.just(Missing(key)),
        st.just(Equal(key)),
        st.builds(
            _alike,
            st.sampled_from(of),
            st.just(key),
            st.sampled_from([0.5, 0.7, 0.8, 0.92]),
            st.integers(0, 3),
        ),
    )
    return draw(st.lists(conditions(atoms), min_size=2, max_size=4))


def _levels(of: list[Measure]) -> st.SearchStrategy[list[Condition]]:
    return st.one_of(st.lists(conditions(_atoms(of)), min_size=1, max_size=4), on_one_key(of))


LEVELS = _levels(OF_TEXT)


@st.composite
def comparisons(draw: st.DrawFn, *, name: str = "c", of: list[Measure] = OF_TEXT) -> Comparison:
    """A comparison with m and u, perhaps missing levels and term-frequency adjustments."""
    chances = st.sampled_from([0.001, 0.05, 0.3, 0.9])
    levels = [
        Level(
            when=condition,
            label=str(number),
            m=draw(chances),
            u=draw(chances),
            missing=isinstance(condition, Missing) or draw(st.integers(0, 5)) == 0,
            term_frequency=draw(st.one_of(st.none(), KEYS)),
            term_frequency_weight=draw(st.sampled_from([1.0, 0.5, 0.0])),
            term_frequency_minimum=draw(st.sampled_from([0.0, 0.4])),
        )
        for number, condition in enumerate([*draw(_levels(of)), Otherwise()])
    ]
    return Comparison(name=name, levels=tuple(levels))


def _rules(of: list[Measure]) -> st.SearchStrategy[list[BlockingRule]]:
    return st.lists(
        st.builds(
            lambda keys, where: BlockingRule(on=tuple(keys), where=where),
            st.lists(KEYS, min_size=1, max_size=2),
            st.one_of(st.none(), conditions(_atoms(of)), st.just(Otherwise())),
        ),
        min_size=1,
        max_size=4,
    )


RULES = _rules(OF_TEXT)


@st.composite
def models(draw: st.DrawFn, of: list[Measure] = OF_TEXT) -> Model:
    """A trained model of one to three comparisons and a few rules. of: the measures that it may ask."""
    count = draw(st.integers(1, 3))
    compared = tuple(draw(comparisons(name=f"c{n}", of=of)) for n in range(count))
    contexts = [
        Context(
            on=tuple(draw(st.lists(KEYS, min_size=1, max_size=2))),
            prior=draw(st.sampled_from([0.001, 0.4])),
            weights={
                c.name: tuple(draw(st.sampled_from([-4.0, 0.0, 3.0])) for _ in c.levels)
                for c in compared
                if draw(st.booleans())
            },
        )
        for _ in range(draw(st.integers(0, 2)))
    ]
    return Model(
        comparisons=compared,
        contexts=tuple(contexts),
        context_share=draw(st.sampled_from([1.0, 0.5])),
        blocking_rules=tuple(draw(_rules(of))),
        prior=draw(st.sampled_from([1e-6, 0.01, 0.5])),
    )
