"""The background job that evaluates a model: local models in a process of their own, a language model from here."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django_tasks import task

from joinedup.errors import JoinedupError
from joinedup.text import FEATURES, run_suite
from joinedup_web.linkage.jobs import Stopped, in_child
from joinedup_web.text import models_here
from joinedup_web.text.models import Evaluation

LOST_AFTER = timedelta(minutes=15)
CHILD = "joinedup_web.text.child"


def has_language_model() -> bool:
    """Whether the settings name a language model."""
    return settings.JOINEDUP.language_model is not None


@task()
def evaluate(evaluation_id: str) -> None:
    """Carry out an evaluation that waits."""
    from joinedup_web.text import actions

    evaluation = Evaluation.objects.filter(id=UUID(evaluation_id)).first()
    if evaluation is None or not actions.start_evaluation(evaluation):
        return
    if FEATURES[evaluation.feature].is_language_model:
        actions.finish_evaluation(evaluation, _ask_language_model(evaluation))
        return

    def beat(stage: str, done: int, total: int) -> None:
        Evaluation.objects.filter(id=evaluation.id).update(heartbeat_at=timezone.now())

    order = {
        "do": "evaluate",
        "feature": evaluation.feature,
        "models": None if settings.JOINEDUP.model_folder is None else str(settings.JOINEDUP.model_folder),
        "known_as": {},
    }
    try:
        answer = in_child(order, on_progress=beat, is_cancelled=lambda: False, module=CHILD)
    except Stopped:
        actions.give_back(evaluation)  # the worker leaves; the next one takes it up
        return
    actions.finish_evaluation(evaluation, answer)


def _ask_language_model(evaluation: Evaluation) -> dict[str, Any]:
    from joinedup_web.text.uses import keep_use

    began = timezone.now()
    try:
        result = run_suite(evaluation.feature, embedder=None, language_model=models_here.language_model())
    except JoinedupError as error:
        return {"problem": error.as_dict()}
    keep_use(
        organisation_id=evaluation.organisation_id,
        feature=evaluation.feature,
        purpose="Evaluate the model on texts written for that",
        model=result.model,
        version=result.version,
        items=result.texts,
        seconds=(timezone.now() - began).total_seconds(),
        tokens_in=None,
    )
    return {"finished": asdict(result)}


def take_up_abandoned() -> int:
    """Queue evaluations again whose worker was lost; return how many."""
    from joinedup_web.text import actions

    lost = timezone.now() - LOST_AFTER
    for evaluation in Evaluation.objects.filter(state="running", heartbeat_at__lt=lost):
        actions.give_back(evaluation)
    waiting = Evaluation.objects.filter(state="waiting", asked_at__lt=lost)
    for evaluation in waiting:
        evaluate.enqueue(str(evaluation.id))
    return len(waiting)
