"""What is doubtful about a set of themes, and stance."""

from __future__ import annotations

import numpy as np
import pytest

from joinedup.text.themes import lint, split_by_stance, stance_of, stances


def _rules(found):
    return {(each.rule, each.themes) for each in found}


def test_a_sound_set_raises_no_doubt():
    titles = {0: "Parking", 1: "Waiting times", 2: "Online form", 3: "Kind staff", 4: "Opening hours"}
    assignments = {n: set(range(20 * n, 20 * n + 20)) for n in titles}

    assert lint(titles, assignments, total=100) == ()
    assert lint({}, {}, total=0) == ()


@pytest.mark.parametrize(
    ("size", "total", "is_small"), [(4, 100, True), (5, 100, False), (5, 6000, True), (6, 6000, False)]
)
def test_a_theme_needs_five_comments_and_one_in_a_thousand(size, total, is_small):
    found = lint({0: "Parking"}, {0: set(range(size))}, total=total)

    assert (("small", (0,)) in _rules(found)) is is_small


def test_seventy_themes_are_the_most():
    def rules(many):
        titles = {n: chr(0x4E00 + 7 * n) * 3 for n in range(many)}
        return {
            e.rule for e in lint(titles, {n: set(range(9 * n, 9 * n + 9)) for n in titles}, total=9 * many)
        }

    assert rules(70) == {"many"}
    assert rules(71) == {"too_many"}
    assert rules(30) == set()


def test_titles_that_say_the_same_are_near_duplicates():
    found = lint(
        {0: "Waiting times", 1: "times, waiting", 2: "Parking"},
        {n: set(range(10 * n, 10 * n + 10)) for n in range(3)},
        total=100,
    )

    assert _rules(found) == {("near_duplicates", (0, 1))}
    assert "“Waiting times” and “times, waiting”" in found[0].words


def test_middles_that_lie_close_are_near_duplicates():
    centres = {
        0: np.array([1, 0], np.float32),
        1: np.array([0.95, 0.312], np.float32),
        2: np.array([0, 1], np.float32),
    }
    titles = {0: "Parking", 1: "Where to leave a car", 2: "Food"}
    assignments = {n: set(range(10 * n, 10 * n + 10)) for n in range(3)}

    assert _rules(lint(titles, assignments, total=100, centres=centres)) == {("near_duplicates", (0, 1))}


def test_sharing_half_of_the_comments_is_an_overlap():
    titles = {0: "Parking", 1: "Cost of living"}
    assert ("overlap", (0, 1)) in _rules(lint(titles, {0: set(range(10)), 1: set(range(5, 15))}, total=100))
    assert ("overlap", (0, 1)) not in _rules(
        lint(titles, {0: set(range(10)), 1: set(range(6, 16))}, total=100)
    )


def test_many_pairs_are_counted_and_not_listed():
    titles = dict.fromkeys(range(5), "Parking")  # ten pairs
    found = [
        e
        for e in lint(titles, {n: set(range(10 * n, 10 * n + 10)) for n in titles}, total=100)
        if e.rule == "near_duplicates"
    ]

    assert len(found) == 6
    assert found[-1].words.startswith("5 more pairs")


def test_a_theme_of_everything_is_a_catch_all():
    titles = {0: "Staff", 1: "Parking", 2: "Food"}
    assignments = {0: set(range(60)), 1: set(range(60, 80)), 2: set(range(80, 100))}

    assert _rules(lint(titles, assignments, total=100)) == {("catch_all", (0,))}


def test_for_and_against_in_one_theme_and_a_theme_without_title():
    mixed = stance_of(["positive"] * 6 + ["negative"] * 6)
    found = lint(
        {0: "The new road", 1: " "}, {0: set(range(12)), 1: set(range(12, 24))}, total=100, stances={0: mixed}
    )

    assert _rules(found) == {("mixed_stance", (0,)), ("no_title", (1,))}


@pytest.mark.parametrize(
    ("positive", "neutral", "negative", "code"),
    [
        (9, 3, 1, "for"),  # Wilson's lower limit of 9 of 10 is 0.596
        (1, 0, 9, "against"),
        (6, 0, 6, "mixed"),
        (5, 50, 15, "mixed"),  # a quarter
        (5, 0, 16, "against"),  # less than a quarter; of 16 of 21 the lower limit is 0.55
        (4, 9, 0, ""),  # four opinions
        (0, 9, 0, ""),
        (4, 0, 5, ""),  # too few on a side for mixed, neither side beyond chance
    ],
)
def test_stance(positive, neutral, negative, code):
    found = stance_of(["positive"] * positive + ["neutral"] * neutral + ["negative"] * negative)

    assert found.code == code
    assert (found.positive, found.neutral, found.negative) == (positive, neutral, negative)


def test_stances_of_themes():
    found = stances({0: {0, 1}, 1: set()}, ["positive", "negative"])

    assert (found[0].positive, found[0].negative) == (1, 1)
    assert found[1].code == ""


def test_splitting_by_stance_sends_neutral_comments_to_the_nearer_side():
    vectors = np.array([[1, 0], [0, 1], [0.9, 0.436], [0.436, 0.9]], dtype=np.float32)
    members = np.array([3, 2, 1, 0])
    glad, sorry = split_by_stance(members, ["positive", "negative", "neutral", "neutral"], vectors)

    assert glad.tolist() == [2, 0]
    assert sorry.tolist() == [3, 1]


def test_one_side_only_stays_whole():
    members = np.array([0, 1])
    glad, sorry = split_by_stance(members, ["positive", "neutral"], np.eye(2, dtype=np.float32))

    assert (glad.tolist(), sorry.tolist()) == ([0, 1], [])
