"""Whatever is written: spans lie in the text, in order and apart; masking twice is masking once; nothing breaks."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from joinedup.text import find, look, mask, mask_text, recognise
from joinedup.text.redact import MASKS, Identifier
from joinedup.text.redact.candidate import Candidate
from joinedup.text.redact.find import _without_overlap as without_overlap

_PIECES = [
    *MASKS.values(),
    "AB123456C", "AB 12 34 56 C", "943 476 5919", "9434765919", "1955839661", "B801200005001",
    "SW1A 1AA", "LS1 4DY", "07700 900123", "+44 (0)7700 900123", "jo@example.org", "jo at example dot org",
    "4111 1111 1111 1111", "GB29 NWBK 6016 1331 9268 19", "20-00-00", "55779911", "AB12 CDE", "192.168.0.1",
    "::1", "12/03/1954", "3 March 1961", "1.1.80", "ref", "FB/2026/551", "HB 123 456", "@jo", "Mr", "Jo", "Sarah",
    "Bloggs", "van der", "my name is", "fy enw i yw", "born", "dob", "NHS", "number", "is", "on", "the", "sort code",
    "passport", "12 High Street", "4 Heol y Bont", "flat 2", "Leeds", "£", "1,234", "10/10", "ŵ", "İ", "\ue000",
]  # fmt: skip
_GLUE = st.sampled_from([" ", "", ", ", "\n", "-", "/", ".", ": ", "(", ") ", "[", "]", "\t", "–"])
_SENTENCES = st.lists(st.tuples(st.sampled_from(_PIECES), _GLUE), max_size=14).map(
    lambda pairs: "".join(piece + glue for piece, glue in pairs)
)
_TEXTS = st.one_of(
    _SENTENCES,
    st.text(max_size=200),
    st.text(alphabet="0123456789 -/.()+[]@:AaBb£", max_size=120),
)


@settings(max_examples=300, deadline=None)
@given(_TEXTS)
@example("[name]1")
@example("İ 07700 900123")
def test_spans_are_inside_the_text_in_order_and_apart(text):
    found = find(text)

    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert sum(mask(text, found).counts.values()) == len(found)


@settings(max_examples=500, deadline=None)
@given(_TEXTS)
def test_masking_what_is_masked_changes_nothing(text):
    once = mask_text(text)

    again = mask_text(once.text)
    assert again.text == once.text
    assert again.counts == {}


@settings(max_examples=150, deadline=None)
@given(_TEXTS)
def test_what_is_not_found_stays_letter_by_letter(text):
    found = find(text)
    masked = mask(text, found).text
    ends = [0, *(place for one in found for place in (one.start, one.end)), len(text)]
    kept = [text[ends[at] : ends[at + 1]] for at in range(0, len(ends), 2)]

    rest = masked
    for one, part in zip(found, kept, strict=False):
        assert rest.startswith(part + MASKS[one.kind])
        rest = rest[len(part) + len(MASKS[one.kind]) :]
    assert rest == kept[-1]


@settings(max_examples=150, deadline=None)
@given(_TEXTS)
def test_language_and_danger_are_told_of_anything(text):
    language = recognise(text)

    assert language.code
    assert 0 <= language.probability <= 1
    assert language.is_readable or language.code != "en" or language.probability > 0
    assert all(danger.reasons for danger in look(text))


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="abcdefghij ,.", max_size=80), st.sampled_from(["I want to die", "Rwyf eisiau marw"]))
def test_danger_in_a_sentence_of_its_own_is_heard_whatever_stands_around(text, cry):
    assert "threat_to_life" in [danger.kind for danger in look(f"{text}. {cry}. {text}")]


HOSTILE = [
    "a", "1", " ", "\n", ".", "-", "@", "(", "[", "a@", "a.", "A-", "1 ", "1-", "1:", "f:", "1.1.1.1 ", "12 ", "+44 ",
    "A1 ", "A B ", "Mr A. ", "Jo Smith ", "Jo van der ", "my name is ", "O'", "Mc", "at dot ", "a at b dot ", "1 heol ",
    "flat 1a ", "12 High ", "12 a/", "GB82 ", "1234 ", "ref ", "ref 1", "HB 123 ", "[name", "[name] ", "dob 1/1/1950 ",
    "ab1 ", "Ａ", "１", "İ", "ŵ", "kill ", "i want to ", "he ", "not want to live ",
]  # fmt: skip


@pytest.mark.parametrize("unit", HOSTILE)
def test_twenty_thousand_hostile_characters_come_to_an_end(unit):
    """Generous: a slow machine needs a tenth of it; a search that grows out of hand would need hours."""
    text = (unit * 20_000)[:20_000]
    began = time.process_time()

    masked = mask_text(text).text
    look(text)
    recognise(text)

    assert time.process_time() - began < 20
    assert len(masked) <= 25 * len(text)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12), st.integers(1, 9)), max_size=25))
def test_the_surest_of_those_that_overlap_is_taken_as_trying_each_against_each_would(spans):
    candidates = [Candidate(at, at + size, Identifier.NAME, sure, "") for at, size, sure in spans]
    taken: list[Candidate] = []
    for one in sorted(candidates, key=lambda it: (-it.sure, it.start - it.end, it.start)):
        if all(one.end <= other.start or one.start >= other.end for other in taken):
            taken.append(one)

    assert without_overlap(candidates) == sorted(taken, key=lambda it: it.start)
