"""The shipped models of sentiment: what they say of plain cases, and with what."""

from __future__ import annotations

import pytest

from joinedup.errors import ModelError
from joinedup.text.embed import minilm_folder, open_minilm
from joinedup.text.sentiment import NEGATIVE, NEUTRAL, POSITIVE, open_sentiment, sentiment_from_bytes
from joinedup.text.sentiment_learning import Felt, fit_sentiment

GLAD = ["Everyone was lovely, thank you", "Excellent service, very quick and friendly"]
SORRY = ["Rude staff and I waited four hours", "The driver was late and rude to my mother"]


def feelings(model, texts, **more):
    return [feeling for feeling, _ in model.predict(texts, **more)]


@pytest.fixture(scope="module")
def by_words():
    return open_sentiment()


def test_plain_praise_and_plain_complaint_are_told_by_words_alone(by_words):
    assert feelings(by_words, GLAD + SORRY) == [POSITIVE] * 2 + [NEGATIVE] * 2
    assert not by_words.reads_meaning


def test_nothing_to_improve_is_praise(by_words):
    assert feelings(by_words, ["Nothing"], questions=["What could we do better?"]) == [POSITIVE]


def test_probabilities_are_of_what_is_said(by_words):
    assert all(1 / 3 <= probability <= 1 for _, probability in by_words.predict(GLAD + SORRY + ["", "ok"]))


def test_another_embedder_than_the_model_s_falls_back_to_words():
    class Other:
        name, version, dimensions = "other", "other-1", 3

        def encode(self, texts, *, on_progress=None):
            raise AssertionError("not to be asked")

    assert not open_sentiment(embedder=Other()).reads_meaning


def test_the_shipped_models_keep_no_comment():
    """Words and runs of letters that several comments have; the sets' makers masked names as XXXX."""
    from joinedup.text.classify.packed import unpack
    from joinedup.text.sentiment import shipped_bytes

    for name in ("sentiment.zip", "sentiment_words.zip"):
        packed = unpack(shipped_bytes(name), "sentiment")
        assert "examples" not in packed.arrays
        words = packed.arrays["vocabulary_0"].tobytes().decode().split("\n")
        assert max(len(word.split()) for word in words) <= 2


@pytest.mark.needs_model
def test_with_meaning_the_plain_cases_hold_as_well():
    model = open_sentiment(embedder=open_minilm(minilm_folder(), threads=1))

    assert model.reads_meaning
    assert feelings(model, GLAD + SORRY) == [POSITIVE] * 2 + [NEGATIVE] * 2


THINGS = [
    "nurse",
    "driver",
    "ward",
    "clinic",
    "doctor",
    "letter",
    "call",
    "visit",
    "chair",
    "meal",
    "room",
    "bus",
]
SAID = {1: "was lovely and kind", 3: "was there on the day", 5: "was rude and late again"}
FELT = [
    Felt(f"the {thing} {said}", "What was it like?", step, satisfaction=6 - step)
    for thing in THINGS
    for step, said in SAID.items()
]


@pytest.fixture(scope="module")
def small():
    unclear = [
        Felt(f"{thing} as such", "What was it like?", step, 6 - step)
        for thing in THINGS
        for step in (1, 3, 5)
    ]
    return fit_sentiment(
        FELT + unclear, embedder=None, seed=1, hints=[("kind", 2), ("there", 1), ("rude", 0)] * 3
    )


def test_what_was_learned_is_said_of_new_texts(small):
    asked = ["What was it like?"] * 3
    said = feelings(
        small, ["a lovely kind porter", "there on the day", "a rude porter, late"], questions=asked
    )

    assert said == [POSITIVE, NEUTRAL, NEGATIVE]


def test_where_the_text_says_nothing_the_person_s_satisfaction_speaks(small):
    texts, asked = ["meal as such"] * 3, ["What was it like?"] * 3

    said = small.predict(texts, questions=asked, satisfaction=[5, 3, 1])
    unknown = small.predict(texts, questions=asked, satisfaction=[None, 0, 9])

    assert [feeling for feeling, _ in said] == [POSITIVE, NEUTRAL, NEGATIVE]
    assert unknown == small.predict(texts, questions=asked)


def test_bytes_give_the_same_model_back(small):
    again = sentiment_from_bytes(small.to_bytes(), embedder=None)

    texts = [each.text for each in FELT]
    assert again.version == small.version
    assert again.predict(texts, satisfaction=[4] * len(texts)) == small.predict(
        texts, satisfaction=[4] * len(texts)
    )


def test_no_texts_no_feelings(small):
    assert small.predict([]) == []


def test_too_few_of_a_feeling_are_refused():
    with pytest.raises(ModelError, match="too few comments of each feeling"):
        fit_sentiment(FELT[:9], embedder=None, seed=1)


@pytest.mark.needs_model
def test_vectors_without_inner_layers_are_completed_and_those_with_them_are_taken():
    embedder = open_minilm(minilm_folder(), threads=1)
    model = open_sentiment(embedder=embedder)
    texts = GLAD + SORRY

    without = model.predict(texts, vectors=embedder.encode(texts))
    given = model.predict(texts, vectors=embedder.encode_deep(texts))

    assert without == model.predict(texts) == given
    assert [feeling for feeling, _ in given] == [POSITIVE] * 2 + [NEGATIVE] * 2


def test_many_texts_are_read_as_a_few_at_a_time_are(by_words, monkeypatch):
    texts = (GLAD + SORRY) * 3
    whole = by_words.predict(texts)
    monkeypatch.setattr("joinedup.text.sentiment.AT_ONCE", 5)

    assert by_words.predict(texts) == whole
