"""Slips of typing, sight and hearing: each changes what it says it changes, and only where it is told."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import DamerauLevenshtein

from joinedup.people.county import Habits, population
from joinedup.people.county.mistakes import initial, joined, misheard, misread, rewrite, typed
from joinedup.people.county.observe import iso_dates, observe
from joinedup.people.county.population import NONE


@given(st.text("abcdefghijklmnopqrstuvwxyzé' -", min_size=1, max_size=20), st.integers(0, 2**40 - 1))
def test_a_typing_slip_is_one_edit(text: str, luck: int):
    assert DamerauLevenshtein.distance(text, typed(text, luck)) <= 1


@pytest.mark.parametrize(
    ("change", "text", "possible"),
    [
        (misread, "B8", {"88", "BB"}),
        (misheard, "Philip", {"Pfilip", "Phillip", "Phelep", "Phelip"}),
        (initial, "John", {"J"}),
    ],
)
def test_a_slip_is_one_of_the_known_confusions(change, text, possible):
    made = {change(text, luck) for luck in range(200)}

    assert made <= possible | {text.replace("i", "l", 1), "Phi1ip"}
    assert made & possible


def test_only_the_rows_told_are_rewritten_and_missing_stays_missing():
    column = pa.array(["Anna", None, "Bob", "Cara"])
    where = np.array([True, True, False, True])

    made = rewrite(column, where, initial, np.random.default_rng(1))

    assert made.to_pylist() == ["A", None, "Bob", "C"]


def test_joining_passes_over_missing_texts_and_keeps_every_row():
    made = joined(pa.array(["a", None, None]), pa.array(["x", "y", None]), separator=", ")

    assert made.to_pylist() == ["a, x", "y", None]


def test_an_organisation_without_mistakes_writes_the_same_record_twice():
    perfect = Habits(**dict.fromkeys(Habits.__dataclass_fields__, 0.0) | {"careless_times": 1.0})
    block = population(people=500, seed=1)
    rows = np.arange(500)

    first = observe(block, rows, habits=perfect, rng=np.random.default_rng(1))
    second = observe(block, rows, habits=perfect, rng=np.random.default_rng(2))

    assert first.first_name.equals(second.first_name)
    assert np.array_equal(first.born, second.born)
    assert np.array_equal(first.born, block.born)
    assert first.email.equals(second.email)


def test_every_written_date_exists_and_january_placeholders_are_many():
    block = population(people=5_000, seed=1)
    seen = observe(block, np.arange(5_000), habits=Habits(first_of_january=0.3), rng=np.random.default_rng(1))
    dates = [text for text in iso_dates(seen.born).to_pylist() if text is not None]

    assert 0.2 < np.mean([text.endswith("-01-01") for text in dates]) < 0.4
    assert (seen.born == NONE).sum() == 5_000 - len(dates)
