"""What points at danger, what does not, and that a pointer never repeats a person's words."""

from __future__ import annotations

import numpy as np
import pytest

from joinedup.errors import ModelError
from joinedup.text import SAFEGUARDING, THREAT_TO_LIFE, look, look_again, recognise
from joinedup.text.danger import danger_model
from joinedup.text.danger.again import REASON
from joinedup.text.danger.phrase import Phrase, Together, plain_words
from joinedup.text.embed import minilm_folder, open_minilm


def kinds(text):
    return [danger.kind for danger in look(text)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I want to die", THREAT_TO_LIFE),
        ("If nobody answers I will kill myself", THREAT_TO_LIFE),
        ("I can’t go on any more", THREAT_TO_LIFE),
        ("I WANT TO END MY LIFE!!!", THREAT_TO_LIFE),
        ("i  want\nto    kill my self", THREAT_TO_LIFE),
        ("My husband hits me every night", SAFEGUARDING),
        ("my stepdad touches me at night", SAFEGUARDING),
        ("Rwyf eisiau marw", THREAT_TO_LIFE),
        ("dwi isio lladd fy hun", THREAT_TO_LIFE),
        ("Mae fy ngŵr yn fy nharo", SAFEGUARDING),
        ("Mae fy ngwr yn fy nharo", SAFEGUARDING),
        ("Mae'r plant yn llwgu", SAFEGUARDING),
    ],
)
def test_danger_is_pointed_at_in_english_and_welsh(text, kind):
    assert kind in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The queue was killing me but the staff were lovely",
        "I'm dying for a coffee",
        "The service is dead slow",
        "My battery died",
        "The deadline is tomorrow",
        "The website said my postcode does not exist.",
        "I was sent to an office that does not exist",
        "Roedd y staff yn gyfeillgar iawn, diolch",
        "Roedd y ciw yn hir a'r coffi yn oer",
    ],
)
def test_ordinary_complaints_are_left_alone(text):
    assert look(text) == ()


@pytest.mark.parametrize(
    "text",
    ["I wish I did not exist", "This page does not exist. I do not want to exist", "I should not exist"],
)
def test_somebody_who_would_rather_not_exist_is_heard_beside_pages_that_do_not(text):
    assert THREAT_TO_LIFE in kinds(text)


def test_a_denial_is_pointed_at_too_since_a_person_should_read_it():
    assert THREAT_TO_LIFE in kinds("I don't want to kill myself")


def test_both_languages_are_tried_whatever_the_language_is_said_to_be():
    for code in ("", "en", "cy", "und"):
        assert look("I want to die", language=code)
        assert look("Rwyf eisiau marw", language=code)


def test_words_of_a_cry_for_help_cannot_be_lost_in_the_other_language():
    assert THREAT_TO_LIFE in kinds("Diolch am y llythyr. I want to kill myself.")


def test_the_gravest_comes_first_and_each_kind_once():
    assert kinds("My husband hits me every night and I want to die. I will kill myself.") == [
        THREAT_TO_LIFE,
        SAFEGUARDING,
    ]


def test_reasons_are_names_of_rules_and_hold_none_of_the_words():
    text = "Bettina from Quuxville says she will kill herself"

    reasons = [reason for danger in look(text) for reason in danger.reasons]
    assert reasons
    assert not any("Bettina" in reason or "Quuxville" in reason for reason in reasons)


@pytest.mark.parametrize("where", ["beginning", "end"])
def test_a_cry_at_either_end_of_a_very_long_text_is_heard(where):
    filler, cry = "the form was long and the office was shut. " * 2_500, "I want to kill myself. "
    text = cry + filler if where == "beginning" else filler + cry

    assert len(text) > 100_000
    assert THREAT_TO_LIFE in kinds(text)


def test_masks_do_not_hide_danger():
    assert THREAT_TO_LIFE in kinds("[name] of [address] said: I will kill myself")


def test_sentences_are_kept_apart():
    together = Together("child|children & hungry", {})
    assert together.is_in(frozenset({"the", "children", "are", "hungry"}))
    assert not together.is_in(frozenset({"the", "children", "are", "here"}))


def test_a_phrase_allows_its_gaps_and_not_a_word_more():
    phrase = Phrase("want .. die", {}, frozenset())
    assert phrase.pattern.search(plain_words("I want to die"))
    assert phrase.pattern.search(plain_words("I want so to die"))
    assert not phrase.pattern.search(plain_words("I want very much to die"))
    assert not phrase.pattern.search(plain_words("What I want. Die Fledermaus"))


def test_a_phrase_of_optional_words_alone_is_refused():
    with pytest.raises(ValueError, match="must be there"):
        Phrase("perhaps?", {}, frozenset())


def test_vectors_of_another_width_are_refused_with_what_to_do():
    with pytest.raises(ModelError) as refused:
        look_again(np.zeros((2, 5), dtype=np.float32))

    assert "5 dimensions" in refused.value.what
    assert "384" in refused.value.mend
    with pytest.raises(ModelError):
        look_again(np.zeros(384, dtype=np.float32))


def test_no_texts_have_no_dangers():
    assert look_again(np.zeros((0, 384), dtype=np.float32)) == ()


def test_the_probabilities_of_the_second_look_are_a_softmax_without_its_first_class():
    model = danger_model()
    vectors = np.random.default_rng(3).standard_normal((4, 384)).astype(np.float32)

    scores = [
        [float(np.dot(w, v)) + float(b) for w, b in zip(model.weights, model.bias, strict=True)]
        for v in vectors
    ]
    expected = [[np.exp(s) / sum(np.exp(t) for t in row) for s in row[1:]] for row in scores]
    assert np.allclose(model.probabilities(vectors), expected, atol=1e-9)


@pytest.mark.needs_model
def test_a_second_look_sees_what_no_phrase_foresaw_and_leaves_praise_alone():
    texts = [
        "nobody would notice if I was gone, I have written the letters to my children",
        "The nurse was kind and explained everything",
    ]
    assert all(recognise(text).is_readable for text in texts)

    grave, praise = look_again(open_minilm(minilm_folder(), threads=1).encode(texts))

    assert [danger.reasons for danger in grave] == [(REASON,)]
    assert praise == ()


@pytest.mark.needs_model
def test_a_second_look_leaves_short_messages_to_a_council_alone_but_for_few():
    """Words that no frame of `bench/ordinary_messages.toml` makes. One who looks after somebody may be pointed at."""
    texts = [
        "It says Castle Street is outside every permit zone, but all my neighbours have a permit.",
        "Visiting my sister across the fen every week means the world to me.",
        "Good that I could keep it and go on later on Friday.",
        "more water taps please 0",
        "A skip for our rubbish would help",
        "The swings squeak",
        "Our school is too far for my son",
        "Looking after dad, so I park outside the house",
    ]

    found = look_again(open_minilm(minilm_folder(), threads=1).encode(texts))

    assert sum(map(bool, found)) <= 1
    assert not any(found[:-1])
