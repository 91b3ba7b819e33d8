"""Welsh: every text of a public page has its translation, with the same placeholders; .mo files are rightly made."""

from __future__ import annotations

import gettext
import io

import pytest

from joinedup_web.design.catalogues import (
    LOCALE,
    REVIEW,
    Entry,
    placeholders,
    read_po,
    words_of_pages,
    write_mo,
    write_po,
)

pytestmark = pytest.mark.web
PO = LOCALE / "cy" / "LC_MESSAGES" / "django.po"
# Names and words that are the same in both languages.
SAME_IN_WELSH = frozenset({"Cost, £"})


@pytest.fixture(scope="module")
def welsh() -> dict[str, Entry]:
    return {entry.text: entry for entry in read_po(PO.read_text("utf-8")) if entry.text}


def test_every_text_of_the_public_pages_is_translated(welsh):
    lacking = {
        text: where
        for text, where in words_of_pages().items()
        if text not in welsh or not all(welsh[text].translations) or "fuzzy" in welsh[text].flags
    }

    assert lacking == {}, "python -m joinedup_web.design.catalogues --update adds them, for you to translate"


def test_none_was_left_in_english(welsh):
    same = {text for text, entry in welsh.items() if entry.translations[0] == text}

    assert same == SAME_IN_WELSH


def test_values_go_to_the_same_places(welsh):
    for text, entry in welsh.items():
        for translation in entry.translations:
            assert placeholders(translation) == placeholders(text), text


def test_each_is_marked_for_the_translator(welsh):
    assert [text for text, entry in welsh.items() if REVIEW not in entry.comments] == []


def test_none_is_for_a_text_that_pages_no_longer_have(welsh):
    assert set(welsh) - set(words_of_pages()) == set()


def test_the_catalogue_in_use_is_the_one_that_was_written():
    made = PO.with_suffix(".mo")

    assert made.exists(), "run make setup"
    assert made.read_bytes() == write_mo(read_po(PO.read_text("utf-8"))), "run make setup"


def test_python_reads_what_we_write():
    entries = [
        Entry("", ("Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n",)),
        Entry("zebra", ("sebra",)),
        Entry("apple", ("afal",)),
        Entry("%(n)s file", ("%(n)s ffeil", "%(n)s o ffeiliau"), plural="%(n)s files"),
        Entry("unsure", ("ansicr",), flags=("fuzzy",)),
        Entry("empty", ("",)),
        Entry('quote " and \\ and\nline ŵ', ("dyfyniad ŷ",)),
    ]

    read = gettext.GNUTranslations(io.BytesIO(write_mo(entries)))  # Python's own reader is the judge

    assert read.gettext("apple") == "afal"
    assert read.gettext("zebra") == "sebra"
    assert read.ngettext("%(n)s file", "%(n)s files", 1) == "%(n)s ffeil"
    assert read.ngettext("%(n)s file", "%(n)s files", 5) == "%(n)s o ffeiliau"
    assert read.gettext('quote " and \\ and\nline ŵ') == "dyfyniad ŷ"
    assert read.gettext("unsure") == "unsure"
    assert read.gettext("empty") == "empty"


def test_a_written_catalogue_reads_back_the_same():
    entries = read_po(PO.read_text("utf-8"))

    assert read_po(write_po(entries)) == entries


def test_a_line_that_is_none_is_named():
    with pytest.raises(ValueError, match="not a line of a"):
        read_po('msgid "a"\nmsgstr "b"\nnonsense')
