"""Texts become the numbered pieces that other implementations of the same vocabulary give."""

from __future__ import annotations

import pytest

from joinedup.errors import ModelError
from joinedup.text.embed import minilm_folder
from joinedup.text.embed.wordpiece import WordPiece, read_vocabulary, words

SMALL = WordPiece(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "park", "##ing", "##s", "!", "caffi", "un", "##park"])


def test_a_word_is_cut_into_the_longest_pieces_from_the_left():
    assert SMALL.ids("Parkings unparking") == [2, 4, 5, 6, 9, 10, 5, 3]


def test_a_word_that_cannot_be_cut_is_one_unknown_piece():
    assert SMALL.ids("park zzz!") == [2, 4, 1, 7, 3]


def test_a_very_long_word_is_one_unknown_piece():
    assert SMALL.ids("park" * 40) == [2, 1, 3]


def test_no_more_pieces_than_the_model_reads_and_the_end_is_kept():
    ids = SMALL.ids("park " * 500, longest=256)

    assert len(ids) == 256
    assert (ids[0], ids[-1]) == (2, 3)


def test_an_empty_text_is_its_start_and_end():
    assert SMALL.ids(" \n ") == [2, 3]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Café Llŷn", ["cafe", "llyn"]),
        ("don't stop", ["don", "'", "t", "stop"]),
        ("it’s £5", ["it", "’", "s", "£5"]),
        ("a\u200bb", ["ab"]),
        ("东京 ok", ["东", "京", "ok"]),
        ("one\x00two\tthree", ["onetwo", "three"]),
        ("$5+5=10~", ["$", "5", "+", "5", "=", "10", "~"]),
    ],
    ids=["accents", "apostrophe", "curly", "nothing wide", "Chinese", "controls", "marks"],
)
def test_words_are_parted_as_bert_parts_them(text, expected):
    assert words(text) == expected


def test_a_vocabulary_without_the_marks_is_refused():
    with pytest.raises(ModelError, match="lacks"):
        WordPiece(["[PAD]", "a"])


@pytest.mark.needs_model
def test_ids_of_the_real_vocabulary_are_the_published_ones():
    """Ids that BERT's uncased vocabulary gives in its authors' documentation and examples."""
    real = read_vocabulary(minilm_folder() / "vocab.txt")

    assert real.ids("Hello, my dog is cute") == [101, 7592, 1010, 2026, 3899, 2003, 10140, 102]
    assert real.ids("hello world!") == [101, 7592, 2088, 999, 102]
    assert real.ids("unaffable") == [101, 14477, 20961, 3468, 102]
