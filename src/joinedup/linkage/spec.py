"""The job spec: one TOML file that says which files to link, as what, by which model, and how to decide.

Everything but the sources may be left out: what is not said is found out (field meanings, model) or has the
default shown here.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from joinedup.errors import JoinedupError, ModelError
from joinedup.linkage.entries import Entries
from joinedup.linkage.large_blocks import BlockLimit
from joinedup.linkage.model import (
    BlockingRule,
    Model,
    load_model,
    model_from_dict,
    rules_from_list,
)
from joinedup.linkage.splink_import import model_from_splink
from joinedup.people.kinds import FieldKind, FieldOptions
from joinedup.sources.options import ReadOptions

T = TypeVar("T", ReadOptions, FieldOptions)


class JobKind(StrEnum):
    """Which pairs are asked about."""

    DEDUPE = "dedupe"  # within the one source
    LINK = "link"  # across sources alone
    LINK_AND_DEDUPE = "link_and_dedupe"  # both


@dataclass(frozen=True)
class Source:
    """One input. path: as written (see ``Spec.locate``), or a database address. name: used in every output.

    id: the column with the source's own record id; None: rows are numbered from 1. fields: our field -> its
    columns, joined with a space where several; empty: found out. read: entries of ReadOptions. tables: sheets or
    tables of one file that are read one after the other as one source; empty: the one that ``read`` names. not_read:
    filled sheets that zero configuration left out, to be told; no part of what a spec says.
    """

    path: str
    name: str
    id: str | None = None
    one_record_per_person: bool = False
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    read: Mapping[str, Any] = field(default_factory=dict)
    tables: tuple[str, ...] = ()
    not_read: tuple[str, ...] = field(default=(), compare=False)

    def read_options(self) -> ReadOptions:
        """How to read it; raises ModelError for options that cannot be."""
        return _options(ReadOptions, self.read, f"source '{self.name}', read")


@dataclass(frozen=True)
class FieldSpec:
    """What one of our fields is. kind: None is found out. options: entries of FieldOptions."""

    kind: FieldKind | None = None
    standardise: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)

    def field_options(self) -> FieldOptions:
        """The choices for standardising; raises ModelError for options that cannot be."""
        return _options(FieldOptions, self.options, "fields")


@dataclass(frozen=True)
class Training:
    """How m, u and the prior are estimated; a model that has them all is not trained again.

    u_pairs: random pairs for u. em_pairs: most pairs of one EM session; None: all. prior_rules: near-certain
    rules whose pairs give the prior, of which they find the share ``recall``. sessions: the rule of each EM
    session. What is empty is chosen. labels: a file of known pairs or clusters to estimate m from. free_u: also
    estimate u among a session's pairs while estimating m (Splink holds it fixed). exact_u: take the u of
    equality from the values' own frequencies rather than from chance hits.
    """

    u_pairs: int = 10_000_000
    em_pairs: int | None = None
    prior_rules: tuple[BlockingRule, ...] = ()
    recall: float | None = None
    sessions: tuple[BlockingRule, ...] = ()
    labels: str | None = None
    free_u: bool = True
    exact_u: bool = True


@dataclass(frozen=True)
class Decision:
    """The weight (bits) or the probability from which a pair is linked; both None: chosen by the run."""

    threshold_weight: float | None = None
    threshold_probability: float | None = None

    @property
    def is_automatic(self) -> bool:
        """Whether the run is to choose."""
        return self.threshold_weight is None and self.threshold_probability is None


@dataclass(frozen=True)
class Limits:
    """memory_gb: what the job may hold. max_pairs: most candidate pairs; a rule beyond it is refused. largest_block:
    most records in one block of a rule; None: any. larger_blocks: "refuse" them, or "cut" them: leave their pairs to
    the other rules, with a warning."""

    memory_gb: float = 4.0
    max_pairs: int = 1_000_000_000
    largest_block: int | None = None
    larger_blocks: str = "refuse"

    @property
    def block_limit(self) -> BlockLimit | None:
        """The limit on one block, if there is one."""
        if self.largest_block is None:
            return None
        return BlockLimit(self.largest_block, cut=self.larger_blocks == "cut")


@dataclass(frozen=True)
class Clusters:
    """identifiers: fields of which a person has one value, so that two in a cluster break it apart.

    least_mean_weight: two groups of records are joined only if the mean weight over all pairs between them is
    at least this, in bits; None: any one link joins them. absent_weight: what a pair counts as there that was
    never compared, or fell below what is kept.
    """

    identifiers: tuple[str, ...] = ()
    least_mean_weight: float | None = None
    absent_weight: float = -2.0


@dataclass(frozen=True)
class Output:
    """show_values: let the report show records' values (it travels: off unless said). example_pairs: how many
    it explains. prefer: sources in the order in which ``joined.parquet`` believes them. joined, report: whether
    to write joined.parquet and report.html."""

    show_values: bool = False
    example_pairs: int = 12
    prefer: tuple[str, ...] = ()
    joined: bool = True
    report: bool = True


@dataclass(frozen=True)
class Spec:
    """A whole job. model: written in the spec; model_file, splink_file: in a file; none: zero configuration.

    keep_probability: pairs less likely than this are not written. folder: what paths are relative to; no
    part of what the spec says.
    """

    kind: JobKind
    sources: tuple[Source, ...]
    seed: int = 1
    fields: Mapping[str, FieldSpec] = field(default_factory=dict)
    model: Model | None = None
    model_file: str | None = None
    splink_file: str | None = None
    training: Training = Training()
    decision: Decision = Decision()
    keep_probability: float = 0.01
    limits: Limits = Limits()
    clusters: Clusters = Clusters()
    output: Output = Output()
    folder: Path = field(default=Path(), compare=False)

    def locate(self, path: str) -> str:
        """Where a path of the spec is: a database address as it is, a file relative to the spec's folder."""
        return path if "://" in path else str(self.folder / path)

    def load_model(self) -> Model | None:
        """The model, from wherever the spec says; None: none is given. Raises ModelError if it is wrong."""
        if self.model_file is not None:
            return load_model(self.locate(self.model_file))
        if self.splink_file is not None:
            return model_from_splink(self.locate(self.splink_file))
        return self.model


def load_spec(path: str | Path) -> Spec:
    """Read a spec from a TOML file; raises ModelError saying which entry is wrong and how to mend it."""
    path = Path(path)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as problem:
        raise ModelError(
            what="the spec cannot be read", where=str(path), mend=str(problem.strerror)
        ) from None
    except (ValueError, RecursionError) as problem:
        raise ModelError(what=f"not valid TOML: {problem}", where=str(path), mend="mend the syntax") from None
    return spec_from_dict(data, where=str(path), folder=path.absolute().parent)


def spec_from_dict(data: Mapping[str, Any], *, where: str = "spec", folder: Path = Path()) -> Spec:
    """Build a spec from plain values; raises ModelError, naming the entry that is wrong."""
    top = Entries(data, where)
    sources = tuple(_source(item, f"{where}, source {i + 1}") for i, item in enumerate(top.items("sources")))
    names = [source.name for source in sources]
    if not sources:
        raise ModelError(what="no sources", where=where, mend='add [[sources]] with path = "file.csv"')
    for name in names:
        if names.count(name) > 1:
            raise ModelError(
                what=f"two sources are named '{name}'", where=where, mend="give each its own name"
            )
    default_kind = JobKind.DEDUPE if len(sources) == 1 else JobKind.LINK
    kind = JobKind(top.one_of("kind", [k.value for k in JobKind], default_kind.value) or default_kind.value)
    if kind is JobKind.DEDUPE and len(sources) > 1:
        raise ModelError(
            what="several sources to deduplicate",
            where=where,
            mend='kind = "link_and_dedupe" finds repeats in all',
        )
    if kind is not JobKind.DEDUPE and len(sources) == 1:
        raise ModelError(what="one source to link", where=where, mend='add another, or kind = "dedupe"')
    model, model_file = _model(top.raw("model"), where)
    spec = Spec(
        kind=kind,
        sources=sources,
        seed=top.count("seed", 1, least=0) or 0,
        fields=_fields(top.table("fields")),
        model=model,
        model_file=model_file,
        splink_file=top.text("splink"),
        training=_training(top.table("training")),
        decision=_decision(top.table("decision")),
        keep_probability=_share(top, "keep_probability", 0.01),
        limits=_limits(top.table("limits")),
        clusters=_clusters(top.table("clusters")),
        output=_output(top.table("output"), names),
        folder=folder,
    )
    top.finish()
    if spec.splink_file and (spec.model or spec.model_file):
        raise ModelError(what="both 'model' and 'splink'", where=where, mend="keep one of them")
    return spec


def _source(data: object, where: str) -> Source:
    entries = Entries(data, where)
    path = entries.text("path")
    if path is None:
        raise ModelError(what="a source has no path", where=where, mend='path = "file.csv"')
    columns = entries.table("fields")
    fields = {name: columns.texts(name) for name in columns.names()}
    read = entries.raw("read")
    source = Source(
        path=path,
        name=entries.text("name") or Path(path.split("?")[0]).stem,
        id=entries.text("id"),
        one_record_per_person=entries.flag("one_record_per_person", False),
        fields=fields,
        read={} if read is None else read,
        tables=entries.texts("tables"),
    )
    entries.finish()
    _options(ReadOptions, source.read, f"{where}, [read]")
    for name, found in fields.items():
        if not found:
            raise ModelError(what=f"field '{name}' has no column", where=where, mend=f'{name} = "COLUMN"')
    return source


def _fields(entries: Entries) -> dict[str, FieldSpec]:
    fields = {}
    for name in entries.names():
        inner = entries.table(name)
        kind = inner.one_of("kind", [k.value for k in FieldKind])
        standardise = inner.flag("standardise", True)
        names = [f.name for f in dataclasses.fields(FieldOptions)]
        options = {option: inner.raw(option) for option in names if option in inner.names()}
        inner.finish()
        fields[name] = FieldSpec(FieldKind(kind) if kind else None, standardise, options)
        _options(FieldOptions, options, inner.where)
    return fields


def _options(kind: type[T], values: Mapping[str, Any], where: str) -> T:
    """Build an options dataclass from plain values, refusing names and types that it does not have."""
    entries = Entries(values, where)
    for option in dataclasses.fields(kind):
        value = entries.raw(option.name)
        if isinstance(value, list) and not all(isinstance(item, str) for item in value):
            raise entries.wrong(option.name, "a list of texts", f'{option.name} = ["…"]')
        if isinstance(option.default, bool) and value is not None and not isinstance(value, bool):
            raise entries.wrong(option.name, "true or false", f"{option.name} = true")
    entries.finish()
    given: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
    try:
        return kind(**given)
    except JoinedupError as problem:
        raise ModelError(what=problem.what, where=where, mend=problem.mend) from None
    except TypeError:
        raise ModelError(
            what="an option has the wrong type", where=where, mend="see docs/reference/spec.md"
        ) from None


def _model(value: object, where: str) -> tuple[Model | None, str | None]:
    if value is None:
        return None, None
    if isinstance(value, str) and value:
        return None, value
    return model_from_dict(value, where=f"{where}, [model]"), None


def _training(entries: Entries) -> Training:
    training = Training(
        u_pairs=entries.count("u_pairs", 10_000_000) or 0,
        em_pairs=entries.count("em_pairs"),
        prior_rules=rules_from_list(entries.items("prior_rules"), where=f"{entries.where}, prior_rules"),
        recall=entries.number("recall", above=0, below=1.0000001),
        sessions=rules_from_list(entries.items("sessions"), where=f"{entries.where}, sessions"),
        labels=entries.text("labels"),
        free_u=entries.flag("free_u", True),
        exact_u=entries.flag("exact_u", True),
    )
    entries.finish()
    if training.recall is not None and not training.prior_rules:
        raise ModelError(
            what="'recall' without 'prior_rules'", where=entries.where, mend="say which rules find it"
        )
    return training


def _decision(entries: Entries) -> Decision:
    word = entries.raw("threshold")
    weight = entries.number("threshold_weight")
    probability = _share(entries, "threshold_probability", None)
    entries.finish()
    if word not in (None, "auto"):
        raise entries.wrong("threshold", '"auto"', "threshold_weight = 5.0 or threshold_probability = 0.95")
    if sum(item is not None for item in (word, weight, probability)) > 1:
        raise ModelError(what="several thresholds", where=entries.where, mend="keep one of them")
    return Decision(weight, probability)


def _limits(entries: Entries) -> Limits:
    default = Limits()
    memory = entries.number("memory_gb", default.memory_gb, above=0)
    limits = Limits(
        memory or default.memory_gb,
        entries.count("max_pairs", default.max_pairs) or default.max_pairs,
        entries.count("largest_block", None, least=2),
        entries.one_of("larger_blocks", ["refuse", "cut"], default.larger_blocks) or default.larger_blocks,
    )
    entries.finish()
    return limits


def _clusters(entries: Entries) -> Clusters:
    clusters = Clusters(
        identifiers=entries.texts("identifiers"),
        least_mean_weight=entries.number("least_mean_weight"),
        absent_weight=entries.number("absent_weight", Clusters().absent_weight) or 0.0,
    )
    entries.finish()
    return clusters


def _output(entries: Entries, names: list[str]) -> Output:
    output = Output(
        show_values=entries.flag("show_values", False),
        example_pairs=entries.count("example_pairs", 12, least=0) or 0,
        prefer=entries.texts("prefer"),
        joined=entries.flag("joined", True),
        report=entries.flag("report", True),
    )
    entries.finish()
    for name in output.prefer:
        if name not in names:
            raise ModelError(
                what=f"'prefer' names '{name}', which is no source",
                where=entries.where,
                mend=f"use: {', '.join(names)}",
            )
    return output


def _share(entries: Entries, name: str, default: float | None) -> Any:
    value = entries.number(name, default)
    if value is not None and not 0 <= value < 1:
        raise entries.wrong(name, "at least 0 and below 1", f"{name} = 0.95")
    return value
