"""Texts that may say the same are offered, and no others."""

from __future__ import annotations

import time

from joinedup.casework import alike

CASES = {
    "permit": "The parking permit never came. I applied six weeks ago and have heard nothing.",
    "bins": "The bins in Mill Lane were not emptied again.",
    "form": "Your website threw my application away when I uploaded a photograph.",
    "cymraeg": "Gwnes i gais am drwydded barcio ac nid yw wedi cyrraedd.",
}


def test_the_likeliest_comes_first_and_says_why():
    found = alike("Still waiting for a parking permit that I applied for in March", CASES)

    assert found[0].key == "permit"
    assert set(found[0].shared) <= {"parking", "permit", "applied"}
    assert len(found[0].shared) == 3


def test_words_count_by_their_beginnings():
    assert [each.key for each in alike("Nobody empties our bin in Mill Lane", CASES)] == ["bins"]


def test_welsh_finds_welsh():
    assert (
        alike("Ble mae fy nhrwydded? Gwnes i gais fis yn ôl ac nid yw wedi cyrraedd", CASES)[0].key
        == "cymraeg"
    )


def test_everyday_words_and_masks_make_nothing_alike():
    assert alike("They have been there and I was with them", CASES) == []
    assert alike("[name] [email address]", {"other": "[name] asked about [email address]"}) == []


def test_a_text_is_wholly_like_itself_whatever_the_others():
    found = alike(CASES["bins"], CASES)

    assert found[0].key == "bins"
    assert found[0].likeness > 0.999


def test_no_more_are_offered_than_asked_for():
    same = dict.fromkeys(range(10), "parking permit late")

    assert [each.key for each in alike("parking permit late", same, most=3)] == [0, 1, 2]


def test_nothing_is_like_nothing():
    assert alike("", CASES) == []
    assert alike("permit", {}) == []


def test_two_thousand_cases_are_looked_through_in_a_moment():
    many = {number: f"{CASES['permit']} Number {number}" for number in range(2000)}
    begun = time.perf_counter()
    alike(CASES["permit"], many)

    assert time.perf_counter() - begun < 2
