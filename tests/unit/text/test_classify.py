"""Labels and tags are learned from examples, kept as bytes, and withheld where a model is not sure."""

from __future__ import annotations

import io
import pickle
import zipfile

import numpy as np
import pytest

from joinedup.errors import ModelError
from joinedup.text.classify import (
    describe_labels,
    fit_labels,
    fit_tags,
    labels_from_bytes,
    open_model,
    tags_from_bytes,
)
from joinedup.text.classify.sureness import threshold
from joinedup.text.classify.together import STRENGTH, fit_together

PARTS = {
    "bins": (["bin", "bins", "refuse", "recycling"], ["missed", "not emptied", "overflowing", "late"]),
    "roads": (["pothole", "road", "pavement", "kerb"], ["broken", "dangerous", "full of holes", "cracked"]),
    "parks": (["swings", "grass", "playground", "bench"], ["rusty", "too long", "dirty", "vandalised"]),
    "libraries": (["library", "books", "librarian", "shelves"], ["closed", "overdue", "noisy", "helpful"]),
}
EXAMPLES = [
    (f"the {thing} in our street {is_} {said} {place}", label)
    for label, (things, wrongs) in PARTS.items()
    for thing in things
    for said in wrongs
    for is_, place in (("is", "again"), ("was", "today"))
]
TEXTS, LABELS = [text for text, _ in EXAMPLES], [label for _, label in EXAMPLES]


class Letters:
    """A stand-in for an embedder: which letters a text has, brought to length 1."""

    name, version, dimensions = "letters", "letters-1", 26

    def encode(self, texts, *, on_progress=None):
        counts = np.array([[text.lower().count(chr(97 + n)) for n in range(26)] for text in texts])
        counts = counts.astype(np.float32) + 1e-3
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def model():
    return fit_labels(TEXTS, LABELS, embedder=Letters(), seed=1)


def test_what_was_learned_is_said_of_new_texts(model):
    said = model.predict(["our recycling was missed", "a dangerous pothole", "rusty swings", "noisy library"])

    assert [guess.label for guess in said] == ["bins", "roads", "parks", "libraries"]
    assert all(guess.runner_up != guess.best and 0.25 < guess.probability <= 1 for guess in said)


def test_a_text_about_something_else_is_left_to_a_person(model):
    (known, unknown) = model.predict(
        ["the bins in our street is missed today", "zzz qqq xxx jjj"], precision=0.95
    )

    assert known.label == "bins"
    assert unknown.label is None
    assert unknown.best in PARTS


def test_a_higher_precision_is_never_said_more_often(model):
    thresholds = [model.threshold(precision) for precision in (0.5, 0.8, 0.9, 0.95, 0.99, 1.01)]

    assert thresholds == sorted(thresholds)
    assert thresholds[-1] > 1


def test_the_threshold_is_the_least_sureness_that_was_precise_enough():
    curve = np.array([[0.9, 1.0], [0.6, 0.97], [0.4, 0.8]], dtype=np.float32)

    assert threshold(curve, 0.95) == pytest.approx(0.6)
    assert threshold(curve, 0.5) == pytest.approx(0.4)


def test_bytes_give_the_same_model_back(model):
    again = labels_from_bytes(model.to_bytes(), embedder=Letters())

    assert again.version == model.version
    assert again.to_bytes() == model.to_bytes()
    assert (again.probabilities(TEXTS[:9]) == model.probabilities(TEXTS[:9])).all()


def test_the_same_examples_and_seed_give_the_same_bytes(model):
    assert fit_labels(TEXTS, LABELS, embedder=Letters(), seed=1).version == model.version


def test_a_model_holds_no_words_of_a_single_text(model):
    """What one text alone holds (a name, say) is not worth a place in the vocabulary of many."""
    told = fit_labels([*TEXTS * 20, "Xanthippe lost her bins"], [*LABELS * 20, "bins"], embedder=None, seed=1)

    assert b"xanthippe" not in b"".join(
        zipfile.ZipFile(io.BytesIO(told.to_bytes())).read(name)
        for name in zipfile.ZipFile(io.BytesIO(told.to_bytes())).namelist()
    )


def test_a_model_fitted_with_another_embedder_is_refused(model):
    with pytest.raises(ModelError, match="another embedder"):
        labels_from_bytes(model.to_bytes(), embedder=None)


def test_words_alone_are_enough_and_said_to_be():
    plain = fit_labels(TEXTS, LABELS, embedder=None, seed=1)

    assert not plain.reads_meaning
    assert plain.predict(["a cracked kerb"])[0].label == "roads"


def test_one_label_is_nothing_to_choose_between():
    with pytest.raises(ModelError, match="at least two labels"):
        fit_labels(["a", "b"], ["bins", "bins"], embedder=None, seed=1)


def test_no_texts_no_guesses(model):
    assert model.predict([]) == []


def test_a_person_s_correction_counts_more_than_what_came_before():
    texts = [*TEXTS, "fly tipping", "fly tipping"]
    labels = [*LABELS, "roads", "bins"]

    corrected = fit_labels(texts, labels, embedder=None, seed=1, weights=[1.0] * (len(texts) - 1) + [10.0])

    assert corrected.predict(["fly tipping"])[0].best == "bins"


def test_a_team_without_examples_is_named_by_its_description():
    told = fit_labels(
        TEXTS,
        LABELS,
        embedder=None,
        seed=1,
        descriptions={"council tax": "bills, bands, discounts and arrears of council tax"},
    )

    assert told.predict(["my council tax bill has the wrong band"])[0].best == "council tax"


def test_descriptions_alone_suggest_and_never_decide():
    begun = describe_labels(
        {"bins": "refuse and recycling", "roads": "potholes and pavements"}, embedder=None
    )

    (sure,) = begun.predict(["the pavements have potholes"], precision=0.5)
    (free,) = begun.predict(["the pavements have potholes"])

    assert (sure.label, sure.best, free.label) == (None, "roads", "roads")


def test_what_was_asked_changes_what_an_answer_means():
    texts, labels = ["nothing", "the staff"] * 40, ["praise", "complaint", "complaint", "praise"] * 20
    contexts = [("better",), ("better",), ("good",), ("good",)] * 20

    told = fit_labels(texts, labels, embedder=None, seed=1, contexts=contexts)
    said = told.predict(["nothing", "nothing"], contexts=[("better",), ("good",)])

    assert [guess.best for guess in said] == ["praise", "complaint"]


def test_tags_come_likeliest_first_and_may_be_none():
    sets = [{label, "street"} if "today" in text else {label} for text, label in EXAMPLES]
    told = fit_tags(TEXTS, sets, embedder=Letters(), seed=1)

    both, nothing = told.predict(["the bins in our street was missed today", "0 0 0"])

    assert {tag for tag, _ in both} == {"bins", "street"}
    assert [probability for _, probability in both] == sorted((p for _, p in both), reverse=True)
    assert all(probability >= 0.5 for _, probability in both)
    assert len(nothing) <= 1


def test_tags_survive_as_bytes_and_are_opened_by_what_they_say():
    told = fit_tags(TEXTS, [{label} for label in LABELS], embedder=None, seed=1)

    again = open_model(told.to_bytes(), embedder=None)

    assert again.version == told.version == tags_from_bytes(told.to_bytes(), embedder=None).version
    assert again.predict(TEXTS[:3]) == told.predict(TEXTS[:3])


def test_many_examples_have_a_second_look_that_survives_as_bytes():
    """ "both" follows from two other tags together and from neither alone."""
    chance = np.random.default_rng(3)
    things, said = ["bins", "road", "grass", "books"], ["missed", "broken", "rusty", "closed"]
    texts, sets = [], []
    for number in range(1200):
        thing, wrong = chance.integers(4), chance.integers(4)
        texts.append(f"{things[thing]} {said[wrong]} {number % 7}")
        sets.append({things[thing], said[wrong]} | ({"both"} if (thing < 2) == (wrong < 2) else set()))
    told = fit_tags(texts, sets, embedder=Letters(), seed=1)

    again = tags_from_bytes(told.to_bytes(), embedder=Letters())

    assert any(
        name.startswith("together_") for name in zipfile.ZipFile(io.BytesIO(told.to_bytes())).namelist()
    )
    assert again.version == told.version
    assert again.predict(texts[:20]) == told.predict(texts[:20])
    right = [
        {tag for tag, _ in found} == tags
        for found, tags in zip(told.predict(texts[:200]), sets, strict=False)
    ]
    assert np.mean(right) > 0.9


def test_the_second_look_is_the_textbook_s_ridge_over_products():
    chance = np.random.default_rng(5)
    told, known = chance.normal(size=(30, 3)), np.ones((30, 1), dtype=np.float32)
    vectors = Letters().encode([TEXTS[place] for place in range(30)])
    wanted = np.where(chance.random((30, 3)) < 0.4, 1.0, -1.0)

    second, unseen = fit_together(told, known, vectors, wanted, np.ones(30))

    seen = np.hstack([0.2 * (told - told.mean(axis=0)) / told.std(axis=0), 0.7 * known])
    wide = np.hstack([seen, *(seen[:, [place]] * vectors for place in range(4)), np.ones((30, 1))])
    plain = np.linalg.solve(wide.T @ wide + STRENGTH * np.eye(wide.shape[1]), wide.T @ wanted)
    assert np.allclose(second.scores(told, known, vectors), wide @ plain, atol=5e-3)
    hat = wide @ np.linalg.solve(wide.T @ wide + STRENGTH * np.eye(wide.shape[1]), wide.T)
    left_out = wanted - (wanted - hat @ wanted) / (1 - np.diag(hat))[:, None]
    assert np.allclose(unseen, left_out, atol=1e-3)


def test_no_tags_nothing_to_learn():
    with pytest.raises(ModelError, match="no example has a tag"):
        fit_tags(["a", "b"], [set(), set()], embedder=None, seed=1)


def test_bytes_that_are_no_model_are_refused_and_no_pickle_is_read(model):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("model.json", '{"kind": "labels"}')
        array = io.BytesIO()
        np.save(array, np.array([{"a": 1}], dtype=object), allow_pickle=True)
        archive.writestr("weights.npy", array.getvalue())

    for content in (b"", b"PK", pickle.dumps({"a": 1}), out.getvalue()):
        with pytest.raises(ModelError):
            open_model(content, embedder=None)


def test_a_model_of_tags_is_none_of_labels(model):
    with pytest.raises(ModelError, match="this is a model of labels"):
        tags_from_bytes(model.to_bytes(), embedder=Letters())
