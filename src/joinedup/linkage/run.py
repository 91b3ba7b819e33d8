"""The record of one linkage run: what was done, with how many, how long, and how sure we are.

The pipeline fills it stage by stage; it is written as ``run.json`` and is what the report is made from. It
holds counts, names of columns and rules, and no value of any record.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from joinedup.errors import ModelError

FORMAT = "joinedup-linkage-run/1"
# Stands for a probability of 0, as JSON has no infinity. A model has at most 62 comparisons, and no weight of a
# level is below log2 of the smallest double, -1074 bits.
BELOW_EVERY_WEIGHT = -1e6


@dataclass(frozen=True)
class FieldCount:
    """How one column of one source stood after standardising; the four counts add up to the records."""

    field: str
    column: str
    kind: str
    valid: int
    mended: int
    invalid: int
    missing: int


@dataclass(frozen=True)
class SourceCount:
    """One input: its name, the records read and those kept aside as unreadable, and its columns."""

    name: str
    records: int
    aside: int = 0
    one_record_per_person: bool = False
    fields: tuple[FieldCount, ...] = ()


@dataclass(frozen=True)
class Stage:
    """One stage of the job. peak_memory_mb: the process's highest resident memory up to its end, in MiB."""

    name: str
    seconds: float
    peak_memory_mb: float


@dataclass(frozen=True)
class RuleCount:
    """One blocking rule: pairs that it lets through, and those that no earlier rule had let through."""

    rule: str
    raw: int
    new: int


@dataclass(frozen=True)
class Iteration:
    """One step of EM. largest_change: of any m or the prior. m: by comparison, in the order of its levels."""

    prior: float
    largest_change: float
    m: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Session:
    """One EM session: estimation among the pairs that one rule lets through."""

    rule: str
    pairs: int
    iterations: int
    converged: bool
    history: tuple[Iteration, ...] = ()
    trained: tuple[str, ...] = ()  # the comparisons whose m it estimated
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Advice:
    """Something a person should know, and what to do. place: 'training', 'blocking', a comparison…"""

    what: str
    mend: str
    place: str = ""


@dataclass(frozen=True)
class Estimate:
    """A figure between 0 and 1 with its 95% interval, and where it comes from in a few words."""

    value: float
    low: float | None = None
    high: float | None = None
    basis: str = ""


@dataclass(frozen=True)
class WeightHistogram:
    """How match weights spread over the scored pairs: pairs a bin, `width` bits each, from `low`."""

    low: float
    width: float
    counts: tuple[int, ...]


@dataclass(frozen=True)
class AccuracyPoint:
    """Precision and recall against labels, if all pairs of at least this weight are linked."""

    threshold_weight: float
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class DoubtfulCluster:
    """A person whose records hang together badly. weakest_weight: of its weakest link, in bits.

    bridges: links whose loss alone would part it. why: what makes it worth a clerk's look, in words.
    """

    person_id: str
    records: int
    weakest_weight: float
    density: float
    bridges: int = 0
    why: str = ""


@dataclass(frozen=True)
class ClusterSummary:
    """The clusters: sizes (records in a person -> how many people), and what was broken apart.

    contradictions: links refused because the person would hold two values of an identifier; None: no identifier was
    declared or found, so nothing was looked for. links_cut: links taken out to mend
    them or to keep one record a source. mean_density: of links present among those possible, in clusters of
    three records and more; None without any. refused: links refused, by reason. doubtful: the worst first.
    """

    people: int
    sizes: Mapping[int, int]
    contradictions: int | None = None
    links_cut: int = 0
    mean_density: float | None = None
    refused: Mapping[str, int] = field(default_factory=dict)
    doubtful: tuple[DoubtfulCluster, ...] = ()


@dataclass(frozen=True)
class Run:
    """Everything that ``run.json`` says about one linkage job.

    kind: 'dedupe', 'link' or 'link_and_dedupe'. counts: any further totals by name (candidate_pairs,
    scored_pairs, links, people, …). threshold_weight: in bits; threshold_probability: the same as a chance.
    A threshold of probability 0 links every candidate pair, and stands as -1,000,000 bits.
    confidence: sentences on how sure we are. accuracy: against the labels that the spec named, by threshold;
    accuracy_basis: what that rests on, in sentences. learnt_from_labels: whether this run learnt m from them.
    precision, recall: estimates at the threshold, where known. memory_budget_mb: what the process was to stay
    within, in MiB. pairs_on_disk_mb: the disk that scored pairs took because they were more than it left room for; 0
    where they were held in memory.
    """

    kind: str
    seed: int
    versions: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[SourceCount, ...] = ()
    stages: tuple[Stage, ...] = ()
    rules: tuple[RuleCount, ...] = ()
    sessions: tuple[Session, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    prior: float | None = None
    prior_basis: str = ""
    threshold_weight: float | None = None
    threshold_probability: float | None = None
    threshold_basis: str = ""
    precision: Estimate | None = None
    recall: Estimate | None = None
    blocking_recall: Estimate | None = None
    confidence: tuple[str, ...] = ()
    warnings: tuple[Advice, ...] = ()
    weights: WeightHistogram | None = None
    clusters: ClusterSummary | None = None
    accuracy: tuple[AccuracyPoint, ...] = ()
    accuracy_basis: str = ""
    learnt_from_labels: bool = False
    memory_budget_mb: float | None = None
    pairs_on_disk_mb: float = 0.0

    @property
    def records(self) -> int:
        """Records read over all sources."""
        return sum(source.records for source in self.sources)

    @property
    def seconds(self) -> float:
        """The stages' seconds together."""
        return sum(stage.seconds for stage in self.stages)

    @property
    def peak_memory_mb(self) -> float:
        """The highest resident memory of any stage, in MiB; 0 before the first."""
        return max((stage.peak_memory_mb for stage in self.stages), default=0.0)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON; ``run_from_dict`` reads them back the same."""
        out: dict[str, Any] = {"format": FORMAT, **dataclasses.asdict(self)}
        if self.clusters is not None:
            out["clusters"]["sizes"] = {str(size): n for size, n in sorted(self.clusters.sizes.items())}
        return out

    def as_json(self) -> str:
        """The text of ``run.json``."""
        return json.dumps(self.as_dict(), indent=2, ensure_ascii=False) + "\n"


def run_from_dict(data: Mapping[str, Any], *, where: str = "run.json") -> Run:
    """Read a run back from plain values; raises ModelError if they are not a run record of this version."""
    if data.get("format") != FORMAT:
        raise ModelError(
            what=f"format is {data.get('format')!r}",
            where=where,
            mend=f"this version reads '{FORMAT}': run it again",
        )
    values = {name: value for name, value in data.items() if name != "format"}
    try:
        values["sources"] = tuple(_source(item) for item in values.get("sources", ()))
        values["sessions"] = tuple(_session(item) for item in values.get("sessions", ()))
        many = {"stages": Stage, "rules": RuleCount, "warnings": Advice, "accuracy": AccuracyPoint}
        for name, kind in many.items():
            values[name] = tuple(kind(**item) for item in values.get(name, ()))
        for name in ("precision", "recall", "blocking_recall"):
            values[name] = Estimate(**values[name]) if values.get(name) else None
        if values.get("weights"):
            values["weights"] = WeightHistogram(
                **{**values["weights"], "counts": tuple(values["weights"]["counts"])}
            )
        if values.get("clusters"):
            sizes = {int(size): n for size, n in values["clusters"]["sizes"].items()}
            doubtful = tuple(DoubtfulCluster(**item) for item in values["clusters"].get("doubtful", ()))
            values["clusters"] = ClusterSummary(
                **{**values["clusters"], "sizes": sizes, "doubtful": doubtful}
            )
        values["confidence"] = tuple(values.get("confidence", ()))
        return Run(**values)
    except (TypeError, KeyError, ValueError, AttributeError) as problem:
        raise ModelError(what=f"not a run record: {problem}", where=where, mend="run the job again") from None


def load_run(path: str | Path) -> Run:
    """Read ``run.json``; raises ModelError if it is not there or is not a run record."""
    path = Path(path)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ModelError(
            what="the run record cannot be read", where=str(path), mend=str(problem.strerror)
        ) from None
    except (ValueError, RecursionError):
        raise ModelError(
            what="the run record is not valid JSON", where=str(path), mend="run the job again"
        ) from None
    if not isinstance(data, dict):
        raise ModelError(what="the run record is not a table", where=str(path), mend="run the job again")
    return run_from_dict(data, where=str(path))


def _source(item: Mapping[str, Any]) -> SourceCount:
    return SourceCount(**{**item, "fields": tuple(FieldCount(**f) for f in item.get("fields", ()))})


def _session(item: Mapping[str, Any]) -> Session:
    history = tuple(
        Iteration(**{**step, "m": {name: tuple(m) for name, m in step.get("m", {}).items()}})
        for step in item.get("history", ())
    )
    trained, warnings = tuple(item.get("trained", ())), tuple(item.get("warnings", ()))
    return Session(**{**item, "history": history, "trained": trained, "warnings": warnings})
