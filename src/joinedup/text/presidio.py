"""Microsoft Presidio as a recogniser of ours: names, places and foreign formats that the rules do not know.

It is optional (extra `presidio`) and reads English alone. The spaCy model that it reads names with is installed by
the department; nothing is fetched here, and what is lacking is an error, never a quieter masking.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from joinedup.errors import MissingExtraError, ModelError
from joinedup.text.language import recognise
from joinedup.text.redact.identifier import Found, Identifier

KINDS: Mapping[str, Identifier] = MappingProxyType(
    {
        "PERSON": Identifier.NAME,
        "LOCATION": Identifier.ADDRESS,
        "PHONE_NUMBER": Identifier.PHONE,
        "EMAIL_ADDRESS": Identifier.EMAIL,
        "CREDIT_CARD": Identifier.CARD,
        "IBAN_CODE": Identifier.IBAN,
        "CRYPTO": Identifier.ACCOUNT_NUMBER,
        "IP_ADDRESS": Identifier.IP_ADDRESS,
        "UK_NHS": Identifier.NHS_NUMBER,
        "UK_NINO": Identifier.NINO,
        "UK_PASSPORT": Identifier.PASSPORT,
        "UK_POSTCODE": Identifier.POSTCODE,
        "UK_DRIVING_LICENCE": Identifier.DRIVING_LICENCE,
        "UK_VEHICLE_REGISTRATION": Identifier.VEHICLE,
        "US_SSN": Identifier.CASE_REFERENCE,
        "US_ITIN": Identifier.CASE_REFERENCE,
        "US_BANK_NUMBER": Identifier.ACCOUNT_NUMBER,
        "US_DRIVER_LICENSE": Identifier.DRIVING_LICENCE,
        "US_PASSPORT": Identifier.PASSPORT,
        "MEDICAL_LICENSE": Identifier.CASE_REFERENCE,
    }
)
"""Presidio's entity types, and what we mask them as. Left out on purpose: DATE_TIME ("last Tuesday", "three weeks") and
ORGANIZATION, which say when and where something happened, and NRP (nationality, religion, politics), which complaints
of unfair treatment are about and which tells of nobody alone."""
LEAST_SCORE = 0.5
"""What Presidio is at least as sure of, 0 to 1. Names and places have 0.85, whatever the model; bare forms less."""
LONGEST = 50_000  # characters that are read at once: spaCy refuses a million, and memory grows with each
_SPOKEN = "en"
_READ = frozenset({_SPOKEN, "und"})
# They ask the net for the list of domains; our rules find e-mail.
_BY_NET = ("EmailRecognizer", "UrlRecognizer")


class Result(Protocol):
    """One thing that Presidio found."""

    entity_type: str
    start: int
    end: int
    score: float


class Engine(Protocol):
    """What is used of Presidio's AnalyzerEngine."""

    def get_supported_entities(self, language: str) -> Sequence[str]:
        """The entity types that it knows."""
        ...

    def analyze(
        self, text: str, language: str, *, entities: list[str], score_threshold: float
    ) -> Sequence[Result]:
        """What of these types it found, in any order."""
        ...


@dataclass(frozen=True)
class PresidioRecogniser:
    """A recogniser for `find(text, more=[…])`. name: of the spaCy model, for whoever asks what reads comments here.

    Texts that are told to be in another language than English are left to the rules: a model of English takes Welsh
    words for names. One engine serves all threads, in turn.
    """

    engine: Engine
    name: str
    least_score: float = LEAST_SCORE
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def find(self, text: str) -> tuple[Found, ...]:
        """What Presidio found of the kinds that we mask, in order; some may overlap."""
        if not text.strip() or recognise(text).code not in _READ:
            return ()
        known = set(self.engine.get_supported_entities(_SPOKEN))
        wanted = [each for each in KINDS if each in known]  # of others it would complain at each text
        if not wanted:
            return ()
        found = {one for at, piece in _pieces(text) for one in self._in_piece(at, piece, wanted)}
        return tuple(sorted(found))

    def _in_piece(self, at: int, piece: str, wanted: list[str]) -> Iterator[Found]:
        with self._turn:
            results = self.engine.analyze(piece, _SPOKEN, entities=wanted, score_threshold=self.least_score)
        for one in results:
            kind = KINDS.get(one.entity_type)
            inside = 0 <= one.start < one.end <= len(piece)
            if kind is not None and inside and one.score >= self.least_score:
                yield Found(at + one.start, at + one.end, kind, f"Presidio: {one.entity_type}")


def open_presidio(model: str, *, least_score: float = LEAST_SCORE) -> PresidioRecogniser:
    """Return Presidio with an installed spaCy model, or one in a folder. model: its name ("en_core_web_lg") or path.

    Raises MissingExtraError where Presidio or the model is not installed, ModelError for a model that cannot be opened
    or that finds no names. Nothing is downloaded.
    """
    try:
        import spacy
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
        from presidio_analyzer.nlp_engine import SpacyNlpEngine
    except ImportError:
        raise MissingExtraError(
            what="Presidio is not installed",
            where="joinedup.text.presidio",
            mend="pip install 'joinedup[presidio]', or unset JOINEDUP_PRESIDIO",
        ) from None
    logging.getLogger("presidio-analyzer").setLevel(
        logging.ERROR
    )  # it tells of every recogniser that it skips
    # Presidio downloads a model that it does not find, so it is never asked to load one: it is given one that is here.
    if not (spacy.util.is_package(model) or Path(model).is_dir()):
        raise MissingExtraError(
            what="the spaCy model for Presidio is not installed",
            where=model,
            mend="install the package of that model, or give the folder that holds it",
        )
    nlp = _opened(spacy, model)
    reader = SpacyNlpEngine(models=[{"lang_code": _SPOKEN, "model_name": model}])
    reader.nlp = {_SPOKEN: nlp}
    registry = RecognizerRegistry(supported_languages=[_SPOKEN])
    registry.load_predefined_recognizers(languages=[_SPOKEN], nlp_engine=reader)
    for each in _BY_NET:
        registry.remove_recognizer(each)
    engine: Engine = AnalyzerEngine(registry=registry, nlp_engine=reader, supported_languages=[_SPOKEN])
    return PresidioRecogniser(engine, f"{nlp.meta['name']} {nlp.meta['version']}", least_score)


def _opened(spacy: Any, model: str) -> Any:
    """The spaCy pipeline of a model. spacy: the module, which has no types of its own here."""
    mend = "install a model that fits the spaCy of this machine and finds names, as en_core_web_lg"
    try:
        nlp = spacy.load(model)
    # spaCy raises whatever its parts do: OSError, ValueError, KeyError, pydantic's.
    except Exception as fault:
        raise ModelError(
            what=f"the spaCy model for Presidio cannot be opened ({type(fault).__name__})",
            where=model,
            mend=mend,
        ) from fault
    if not any("doc.ents" in nlp.get_pipe_meta(part).assigns for part in nlp.pipe_names):
        raise ModelError(what="the spaCy model for Presidio finds no names", where=model, mend=mend)
    return nlp


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """The text in pieces that can be read at once, each with its place, cut after white space where there is any."""
    at = 0
    while len(text) - at > LONGEST:
        end = at + LONGEST
        space = max(text.rfind(each, at, end) for each in " \n")
        end = space + 1 if space > at else end
        yield at, text[at:end]
        at = end
    yield at, text[at:]
