"""Samples for measuring how good a run is, and training anew with what clerks decided: deeds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from joinedup_web.audit.deed import Deed, action
from joinedup_web.gate.actor import SYSTEM
from joinedup_web.linkage import review_jobs
from joinedup_web.linkage.actions import queue_run
from joinedup_web.linkage.actions.outcome import problem_of
from joinedup_web.linkage.decisions import standing_words
from joinedup_web.linkage.models import (
    PairKind,
    Project,
    ReviewPair,
    Run,
    RunState,
    Sample,
    SamplePair,
    SampleState,
)
from joinedup_web.linkage.review import readings_wanted
from joinedup_web.linkage.training import LEAST_SAME


@action("linkage.run")
def ask_for_sample(deed: Deed, *, run: Run, size: int) -> Sample:
    """Have pairs of a finished run drawn into the review queue."""
    if run.state != RunState.FINISHED:
        raise deed.refuse("not_finished", "pairs can be drawn from a finished run only")
    if run.results_gone_at is not None:
        raise deed.refuse("results_gone", "the results of this run are no longer kept; run the linkage again")
    if run.samples.filter(state=SampleState.QUEUED).exists():
        raise deed.refuse("being_drawn", "a sample of this run is being drawn already")
    sample = Sample.objects.create(
        run=run, size=size, seed=1 + run.samples.count(), drawn_by_id=deed.by.id, drawn_at=deed.at
    )
    deed.record("sample.asked", sample=sample.id, run=run.id, pairs=size)
    deed.after_commit(lambda: review_jobs.draw_sample.enqueue(str(sample.id)))
    return sample


def keep_sample(sample: Sample, answer: Mapping[str, Any], path: Path) -> None:
    """Keep the pairs that the child drew, or what was wrong."""
    where = sample.run.project.organisation_id
    _keep_sample(by=SYSTEM, organisation_id=where, sample=sample, answer=answer, path=path)


@action(None, alone=True)
def _keep_sample(deed: Deed, *, sample: Sample, answer: Mapping[str, Any], path: Path) -> None:
    if "finished" not in answer:
        sample.state, sample.problem = SampleState.FAILED, problem_of(answer)
        sample.save(update_fields=["state", "problem"])
        deed.record("sample.failed", sample=sample.id)
        return
    project = sample.run.project
    known = {
        (pair.left_source, pair.left_id, pair.right_source, pair.right_id): pair
        for pair in ReviewPair.objects.filter(project=project).defer("values", "levels")
    }
    fresh: list[ReviewPair] = []
    drawn: dict[tuple[str, str, str, str], int] = {}
    with path.open(encoding="utf-8") as file:
        for rank, line in enumerate(file):
            told = json.loads(line)
            (left, left_values), (right, right_values) = sorted(
                ((tuple(told[side]), told[f"{side}_values"]) for side in ("left", "right")),
                key=lambda end: end[0],
            )
            key = (*left, *right)
            drawn[key] = told["stratum"]
            if key in known:
                continue
            known[key] = ReviewPair(
                project=project,
                run=sample.run,
                left_source=left[0],
                left_id=left[1],
                right_source=right[0],
                right_id=right[1],
                kind=PairKind.SAMPLE,
                readings_wanted=readings_wanted(left, right),
                rank=rank,
                weight=told["weight"],
                probability=told["probability"],
                levels=told["steps"],
                values={"left": left_values, "right": right_values},
            )
            fresh.append(known[key])
    ReviewPair.objects.bulk_create(fresh, batch_size=200)
    SamplePair.objects.bulk_create(
        [SamplePair(sample=sample, pair=known[key], stratum=stratum) for key, stratum in drawn.items()],
        batch_size=500,
    )
    sample.strata, sample.state = answer["finished"]["strata"], SampleState.READY
    sample.save(update_fields=["strata", "state"])
    deed.record("sample.drawn", sample=sample.id, run=sample.run_id, pairs=len(drawn))


@action("linkage.retrain")
def retrain(deed: Deed, *, project: Project) -> Run:
    """Queue a run like the newest finished one whose model is learnt from clerks' decisions, too.

    The decisions "same person" are what it learns from; all decisions are obeyed, as in every run.
    """
    last = project.runs.filter(state=RunState.FINISHED).order_by("-number").first()
    if last is None:
        raise deed.refuse("no_run", "there is no finished run to train again")
    same = sum(word == "same" for word in standing_words(project).values())
    if same < LEAST_SAME:
        raise deed.refuse(
            "too_few_decisions",
            f"training needs {LEAST_SAME} decisions “same person” at least; there are {same}",
        )
    sources = list(
        project.sources.filter(name__in=last.sources.values("name")).exclude(state="removed").order_by("name")
    )
    run: Run = queue_run(
        by=deed.by,
        organisation_id=project.organisation_id,
        project=project,
        sources=sources,
        kind=last.kind,
        settings={**last.settings, "labels": True, "use_decisions": True},
        based_on=last,
    )
    return run
