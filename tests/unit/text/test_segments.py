"""Segments compared: who stands out, and which numbers are held back."""

from __future__ import annotations

import pytest

from joinedup.text.segments import compare_segments


def test_a_segment_that_stands_out_is_told_with_its_share():
    found = {
        s.segment: s for s in compare_segments({"north": (60, 100), "south": (30, 100), "east": (30, 100)})
    }

    assert found["north"].stands == "more"
    assert found["north"].share == pytest.approx(0.6)
    assert found["north"].low < 0.6 < found["north"].high
    assert found["north"].p is not None
    assert found["north"].p < 0.001


def test_like_segments_do_not_stand_out():
    assert {s.stands for s in compare_segments({"a": (20, 100), "b": (22, 100), "c": (19, 100)})} == {""}


def test_small_numbers_are_held_back_with_one_more_so_that_none_can_be_worked_out():
    found = compare_segments({"a": (3, 40), "b": (12, 60), "c": (30, 80)})

    assert [s.is_held_back for s in found] == [True, True, False]
    assert found[0].hits is None
    assert found[0].share is None
    assert found[0].p is None
    assert found[0].total == 40


def test_a_segment_of_few_people_does_not_even_tell_how_many():
    found = compare_segments({"a": (0, 7), "b": (2, 9), "c": (30, 80)})

    assert [s.total for s in found] == [None, None, 80]
    assert [s.is_held_back for s in found] == [True, True, False]


def test_nobody_said_it_is_told():
    found = compare_segments({"a": (0, 50), "b": (20, 50)})

    assert [s.hits for s in found] == [0, 20]
    assert [s.stands for s in found] == ["less", "more"]


def test_no_segments_and_one_segment():
    assert compare_segments({}) == ()
    (only,) = compare_segments({"all": (10, 20)})
    assert (only.share, only.stands) == (0.5, "")
