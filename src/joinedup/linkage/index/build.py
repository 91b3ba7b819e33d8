"""The first version of an index: a run of the batch engine, frozen, with its people taken as they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.errors import UsageError
from joinedup.linkage.cluster import cluster
from joinedup.linkage.decisions import Decision, constraints, read_decisions
from joinedup.linkage.encode import Records
from joinedup.linkage.index.frame import Frame, save_frame
from joinedup.linkage.index.freeze import (
    Everything,
    finished_job,
    names_of_run,
    read_everything,
    score_everything,
)
from joinedup.linkage.index.ledger import Ledger
from joinedup.linkage.index.membership import dense_groups, name_groups
from joinedup.linkage.index.opened import Checkpoint, Progress, nowhere, segment_name
from joinedup.linkage.index.segment import write_segment
from joinedup.linkage.index.store import SEGMENTS, WORK, ledger_path, only_writer, sweep, sync
from joinedup.linkage.index.trouble import trouble_told
from joinedup.linkage.kept import Scored
from joinedup.linkage.pipeline import link
from joinedup.linkage.spec import Spec

THREADS = 2


@dataclass(frozen=True)
class Built:
    """What a build or a refresh made. pairs: kept. rows_aside: that could not be read; aside: they themselves, by
    source. unknown_decisions: about records that are not there; they hold once the record comes."""

    version: int
    records: int
    people: int
    pairs: int
    threshold: float
    rows_aside: int = 0
    unknown_decisions: int = 0


def build(
    directory: str | Path,
    spec: Spec | None = None,
    *,
    run: str | Path | None = None,
    decisions: str | Path | None = None,
    at: dt.datetime,
    by: str,
    reason: str = "first build",
    threads: int = THREADS,
    progress: Progress | None = None,
    checkpoint: Checkpoint = nowhere,
) -> Built:
    """Make an index of a job: link its sources, freeze the model, and keep the people under their names.

    spec: the job; with a run that wrote its own (zero configuration) it may be left out. run: a finished run of
    the job, whose model, threshold and people are taken. decisions: a file of clerical decisions, obeyed by this
    and by every later version; with a run, the one that it obeyed. at: the moment, with its zone. by: who asks.

    Raises UsageError where there is an index already or another process is making one; SourceError, ModelError
    and LimitError as ``link`` does, and where a source has no ids of its own. Broken off, it leaves no index, and
    can be run again.
    """
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with trouble_told(directory), only_writer(directory):
        _refuse_index(directory)
        sweep(directory, segments=(), frames=())
        checkpoint("locked")
        told = read_decisions(decisions) if decisions else ()
        if run is None:
            if spec is None:
                raise UsageError(what="nothing to build from", mend="give a spec, a finished run, or both")
            run = directory / WORK / "run"
            quiet = replace(spec, output=replace(spec.output, joined=False, report=False))
            link(quiet, run, decisions=decisions, progress=progress, threads=threads, report=False)
            checkpoint("linked")
        job = finished_job(Path(run), spec)
        if progress is not None:
            progress("read and standardise", 0, 0)
        frame, everything, extracts = read_everything(directory, job, number=1)
        checkpoint("read")
        records = everything.records(frame.source_names)
        scored = score_everything(
            frame, records, memory_gb=job.spec.limits.memory_gb, threads=threads, progress=progress
        )
        checkpoint("scored")
        person, unknown = clustered(frame, records, scored, told)
        names = _named(person, names_of_run(Path(run), frame.source_names, everything))
        if progress is not None:
            progress("write the index", 0, 0)
        save_frame(directory, frame)
        checkpoint("frame written")
        numbers = np.arange(len(everything), dtype=np.int64)
        name = segment_name(1)
        write_everything(directory / SEGMENTS / name, frame, everything, numbers)
        checkpoint("segment written")
        # The ledger is made aside, and put in its place when it is whole: that is what publishes the index.
        draft = ledger_path(directory / WORK)
        draft.parent.mkdir(exist_ok=True)
        with Ledger.create(draft) as ledger, ledger.change("build", at=at, by=by, reason=reason) as change:
            change.use_frame(frame.number)
            for source in frame.sources:
                change.add_source(source.name, source.one_record_per_person)
            given = change.add_records(everything.source, everything.ids, everything.digests)
            assert np.array_equal(given, numbers)
            checkpoint("records added")
            change.add_segment(name, len(numbers))
            change.add_pairs(scored.left, scored.right, scored.weight, scored.pattern)
            checkpoint("pairs added")
            change.decide(*told, waiting=True)
            change.load_clusters(numbers, names)
            checkpoint("settled")
        _put_in_place(draft, ledger_path(directory))
        checkpoint("published")
        sweep(directory, segments=[name], frames=[frame.number])
        checkpoint("cleared up")
        return Built(
            version=1,
            records=len(numbers),
            people=int(pc.count_distinct(names).as_py()),
            pairs=len(scored.left),
            threshold=frame.threshold,
            rows_aside=sum(extract.rows_aside for extract in extracts.values()),
            unknown_decisions=unknown,
        )


def clustered(
    frame: Frame, records: Records, scored: Scored, decisions: Sequence[Decision]
) -> tuple[npt.NDArray[np.int32], int]:
    """Each record's cluster as the batch engine finds it (its first record), and how many decisions are about
    records that are not there."""
    clerical = constraints(
        decisions, source_names=records.source_names, source=records.source, ids=records.ids
    )
    found = cluster(
        scored.left,
        scored.right,
        scored.weight,
        records=len(records),
        threshold=frame.threshold,
        source=records.source,
        one_to_one_sources=frame.one_to_one,
        identifiers=[records.columns[name].codes for name in frame.clusters.identifiers],
        same=clerical.same,
        different=clerical.different,
        split=frame.clusters.least_mean_weight,
        absent_weight=frame.clusters.absent_weight,
        measures=False,
    )
    return found.person, len(clerical.unknown)


def write_everything(
    folder: Path, frame: Frame, everything: Everything, numbers: npt.NDArray[np.int64]
) -> None:
    """Write all records as one segment. numbers: of each; they need not ascend."""
    order = np.argsort(numbers, kind="stable")
    at = pa.array(order)
    write_segment(
        folder,
        frame,
        fields=everything.fields.take(at),
        number=numbers[order],
        source=everything.source[order],
        ids=everything.ids.take(at),
        written=everything.written.take(at),
    )


def _refuse_index(directory: Path) -> None:
    if ledger_path(directory).exists():
        raise UsageError(
            what="there is a person index already",
            where=str(directory),
            mend="add to it with 'joinedup index add', or name another folder",
        )


def _put_in_place(draft: Path, path: Path) -> None:
    """Give a closed ledger its name; it is there, whole and on the disk, when this returns."""
    log = draft.with_name(f"{draft.name}-wal")
    assert not log.exists() or log.stat().st_size == 0  # closing moved all of it into the file
    sync(draft)
    draft.replace(path)
    sync(path.parent)


def _named(person: npt.NDArray[np.int32], of_run: pa.Array) -> pa.Array:
    """The person of each record: the run's names, and new ones where its people differ from these."""
    told = of_run.dictionary_encode()
    before = pc.fill_null(told.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    names = told.dictionary.to_pylist()
    old = np.array([int(name.removeprefix("P")) for name in names], np.int64)
    before = np.append(old, -1)[before]
    group = dense_groups(person)
    named = name_groups(group, before, next_person=int(old.max(initial=0)) + 1)
    width = min((len(name) for name in names), default=7) - 1
    texts = pc.utf8_lpad(pc.cast(pa.array(named.person[group]), pa.string()), width, "0")
    return pc.binary_join_element_wise("P", texts, "")
