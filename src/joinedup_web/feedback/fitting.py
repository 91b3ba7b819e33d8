"""Learning a service's own models from what people decided, once there is enough of it and again as it grows."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import Count

from joinedup_web.casework.models import Team
from joinedup_web.feedback import files
from joinedup_web.feedback.actions.readings import keep_fitted
from joinedup_web.feedback.models import (
    Comment,
    Fate,
    FittedModel,
    RouteSuggestion,
    Service,
    TagAssignment,
)
from joinedup_web.feedback.reader.engine import Engine
from joinedup_web.gate.actor import SYSTEM
from joinedup_web.text.switches import is_on

log = logging.getLogger(__name__)
LEAST_DECISIONS = 40
LEAST_OF_A_LABEL = 5
GROWN_BY = 1.25
MOST = 20_000
SEED = 1
CORRECTED = 2.0
"""How much louder a comment speaks on which somebody disagreed with the model than one where they agreed."""

_counted: dict[
    tuple[UUID, str], int
] = {}  # decisions at the last look, so that a service is not tried in vain


def learn_what_is_due(engine: Engine) -> int:
    """Learn the first model that is due; return how many were learnt (0 or 1)."""
    for feature in ("tag", "route"):
        for service_id, decisions in _decided(feature):
            if _counted.get((service_id, feature)) == decisions:
                continue
            _counted[service_id, feature] = decisions
            service = Service.objects.get(id=service_id)
            if is_on(service.organisation_id, feature) and _is_due(service, feature, decisions):
                return int(learn(service, feature, engine) is not None)
    return 0


def learn(service: Service, feature: str, engine: Engine) -> FittedModel | None:
    """Learn a model now and return it; None where nothing can be learnt from the decisions there are."""
    found = examples(service, feature)
    if found is None:
        return None
    model_id = uuid4()
    folder = settings.JOINEDUP.model_folder
    answer = engine.ask(
        {
            "do": "fit",
            "kind": feature,
            "model_folder": None if folder is None else str(folder),
            "file": str(files.model_file(service, model_id)),
            "seed": SEED,
            **found,
        }
    )
    if "finished" not in answer:
        log.error("no model could be learnt: %s", answer.get("problem", answer).get("error", "fault"))
        return None
    before = list(FittedModel.objects.filter(service=service, feature=feature))
    made: FittedModel = keep_fitted(
        by=SYSTEM,
        organisation_id=service.organisation_id,
        service=service,
        feature=feature,
        model_id=model_id,
        decisions=len(found["texts"]),
        learnt=answer["finished"],
    )
    for old in before[1:]:  # the one before stays for orders under way
        files.fitted_file(old).unlink(missing_ok=True)
    return made


def examples(service: Service, feature: str) -> dict[str, Any] | None:
    """What people decided, as the models learn it; None where it is too little. The newest decisions first."""
    checked = (
        Comment.objects.filter(service=service, is_readable=True)
        .exclude(checked_at=None)
        .order_by("-checked_at", "id")[:MOST]
    )
    comments = list(checked)
    if len(comments) < LEAST_DECISIONS:
        return None
    return _of_tags(comments) if feature == "tag" else _of_teams(service, comments)


def _of_tags(comments: list[Comment]) -> dict[str, Any] | None:
    truths: dict[UUID, list[str]] = {comment.id: [] for comment in comments}
    corrected: set[UUID] = set()
    counts: dict[str, int] = {}
    rows = TagAssignment.objects.filter(
        comment_id__in=list(truths), tag__is_active=True, decided_at__isnull=False
    )
    for comment, tag, fate in rows.order_by("tag_id").values_list("comment_id", "tag_id", "fate"):
        if fate != Fate.ACCEPTED:
            corrected.add(comment)
        if fate in (Fate.ACCEPTED, Fate.ADDED):
            truths[comment].append(str(tag))
            counts[str(tag)] = counts.get(str(tag), 0) + 1
    enough = {tag for tag, number in counts.items() if number >= LEAST_OF_A_LABEL}
    if not enough:
        return None
    return {
        "texts": [comment.text for comment in comments],
        "keys": [comment.question for comment in comments],
        "truths": [[tag for tag in truths[comment.id] if tag in enough] for comment in comments],
        "weights": [CORRECTED if comment.id in corrected else 1.0 for comment in comments],
        "described": {},
    }


def _of_teams(service: Service, comments: list[Comment]) -> dict[str, Any] | None:
    went = {
        comment: (str(team), fate)
        for comment, team, fate in RouteSuggestion.objects.filter(
            comment__in=comments, team__isnull=False, team__is_active=True, decided_at__isnull=False
        ).values_list("comment_id", "team_id", "fate")
    }
    known = [comment for comment in comments if comment.id in went]
    if len(known) < LEAST_DECISIONS or len({team for team, _ in went.values()}) < 2:
        return None
    teams = Team.objects.filter(organisation_id=service.organisation_id, is_active=True)
    return {
        "texts": [comment.text for comment in known],
        "keys": [comment.question for comment in known],
        "truths": [went[comment.id][0] for comment in known],
        "weights": [1.0 if went[comment.id][1] == Fate.ACCEPTED else CORRECTED for comment in known],
        "described": {str(team.id): f"{team.name}. {team.purpose}" for team in teams},
    }


def _decided(feature: str) -> list[tuple[UUID, int]]:
    """How many comments of each service somebody has decided about, where they are enough."""
    checked = Comment.objects.filter(is_readable=True).exclude(checked_at=None)
    if feature == "route":
        checked = checked.filter(route__team__isnull=False)
    return list(
        checked.order_by()
        .values_list("service_id")
        .annotate(number=Count("id"))
        .filter(number__gte=LEAST_DECISIONS)
    )


def _is_due(service: Service, feature: str, decisions: int) -> bool:
    newest = FittedModel.objects.filter(service=service, feature=feature).first()
    return newest is None or decisions >= GROWN_BY * newest.decisions
