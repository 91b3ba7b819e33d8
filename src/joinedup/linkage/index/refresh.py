"""A new frame: the model trained anew on everything that the index holds, and all pairs scored by it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from joinedup.errors import UsageError
from joinedup.linkage.index.build import THREADS, Built, write_everything
from joinedup.linkage.index.frame import Frame, frame_folder, frozen_model, save_frame
from joinedup.linkage.index.freeze import (
    Everything,
    Job,
    finished_job,
    in_batch_order,
    origin_spec,
    score_everything,
)
from joinedup.linkage.index.opened import (
    Checkpoint,
    Opened,
    Progress,
    identifiers_of,
    nowhere,
    opened,
    segment_name,
)
from joinedup.linkage.index.segment import Segment
from joinedup.linkage.index.store import WORK
from joinedup.linkage.pipeline import link
from joinedup.linkage.prepare import ID
from joinedup.linkage.spec import FieldSpec, Spec
from joinedup.linkage.spec_text import spec_toml

Int64 = npt.NDArray[np.int64]


def refresh(
    directory: str | Path,
    *,
    at: dt.datetime,
    by: str,
    reason: str = "",
    threads: int = THREADS,
    progress: Progress | None = None,
    checkpoint: Checkpoint = nowhere,
) -> Built:
    """Train the model anew on all live records, as the job was first trained, and hold everything against it.

    Values' frequencies are frozen anew, every pair is scored, everybody is clustered; people keep their names by
    the records that they share. The cost is that of a full run. Decisions hold on.

    Raises SourceError and UsageError as ``add`` does, ModelError and LimitError as ``link`` does.
    """
    with opened(directory, checkpoint=checkpoint) as index:
        everything, numbers = live_records(index)
        if not len(everything):
            raise UsageError(
                what="the index holds no record to train by", where=str(directory), mend="add records first"
            )
        work = index.directory / WORK
        spec = _write_sources(work, index, everything)
        checkpoint("sources written")
        link(spec, work / "run", progress=progress, threads=threads, report=False)
        checkpoint("linked")
        frame = _framed(index, finished_job(work / "run", spec), everything)
        records = everything.records(frame.source_names)
        scored = score_everything(
            frame, records, memory_gb=spec.limits.memory_gb, threads=threads, progress=progress
        )
        checkpoint("scored")
        if progress is not None:
            progress("write the index", 0, 0)
        save_frame(index.directory, frame)
        checkpoint("frame written")
        name = segment_name(index.version + 1)
        write_everything(index.segment_folder(name), frame, everything, numbers)
        checkpoint("segment written")
        with index.ledger.change("refresh", at=at, by=by, reason=reason) as change:
            change.use_frame(frame.number)
            change.clear_pairs()
            checkpoint("pairs cleared")
            change.add_pairs(numbers[scored.left], numbers[scored.right], scored.weight, scored.pattern)
            checkpoint("pairs added")
            for segment in index.pool.segments:
                change.drop_segment(segment.directory.name)
            change.add_segment(name, len(numbers))
            change.left_out_of_files(index.pool.dead)
            written = (Segment(index.segment_folder(name)),)
            change.settle(frame, identifiers=lambda wanted: identifiers_of(frame, written, wanted))
            checkpoint("settled")
        index.clear_up()
        return Built(
            version=change.version,
            records=len(numbers),
            people=index.ledger.counts()["people"],
            pairs=len(scored.left),
            threshold=frame.threshold,
        )


def live_records(index: Opened) -> tuple[Everything, Int64]:
    """Every record that is not removed, in the batch engine's order, and the number of each."""
    listed = index.ledger.records()
    parts: list[tuple[Segment, Int64]] = []
    for segment in index.pool.segments:
        parts.append((segment, np.flatnonzero(index.pool.is_alive(segment.number))))
    number = np.concatenate([segment.number[rows] for segment, rows in parts])
    written = [segment.written_table(rows) for segment, rows in parts]
    by_number = np.argsort(number, kind="stable")
    assert np.array_equal(number[by_number], listed.number)
    at = pa.array(by_number)
    fields = pa.concat_tables([segment.fields(rows) for segment, rows in parts]).take(at)
    everything, order = in_batch_order(
        index.frame,
        source=listed.source.astype(np.int16),
        ids=listed.ids,
        fields=fields,
        written=fields
        if any(table is None for table in written)
        else pa.concat_tables([t for t in written if t is not None], promote_options="default").take(at),
        digests=listed.digest,
    )
    return everything, listed.number[order]


def _write_sources(work: Path, index: Opened, everything: Everything) -> Spec:
    """Write each source's standardised fields as a file; the job that trains on them as they are."""
    origin = origin_spec(index.directory, index.frame)
    work.mkdir(parents=True, exist_ok=True)
    fields = {
        name: FieldSpec(item.kind, standardise=False, options=dict(item.options))
        for name, item in index.frame.fields.items()
    }
    sources = []
    for number, source in enumerate(index.frame.sources):
        rows = pa.array(np.flatnonzero(everything.source == number))
        table = everything.fields.take(rows).append_column(ID, everything.ids.take(rows))
        used = [
            name
            for name in everything.fields.column_names
            if name in source.fields or table.column(name).null_count < table.num_rows
        ]
        path = (work / f"{number}.parquet").resolve()
        pq.write_table(table.select([ID, *used]), path)
        sources.append(
            replace(source, path=str(path), id=ID, fields={n: (n,) for n in used}, read={}, tables=())
        )
    output = replace(origin.output, joined=False, report=False)
    return replace(origin, sources=tuple(sources), fields=fields, output=output)


def _framed(index: Opened, job: Job, everything: Everything) -> Frame:
    """The next frame, frozen on the records."""
    old = index.frame
    origin = origin_spec(index.directory, old)
    folder = frame_folder(index.directory, old.number + 1)
    records = everything.records(old.source_names)
    given = {key: old.model.term_frequencies[key] for key in old.given_shares}
    model = frozen_model(replace(job.model, term_frequencies=given), records)
    return replace(
        old,
        number=old.number + 1,
        model=model,
        threshold=job.threshold,
        keep_weight=job.keep_weight,
        clusters=job.spec.clusters,
        spec=spec_toml(origin, folder=folder),
    )
