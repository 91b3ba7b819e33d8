"""Which records a project holds: by which it is seen that an erasure names somebody who is there."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.db.models import Q

from joinedup.sources import ReadOptions, read
from joinedup_web.linkage import files
from joinedup_web.linkage.models import Project, ReviewPair, RunState, Source, SourceState
from joinedup_web.person_index.erase import in_index, index_sources


def source_table(source: Source) -> pa.Table:
    """All rows of a source's file; raises SourceError where it cannot be read."""
    file = files.source_file(source)
    if source.tables:
        parts = [
            read(file, options=ReadOptions(**{**source.read, "table": name})).table()
            for name in source.tables
        ]
        return pa.concat_tables(parts, promote_options="permissive")
    return read(file, options=ReadOptions(**source.read)).table()


def source_names(project: Project) -> set[str]:
    """Every source that a project has or had; results and index may tell of one whose file is gone."""
    return set(project.sources.values_list("name", flat=True)) | index_sources(project)


def identifiers(project: Project, source: str) -> set[str]:
    """Every record id that a project's files still know of one source; row numbers where it has no ids."""
    found: set[str] = set()
    for run in project.runs.filter(state=RunState.FINISHED):
        path = files.results(run) / "people.parquet"
        if path.exists():
            table = pq.read_table(path, columns=["source", "record_id"])
            mine = table.filter(pc.equal(pc.cast(table["source"], pa.string()), source))
            found |= set(pc.cast(mine["record_id"], pa.string()).to_pylist())
    for kept in project.sources.filter(name=source).exclude(state=SourceState.REMOVED):
        if not files.source_file(kept).exists():
            continue
        if kept.id_column:
            ids = pc.unique(pc.cast(source_table(kept)[kept.id_column], pa.string()))
            found |= {each for each in ids.to_pylist() if each is not None}
        elif kept.state == SourceState.READY:
            found |= {str(number) for number in range(1, source_table(kept).num_rows + 1)}
    return found


def known(project: Project, records: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of some records that a project holds anywhere: in sources, results, pairs to review or its index."""
    there = {name: identifiers(project, name) for name in {source for source, _ in records}}
    found = {(source, identifier) for source, identifier in records if identifier in there[source]}
    found |= in_index(project, [record for record in records if record not in found])
    for source, identifier in set(records) - found:
        pairs = ReviewPair.objects.filter(project=project).filter(
            Q(left_source=source, left_id=identifier) | Q(right_source=source, right_id=identifier)
        )
        if pairs.exists():
            found.add((source, identifier))
    return found
