"""Quotations hold a comment's own words and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joinedup.feedback.quoting import LEFT_OUT, is_taken_from, tidied

TEXT = "I rang three times. The man called [name] was rude. It took six weeks."


@pytest.mark.parametrize(
    "quote",
    [
        TEXT,
        "  I rang three times.\nThe man called [name] was rude. It took six weeks. ",
        "I rang three times. […] It took six weeks.",
        "[…] It took six weeks.",
        "I rang three times. […]",
        "[...] The man […] was rude. [..]",
        "I […] three […] six weeks.",
    ],
)
def test_the_comments_own_words_are_a_quotation(quote):
    assert is_taken_from(quote, TEXT)


@pytest.mark.parametrize(
    "quote",
    [
        "",
        "[…]",
        "I rang three times.",
        "It took six weeks.",
        "I rang two times. […]",
        "[…] six weeks. […] three times. […]",
        "I rang three times. […] It took ten weeks.",
        "I rang three times. The man […] man called […]",
        "I rang three times … It took six weeks.",
    ],
    ids=[
        "empty",
        "all left out",
        "cut end",
        "cut start",
        "other word",
        "other order",
        "other end",
        "twice",
        "no mark",
    ],
)
def test_words_put_in_or_parts_left_out_without_a_mark_are_none(quote):
    assert not is_taken_from(quote, TEXT)


def test_marks_are_written_one_way():
    assert tidied("[...]  It took [ … ][..] six weeks [...]") == "[…] It took […] six weeks […]"


WORDS = st.lists(st.sampled_from(["a", "b", "c", "de"]), min_size=1, max_size=12)


@given(words=WORDS, cut=st.data())
def test_whatever_is_cut_from_a_text_is_taken_from_it(words, cut):
    start = cut.draw(st.integers(0, len(words) - 1))
    end = cut.draw(st.integers(start + 1, len(words)))
    quote = " ".join(
        [*([LEFT_OUT] if start else []), *words[start:end], *([LEFT_OUT] if end < len(words) else [])]
    )

    assert is_taken_from(quote, " ".join(words))


@given(words=WORDS, at=st.integers(0, 12))
def test_a_word_put_in_is_always_seen(words, at):
    put_in = [*words[:at], "stranger", *words[at:]]

    assert not is_taken_from(" ".join(put_in), " ".join(words))
    assert not is_taken_from(f"{LEFT_OUT} stranger {LEFT_OUT}", " ".join(words))
