"""Reading comments in the background: a thread of the worker asks the models, batch by batch, the newest first.

Whoever of several workers claims an organisation reads for it; a claim that is not renewed is anybody's. Nothing is
kept of a batch before its answer is there, so a worker that is killed loses no more than time.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import close_old_connections
from django.db.models import Q
from django.utils import timezone

from joinedup_web.casework.models import Team
from joinedup_web.feedback import files, fitting, reading
from joinedup_web.feedback.actions.readings import keep_reading
from joinedup_web.feedback.models import Comment, FittedModel, Reading, ResponseState, Tag
from joinedup_web.feedback.queries.understand import question_words
from joinedup_web.feedback.reader import engine
from joinedup_web.feedback.reader.engine import Engine, Stopped
from joinedup_web.linkage.actions.outcome import problem_of
from joinedup_web.text.switches import is_on

log = logging.getLogger(__name__)
BATCH = 200
SECONDS_BETWEEN_LOOKS = 2.0
SECONDS_AFTER_A_PROBLEM = 300.0
SECONDS_TILL_MODELS_GO = 300.0
SECONDS_BETWEEN_LEARNING = 60.0
LOST_AFTER = timedelta(seconds=120)


def start(stop: threading.Event) -> threading.Thread:
    """Begin reading in a thread; it ends soon after `stop` is set."""
    thread = threading.Thread(target=_rounds, args=(stop,), name="reading comments", daemon=True)
    thread.start()
    return thread


def _rounds(stop: threading.Event) -> None:
    reader = Reader(engine.open_engine())
    last = time.monotonic()
    try:
        while not stop.is_set():
            try:
                if reader.round(stop):
                    last = time.monotonic()
                    continue
                if time.monotonic() - last > SECONDS_TILL_MODELS_GO:
                    reader.engine.close()
            except Stopped:
                return
            except Exception as problem:  # the next round tries again; the kind alone is told
                log.error("a round of reading failed: %s", type(problem).__name__)
            finally:
                close_old_connections()
            reading.wait_for_new(SECONDS_BETWEEN_LOOKS)
    finally:
        reader.engine.close()


class Reader:
    """Reads what waits. engine: who carries out orders to the models."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._not_before: dict[UUID, float] = {}
        self._learnt_at = -SECONDS_BETWEEN_LEARNING

    def round(self, stop: threading.Event | None = None) -> int:
        """Read a batch for each organisation that has unread comments, or else learn; return how much was done."""
        done = 0
        for organisation in list(unread().values_list("organisation_id", flat=True).order_by().distinct()):
            if stop is not None and stop.is_set():
                return done
            if time.monotonic() >= self._not_before.get(organisation, 0.0) and _claim(organisation):
                try:
                    done += self._batch(organisation)
                finally:
                    Reading.objects.filter(organisation_id=organisation).update(heartbeat_at=None)
        if done or time.monotonic() - self._learnt_at < SECONDS_BETWEEN_LEARNING:
            return done
        learnt = fitting.learn_what_is_due(self.engine)
        self._learnt_at = time.monotonic() if not learnt else self._learnt_at
        return learnt

    def _batch(self, organisation: UUID) -> int:
        waiting = list(
            unread()
            .filter(organisation_id=organisation)
            .select_related("service", "response")
            .order_by("-received_at")[:BATCH]
        )
        by_service: dict[UUID, list[Comment]] = {}
        for comment in waiting:
            by_service.setdefault(comment.service_id, []).append(comment)
        return sum(self._of_service(organisation, comments) for comments in by_service.values())

    def _of_service(self, organisation: UUID, comments: Sequence[Comment]) -> int:
        may_read = is_on(organisation, "language")  # off: every comment is one that no model can read
        readable = [comment for comment in comments if comment.is_readable and may_read]
        others = [comment for comment in comments if not (comment.is_readable and may_read)]
        if not readable:
            return keep_reading(organisation, comments=[], read={}, unread=others)
        answer = self.engine.ask(order_of(organisation, readable))
        if "finished" in answer:
            return keep_reading(organisation, comments=readable, read=answer["finished"], unread=others)
        error = answer.get("problem", {}).get("error", "fault")
        if error not in ("fault", "LimitError"):
            self._stand_still(organisation, answer)
            return 0
        if len(readable) == 1:  # this one text ends the models: somebody reads it instead
            log.error("a comment could not be read and goes to people: %s", error)
            return keep_reading(organisation, comments=[], read={}, unread=[*others, *readable])
        half = len(readable) // 2
        return self._of_service(organisation, [*others, *readable[:half]]) + self._of_service(
            organisation, readable[half:]
        )

    def _stand_still(self, organisation: UUID, answer: dict[str, Any]) -> None:
        problem = problem_of(answer)
        Reading.objects.filter(organisation_id=organisation).update(problem=problem)
        self._not_before[organisation] = time.monotonic() + SECONDS_AFTER_A_PROBLEM
        log.error("comments cannot be read: %s", answer["problem"].get("error", ""))


def unread() -> Any:
    """Comments that models have not read yet; those of hidden responses stay so."""
    return Comment.objects.filter(read_at=None).exclude(response__state=ResponseState.HIDDEN)


def _claim(organisation: UUID) -> bool:
    """Whether this worker reads for an organisation now."""
    now = timezone.now()
    Reading.objects.get_or_create(organisation_id=organisation)
    free = Q(heartbeat_at=None) | Q(heartbeat_at__lt=now - LOST_AFTER)
    return bool(Reading.objects.filter(free, organisation_id=organisation).update(heartbeat_at=now))


def order_of(organisation: UUID, comments: Sequence[Comment]) -> dict[str, Any]:
    """What the models are asked about comments of one service: what is switched on, and nothing else."""
    service = comments[0].service
    words = question_words(service)
    tag = route = None
    if is_on(organisation, "tag"):
        tags = Tag.objects.filter(service=service, is_active=True).order_by("name")
        tag = _chosen_from(service, "tag", [[str(each.id), each.name, each.description] for each in tags])
    if is_on(organisation, "route"):
        teams = Team.objects.filter(organisation_id=organisation, is_active=True).order_by("name")
        route = _chosen_from(service, "route", [[str(each.id), each.name, each.purpose] for each in teams])
    return {
        "do": "read",
        "model_folder": model_folder(),
        "texts": [comment.text for comment in comments],
        "questions": [words.get(comment.question, "") for comment in comments],
        "keys": [comment.question for comment in comments],
        "satisfaction": [comment.response.satisfaction for comment in comments],
        "is_english": [comment.language in ("en", "und") for comment in comments],
        "sentiment": is_on(organisation, "sentiment"),
        "danger": True,
        "tag": tag,
        "route": route,
    }


def _chosen_from(service: Any, feature: str, described: list[list[str]]) -> dict[str, Any] | None:
    """The model of a service's own, or the descriptions to begin with; None where there is nothing to choose from."""
    if not described:
        return None
    fitted = FittedModel.objects.filter(service=service, feature=feature).first()
    file = None if fitted is None else files.fitted_file(fitted)
    return {
        "file": str(file) if file is not None and file.exists() else None,
        "described": described,
    }


def model_folder() -> str | None:
    """Where the settings say that the embeddings' weights lie."""
    folder = settings.JOINEDUP.model_folder
    return None if folder is None else str(folder)
