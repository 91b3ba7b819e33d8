"""Draft themes: what is found without being told how many, who has none, titles, quotes."""

from __future__ import annotations

import random

import numpy as np
import pytest

from joinedup.errors import MissingExtraError
from joinedup.text.themes import NO_THEME, draft_themes, word_vectors

_SUBJECTS = {
    "parking": (
        "the car park was full",
        "parking spaces are too few",
        "no parking near the car park entrance",
    ),
    "waiting": ("waiting on the phone for an hour", "the phone queue is long", "long wait on the phone line"),
    "nurse": (
        "the nurse was kind to mum",
        "a kind nurse explained the medicine",
        "nurse and medicine were explained",
    ),
    "form": (
        "the online form lost my answers",
        "form asks the same twice online",
        "online form is confusing twice",
    ),
}
_EXTRAS = ("today", "in March", "again", "last week", "for us", "on Monday", "as usual", "this morning")


def _comments(each: int, seed: int = 3) -> tuple[list[str], list[str]]:
    draw = random.Random(seed)
    texts = [
        (f"{draw.choice(says)} {draw.choice(_EXTRAS)} {draw.choice(_EXTRAS)}", subject)
        for subject, says in _SUBJECTS.items()
        for _ in range(each)
    ]
    draw.shuffle(texts)
    return [text for text, _ in texts], [subject for _, subject in texts]


def test_plain_subjects_are_found_without_their_number():
    texts, subjects = _comments(60)
    found = draft_themes(texts, word_vectors(texts, seed=1), seed=1)

    assert 4 <= len(found.themes) <= 12
    for theme in found.themes:
        assert len({subjects[at] for at in theme.members}) == 1  # no theme holds two subjects
    titles = " ".join(theme.title.casefold() for theme in found.themes)
    assert "park" in titles
    assert "phone" in titles
    assert "nurse" in titles
    assert "form" in titles


def test_every_comment_is_in_one_theme_or_in_none_and_counts_agree():
    texts, _ = _comments(40)
    found = draft_themes(texts, word_vectors(texts, seed=1), seed=1)

    together = np.concatenate([theme.members for theme in found.themes])
    assert len(together) == len(set(together.tolist())) == int(np.sum(found.assigned != NO_THEME))
    for theme in found.themes:
        assert (found.assigned[theme.members] == theme.number).all()
        assert set(theme.quotes) <= set(theme.members.tolist())
    sizes = [len(theme.members) for theme in found.themes]
    assert sizes == sorted(sizes, reverse=True)
    assert found.noise_share == pytest.approx(1 - len(together) / len(texts))
    assert ((found.probability >= 0) & (found.probability <= 1.0001)).all()


def test_the_same_words_over_and_over_count_but_are_quoted_once():
    texts, _ = _comments(30)
    texts += ["The car park was FULL!", "the car park was full", "The car park was full."] * 20
    found = draft_themes(texts, word_vectors(texts, seed=1), seed=1)

    theme = found.themes[found.assigned[-1]]
    assert len({int(found.assigned[at]) for at in range(len(texts) - 60, len(texts))}) == 1
    quoted = [texts[at].casefold().strip(".!") for at in theme.quotes]
    assert len(set(quoted)) == len(quoted)


def test_comments_that_say_nothing_have_no_theme():
    texts, _ = _comments(30)
    texts += ["...", "", "?!"]
    found = draft_themes(texts, word_vectors(texts, seed=1), seed=1)

    assert found.assigned[-3:].tolist() == [NO_THEME] * 3
    assert found.probability[-3:].tolist() == [0, 0, 0]


@pytest.mark.parametrize("texts", [[], ["one comment"], ["the same"] * 50, [f"word{i}" for i in range(9)]])
def test_too_few_to_draw_themes_from(texts):
    found = draft_themes(texts, word_vectors(texts, seed=1), seed=1)

    assert found.themes == ()
    assert (found.assigned == NO_THEME).all()
    assert len(found.assigned) == len(texts)


def test_small_groups_are_no_themes():
    texts, _ = _comments(100)
    texts += ["zebra crossing painted purple"] * 2
    found = draft_themes(texts, word_vectors(texts, seed=1), seed=1)

    assert all(len(theme.members) >= 5 for theme in found.themes)


def test_runs_that_agree_say_so():
    texts, _ = _comments(60)
    found = draft_themes(texts, word_vectors(texts, seed=1), seed=1)

    assert 0.5 < found.variance <= 1
    draw = np.random.default_rng(1)
    noise = draw.standard_normal((300, 50)).astype(np.float32)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    nothing = draft_themes([f"text {i}" for i in range(300)], noise, seed=1)
    assert nothing.variance < found.variance


def test_more_texts_than_groups_are_drawn_from_are_placed_all_the_same(monkeypatch):
    monkeypatch.setattr("joinedup.text.themes.draft.MOST_DRAFTED", 150)
    texts, subjects = _comments(200)
    texts = [f"{text} {i}" for i, text in enumerate(texts)]
    found = draft_themes(texts, word_vectors(texts, seed=1), seed=1)

    assert found.noise_share < 0.2
    for theme in found.themes:
        inside = [subjects[at] for at in theme.members]
        assert max(inside.count(subject) for subject in _SUBJECTS) >= 0.9 * len(inside)


def test_the_closest_themes_are_joined_where_fewer_are_wanted():
    texts, subjects = _comments(60)
    vectors = word_vectors(texts, seed=1)
    found = draft_themes(texts, vectors, seed=1, most=4)

    assert len(found.themes) == 4
    for theme in found.themes:  # parts of one subject were joined, not subjects
        assert len({subjects[at] for at in theme.members}) == 1
    assert len(draft_themes(texts, vectors, seed=1, most=1).themes) == 1


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr("joinedup.text.themes.extra.find_spec", lambda name: None)

    with pytest.raises(MissingExtraError, match=r"pip install 'joinedup\[text\]'"):
        draft_themes(["a"], np.zeros((1, 1), dtype=np.float32), seed=1)
    with pytest.raises(MissingExtraError):
        word_vectors(["a"], seed=1)
