"""Records as codes: what counts as a value, what as the same, and what is refused."""

from __future__ import annotations

import datetime as dt
import random

import pyarrow as pa
import pytest

from joinedup.errors import SourceError
from joinedup.linkage.encode import as_plain_text, encode
from joinedup.linkage.expression import parse_key


def _values(records, key="x"):
    codes = records.key(parse_key(key))
    texts = [*codes.values.to_pylist(), None]
    found = {name: texts[code] for name, code in zip(records.ids.to_pylist(), codes.codes, strict=True)}
    return [found[name] for name in sorted(found)]


def _encoded(column, *more):
    tables = {
        name: pa.table({"id": [f"{name}{n}" for n in range(len(own))], "x": own})
        for name, own in zip("ab", (column, *more), strict=False)
    }
    return encode(tables, id_columns=dict.fromkeys(tables, "id"), columns=["x"])


def test_the_same_value_has_one_code_whatever_type_each_source_gives_it():
    assert _values(_encoded(pa.array([1.0, 2.5, None, float("nan")]), pa.array([1, 3]))) == (
        ["1", "2.5", None, None, "1", "3"]
    )
    assert _values(_encoded(pa.array([dt.date(1990, 2, 3)]), pa.array(["1990-02-03"]))) == ["1990-02-03"] * 2
    assert _values(_encoded(pa.array([dt.datetime(1990, 2, 3)]), pa.array([""]))) == ["1990-02-03", None]
    assert _values(_encoded(pa.array([dt.datetime(1990, 2, 3, 9, 30, 0, 250_000)]))) == [
        "1990-02-03T09:30:00.25"
    ]
    assert _values(_encoded(pa.array([["a", "b"], [], None]))) == ["a|b", "|", None]
    assert _values(_encoded(pa.array([[0.5, 1.0], None], pa.list_(pa.float64(), 2)))) == ["0.5|1", None]
    assert _values(_encoded(pa.array([True, None]))) == ["true", None]
    assert as_plain_text(pa.array([1e300, -3.0, 0.1])).to_pylist() == ["1e+300", "-3", "0.1"]


def test_a_dictionary_that_holds_null_and_empty_texts_is_read_by_its_values():
    column = pa.DictionaryArray.from_arrays([0, 0, 1, 2, None], pa.array(["u", None, ""]))

    records = _encoded(column)

    assert _values(records) == ["u", "u", None, None, None]
    assert records.columns["x"].values.to_pylist() == ["u"]


def test_texts_that_join_to_the_same_text_are_equal():
    table = pa.table({"id": ["1", "2", "3"], "x": ["a b", "a", "a"], "y": ["c", "b c", None]})
    records = encode({"s": table}, id_columns={"s": "id"}, columns=["x", "y"])

    assert _values(records, "concat(x, y)") == ["a b c", "a b c", None]
    assert _values(records, "joined(x, y)") == ["a bc", "ab c", None]


def test_a_column_that_a_source_lacks_is_missing_there():
    tables = {"a": pa.table({"id": ["1"], "x": ["v"]}), "b": pa.table({"id": ["2"], "y": ["w"]})}
    records = encode(tables, id_columns=dict.fromkeys(tables, "id"), columns=["x", "y"])

    assert _values(records, "x") == ["v", None]
    assert _values(records, "y") == [None, "w"]
    with pytest.raises(SourceError, match="no column 'z'"):
        records.key(parse_key("z"))


def test_the_order_of_rows_does_not_show():
    rows = [(f"id{n}", f"v{n % 7}") for n in range(200)]
    shuffled = random.Random(1).sample(rows, len(rows))

    one, other = (
        encode(
            {"s": pa.table({"id": [r[0] for r in own], "x": [r[1] for r in own]})},
            id_columns={"s": "id"},
            columns=["x"],
        )
        for own in (rows, shuffled)
    )

    assert one.ids.equals(other.ids)
    assert one.columns["x"].codes.tolist() == other.columns["x"].codes.tolist()
    assert one.columns["x"].values.equals(other.columns["x"].values)


def test_an_identifier_that_is_missing_or_given_twice_is_refused_by_count_alone():
    def refused(ids):
        with pytest.raises(SourceError) as caught:
            encode({"people": pa.table({"id": ids})}, id_columns={"people": "id"}, columns=[])
        return str(caught.value)

    assert "2 records have no identifier" in refused(["MARKED1", None, ""])
    assert "1 identifier is given more than once" in refused(["MARKED1", "MARKED1", "other"])
    assert "people" in refused([None])
    assert "MARKED1" not in refused(["MARKED1", "MARKED1"])
    with pytest.raises(SourceError, match="no identifier column 'key'"):
        encode({"people": pa.table({"id": ["1"]})}, id_columns={"people": "key"}, columns=[])


def test_records_are_written_in_the_order_of_sources_then_of_identifiers():
    tables = {"b": pa.table({"id": ["9", "10"]}), "a": pa.table({"id": ["1"]})}
    records = encode(tables, id_columns=dict.fromkeys(tables, "id"), columns=[])
    place = dict(zip(records.ids.to_pylist(), records.written_order().tolist(), strict=True))

    assert place == {"10": 0, "9": 1, "1": 2}


def test_chunks_that_share_a_dictionary_and_chunks_that_do_not_are_read_alike():
    values = pa.array(["u", "v", "w"])
    one, other = ([2, 0, None], [1, 2, 2])
    shared = pa.chunked_array([pa.DictionaryArray.from_arrays(codes, values) for codes in (one, other)])
    apart = pa.chunked_array([pa.array(["w", "u", None]), pa.array(["v", "w", "w"])]).dictionary_encode()
    parts = pa.chunked_array(
        [
            pa.DictionaryArray.from_arrays(one, values),
            pa.DictionaryArray.from_arrays([0, 1, 1], values.slice(1)),  # the same memory, begun further on
        ]
    )

    for column in (shared, apart, parts):
        assert _values(_encoded(column)) == ["w", "u", None, "v", "w", "w"]
