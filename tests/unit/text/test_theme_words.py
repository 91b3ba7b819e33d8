"""Terms, titles, quotes and descriptions of themes."""

from __future__ import annotations

import numpy as np

from joinedup.text.themes import choose_quotes, describe, theme_terms, theme_titles


def test_terms_are_the_words_of_one_theme_and_not_of_all():
    texts = ["the queue was long"] * 6 + ["the food was cold"] * 6
    terms = theme_terms(texts, np.array([0] * 6 + [1] * 6, dtype=np.int32), themes=2)

    assert set(" ".join(terms[0]).split()) == {"queue", "long"}
    assert set(" ".join(terms[1]).split()) == {"food", "cold"}


def test_a_pair_of_words_stands_for_its_words_and_plurals_count_together():
    texts = ["waiting times are long", "waiting times grow", "the waiting time", "waiting time again"] * 3
    texts += ["parking is dear", "parking costs", "no parking"] * 4
    terms = theme_terms(texts, np.array([0] * 12 + [1] * 12, dtype=np.int32), themes=2)

    assert terms[0][0].split()[0] == "waiting"
    assert len([term for term in terms[0] if "waiting" in term]) == 1
    assert terms[1][0] == "parking"


def test_masks_are_no_terms():
    texts = ["[name] helped with the [national insurance number] letter"] * 5 + ["roads flooded"] * 5
    terms = theme_terms(texts, np.array([0] * 5 + [1] * 5, dtype=np.int32), themes=2)

    assert not {"name", "national", "insurance", "number"} & set(" ".join(terms[0]).split())


def test_nothing_but_small_words_gives_no_terms_and_no_title():
    assert theme_terms(["it was", "and the"], np.array([0, 0], dtype=np.int32), themes=1) == [()]
    assert theme_titles([()]) == [""]
    assert theme_terms([], np.zeros(0, dtype=np.int32), themes=0) == []


def test_titles_differ_and_prefer_words_that_tell():
    titles = theme_titles(
        [("good", "parking", "cost"), ("parking", "cost"), ("parking", "cost"), ("good", "great")]
    )

    assert titles[0] == "Parking, cost"
    assert titles[3] == "Good, great"
    assert len(set(titles)) == 4


def test_quotes_are_typical_and_unlike_each_other():
    texts = [
        "the bus was late again today",
        "The bus was late again today!",
        "buses in the evening do not come",
        "a seat would be welcome at the stop",
    ]
    vectors = np.array([[1, 0, 0], [1, 0, 0], [0.9, 0.436, 0], [0.6, 0, 0.8]], dtype=np.float32)
    quotes = choose_quotes(texts, vectors, np.arange(4), np.array([1, 0, 0], dtype=np.float32), most=2)

    # worth of the second: .6·.9 - .4·.9 = .18; of the third: .6·.6 - .4·.6 = .12
    assert quotes == (0, 2)


def test_long_and_short_comments_are_quoted_for_want_of_others_only():
    texts = ["ok", "x" * 400, "this one can be read at once"]
    vectors = np.ones((3, 1), dtype=np.float32)

    assert choose_quotes(texts, vectors, np.arange(3), np.ones(1, dtype=np.float32), most=1) == (2,)
    assert set(choose_quotes(texts, vectors, np.arange(3), np.ones(1, dtype=np.float32))) == {0, 1, 2}


def test_a_description_lets_comments_speak_and_cuts_at_a_word():
    assert describe([]) == ""
    assert describe(["The bus was late."]) == "People say, for example: “The bus was late”."
    said = describe([("late bus " * 40).strip()])
    assert said.endswith("bus…”.") or said.endswith("late…”.")
    assert len(said) < 180
