"""Conditions read from SQL hold for exactly the pairs for which DuckDB says so, nulls and all."""

from __future__ import annotations

import itertools
from contextlib import suppress

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joinedup.linkage.compare import condition_filter
from joinedup.linkage.encode import Records, encode
from joinedup.linkage.splink_levels import condition_from_sql, rule_from_sql
from joinedup.linkage.sql_condition import SqlError

A = ["ab", "ba", "abc", "anna", None, "Ab", "ab c"]
B = ["ab", "anna", "ba", None]
D = ["1990-01-05", "1990-01-06", "1990-05-01", "no date", None]
ROWS = [
    {"id": f"{i:03}", "a": a, "b": b, "d": D[(i * 7) % len(D)]}
    for i, (a, b) in enumerate(itertools.product(A, B))
]
TABLE = pa.Table.from_pylist(ROWS)

LEAVES = [
    "a_l = a_r",
    "b_l = b_r",
    "a_l <> a_r",
    "a_l is null or a_r is null",
    "b_l is not null and b_r is not null",
    "a_l = b_r",
    "a_r = b_l",
    "a_l = b_r and b_l = a_r",
    "lower(a_l) = lower(a_r)",
    "substr(a_l, 1, 1) = substr(a_r, 1, 1)",
    "levenshtein(a_l, a_r) <= 1",
    "levenshtein(a_l, a_r) > 2",
    "damerau_levenshtein(b_l, b_r) < 2",
    "jaro_winkler_similarity(a_l, a_r) >= 0.8",
    "jaro_similarity(b_l, b_r) < 0.9",
    "jaccard(a_l, a_r) > 0.5",
    "a_l || ' ' || b_l = a_r || ' ' || b_r",
    "nullif(a_l, 'ab') = nullif(a_r, 'ab')",
    "nullif(regexp_extract(a_l, '^(a)(.)', 2), '') = nullif(regexp_extract(a_r, '^(a)(.)', 2), '')",
    "abs(epoch(try_strptime(d_l, '%Y-%m-%d')) - epoch(try_strptime(d_r, '%Y-%m-%d'))) <= 86400",
    "try_strptime(d_l, '%Y-%m-%d') is null or try_strptime(d_r, '%Y-%m-%d') is null",
]


@pytest.fixture(scope="module")
def records() -> Records:
    return encode({"it": TABLE}, id_columns={"it": "id"}, columns=("a", "b", "d"))


@pytest.fixture(scope="module")
def pairs(records) -> duckdb.DuckDBPyConnection:
    """Every pair of records, by record number; the left one stands before the right one, as in Splink."""
    ids = records.ids.to_pylist()
    numbers = pa.table({"id": ids, "n": pa.array(range(len(ids)), pa.int32())})
    connection = duckdb.connect()
    connection.register("t", TABLE.join(numbers, "id"))
    connection.execute(
        "create table pairs as select l.n as n_l, r.n as n_r, l.a as a_l, r.a as a_r, "
        "l.b as b_l, r.b as b_r, l.d as d_l, r.d as d_r from t l, t r where l.id < r.id order by 1, 2"
    )
    return connection


def conditions(leaves: list[str]) -> st.SearchStrategy[str]:
    return st.recursive(
        st.sampled_from(leaves),
        lambda inner: st.one_of(
            st.builds("not ({})".format, inner),
            st.builds("({}) and ({})".format, inner, inner),
            st.builds("({}) or ({})".format, inner, inner),
        ),
        max_leaves=5,
    )


@settings(max_examples=60, deadline=None)
@given(sql=conditions(LEAVES))
def test_duckdb_and_our_engine_find_the_same_pairs(sql, records, pairs):
    answer = pairs.execute(f"select n_l, n_r, coalesce({sql}, false) as yes from pairs").fetchnumpy()

    holds = condition_filter(records, condition_from_sql(sql))
    left, right = (answer[name].astype(np.int32) for name in ("n_l", "n_r"))

    assert (holds(left, right) == answer["yes"].astype(bool)).all()


@given(st.text(alphabet="ablr_.=<>()'\"| 01,andornotisnull[]-:%\n\\é", max_size=60) | st.text(max_size=40))
def test_no_text_breaks_the_reader(text):
    for read in (condition_from_sql, rule_from_sql):
        with suppress(SqlError):  # the one refusal that is meant; anything else is a fault
            read(text)
