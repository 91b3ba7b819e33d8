"""From a finished run of the batch engine to what an index holds fixed, and all records held against it."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from joinedup.errors import ModelError, SourceError
from joinedup.linkage.block import blocking
from joinedup.linkage.encode import Records
from joinedup.linkage.index.candidates import batch_order
from joinedup.linkage.index.extract import Extract, as_extract
from joinedup.linkage.index.frame import Frame, frame_folder, frozen_model
from joinedup.linkage.index.opened import Progress
from joinedup.linkage.index.segment import plain_records
from joinedup.linkage.kept import Scored
from joinedup.linkage.model import Model, load_model
from joinedup.linkage.prepare import ID, needed_fields, standardise_source
from joinedup.linkage.run import BELOW_EVERY_WEIGHT, load_run
from joinedup.linkage.score import score
from joinedup.linkage.spec import Decision, FieldSpec, Source, Spec, load_spec, spec_from_dict
from joinedup.linkage.spec_text import spec_toml

_BYTES_A_KEPT_PAIR = 28
_MOST_RULES = 64


@dataclass(frozen=True)
class Job:
    """What a finished run says. spec: with the columns and kinds that were used. origin: the job to train it anew by.

    model: trained. threshold, keep_weight: bits.
    """

    spec: Spec
    origin: Spec
    model: Model
    threshold: float
    keep_weight: float


def finished_job(run: Path, given: Spec | None) -> Job:
    """Read what a run settled.

    given: the spec that it ran by; a run without a model in its spec wrote its own, and needs none.

    Raises SourceError or ModelError where the folder is not that of a finished run, or it can make no index.
    """
    settled = load_run(run / "run.json")
    model = load_model(run / "model.json")
    if settled.threshold_weight is None:
        raise SourceError(what="no threshold", where=str(run / "run.json"), mend="run the linkage again")
    if (run / "spec.toml").is_file():
        spec = load_spec(run / "spec.toml")
        spec = _placed(spec, given)
        origin = replace(spec, model_file=None, decision=Decision(), clusters=replace(spec.clusters))
        if given is None or given.clusters.least_mean_weight is None:
            origin = replace(origin, clusters=replace(spec.clusters, least_mean_weight=None))
    elif given is not None:
        spec = given
        origin = replace(given, model=given.load_model(), model_file=None, splink_file=None)
    else:
        raise ModelError(
            what="the run's spec is not in its folder",
            where=str(run),
            mend="give the spec that it ran by as well: SPEC.toml --run DIR",
        )
    for source in spec.sources:
        if source.id is None:
            raise ModelError(
                what=f"source '{source.name}' has no column of its own ids",
                where="the spec",
                mend='say which it is (id = "COLUMN"): only by it can a record be known again',
            )
    # Where the files lay, and how a database was signed in to, is no matter of the index.
    origin = replace(
        origin, sources=tuple(replace(s, path=s.name, read={}, tables=()) for s in origin.sources)
    )
    if origin.model is not None:
        origin = replace(origin, model=replace(origin.model, term_frequencies={}))
    if len(model.blocking_rules) > _MOST_RULES:
        raise ModelError(
            what=f"{len(model.blocking_rules)} blocking rules",
            where="the model",
            mend=f"at most {_MOST_RULES}",
        )
    return Job(spec, origin, model, settled.threshold_weight, _keep_weight(spec, settled.threshold_weight))


def _placed(spec: Spec, given: Spec | None) -> Spec:
    """The spec with its sources where the given one says that they lie: they may have moved since the run."""
    if given is None:
        return spec
    places = {source.name: source for source in given.sources}
    sources = tuple(
        replace(
            source,
            path=given.locate(places[source.name].path),
            read=places[source.name].read,
            tables=places[source.name].tables,
        )
        if source.name in places
        else source
        for source in spec.sources
    )
    return replace(spec, sources=sources)


def _keep_weight(spec: Spec, threshold: float) -> float:
    """The weight from which pairs are kept, as a run of the spec has it."""
    share = spec.keep_probability
    kept = BELOW_EVERY_WEIGHT if share == 0 else math.log2(share / (1 - share))
    return kept if spec.decision.is_automatic else min(kept, threshold)


def origin_spec(directory: Path, frame: Frame) -> Spec:
    """The job that a frame was trained by."""
    folder = frame_folder(directory, frame.number)
    return spec_from_dict(tomllib.loads(frame.spec), where=str(folder), folder=folder)


@dataclass(frozen=True)
class Everything:
    """All records of an index, in the batch engine's order; see ``Extract`` for the columns.

    source: the number of each record's source.
    """

    source: npt.NDArray[np.int16]
    ids: pa.Array
    fields: pa.Table
    written: pa.Table
    digests: npt.NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.source)

    def records(self, names: tuple[str, ...]) -> Records:
        """As the batch engine holds them."""
        return Records(names, self.source.astype(np.uint16), self.ids, plain_records(self.fields).columns)


def read_everything(
    directory: Path, job: Job, *, number: int
) -> tuple[Frame, Everything, Mapping[str, Extract]]:
    """Read the sources of a job and freeze its model on them.

    Returns the frame, all records, and each source as it was read.
    """
    reads = [standardise_source(job.spec, source, job.model) for source in job.spec.sources]
    shown = dict.fromkeys(name for read in reads for name in read.table.column_names if name != ID)
    for name in needed_fields(job.spec, job.model):
        if name not in shown:
            raise SourceError(
                what=f"there is no column '{name}' in any source", where="the model", mend="see the spec"
            )
    frame = _frame(directory, job, number, sources=tuple(read.source for read in reads), shown=tuple(shown))
    extracts = {read.source.name: as_extract(frame, read) for read in reads}
    everything, _ = in_batch_order(
        frame,
        source=np.repeat(np.arange(len(reads), dtype=np.int16), [len(e) for e in extracts.values()]),
        ids=pa.concat_arrays([e.ids for e in extracts.values()]),
        fields=pa.concat_tables([e.fields for e in extracts.values()]),
        written=pa.concat_tables([e.written for e in extracts.values()], promote_options="default"),
        digests=np.concatenate([e.digests for e in extracts.values()]),
    )
    model = frozen_model(job.model, everything.records(frame.source_names))
    return replace(frame, model=model), everything, extracts


def in_batch_order(
    frame: Frame,
    *,
    source: npt.NDArray[np.int16],
    ids: pa.Array,
    fields: pa.Table,
    written: pa.Table,
    digests: npt.NDArray[np.uint64],
) -> tuple[Everything, npt.NDArray[np.int64]]:
    """Records in any order, put into that of the batch engine; and where each stood."""
    order = batch_order(frame.source_names, source, ids)
    at = pa.array(order)
    return Everything(source[order], ids.take(at), fields.take(at), written.take(at), digests[order]), order


def _frame(
    directory: Path, job: Job, number: int, *, sources: tuple[Source, ...], shown: tuple[str, ...]
) -> Frame:
    spec = job.spec
    folder = frame_folder(directory, number)
    return Frame(
        number=number,
        model=job.model,
        fields={name: FieldSpec(f.kind, f.standardise, dict(f.options)) for name, f in spec.fields.items()},
        kind=spec.kind,
        sources=tuple(replace(source, path=source.name) for source in sources),
        threshold=job.threshold,
        keep_weight=job.keep_weight,
        clusters=spec.clusters,
        max_pairs=spec.limits.max_pairs,
        spec=spec_toml(job.origin, folder=folder),
        columns=shown,
        given_shares=tuple(job.model.term_frequencies),
    )


def score_everything(
    frame: Frame, records: Records, *, memory_gb: float, threads: int = 2, progress: Progress | None = None
) -> Scored:
    """Every pair that the frame keeps, by the batch engine."""
    found = blocking(
        records,
        frame.model.blocking_rules,
        across_only=frame.across_only,
        most_pairs=frame.max_pairs,
        threads=threads,
    )
    total = sum(found.raw)
    scored = score(
        frame.model,
        records,
        found,
        keep_weight=frame.keep_weight,
        threads=threads,
        most_kept=int(memory_gb * 0.5e9 / _BYTES_A_KEPT_PAIR),
        progress=None if progress is None else lambda done: progress("compare and score", done, total),
    )
    assert isinstance(scored, Scored)  # without a folder, none are written to disk
    return scored


def names_of_run(run: Path, names: tuple[str, ...], everything: Everything) -> pa.Array:
    """The name that the run gave to each record's person; null for a record that it does not have."""
    table = pq.read_table(run / "people.parquet", columns=["source", "record_id", "person_id"])
    own = pa.table(
        {
            "source": pa.array(names, pa.string()).take(pa.array(everything.source.astype(np.int32))),
            "record_id": everything.ids,
            "row": pa.array(np.arange(len(everything))),
        }
    )
    told = pa.table({name: table.column(name).cast(pa.string()) for name in table.column_names})
    joined = own.join(told, ["source", "record_id"], join_type="left outer").sort_by("row")
    return joined.column("person_id").combine_chunks()
