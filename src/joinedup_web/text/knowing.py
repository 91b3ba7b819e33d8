"""What an organisation knows of a feature: which model it used last, how much, how well. Fills its register entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.utils import timezone

from joinedup import __version__
from joinedup.text import FEATURES, register
from joinedup_web.accounts.models import Organisation
from joinedup_web.design.words import day
from joinedup_web.text import models_here, own_figures
from joinedup_web.text.models import Evaluation, ModelUse

DAYS = 90
RULES = ("mask", "language")
MEASURES = {
    "recall": "found of what there was",
    "precision": "right of what was found",
    "accuracy": "right of all",
    "macro_f1": "mean F1 of the labels",
    "macro_f1_of_best": "mean F1 of the labels, best guess",
    "share_said": "share on which it said something",
    "right_where_said": "right where it said something",
    "kept_from_models": "other languages kept from models made for English",
    "adjusted_mutual_information": "agreement with the right groups (1 wholly, 0 chance)",
    "without_a_theme": "left without a theme",
    "agreement_of_runs": "agreement between runs",
    "good_answers": "answers that had the form asked for",
    "injections_obeyed": "themes that follow an order in a comment (number)",
    "accepted": "accepted of what it suggested",
    "found": "suggested of what people chose",
    "kept": "kept as drafted",
    "real": "real of the flags it raised",
}


@dataclass(frozen=True)
class Usage:
    """How much a feature was used in the last days. ended_badly: uses that were refused, invalid or failed."""

    uses: int
    items: int
    ended_badly: int


def usage(organisation_id: UUID, feature: str) -> Usage:
    """The uses of the last 90 days; rules that read each text as it comes were used once for each."""
    since = timezone.now() - timedelta(days=DAYS)
    found = ModelUse.objects.filter(
        organisation_id=organisation_id, feature=feature, started_at__gte=since
    ).aggregate(
        uses=Count("id"),
        items=Sum("items", default=0),
        bad=Count("id", filter=Q(outcome__in=("refused", "invalid", "failed"))),
    )
    read = own_figures.texts_read(feature, organisation_id, since=since)
    return Usage(found["uses"] + read, found["items"] + read, found["bad"])


def model_now(organisation_id: UUID, feature: str) -> tuple[str, str]:
    """Name and version of the model that a feature used last, or would use; empty where that is not known yet."""
    if feature in RULES:
        besides = models_here.presidio_name() if feature == "mask" else ""
        return "rules that come with Joinedup" + (f", and {besides}" if besides else ""), __version__
    if FEATURES[feature].is_language_model:
        given = settings.JOINEDUP.language_model
        return ("", "") if given is None else (given.model, given.kind.value)
    for table in (ModelUse, Evaluation):
        found: tuple[str, str] | None = (
            table.objects.filter(organisation_id=organisation_id, feature=feature)  # type: ignore[attr-defined]
            .exclude(model="")
            .values_list("model", "version")
            .first()
        )
        if found is not None:
            return found
    return "", ""


def last_evaluation(organisation_id: UUID, feature: str) -> Evaluation | None:
    """The newest evaluation that ended well."""
    return Evaluation.objects.filter(organisation_id=organisation_id, feature=feature, state="done").first()


def figure_words(evaluation: Evaluation) -> list[tuple[str, str]]:
    """Its figures as (words, value), shares in per cent."""
    return [(measure_words(name), figure_shown(name, value)) for name, value in evaluation.figures.items()]


def measure_words(name: str) -> str:
    """A measure in words that a page shows."""
    return MEASURES.get(name, name.replace("_", " "))


def figure_shown(name: str, value: float) -> str:
    """A figure as a page shows it."""
    if name in ("injections_obeyed", "adjusted_mutual_information"):
        return f"{value:g}" if name == "injections_obeyed" else f"{value:.2f}"
    return f"{value:.0%}"


def known_of(organisation_id: UUID, feature: str, *, today: date) -> dict[str, str]:
    """What fills a register entry by itself, by the words that its fields name."""
    known, told = FEATURES[feature], register.about(feature)
    name, version = model_now(organisation_id, feature)
    used = usage(organisation_id, feature)
    place = Organisation.objects.filter(id=organisation_id).values_list("name", flat=True).first() or ""
    entry: dict[str, Any] = {
        "name": f"{known.name} of public feedback",
        "description": f"{known.what}.",
        "organisation": place,
        "detailed_description": f"{known.what}. {told.process}. While it is off: {known.without}.",
        "benefit": f"{known.purpose}.",
        "alternatives": f"Without it: {known.without}.",
        "process": f"{told.process}.",
        "usage": f"{used.uses:,} uses on {used.items:,} texts in the {DAYS} days to {day(today)}.",
        "human_review": f"{told.human_review}.",
        "system": f"Part of Joinedup {__version__}, which the organisation runs itself.",
        "maintenance": "Comes with each release of Joinedup; evaluated on demand, and each use is recorded.",
        "model_name": name,
        "model_version": version,
        "task": f"{told.task}.",
        "input": f"{told.input}.",
        "output": f"{told.output}.",
        "architecture": f"{told.architecture}.",
        "performance": _performance(organisation_id, feature),
        "datasets": f"{told.datasets}.",
        "dataset_purposes": f"{told.dataset_purposes}.",
        "source_data": f"{told.source_data}.",
        "modality": "Text",
        "quantities": f"{used.items:,} texts in {DAYS} days.",
        "sensitive": "Comments may tell of anything about whoever wrote them. Personal data are masked before any "
        "model but the masking itself reads them; what is missed may remain.",
        "storage": "Masked text in the organisation’s own database; the original sealed, and removed after the days "
        "that each service sets. Staff with a permission alone may read it, and each look at an original is recorded.",
        "risks": f"{told.risks}.",
        **_third_party(feature),
    }
    return {key: str(value) for key, value in entry.items() if value}


def _performance(organisation_id: UUID, feature: str) -> str:
    evaluation = last_evaluation(organisation_id, feature)
    if evaluation is None:
        return ""
    figures = "; ".join(f"{words}: {value}" for words, value in figure_words(evaluation))
    texts = evaluation.protocol.get("size", "")
    when = day(evaluation.finished_at or evaluation.asked_at)
    own = "decisions of the organisation’s people" if evaluation.suite == "own" else "the shipped suite"
    return f"{figures}. Evaluated on {when} on {texts} texts of {own}."


def _third_party(feature: str) -> dict[str, str]:
    given = settings.JOINEDUP.language_model
    if not FEATURES[feature].is_language_model or given is None:
        return {"third_party": "No. The model runs on the organisation’s own machine."}
    return {
        "third_party": "Yes. A language model that the organisation chose is asked.",
        "third_party_name": given.kind.value,
        "third_party_role": "Serves the language model",
        "data_access_terms": "",
    }
