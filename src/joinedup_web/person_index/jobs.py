"""The background job that changes an index, in a child process that may be killed at any moment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django_tasks import task

from joinedup_web.linkage import files as linkage_files
from joinedup_web.linkage.jobs import Stopped, in_child
from joinedup_web.linkage.review_jobs import order_of as order_of_run
from joinedup_web.person_index import files
from joinedup_web.person_index.models import ChangeKind, ChangeState, IndexChange

LOST_AFTER = timedelta(seconds=60)
CHILD = "joinedup_web.person_index.child"


@task()
def change_index(change_id: str) -> None:
    """Carry out a change that waits."""
    from joinedup_web.person_index import actions

    change = (
        IndexChange.objects.select_related("index__project", "run__project", "source__project")
        .filter(id=UUID(change_id))
        .first()
    )
    if change is None or not actions.start_change(change):
        return

    def beat(stage: str, done: int, total: int) -> None:
        IndexChange.objects.filter(id=change.id).update(heartbeat_at=timezone.now())

    try:
        answer = in_child(order_of(change), on_progress=beat, is_cancelled=lambda: False, module=CHILD)
    except Stopped:
        actions.give_back(change)  # the worker leaves; the next one takes it up
        return
    actions.finish_change(change, answer)


def order_of(change: IndexChange) -> dict[str, Any]:
    """What the child must know."""
    folder = files.index_folder(change.index)
    decisions = files.change_folder(change) / "decisions.csv"
    order: dict[str, Any] = {
        "do": change.kind,
        "index": str(folder),
        "at": change.asked_at.isoformat(),
        "by": str(change.asked_by_id or "joinedup"),
        "reason": change.reason,
        "decisions": str(decisions) if decisions.exists() else None,
        "known_as": {str(folder): "the index", str(decisions): "clerks’ decisions"},
    }
    if change.kind == ChangeKind.BUILD and change.run is not None:
        of_run = order_of_run(change.run, "build")
        order |= {name: of_run[name] for name in ("directory", "spec", "sources")}
        order["known_as"] |= of_run["known_as"]
    if change.kind == ChangeKind.ADD and change.source is not None:
        file = linkage_files.source_file(change.source)
        order |= {"path": str(file), "source": change.source.name}
        order |= {"complete": change.complete, "may_shrink": change.may_shrink}
        order["known_as"] |= {str(file): change.source.file_name}
    if change.kind == ChangeKind.UNDO:
        order["event"] = change.event
    return order


def take_up_abandoned() -> int:
    """Queue changes again whose worker was lost; return how many. A broken-off change left the index as it was."""
    from joinedup_web.person_index import actions

    lost = timezone.now() - LOST_AFTER
    taken = 0
    for change in IndexChange.objects.filter(state=ChangeState.RUNNING, heartbeat_at__lt=lost):
        actions.give_back(change)
    for change in IndexChange.objects.filter(state=ChangeState.WAITING, asked_at__lt=lost):
        change_index.enqueue(str(change.id))
        taken += 1
    return taken
