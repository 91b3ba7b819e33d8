"""Numbers, dates and sizes as pages write them, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import translation

from joinedup_web.design import words

pytestmark = pytest.mark.web


@pytest.mark.parametrize(
    ("language", "said"),
    [("en-gb", "1 March 2026 at 2:05pm"), ("cy", "1 Mawrth 2026 am 2:05pm")],
)
def test_a_moment_is_said_in_the_language_of_the_page(language, said):
    with translation.override(language):
        assert words.clock(datetime(2026, 3, 1, 14, 5, tzinfo=UTC)) == said


def test_a_moment_is_london_time():
    assert words.clock(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == "2 July 2026 at 12:30am"


def test_what_is_not_known_is_never_nought():
    assert (words.percent(None), words.count(None), words.clock(None)) == ("not known", "", "")


@pytest.mark.parametrize(
    ("weight", "said"),
    [(3.24, "+3.2"), (-1.0, "−1.0"), (0.0, "0.0"), (-0.0, "0.0"), (-0.04, "0.0"), (0.04, "0.0")],
)
def test_bits_have_a_sign_and_nought_has_none(weight, said):
    assert words.bits(weight) == said
