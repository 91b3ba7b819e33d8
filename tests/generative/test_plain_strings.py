"""The twin's string measures are the ones that rapidfuzz computes."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import DamerauLevenshtein, Jaro, JaroWinkler, Levenshtein

from support import plain_strings

words = st.one_of(st.text(alphabet="abcé", max_size=9), st.text(alphabet="MARTHxyz-' ", max_size=20))


@settings(max_examples=500, deadline=None)
@given(words, words)
@example("MARTHA", "MARHTA")
@example("ca", "abc")
def test_measures_are_rapidfuzzs(one, other):
    assert plain_strings.jaro(one, other) == pytest.approx(Jaro.similarity(one, other), abs=1e-12)
    assert plain_strings.jaro_winkler(one, other) == pytest.approx(
        JaroWinkler.similarity(one, other), abs=1e-12
    )
    assert plain_strings.levenshtein(one, other) == Levenshtein.distance(one, other)
    assert plain_strings.damerau_levenshtein(one, other) == DamerauLevenshtein.distance(one, other)
