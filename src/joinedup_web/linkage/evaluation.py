"""How good a project's linkage is, as far as clerks' decisions can tell: what is known, and what is not known yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from joinedup.linkage import (
    Agreement,
    Interval,
    SampleEvaluation,
    SampleStratum,
    Stratum,
    agreement,
    evaluate_labels,
    wilson,
)
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import require
from joinedup_web.linkage.decisions import Word, standing, words_of
from joinedup_web.linkage.models import (
    Project,
    ReviewPair,
    Run,
    RunState,
    Sample,
    SamplePair,
    SampleState,
    Verdict,
)

LEAST_READ_TWICE = 30
LEAST_LINKS = 30
_UNLIMITED = 10**9  # decided pairs stand for many more like them


@dataclass(frozen=True)
class SampleStanding:
    """One sample: how far it is, and what it says once every stratum has a label."""

    sample: Sample
    run_number: int
    pairs: int
    labelled: int
    unsure: int
    empty_strata: int
    result: SampleEvaluation | None


@dataclass(frozen=True)
class ProjectEvaluation:
    """same, different, unsure: pairs by the word that stands. read_twice: pairs that two clerks decided on.

    agreed: None below LEAST_READ_TWICE. links: reviewed pairs that the newest run linked, links_same: those that are
    one person; links_share: None below LEAST_LINKS.
    """

    run: Run | None
    same: int
    different: int
    unsure: int
    read_twice: int
    agreed: Agreement | None
    links: int
    links_same: int
    links_share: Interval | None
    samples: tuple[SampleStanding, ...]


def evaluation(by: Actor, project: Project) -> ProjectEvaluation:
    """Return what is known about a project. A handful of queries, none of which reads a record's values."""
    require(by, "linkage.view", organisation_id=project.organisation_id)
    run = project.runs.filter(state=RunState.FINISHED).order_by("-number").defer("record").first()
    threshold = None
    if run is not None:
        threshold = Run.objects.filter(id=run.id).values_list("record__threshold_weight", flat=True).first()
    held = words_of(project)
    words = {pair: standing(decisions) for pair, decisions in held.items()}
    first_two = [
        (first[0].verdict, first[1].verdict)
        for decisions in held.values()
        if len(first := [each for each in decisions if not each.settles]) >= 2
    ]
    linked: list[str] = []
    if threshold is not None:
        above = ReviewPair.objects.filter(project=project, weight__gte=threshold, readings__gt=0)
        linked = [
            word for pair in above.values_list("id", flat=True) if (word := words.get(pair)) is not None
        ]
    right = sum(word == Verdict.SAME for word in linked)
    return ProjectEvaluation(
        run=run,
        same=sum(word == Verdict.SAME for word in words.values()),
        different=sum(word == Verdict.DIFFERENT for word in words.values()),
        unsure=sum(word is None for word in words.values()),
        read_twice=len(first_two),
        agreed=agreement(first_two) if len(first_two) >= LEAST_READ_TWICE else None,
        links=len(linked),
        links_same=right,
        links_share=wilson(Stratum(_UNLIMITED, len(linked), right)) if len(linked) >= LEAST_LINKS else None,
        samples=_samples(project, held),
    )


def _samples(project: Project, held: Mapping[UUID, list[Word]]) -> tuple[SampleStanding, ...]:
    made = []
    for sample in Sample.objects.filter(run__project=project).select_related("run").defer("run__record")[:5]:
        strata = [SampleStratum(**stratum) for stratum in sample.strata]
        drawn = list(SamplePair.objects.filter(sample=sample).values_list("stratum", "pair_id"))
        labels = [(stratum, label_of(held.get(pair, []))) for stratum, pair in drawn]
        told = {stratum for stratum, label in labels if label in ("same", "different")}
        result = None
        if sample.state == SampleState.READY and len(told) == len(strata):
            result = evaluate_labels(strata, labels)
        made.append(
            SampleStanding(
                sample=sample,
                run_number=sample.run.number,
                pairs=len(drawn),
                labelled=sum(label in ("same", "different") for _, label in labels),
                unsure=sum(label == "unsure" for _, label in labels),
                empty_strata=len(strata) - len(told),
                result=result,
            )
        )
    return tuple(made)


def label_of(decisions: list[Word]) -> str:
    """The label that a sample's estimate takes: same, different, unsure, or empty for a pair nobody has read."""
    if not decisions:
        return ""
    return standing(decisions) or "unsure"
