"""Models that read text, used, switched, evaluated and written about: for the populated site and the full one."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from joinedup_web.accounts.models import Organisation
from joinedup_web.text.models import Evaluation, FeatureSwitch, RegisterEntry
from joinedup_web.text.uses import keep_use


def fill_models(place: Organisation, *, mark: Any = lambda what: what.capitalize()) -> dict[str, Any]:
    """Keep a use, a switch, evaluations in each state and a record of its own; what addresses take."""
    keep_use(
        organisation_id=place.id,
        feature="sentiment",
        model=mark("MODEL"),
        version="3f2a91",
        items=120,
        seconds=1.4,
    )
    FeatureSwitch.objects.create(organisation=place, feature="tag", is_on=False, reason=mark("REASON"))
    told: dict[str, Any] = {"organisation": place, "feature": "mask", "suite": "shipped"}
    done = Evaluation.objects.create(
        **told,
        model=mark("RULES"),
        version="1",
        protocol={"texts": "written for this package", "size": 30, "missed": [mark("MISSED")]},
        figures={"recall": 0.97, "precision": 1.0},
        state="done",
        finished_at=timezone.now(),
    )
    failed = Evaluation.objects.create(
        **{**told, "feature": "themes"},
        state="failed",
        problem={"what": mark("SPOILT"), "where": "", "mend": "mend it"},
    )
    waiting = Evaluation.objects.create(**{**told, "feature": "language"})
    RegisterEntry.objects.create(organisation=place, feature="mask", fields={"team": mark("TEAM")})
    return {
        "evaluation": done.id,
        "failed_evaluation": failed.id,
        "waiting_evaluation": waiting.id,
    }
