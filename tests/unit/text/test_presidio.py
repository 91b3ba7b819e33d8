"""Presidio as a recogniser: what of its answers is masked, and what is said where it or its model is lacking."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace

import pytest

from joinedup.errors import MissingExtraError, ModelError
from joinedup.text import Identifier, mask_text, open_presidio, read_comments
from joinedup.text.presidio import KINDS, LEAST_SCORE, LONGEST, PresidioRecogniser

NAME = "Chidera Nwankwo"
TEXT = f"At the desk {NAME} helped me with the long form last Tuesday"


@dataclass
class Result:
    entity_type: str
    start: int
    end: int
    score: float = 0.85


class FakeEngine:
    """Answers as told, or finds one name wherever it stands; keeps what it was asked."""

    def __init__(self, *results, knows=("PERSON", "LOCATION", "DATE_TIME", "NRP", "ORGANIZATION"), name=NAME):
        self.results, self.knows, self.name = results, knows, name
        self.asked = []

    def get_supported_entities(self, language):
        return list(self.knows)

    def analyze(self, text, language, *, entities, score_threshold):
        self.asked.append((text, language, entities, score_threshold))
        if self.results:
            return list(self.results)
        at = text.find(self.name)
        return [Result("PERSON", at, at + len(self.name))] if at >= 0 else []


def found(*results, text=TEXT, **given):
    return PresidioRecogniser(FakeEngine(*results), "fake", **given).find(text)


def test_a_name_that_the_rules_do_not_know_is_masked_where_it_stands():
    assert mask_text(TEXT).text == TEXT

    masked = mask_text(TEXT, more=[PresidioRecogniser(FakeEngine(), "fake")])

    assert masked.text == TEXT.replace(NAME, "[name]")
    assert masked.counts == {"name": 1}


@pytest.mark.parametrize(
    ("entity", "kind"),
    [
        ("PERSON", Identifier.NAME),
        ("LOCATION", Identifier.ADDRESS),
        ("PHONE_NUMBER", Identifier.PHONE),
        ("EMAIL_ADDRESS", Identifier.EMAIL),
        ("CREDIT_CARD", Identifier.CARD),
        ("IBAN_CODE", Identifier.IBAN),
        ("IP_ADDRESS", Identifier.IP_ADDRESS),
        ("UK_NHS", Identifier.NHS_NUMBER),
        ("UK_NINO", Identifier.NINO),
        ("US_SSN", Identifier.CASE_REFERENCE),
    ],
)
def test_its_types_are_masked_as_ours(entity, kind):
    (one,) = found(Result(entity, 12, 27))

    assert (one.start, one.end, one.kind) == (12, 27, kind)
    assert TEXT[12:27] not in one.why


@pytest.mark.parametrize("entity", ["DATE_TIME", "NRP", "ORGANIZATION", "URL", "SOMETHING_NEW"])
def test_what_tells_of_nobody_alone_stays(entity):
    assert found(Result(entity, 12, 27)) == ()


def test_it_is_asked_only_for_what_it_knows_and_we_mask():
    engine = FakeEngine()
    PresidioRecogniser(engine, "fake").find(TEXT)

    assert engine.asked == [(TEXT, "en", ["PERSON", "LOCATION"], LEAST_SCORE)]
    assert "DATE_TIME" not in KINDS


def test_an_engine_that_knows_nothing_of_ours_is_not_asked():
    engine = FakeEngine(knows=("DATE_TIME",))

    assert PresidioRecogniser(engine, "fake").find(TEXT) == ()
    assert engine.asked == []


def test_what_it_is_not_sure_of_stays_and_how_sure_may_be_said():
    guess = Result("PERSON", 12, 27, score=0.4)

    assert found(guess) == ()
    assert len(found(guess, least_score=0.4)) == 1


def test_spans_that_are_none_are_dropped():
    length = len(TEXT)
    spans = [(-3, 5), (5, 5), (9, 4), (length - 2, length + 1), (length + 3, length + 9)]

    assert found(*(Result("PERSON", *span) for span in spans)) == ()
    assert [(one.start, one.end) for one in found(Result("PERSON", length - 7, length))] == [
        (length - 7, length)
    ]


def test_what_overlaps_the_rules_or_itself_is_masked_once():
    text = f"Ring 07700 900123 or ask {NAME} in the office about the form"
    at = text.find(NAME)
    engine = FakeEngine(
        Result("PHONE_NUMBER", 5, 17),
        Result("PERSON", at, at + 15),
        Result("LOCATION", at + 8, at + 15),
        knows=("PERSON", "LOCATION", "PHONE_NUMBER"),
    )

    masked = mask_text(text, more=[PresidioRecogniser(engine, "fake")])

    assert masked.text == "Ring [phone number] or ask [name] in the office about the form"
    assert masked.counts == {"name": 1, "phone": 1}


def test_masking_what_it_masked_changes_nothing():
    more = [PresidioRecogniser(FakeEngine(), "fake")]
    once = mask_text(TEXT, more=more)

    assert mask_text(once.text, more=more).text == once.text


def test_welsh_is_left_to_the_rules():
    welsh = f"Roedd {NAME} yn gyfeillgar iawn ac yn barod i helpu gyda'r ffurflen, diolch yn fawr"
    engine = FakeEngine()

    assert PresidioRecogniser(engine, "fake").find(welsh) == ()
    assert engine.asked == []


@pytest.mark.parametrize("filler", ["the form was long and ", "x"])
def test_a_text_of_any_length_is_read_in_pieces_and_its_spans_are_those_of_the_text(filler):
    text = f"{TEXT} " + filler * (2 * LONGEST // len(filler)) + f" {NAME} was kind"
    engine = FakeEngine()

    spans = PresidioRecogniser(engine, "fake").find(text)

    assert [text[one.start : one.end] for one in spans] == [NAME, NAME]
    assert "".join(piece for piece, *_ in engine.asked) == text
    assert max(len(piece) for piece, *_ in engine.asked) <= LONGEST


def test_a_table_of_comments_is_read_with_it():
    pytest.importorskip("sklearn")
    texts = [TEXT, *("The form was long and nobody answered the telephone" for _ in range(5))]

    read = read_comments(texts, seed=1, more=[PresidioRecogniser(FakeEngine(), "fake")])

    assert NAME not in read.comments.column("text")[0].as_py()
    assert read.masked["name"] == 1


def test_without_the_package_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "presidio_analyzer", None)
    monkeypatch.setitem(sys.modules, "spacy", None)

    with pytest.raises(MissingExtraError, match=r"Presidio is not installed.*joinedup\[presidio\]"):
        open_presidio("en_core_web_lg")


class Pipeline:
    """A spaCy pipeline of one part."""

    def __init__(self, *assigns):
        self.meta = {"name": "core_web", "version": "3.8.0"}
        self.pipe_names = ["part"]
        self._assigns = assigns

    def get_pipe_meta(self, name):
        return SimpleNamespace(assigns=list(self._assigns))


@pytest.fixture
def installed(monkeypatch):
    """Stand-ins for spaCy and Presidio, in which one model is installed; nothing may be downloaded."""
    told = SimpleNamespace(
        pipeline=Pipeline("doc.ents"), recognisers=["EmailRecognizer", "UrlRecognizer", "Other"]
    )

    def load(model):
        if isinstance(told.pipeline, Exception):
            raise told.pipeline
        return told.pipeline

    def refuse(*anything):
        raise AssertionError("a model was to be downloaded")

    spacy = ModuleType("spacy")
    spacy.load, spacy.cli = load, SimpleNamespace(download=refuse)
    spacy.util = SimpleNamespace(is_package=lambda name: name == "en_core_web_lg")

    class Registry:
        def __init__(self, **given):
            pass

        def load_predefined_recognizers(self, **given):
            pass

        def remove_recognizer(self, name):
            told.recognisers.remove(name)

    presidio, nlp_engine = ModuleType("presidio_analyzer"), ModuleType("presidio_analyzer.nlp_engine")
    presidio.RecognizerRegistry, presidio.AnalyzerEngine = Registry, lambda **given: FakeEngine()
    nlp_engine.SpacyNlpEngine = lambda **given: SimpleNamespace(load=refuse)
    for name, module in {
        "spacy": spacy,
        presidio.__name__: presidio,
        nlp_engine.__name__: nlp_engine,
    }.items():
        monkeypatch.setitem(sys.modules, name, module)
    return told


def test_an_installed_model_is_opened_and_named_and_what_asks_the_net_is_left_out(installed):
    opened = open_presidio("en_core_web_lg")

    assert opened.name == "core_web 3.8.0"
    assert mask_text(TEXT, more=[opened]).counts == {"name": 1}
    assert installed.recognisers == ["Other"]


def test_a_model_may_lie_in_a_folder(installed, tmp_path):
    assert open_presidio(str(tmp_path)).name == "core_web 3.8.0"


def test_a_model_that_is_not_installed_is_not_fetched(installed):
    with pytest.raises(MissingExtraError, match="the spaCy model for Presidio is not installed") as lacking:
        open_presidio("en_core_web_trf")

    assert lacking.value.where == "en_core_web_trf"
    assert lacking.value.mend


def test_a_model_that_cannot_be_opened_is_an_error_that_can_be_mended(installed):
    installed.pipeline = OSError("[E053] Could not read config file")

    with pytest.raises(ModelError, match=r"cannot be opened \(OSError\)"):
        open_presidio("en_core_web_lg")


def test_a_model_that_finds_no_names_is_refused(installed):
    installed.pipeline = Pipeline("token.tag")

    with pytest.raises(ModelError, match="finds no names"):
        open_presidio("en_core_web_lg")
