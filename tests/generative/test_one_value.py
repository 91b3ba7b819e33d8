"""One value at a time is standardised, and made a key of, exactly as a column of it is."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from joinedup.linkage.encode import as_plain_text
from joinedup.linkage.expression import Key, Transform, parse_key
from joinedup.linkage.one_key import KeyReader, iso_day, iso_exchanged, one_transform
from joinedup.linkage.transform import iso_days, iso_swapped, transformed
from joinedup.people import FieldKind, FieldOptions, standardise
from joinedup.people.one_value import judge_one
from joinedup.values import arrow_text

RELAXED = settings(deadline=None, max_examples=300)
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
_ODD = """Dr Mary O'Brien|SMITH, JOHN|mac donald|Ng|née Jones|ZoÃ«|İstanbul|ΣΊΣΥΦΟΣ|STRAẞE|n/a|Not Known|'null'.
LS1 4DY|ls14dy|GIR 0AA|LSl 4DY|AB123456C|ab 12 34 56 c|943 476 5919|9434765918|1955839661K|B801200005001
+44 (0)7700 900123|07700900123 ext 4|+33142685300|Ann@Gmial.com|<a@b.org>|a..b@c.org|a@b|@|a@b@c|x
Flat 2, 14 Station Rd.|st johns st|10002333695|1.0|-0.50|1e5|£1,000.00|M|not stated|सुनीता|李伟|१२३|１２３
03/04/1980|31/12/80|1-Jan-80|29221|1900-01-01|2031-01-01|1980|(a) b|𝒜nn|1980-02-30|1980-06-31|2000-01-32
B T 1 1AA|W1A1HQ|E C1A1BB"""
ODD = st.sampled_from(
    [*_ODD.replace("\n", "|").split("|"), " x ", "\u200bann", "a\x1cb", "\x85a\u2003", "robert \t smith\n"]
)
WRITTEN = st.one_of(ODD, TEXTS, st.tuples(ODD, TEXTS).map(" ".join))
OPTIONS = st.builds(
    FieldOptions,
    date_order=st.sampled_from([None, "dmy", "mdy", "ymd", "open"]),
    on=st.sampled_from([None, date(2026, 5, 1)]),
    pivot=st.sampled_from([None, 30]),
    missing=st.sampled_from([(), ("x", " Smith ")]),
    zero_eight=st.sampled_from([None, True, False]),
    keep_placeholders=st.booleans(),
    region=st.sampled_from(["GB", "FR"]),
    short_serials=st.sampled_from([None, True, False]),
)


@RELAXED
@given(text=WRITTEN, kind=st.sampled_from(list(FieldKind)), options=OPTIONS)
@example(text="", kind=FieldKind.TEXT, options=FieldOptions())
@example(text="\u3000", kind=FieldKind.SURNAME, options=FieldOptions())
def test_one_value_is_standardised_as_a_column_of_one(text, kind, options):
    column = standardise(pa.array([text], pa.string()), kind, options=options)

    one = judge_one(text, kind, options=options)

    assert one.value == as_plain_text(column.values)[0].as_py()
    assert (int(one.status), one.reason) == (column.status[0], column.reasons[0].as_py())


@pytest.mark.parametrize("kind", list(FieldKind))
def test_no_value_is_standardised_as_a_column_of_none(kind):
    column = standardise(pa.array([None], pa.string()), kind)

    one = judge_one(None, kind)

    assert (one.value, int(one.status), one.reason) == (None, column.status[0], column.reasons[0].as_py())


_PARTS = {
    Transform.PREFIX: "prefix(x, 3)",
    Transform.SUFFIX: "suffix(x, 2)",
    Transform.SUBSTRING: "substring(x, 2, 3)",
    Transform.ISO_DATE: 'iso_date(x, "%d/%m/%Y")',
    Transform.WITHOUT: 'without(x, "n/a")',
}
PATTERNS = (
    "^[A-Za-z]{1,2}",
    "^[A-Za-z]{1,2}[0-9][A-Za-z0-9]?",
    "^[A-Za-z]{1,2}[0-9][A-Za-z0-9]? [0-9]",
    "[0-9]+$",
    r"(\\d+)[^a-c]*",
    r"\\w+\\s\\w",
    "(?i)smith|jones$",
    "a.c?",
    r"\\bst\\b",
    "[[:alpha:]]+",
    "x*",
    "é+",
)
KEYS = [
    parse_key(_PARTS.get(transform, f"{transform.value}(x)"))
    for transform in Transform
    if transform not in (Transform.CONCAT, Transform.JOINED, Transform.PATTERN)
] + [parse_key(f'pattern(x, "{regex}")') for regex in PATTERNS]


@pytest.mark.parametrize("key", KEYS, ids=str)
@settings(deadline=None, max_examples=150)
@given(text=WRITTEN.filter(bool))
@example(text="1980-02-30")
@example(text="ab\n")
@example(text="LS1 4DY")
def test_one_text_is_transformed_as_a_column_of_it(key, text):
    assert one_transform(key)(text) == transformed(pa.array([text], pa.string()), key)[0].as_py()


@RELAXED
@given(texts=st.lists(st.one_of(st.none(), WRITTEN.filter(bool)), min_size=3, max_size=3))
def test_a_key_of_several_parts_is_missing_where_one_is(texts):
    values = dict(zip("abc", texts, strict=True))

    keys = [parse_key("joined(prefix(a, 2), b, upper(c))"), parse_key("concat(a, concat(b, c))")]
    joined, spaced = KeyReader(keys)(values)

    whole = None if None in texts else " ".join(t for t in texts if t)
    assert spaced == whole
    assert joined == (None if None in texts else texts[0][:2] + texts[1] + arrow_text.upper(texts[2]))


def test_every_transform_is_tried():
    tried = {key.transform for key in KEYS} | {Transform.CONCAT, Transform.JOINED}

    assert tried == set(Transform)
    assert KeyReader([Key(column="name"), Key(column="other")])({"name": "li"}) == ["li", None]


@RELAXED
@given(
    text=st.one_of(
        WRITTEN, st.dates().map(str), st.from_regex(r"[0-9]{4}-[01][0-9]-[0-3][0-9]", fullmatch=True)
    )
)
@example(text="0000-01-01")
@example(text="1900-02-29")
@example(text="1990-02-03T10")
def test_one_date_is_read_as_a_column_of_it(text):
    column = pa.array([text], pa.string())

    assert repr(iso_day(text)) == repr(float(iso_days(column)[0]))
    assert iso_exchanged(text) == iso_swapped(column)[0].as_py()
