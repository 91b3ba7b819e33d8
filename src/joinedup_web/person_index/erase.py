"""Taking erased records out of a person index, history and all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from django.utils import timezone

from joinedup.linkage import index as library
from joinedup_web.linkage.models import Project
from joinedup_web.person_index import files
from joinedup_web.person_index.models import PersonIndex


def erase_from_index(project: Project, records: Iterable[tuple[str, str]]) -> int:
    """Erase records (source and id) from a project's index; return how many it held.

    Raises UsageError while somebody is changing the index: try again then. What was erased already changes nothing.
    """
    index, folder = _index_of(project)
    if index is None:
        return 0
    wanted: dict[str, list[str]] = {}
    for source, identifier in records:
        wanted.setdefault(source, []).append(identifier)
    with library.read_ledger(folder) as ledger:
        known = {row.name for row in ledger.sources()}
        last = ledger.version()
    at = max(timezone.now(), last.at) if last is not None else timezone.now()
    removed = 0
    for source in sorted(known & set(wanted)):
        done = library.remove(
            folder, source, sorted(wanted[source]), at=at, by="joinedup", reason="erasure", erase=True
        )
        removed += done.removed
    with library.read_ledger(folder) as ledger:
        last, counts = ledger.version(), ledger.counts()
    assert last is not None
    PersonIndex.objects.filter(id=index.id).update(
        version=last.number, records=counts["records"], people=counts["people"], changed_at=at
    )
    return removed


def index_sources(project: Project) -> set[str]:
    """The names of the sources that a project's index was made from; none where it has no index."""
    index, folder = _index_of(project)
    if index is None:
        return set()
    with library.read_ledger(folder) as ledger:
        return {row.name for row in ledger.sources()}


def in_index(project: Project, records: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of some records that a project's index holds, or tells of in its history."""
    index, folder = _index_of(project)
    if index is None:
        return set()
    with library.read_ledger(folder) as ledger:
        versions = [version.number for version in ledger.versions()]
        return {
            record
            for record in records
            if any(ledger.person_of(*record, at) is not None for at in reversed(versions))
        }


def _index_of(project: Project) -> tuple[PersonIndex | None, Path]:
    index = PersonIndex.objects.filter(project=project, gone_at=None, version__isnull=False).first()
    if index is None:
        return None, Path()
    index.project = project
    folder = files.index_folder(index)
    return (index if (folder / "index.sqlite").exists() else None), folder
