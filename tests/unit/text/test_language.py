"""Which language a text is in, and which texts go to a person instead of a model."""

from __future__ import annotations

import pytest

from joinedup.text import Language, language, recognise


@pytest.fixture
def no_statistics(monkeypatch):
    """As without the optional package."""
    monkeypatch.setattr(language, "_statistics", lambda: None)


@pytest.mark.parametrize(
    "text",
    ["The staff were friendly", "ok", "I waited for two hours and nobody came", "My [name] was not there"],
)
def test_english_may_be_read(text, no_statistics):
    answer = recognise(text)
    assert (answer.code, answer.is_readable) == ("en", True)


@pytest.mark.parametrize(
    "text",
    [
        "Roedd y staff yn gyfeillgar iawn, diolch",
        "Mae'r gwasanaeth yn wych ond roedd rhaid aros am oriau",
        "Dydw i ddim yn hapus gyda'r ateb",
    ],
)
def test_welsh_is_known_by_its_words_and_goes_to_a_person(text, no_statistics):
    answer = recognise(text)
    assert (answer.code, answer.is_readable) == ("cy", False)


@pytest.mark.parametrize("text", ["", "10/10", "!!!", "[name] [postcode]", "5 * 5"])
def test_where_there_is_no_word_there_is_nothing_that_a_model_could_misread(text):
    assert recognise(text) == Language("und", 0.0, is_readable=True)


@pytest.mark.parametrize("text", ["asdf qwer zxcv", "Dziękuję", "Obsługa była bardzo miła"])
def test_without_the_letter_statistics_the_unknown_is_undetermined(text, no_statistics):
    assert recognise(text) == Language("und", 0.0, is_readable=False)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("خدمة ممتازة وشكرا لكم", "ar"),
        ("Спасибо за помощь", "ru"),
        ("服务很好谢谢", "zh"),
        ("ありがとうございました", "ja"),
        ("감사합니다", "ko"),
        ("ευχαριστώ πολύ", "el"),
        ("ਧੰਨਵਾਦ", "pa"),
    ],
)
def test_other_scripts_tell_themselves_and_go_to_a_person(text, code, no_statistics):
    answer = recognise(text)
    assert (answer.code, answer.is_readable) == (code, False)


def test_a_text_half_english_and_half_welsh_is_not_for_the_english_models(no_statistics):
    text = "The staff were very kind to my mother but mae'r meddyg yn brysur iawn ac roedd rhaid aros"
    assert not recognise(text).is_readable


def test_letter_statistics_are_asked_where_words_do_not_tell():
    pytest.importorskip("py3langid")
    answer = recognise("Obsługa była bardzo miła i pomocna, dziękuję")

    assert (answer.code, answer.is_readable) == ("pl", False)


class _Sure:
    def __init__(self, code, probability):
        self.answer = (code, probability)

    def classify(self, text, /):
        return self.answer


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (("pl", 0.99), Language("pl", 0.99, is_readable=False)),
        (("pl", 0.5), Language("und", 0.0, is_readable=False)),  # unsure
        (("en", 0.99), Language("und", 0.0, is_readable=False)),  # hardly an English word in it
    ],
)
def test_what_the_statistics_say_is_taken_only_where_they_are_sure_and_words_agree(
    answer, expected, monkeypatch
):
    monkeypatch.setattr(language, "_statistics", lambda: _Sure(*answer))
    assert recognise("zzyx qwert plugh xyzzy frobozz") == expected


def test_a_very_long_text_is_judged_by_its_beginning():
    assert recognise("the staff were kind " * 5_000).code == "en"
