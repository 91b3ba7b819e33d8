"""What may be read of person indexes: through the gate, and of the actor's own organisation alone."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet, UUIDField
from django.http import Http404

from joinedup.linkage.index import PersonIndex as OpenIndex
from joinedup.linkage.index import load_frame, open_index, preload, read_ledger
from joinedup.people import FieldKind
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import require
from joinedup_web.linkage import queries as linkage_queries
from joinedup_web.linkage.models import Project, Run, RunState, Source, SourceState
from joinedup_web.person_index import files
from joinedup_web.person_index.models import ChangeState, IndexChange, PersonIndex

KEPT_OPEN = 8  # mapped files cost addresses, not memory

_open: OrderedDict[tuple[str, int], OpenIndex] = OrderedDict()
_lock = threading.Lock()


def of_project(by: Actor, project: Project, *, permission: str = "linkage.view") -> PersonIndex | None:
    """The index of a project; None where none was ever asked for, or it was removed."""
    require(by, permission, organisation_id=project.organisation_id)
    found = PersonIndex.objects.filter(project=project, gone_at=None).first()
    if found is not None:
        found.project = project
    return found


def ready(by: Actor, project: Project, *, permission: str) -> PersonIndex:
    """The index of a project that has a version. Raises Http404 where there is none."""
    found = of_project(by, project, permission=permission)
    if found is None or found.version is None:
        raise Http404
    return found


def index(by: Actor, project_id: UUID, *, permission: str) -> PersonIndex:
    """The index of a project, by the project's id. Raises Http404 for another organisation's, or without any."""
    return ready(by, linkage_queries.project(by, project_id, permission=permission), permission=permission)


def to_ask(by: Actor, project_id: UUID) -> PersonIndex:
    """The same for a question about somebody, as one quick query; whatever else a row has is read when asked for.

    Raises Http404 where there is none to ask, or it is another organisation's.
    """
    require(by, "record.view")
    if by.organisation_id is None:
        raise Http404
    ids = [UUIDField().get_db_prep_value(each, connection) for each in (project_id, by.organisation_id)]
    with connection.cursor() as cursor:
        cursor.execute(_to_ask_sql(), ids)
        row = cursor.fetchone()
    if row is None:
        raise Http404
    index_id, version, purposes = row
    project = Project.from_db(
        None,
        ["id", "organisation_id", "record_purposes"],
        [project_id, by.organisation_id, json.loads(purposes)],
    )
    found = PersonIndex.from_db(
        None, ["id", "project_id", "version"], [UUID(str(index_id)), project_id, version]
    )
    found.project = project
    return found


@lru_cache(maxsize=1)
def _to_ask_sql() -> str:
    """As text, since making the text anew costs more than a question."""
    index, project = (model._meta.db_table for model in (PersonIndex, Project))
    return (
        "SELECT i.id, i.version, p.record_purposes "  # noqa: S608 - names are ours
        f"FROM {project} p JOIN {index} i ON i.project_id = p.id "
        "WHERE p.id = %s AND p.organisation_id = %s AND i.gone_at IS NULL AND i.version IS NOT NULL"
    )


def projects_with_index(by: Actor) -> QuerySet[Project]:
    """The organisation's projects whose index can be asked, by name."""
    require(by, "record.view")
    found = Project.objects.filter(
        organisation_id=by.organisation_id, person_index__version__isnull=False, person_index__gone_at=None
    )
    return found.order_by("name")


def changes(by: Actor, of: PersonIndex) -> QuerySet[IndexChange]:
    """The changes that were asked of an index, the newest first."""
    require(by, "linkage.view", organisation_id=of.project.organisation_id)
    return of.changes.select_related("asked_by", "source", "run").order_by("-asked_at")


def under_way(by: Actor, of: PersonIndex) -> IndexChange | None:
    """The change that waits or is under way."""
    return changes(by, of).filter(state__in=[ChangeState.WAITING, ChangeState.RUNNING]).first()


def runs_to_begin_with(by: Actor, project: Project) -> list[Run]:
    """The finished runs whose results are kept, the newest first."""
    found = linkage_queries.runs(by, project)
    return list(found.filter(state=RunState.FINISHED, results_gone_at=None).order_by("-number")[:20])


def sources_to_bring_in(by: Actor, of: PersonIndex) -> list[Source]:
    """The measured sources of the project, those first that came after the index was last changed."""
    require(by, "linkage.run", organisation_id=of.project.organisation_id)
    ready = Source.objects.filter(project=of.project, state=SourceState.READY).order_by("name")
    return sorted(ready, key=lambda source: not is_newer(of, source))


def is_newer(of: PersonIndex, source: Source) -> bool:
    """Whether a source came after the index was last changed."""
    return of.changed_at is None or source.uploaded_at > of.changed_at


def opened(by: Actor, of: PersonIndex, *, permission: str) -> OpenIndex:
    """The index itself, mapped; it follows what is published by itself. Raises Http404 where its files are gone."""
    require(by, permission, organisation_id=of.project.organisation_id)
    folder = files.index_folder(of)
    ledger = folder / "index.sqlite"
    try:
        key = (str(of.id), ledger.stat().st_ino)
    except FileNotFoundError:
        raise Http404 from None
    with _lock:
        if key not in _open:
            _open[key] = open_index(Path(folder))
        _open.move_to_end(key)
        while len(_open) > KEPT_OPEN:
            _open.popitem(last=False)
        return _open[key]


def load_for_all() -> None:
    """Load the code that asks indexes, by way of any one, for a server whose processes share what they begin with.

    Raises SourceError where its files cannot be read.
    """
    for found in PersonIndex.objects.filter(version__isnull=False, gone_at=None).select_related("project"):
        folder = files.index_folder(found)
        if (folder / "index.sqlite").exists():
            preload(folder)
            return


def kinds(by: Actor, of: PersonIndex, *, permission: str) -> Mapping[str, FieldKind]:
    """What each field means that somebody can be asked for by."""
    require(by, permission, organisation_id=of.project.organisation_id)
    folder = files.index_folder(of)
    with read_ledger(folder) as ledger:
        version = ledger.version()
    if version is None or version.frame is None:
        raise Http404
    return _kinds(folder, version.frame)


@lru_cache(maxsize=64)
def _kinds(folder: Path, frame_number: int) -> Mapping[str, FieldKind]:
    frame = load_frame(folder, frame_number)
    compared = {name for comparison in frame.model.comparisons for name in comparison.columns()}
    return {name: field.kind or FieldKind.UNKNOWN for name, field in frame.fields.items() if name in compared}


def ways_to_look_up(by: Actor, of: PersonIndex) -> list[frozenset[str]]:
    """The fields of each blocking rule: all of one of them must be known for anybody to be looked up."""
    require(by, "record.view", organisation_id=of.project.organisation_id)
    folder = files.index_folder(of)
    with read_ledger(folder) as ledger:
        version = ledger.version()
    if version is None or version.frame is None:
        raise Http404
    rules = load_frame(folder, version.frame).model.blocking_rules
    every = {rule.columns() for rule in rules}
    return sorted((one for one in every if not any(other < one for other in every)), key=sorted)


def folder_of(by: Actor, of: PersonIndex, *, permission: str) -> Path:
    """The directory of the index. Raises Http404 where its files are gone."""
    require(by, permission, organisation_id=of.project.organisation_id)
    folder = files.index_folder(of)
    if not (folder / "index.sqlite").exists():
        raise Http404
    return folder
