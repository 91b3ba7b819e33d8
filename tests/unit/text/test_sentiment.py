"""The shipped models of sentiment: what they say of plain cases, and with what."""

from __future__ import annotations

import pytest

from joinedup.text.embed import minilm_folder, open_minilm
from joinedup.text.sentiment import NEGATIVE, POSITIVE, open_sentiment

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
        packed = unpack(shipped_bytes(name), "labels")
        assert "examples" not in packed.arrays
        words = packed.arrays["vocabulary_0"].tobytes().decode().split("\n")
        assert max(len(word.split()) for word in words) <= 2


@pytest.mark.needs_model
def test_with_meaning_the_plain_cases_hold_as_well():
    model = open_sentiment(embedder=open_minilm(minilm_folder(), threads=1))

    assert model.reads_meaning
    assert feelings(model, GLAD + SORRY) == [POSITIVE] * 2 + [NEGATIVE] * 2
