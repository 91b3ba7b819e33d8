"""Whom a run fails: what is known of its errors by group, from the truth, from clerks' decisions, or not at all."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joinedup.errors import JoinedupError
from joinedup.linkage import Fairness, fairness_from_dict, fairness_of_labels
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import require
from joinedup_web.linkage import files
from joinedup_web.linkage.decisions import words_of
from joinedup_web.linkage.evaluation import label_of
from joinedup_web.linkage.models import Run, Sample, SamplePair, SampleState

TRUTH = "fairness.json"
LEAST_LABELS = 30  # decided pairs of a sample below which no group has a figure


@dataclass(frozen=True)
class ErrorsByGroup:
    """truth: where the run was held against the truth. labels: else what a sample of it says, as plain values (see
    ``joinedup.linkage.SampleFairness``), None where fewer than LEAST_LABELS pairs are decided. decided: how many are.
    """

    truth: Fairness | None
    labels: dict[str, Any] | None
    decided: int


def errors_by_group(by: Actor, run: Run) -> ErrorsByGroup:
    """Return what is known of a finished run's errors by group. Sums over at least ten people, and no id."""
    require(by, "linkage.view", organisation_id=run.project.organisation_id)
    path = files.results(run) / TRUTH
    if (told := _kept(path)) is not None:
        with suppress(JoinedupError):  # what an older version counted is counted anew, or not shown
            return ErrorsByGroup(fairness_from_dict(told), None, 0)
    sample = Sample.objects.filter(run=run, state=SampleState.READY).order_by("-drawn_at").first()
    if sample is None:
        return ErrorsByGroup(None, None, 0)
    held = words_of(run.project)
    ends, labels = [], []
    for drawn in SamplePair.objects.filter(sample=sample).select_related("pair"):
        pair = drawn.pair
        ends.append((pair.left_source, pair.left_id, pair.right_source, pair.right_id))
        labels.append(label_of(held.get(pair.id, [])))
    decided = sum(label in ("same", "different") for label in labels)
    if decided < LEAST_LABELS:
        return ErrorsByGroup(None, None, decided)
    return ErrorsByGroup(None, _estimated(run, ends, labels), decided)


def _estimated(run: Run, ends: list[tuple[str, str, str, str]], labels: list[str]) -> dict[str, Any] | None:
    """The estimate for these labels, kept beside the run until there are others."""
    of = hashlib.sha256(json.dumps([ends, labels]).encode()).hexdigest()
    kept = files.run_folder(run) / "fairness-of-sample.json"
    if (told := _kept(kept)) is not None and told["of"] == of:
        found: dict[str, Any] | None = told["found"]
        return found
    try:
        found = fairness_of_labels(files.results(run), ends, labels, on=run.created_at.date()).as_dict()
    except JoinedupError:  # the sample was drawn of results that have since been taken away
        found = None
    draft = kept.with_suffix(".draft")
    draft.write_text(json.dumps({"of": of, "found": found}), "utf-8")
    draft.replace(kept)
    return found


def _kept(path: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    return found
