"""What may be read of models that read text: through the gate, of the actor's own organisation alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from joinedup.text import FEATURES, Feature, register
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import require
from joinedup_web.text import knowing, own_figures
from joinedup_web.text.models import Evaluation, FeatureSwitch, ModelUse, RegisterEntry
from joinedup_web.text.switches import is_on

VIEW = "model.view"


@dataclass(frozen=True)
class Standing:
    """A feature as an organisation has it. switch: who set it and why; None as shipped. needs: what it lacks here."""

    feature: Feature
    is_on: bool
    switch: FeatureSwitch | None
    model: str
    version: str
    usage: knowing.Usage
    evaluation: Evaluation | None
    needs: str


def of_organisation(by: Actor) -> UUID:
    """The actor's organisation. Raises Refused without permission, Http404 without an organisation."""
    require(by, VIEW)
    if by.organisation_id is None:
        raise Http404
    return by.organisation_id


def features(by: Actor) -> list[Standing]:
    """Every feature, in the order of the list."""
    return [standing(by, code) for code in FEATURES]


def standing(by: Actor, code: str) -> Standing:
    """One feature. Raises Http404 for a code that is not listed."""
    where = of_organisation(by)
    if code not in FEATURES:
        raise Http404
    known = FEATURES[code]
    model, version = knowing.model_now(where, code)
    return Standing(
        feature=known,
        is_on=is_on(where, code),
        switch=FeatureSwitch.objects.filter(organisation_id=where, feature=code)
        .select_related("changed_by")
        .first(),
        model=model,
        version=version,
        usage=knowing.usage(where, code),
        evaluation=knowing.last_evaluation(where, code),
        needs="no language model is set up here" if known.is_language_model and not model else "",
    )


def decided(by: Actor, code: str) -> own_figures.Decided | None:
    """What the organisation's people made of a feature's suggestions."""
    return own_figures.decided(code, of_organisation(by))


def uses(by: Actor, code: str = "") -> QuerySet[ModelUse]:
    """Uses of models, the newest first."""
    found = ModelUse.objects.filter(organisation_id=of_organisation(by))
    return found.filter(feature=code) if code else found


def evaluations(by: Actor, code: str) -> QuerySet[Evaluation]:
    """Evaluations of a feature's model, the newest first."""
    found = Evaluation.objects.filter(organisation_id=of_organisation(by), feature=code)
    return found.select_related("asked_by")


def evaluation(by: Actor, evaluation_id: UUID) -> Evaluation:
    """One evaluation. Raises Http404 for another organisation's."""
    found = Evaluation.objects.filter(organisation_id=of_organisation(by), id=evaluation_id)
    one = found.select_related("asked_by").first()
    if one is None:
        raise Http404
    return one


def written(by: Actor, code: str) -> RegisterEntry | None:
    """What people wrote in a feature's transparency record."""
    found = RegisterEntry.objects.filter(organisation_id=of_organisation(by), feature=code)
    return found.select_related("changed_by").first()


def entry(by: Actor, code: str) -> tuple[register.Filled, ...]:
    """A feature's transparency record as it stands today. Raises Http404 for a code that is not listed."""
    where = of_organisation(by)
    if code not in FEATURES:
        raise Http404
    own = written(by, code)
    fields: Mapping[str, str] = {} if own is None else own.fields
    return register.filled(knowing.known_of(where, code, today=timezone.localdate()), fields)
