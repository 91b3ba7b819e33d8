"""What to do next in a project: upload, check, run, review, download, and how far each has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from joinedup_web.design.context import address_if
from joinedup_web.design.words import count
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import decide
from joinedup_web.linkage.models import Project, Run, RunState, Source, SourceState


@dataclass(frozen=True)
class Step:
    """One step. href: empty where this person may not do it, or it is too early. standing: as the state macro's."""

    title: str
    hint: str
    state: str
    standing: str
    href: str = ""
    button: str = ""


def steps_of(
    by: Actor, project: Project, sources: Sequence[Source], runs: Sequence[Run], pairs: int
) -> list[Step]:
    """Return the steps in order. sources: those in use. runs: newest first."""
    return [
        _upload(by, project, sources),
        _check(by, sources),
        _run(by, project, sources, runs),
        _review(by, runs, pairs),
        _download(runs),
    ]


def next_step(steps: Sequence[Step]) -> Step | None:
    """The first step that this person can take and that is not done."""
    return next((step for step in steps if step.href and step.button and step.standing != "good"), None)


def _upload(by: Actor, project: Project, sources: Sequence[Source]) -> Step:
    here = reverse("linkage:upload", args=[project.id]) if _may(by, "source.upload") else ""
    hint = "Each file that holds records of people: CSV, Excel, JSON, XML, Parquet, SQLite, fixed-width text"
    if not sources:
        return Step("Upload sources", hint, "To do", "waiting", here, "Upload a source")
    failed = sum(source.state == SourceState.FAILED for source in sources)
    if failed:
        words = f"{count(failed)} could not be read"
        broken = next(source for source in sources if source.state == SourceState.FAILED)
        there = reverse("linkage:source", args=[broken.id])
        return Step("Upload sources", hint, words, "bad", there, "See what is wrong with it")
    words = f"{count(len(sources))} {'source' if len(sources) == 1 else 'sources'}"
    return Step("Upload sources", hint, words, "good", here, "Upload a source")


def _check(by: Actor, sources: Sequence[Source]) -> Step:
    title, hint = (
        "Check what the columns mean",
        "They are found out from their names and values; correct any slip",
    )
    ready = [source for source in sources if source.state == SourceState.READY]
    waiting = [source for source in ready if source.checked_at is None]
    if not ready:
        measured = any(s.state in (SourceState.UPLOADED, SourceState.MEASURING) for s in sources)
        return Step(title, hint, "Being measured" if measured else "Cannot start yet", "neutral")
    if not waiting:
        return Step(title, hint, "Checked", "good")
    here = reverse("linkage:meanings", args=[waiting[0].id]) if _may(by, "source.correct") else ""
    words = f"{count(len(waiting))} to check"
    return Step(title, hint, words, "waiting", here, f"Check the columns of {waiting[0].name}")


def _run(by: Actor, project: Project, sources: Sequence[Source], runs: Sequence[Run]) -> Step:
    title, hint = (
        "Run the linkage",
        "Finds which records are about the same person. You can stop it at any time",
    )
    if runs and runs[0].state in (RunState.QUEUED, RunState.RUNNING, RunState.CANCELLING):
        there = reverse("linkage:run", args=[runs[0].id])
        return Step(title, hint, runs[0].get_state_display(), "working", there, f"Watch run {runs[0].number}")
    if not any(source.state == SourceState.READY for source in sources):
        return Step(title, hint, "Cannot start yet", "neutral")
    here = reverse("linkage:start", args=[project.id]) if _may(by, "linkage.run") else ""
    if not runs:
        return Step(title, hint, "To do", "waiting", here, "Start a run")
    if runs[0].state == RunState.FINISHED:
        return Step(title, hint, f"Run {runs[0].number} has finished", "good", here, "Start a run")
    there = reverse("linkage:run", args=[runs[0].id])
    standing = "bad" if runs[0].state == RunState.FAILED else "attention"
    words = f"Run {runs[0].number}: {runs[0].get_state_display().lower()}"
    return Step(title, hint, words, standing, there, f"See run {runs[0].number}")


def _review(by: Actor, runs: Sequence[Run], pairs: int) -> Step:
    title, hint = "Review uncertain pairs", "Clerks decide; the next run obeys them"
    if not any(run.state == RunState.FINISHED for run in runs):
        return Step(title, hint, "Cannot start yet", "neutral")
    if not pairs:
        return Step(title, hint, "Nothing waits", "good")
    here = address_if("linkage:review") if _may(by, "pair.review") else ""
    return Step(title, hint, f"{count(pairs)} to review", "waiting", here, "Review pairs")


def _download(runs: Sequence[Run]) -> Step:
    title, hint = "See and download the results", "People, links and one joined row for each person"
    last = next((run for run in runs if run.state == RunState.FINISHED), None)
    if last is None:
        return Step(title, hint, "Cannot start yet", "neutral")
    there = reverse("linkage:run", args=[last.id])
    return Step(
        title,
        hint,
        f"Results of run {last.number}",
        "working",
        there,
        f"See the results of run {last.number}",
    )


def _may(by: Actor, permission: str) -> bool:
    return decide(by, permission).allowed
