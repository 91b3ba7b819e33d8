"""The linking party: link encoded files with nothing but the encodings, and write each organisation its part."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from joinedup.errors import UsageError
from joinedup.linkage.encode import encode
from joinedup.linkage.pipeline import LinkResult, Progress, link
from joinedup.linkage.private.encoded_file import PSEUDONYM, EncodedHead, check_together
from joinedup.linkage.private.learn import Learnt, learn
from joinedup.linkage.private.open_links import PART_FORMAT
from joinedup.linkage.spec import Clusters, Decision, JobKind, Limits, Output, Source, Spec


@dataclass(frozen=True)
class PrivateResult:
    """The run as for clear text, what was learnt, and the part of each organisation by its name."""

    link: LinkResult
    learnt: Learnt
    parts: dict[str, Path]


def link_encoded(
    paths: Sequence[str | Path],
    out: str | Path,
    *,
    seed: int = 1,
    decision: Decision = Decision(),  # noqa: B008 - a frozen value
    max_pairs: int = Limits.max_pairs,
    progress: Progress | None = None,
    threads: int = 2,
) -> PrivateResult:
    """Link encoded files of one agreement and one secret.

    Writes what ``joinedup.linkage.link`` writes (pairs.parquet, people.parquet, model.json, run.json, report.html,
    review.csv), with pseudonyms for ids and encodings for values; and for each organisation NAME.links.parquet.

    Raises UsageError for files that do not belong together, SourceError for what is no encoded file.
    """
    out = Path(out)
    heads = check_together(paths)
    agreement = heads[0].agreement
    across = _kind(heads) is JobKind.LINK
    tables = {head.source: pq.read_table(path) for head, path in zip(heads, paths, strict=True)}
    columns = [f.name for f in agreement.filters] + [t.name for t in agreement.tokens]
    records = encode(tables, id_columns=dict.fromkeys(tables, PSEUDONYM), columns=columns, threads=threads)
    del tables
    learnt = learn(records, agreement, across_only=across, seed=seed, threads=threads)
    del records
    sources = tuple(
        Source(str(Path(path).resolve()), head.source, PSEUDONYM, head.one_record_per_person)
        for path, head in zip(paths, heads, strict=True)
    )
    spec = Spec(
        _kind(heads),
        sources,
        seed=seed,
        model=learnt.model,
        decision=decision,
        limits=Limits(max_pairs=max_pairs),
        clusters=Clusters(least_mean_weight=0.0),
        output=Output(joined=False),
    )
    result = link(spec, out, progress=progress, threads=threads)
    result = replace(result, run=replace(result.run, sessions=learnt.sessions))
    (out / "run.json").write_text(result.run.as_json(), encoding="utf-8")
    return PrivateResult(result, learnt, _write_parts(out, heads))


def _kind(heads: Sequence[EncodedHead]) -> JobKind:
    kind = heads[0].agreement.kind
    if len(heads) == 1 and kind is JobKind.LINK:
        raise UsageError(
            what="one encoded file, under an agreement to link",
            mend='name two files, or agree on kind = "dedupe"',
        )
    if len(heads) > 1 and kind is JobKind.DEDUPE:
        raise UsageError(
            what="several files, under an agreement to find repeats in one", mend="name one file"
        )
    return JobKind.DEDUPE if len(heads) == 1 else kind


def _write_parts(out: Path, heads: Sequence[EncodedHead]) -> dict[str, Path]:
    """For each organisation a file of its own: its pseudonyms, the person of each, and who else has that person."""
    people = pq.read_table(out / "people.parquet")
    sources = people["source"].cast(pa.string())
    held = (
        pa.table({"person_id": people["person_id"], "source": sources})
        .group_by("person_id")
        .aggregate([("source", "distinct")])
    )
    parts = {}
    for head in heads:
        own = people.filter(pc.equal(sources, head.source))
        names = held["source_distinct"].take(pc.index_in(own["person_id"], held["person_id"]))
        others = [sorted(set(found) - {head.source}) for found in names.to_pylist()]
        table = pa.table(
            {
                PSEUDONYM: own["record_id"],
                "person_id": own["person_id"],
                "also_in": pa.array(others, pa.list_(pa.string())),
            }
        ).sort_by(PSEUDONYM)
        said = {"format": PART_FORMAT, "source": head.source, "agreement": head.agreement.digest}
        table = table.replace_schema_metadata({b"joinedup.private": json.dumps(said).encode()})
        parts[head.source] = out / f"{head.source}.links.parquet"
        pq.write_table(table, parts[head.source], compression="zstd")
    return parts
