"""Taking erased records out of a person index, history and all."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from joinedup.linkage import index as library
from joinedup_web.linkage.models import Project
from joinedup_web.person_index import files
from joinedup_web.person_index.models import PersonIndex


def erase_from_index(project: Project, records: Iterable[tuple[str, str]]) -> int:
    """Erase records (source and id) from a project's index; return how many it held.

    Raises UsageError while somebody is changing the index: try again then. What was erased already changes nothing.
    """
    index = PersonIndex.objects.filter(project=project, gone_at=None, version__isnull=False).first()
    if index is None or not (files.index_folder(index) / "index.sqlite").exists():
        return 0
    index.project = project
    folder = files.index_folder(index)
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
