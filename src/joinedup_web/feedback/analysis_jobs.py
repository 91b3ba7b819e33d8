"""The background job that drafts the themes of an analysis."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django_tasks import task

from joinedup_web.feedback import files
from joinedup_web.feedback.actions import analyses as actions
from joinedup_web.feedback.drafting_job import by_language_model
from joinedup_web.feedback.models import Analysis, Comment, JobState
from joinedup_web.feedback.queries.themes import comments_of
from joinedup_web.feedback.queries.understand import question_words
from joinedup_web.feedback.reader import engine
from joinedup_web.feedback.reader.engine import Stopped
from joinedup_web.feedback.reader.stance import FROM_SENTIMENT, stance_of
from joinedup_web.feedback.reading_job import model_folder
from joinedup_web.text.switches import is_on

log = logging.getLogger(__name__)
LOST_AFTER = timedelta(seconds=60)
LEAST = 10
MOST = 200_000


@task()
def draft_analysis(analysis_id: str) -> None:
    """Draft the themes of an analysis that waits."""
    analysis = Analysis.objects.select_related("service", "form").filter(id=UUID(analysis_id)).first()
    if analysis is None or not actions.start_analysis(analysis):
        return

    def beat(stage: str, done: int, total: int) -> None:
        Analysis.objects.filter(id=analysis.id).update(
            heartbeat_at=timezone.now(), counts={"stage": stage, "done": done, "total": total}
        )

    try:
        answer = _drafted(analysis, beat)
    except Stopped:
        actions.give_back(analysis)  # the worker leaves; the next one takes it up
        return
    actions.finish_analysis(analysis, answer)


def _drafted(analysis: Analysis, beat: engine.OnProgress) -> dict[str, Any]:
    """Draft themes by the method that was asked for, and return them as finish_analysis keeps them."""
    organisation = analysis.service.organisation_id
    feature = "themes" if analysis.method == "clusters" else "theme_drafts"
    if not is_on(organisation, feature):
        return _problem("drafting themes is switched off", "switch it on under Models, or add themes by hand")
    comments = list(comments_of(analysis).filter(is_readable=True).order_by("received_at", "id")[: MOST + 1])
    if len(comments) < LEAST:
        what = f"there are {len(comments)} comments that a model can read; themes need {LEAST}"
        return _problem(what, "choose a longer period, or read them")
    if len(comments) > MOST:
        return _problem(f"there are more than {MOST:,} comments", "choose a shorter period")
    if analysis.method == "clusters":
        answer = _by_clusters(analysis, comments, beat)
    else:
        answer = by_language_model(analysis, comments, beat)
    if "finished" in answer:
        answer["finished"]["counts"] |= counts_of(analysis, used=len(comments))
    return answer


def counts_of(analysis: Analysis, *, used: int) -> dict[str, Any]:
    """How many comments there are, how many were read, and how many are left to people, by language."""
    left: dict[str, int] = {}
    for language in comments_of(analysis).filter(is_readable=False).values_list("language", flat=True):
        left[language] = left.get(language, 0) + 1
    return {"comments": used + sum(left.values()), "used": used, "languages": left}


def _by_clusters(analysis: Analysis, comments: list[Comment], beat: engine.OnProgress) -> dict[str, Any]:
    organisation = analysis.service.organisation_id
    file = files.vectors_file(analysis)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    order = {
        "do": "themes",
        "model_folder": model_folder(),
        "question": question_words(analysis.service).get(analysis.question, ""),
        "ids": [str(comment.id) for comment in comments],
        "texts": [comment.text for comment in comments],
        "seed": analysis.seed,
        "vectors": str(file),
        "sentiment": is_on(organisation, "sentiment"),
    }
    reader = engine.open_engine()
    try:
        answer = reader.ask(order, on_progress=beat)
    finally:
        reader.close()
    if "finished" not in answer:
        return answer
    found = answer["finished"]
    stances = _stances(comments, found["sentiment"])
    themes = [
        {
            "title": each["title"],
            "description": each["description"],
            "terms": each["terms"],
            "quotes": [comments[at].id for at in each["quotes"]],
            "stance": stance_of(stances[at] for at in each["members"]),
            "members": [(comments[at].id, found["probability"][at], stances[at]) for at in each["members"]],
        }
        for each in found["themes"]
    ]
    name, version = found["models"]["embedder"]
    uses = [
        {
            "feature": "themes",
            "model": name,
            "version": version,
            "items": len(comments),
            "seconds": found["seconds"],
        }
    ]
    if "sentiment" in found["models"]:
        with_sentiment = found["models"]["sentiment"]
        uses.append(
            {
                "feature": "sentiment",
                "model": with_sentiment[0],
                "version": with_sentiment[1],
                "items": len(comments),
            }
        )
    noise = sum(1 for at in found["assigned"] if at < 0)
    finished = {
        "themes": themes,
        "made_by": version,
        "counts": {"noise": noise, "seconds": round(found["seconds"], 1)},
        "variance": {"agreement": found["agreement"], "runs": found["runs"]},
        "models": found["models"],
    }
    return {"finished": finished, "uses": uses}


def _stances(comments: list[Comment], read_now: list[list[Any]] | None) -> list[str]:
    """The stance of each comment: from the sentiment that somebody gave it, or else that a model reads in it now."""
    found = []
    for at, comment in enumerate(comments):
        said = comment.sentiment
        if comment.sentiment_by != "person" and read_now is not None:
            said = read_now[at][0]
        found.append(FROM_SENTIMENT.get(said, ""))
    return found


def _problem(what: str, mend: str) -> dict[str, Any]:
    return {"problem": {"what": what, "where": "", "mend": mend, "error": "LimitError"}}


def take_up_abandoned() -> int:
    """Queue analyses again whose worker was lost; return how many."""
    lost = timezone.now() - LOST_AFTER
    taken = 0
    for analysis in Analysis.objects.filter(state=JobState.RUNNING, heartbeat_at__lt=lost):
        actions.give_back(analysis)
    for analysis in Analysis.objects.filter(state=JobState.WAITING, asked_at__lt=lost):
        draft_analysis.enqueue(str(analysis.id))
        taken += 1
    return taken
