"""Presidio as it is installed, read through our adapter, with a spaCy model that is made here and knows a few names.

    pip install 'joinedup[presidio]'
    pytest tests/verification/test_presidio.py

JOINEDUP_TEST_SPACY_MODEL=en_core_web_lg has an installed model read a text besides. No test here reaches the network.
"""

from __future__ import annotations

import logging
import os
import socket

import pytest

from joinedup.errors import MissingExtraError, ModelError
from joinedup.text import mask_text, open_presidio
from joinedup.text.presidio import KINDS

spacy = pytest.importorskip("spacy", reason="needs Presidio: pip install 'joinedup[presidio]'")
pytest.importorskip("presidio_analyzer", reason="needs Presidio: pip install 'joinedup[presidio]'")

MODEL = os.environ.get("JOINEDUP_TEST_SPACY_MODEL", "")
TEXT = (
    "Last Tuesday Chidera Nwankwo of the office in Llanbadarn helped me, but the Welsh form was long. "
    "Ring 07700 900123 or write to jo.bloggs@example.com, my number is 536-90-4399."
)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    def refuse(*anything, **named):
        raise AssertionError("something asked the network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model of rules alone: it names entities as a trained one would."""
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns(
        [
            {"label": "PERSON", "pattern": "Chidera Nwankwo"},
            {"label": "GPE", "pattern": "Llanbadarn"},
            {"label": "DATE", "pattern": "Last Tuesday"},
            {"label": "NORP", "pattern": "Welsh"},
        ]
    )
    place = tmp_path_factory.mktemp("model")
    nlp.to_disk(place)
    return place


def test_names_and_places_of_the_model_are_masked_beside_our_rules(folder):
    masked = mask_text(TEXT, more=[open_presidio(str(folder))])

    assert masked.text == (
        "Last Tuesday [name] of the office in [address] helped me, but the Welsh form was long. "
        "Ring [phone number] or write to [email address], my number is [reference]."
    )
    assert masked.counts == {"address": 1, "case_reference": 1, "email": 1, "name": 1, "phone": 1}


def test_a_masked_text_stays_as_it_is(folder):
    more = [open_presidio(str(folder))]
    once = mask_text(TEXT, more=more).text

    assert mask_text(once, more=more).text == once


def test_its_spans_are_exact_after_letters_of_every_width(folder):
    text = f"İ ﷽ 😀 café: {TEXT}"
    found = open_presidio(str(folder)).find(text)

    assert {"Chidera Nwankwo", "Llanbadarn"} <= {text[one.start : one.end] for one in found}


def test_what_is_read_reaches_no_log(folder, caplog):
    with caplog.at_level(logging.DEBUG):
        recogniser = open_presidio(str(folder))
        caplog.clear()
        recogniser.find(TEXT)

    assert "Nwankwo" not in caplog.text
    assert "example.com" not in caplog.text


def test_the_types_that_we_mask_are_types_that_it_knows(folder):
    known = set(open_presidio(str(folder)).engine.get_supported_entities("en"))

    assert {"PERSON", "LOCATION", "PHONE_NUMBER", "CREDIT_CARD", "IBAN_CODE", "IP_ADDRESS", "UK_NHS"} <= known
    assert known & {"EMAIL_ADDRESS", "URL"} == set()
    assert {"DATE_TIME", "NRP", "ORGANIZATION"} & set(KINDS) == set()


def test_a_model_that_is_not_here_is_not_downloaded():
    with pytest.raises(MissingExtraError, match="the spaCy model for Presidio is not installed"):
        open_presidio("en_core_web_of_no_release")


def test_a_folder_that_holds_no_model_is_refused(tmp_path):
    with pytest.raises(ModelError, match="cannot be opened"):
        open_presidio(str(tmp_path))


def test_a_model_without_names_is_refused(tmp_path):
    spacy.blank("en").to_disk(tmp_path)

    with pytest.raises(ModelError, match="finds no names"):
        open_presidio(str(tmp_path))


@pytest.mark.skipif(not MODEL, reason="set JOINEDUP_TEST_SPACY_MODEL to an installed spaCy model")
def test_a_trained_model_finds_a_name_that_the_rules_do_not_know():
    text = "I spoke about my permit with Chidera Nwankwo, who was very kind to me."
    assert "Nwankwo" in mask_text(text).text

    assert "Nwankwo" not in mask_text(text, more=[open_presidio(MODEL)]).text
