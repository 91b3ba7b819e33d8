"""Themes are asked for, drafted in the background, and kept as drafts for people to edit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from joinedup.text.themes import lint
from joinedup_web.audit.deed import Deed, action
from joinedup_web.feedback import files
from joinedup_web.feedback.models import (
    Analysis,
    Form,
    JobState,
    Service,
    Theme,
    ThemeAssignment,
)
from joinedup_web.feedback.queries.themes import LIVE, members_by_theme, stances_by_theme, without_theme
from joinedup_web.feedback.reader.stance import counted_stance
from joinedup_web.gate.actor import SYSTEM
from joinedup_web.linkage.actions.outcome import problem_of
from joinedup_web.text.uses import keep_use

METHODS = ("clusters", "language_model")
FAULTS = {
    "SourceError": "source",
    "ModelError": "model",
    "LimitError": "limit",
    "MissingExtraError": "missing_extra",
    "ServiceError": "service",
}


@action("theme.edit")
def ask_analysis(
    deed: Deed,
    *,
    service: Service,
    question: str,
    first_day: date,
    last_day: date,
    method: str,
    form: Form | None = None,
    filters: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> Analysis:
    """Ask for draft themes of the answers to a question in a period, both days in."""
    from joinedup_web.feedback import analysis_jobs

    if method not in METHODS:
        raise deed.refuse("no_such_method", "choose how themes are to be drafted")
    if form is not None and form.service_id != service.id:
        raise deed.refuse("other_service", "the form is of another service")
    if last_day < first_day:
        raise deed.refuse("no_period", "the last day must be the same as or after the first")
    analysis = Analysis.objects.create(
        service=service,
        form=form,
        question=question,
        first_day=first_day,
        last_day=last_day,
        filters=dict(filters or {}),
        method=method,
        seed=seed,
        asked_by_id=deed.by.id,
        asked_at=deed.at,
    )
    deed.record("analysis.asked", service=service.id, analysis=analysis.id, method=method)
    deed.after_commit(lambda: analysis_jobs.draft_analysis.enqueue(str(analysis.id)))
    return analysis


def start_analysis(analysis: Analysis) -> bool:
    """Claim an analysis that waits; False where somebody else has it."""
    waiting = Analysis.objects.filter(id=analysis.id, state=JobState.WAITING)
    return bool(waiting.update(state=JobState.RUNNING, heartbeat_at=timezone.now()))


def give_back(analysis: Analysis) -> None:
    """The worker lost it: it waits again, and nothing of it was kept."""
    Analysis.objects.filter(id=analysis.id, state=JobState.RUNNING).update(state=JobState.WAITING)


def finish_analysis(analysis: Analysis, answer: Mapping[str, Any]) -> None:
    """Keep how an analysis ended: its draft themes, or why there are none."""
    organisation = analysis.service.organisation_id
    _finish_analysis(by=SYSTEM, organisation_id=organisation, analysis=analysis, answer=answer)


@action(None, alone=True)
def _finish_analysis(deed: Deed, *, analysis: Analysis, answer: Mapping[str, Any]) -> None:
    analysis.finished_at = deed.at
    for use in answer.get("uses", ()):
        keep_use(organisation_id=analysis.service.organisation_id, **use)
    if "finished" not in answer:
        analysis.state, analysis.problem = JobState.FAILED, problem_of(answer)
        analysis.save()
        fault = FAULTS.get(answer.get("problem", {}).get("error", ""), "fault")
        deed.record("analysis.failed", analysis=analysis.id, fault=fault)
        return
    done = answer["finished"]
    analysis.state = JobState.DONE
    analysis.counts, analysis.variance = done["counts"], done["variance"]
    analysis.models_used, analysis.lint = done["models"], []
    analysis.save()
    for number, told in enumerate(done["themes"], start=1):
        theme = Theme.objects.create(
            analysis=analysis,
            number=number,
            title=told["title"][:150],
            description=told["description"][:1000],
            drafted={"title": told["title"][:150], "description": told["description"][:1000]},
            stance=told["stance"],
            terms=list(told["terms"]),
            quotes=[str(each) for each in told["quotes"]],
        )
        ThemeAssignment.objects.bulk_create(
            [
                ThemeAssignment(
                    comment_id=comment,
                    theme=theme,
                    made_by=done["made_by"][:100],
                    probability=probability,
                    stance=stance,
                )
                for comment, probability, stance in told["members"]
            ],
            batch_size=500,
        )
    keep_doubts(deed, analysis=analysis)
    deed.record(
        "analysis.finished",
        analysis=analysis.id,
        comments=analysis.counts.get("used", 0),
        themes=len(done["themes"]),
    )


def keep_doubts(deed: Deed, *, analysis: Analysis) -> None:
    """Part of every deed that changes themes: say anew what is doubtful about them, and how many have none."""
    titles = {theme.number: theme.title for theme in analysis.themes.filter(state__in=LIVE)}
    found = lint(
        titles,
        members_by_theme(analysis),
        total=analysis.counts.get("used", 0),
        stances={number: counted_stance(held) for number, held in stances_by_theme(analysis).items()},
    )
    analysis.lint = [{"rule": each.rule, "themes": list(each.themes), "words": each.words} for each in found]
    analysis.counts = {**analysis.counts, "without": without_theme(analysis).count()}
    Analysis.objects.filter(id=analysis.id).update(lint=analysis.lint, counts=analysis.counts)


def forget_vectors(analysis: Analysis) -> None:
    """Remove what an analysis worked with; its themes stay."""
    files.vectors_file(analysis).unlink(missing_ok=True)
