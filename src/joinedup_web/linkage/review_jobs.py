"""Background jobs of review and of looking people up: drawing a sample, listing the people of a run."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django_tasks import task

from joinedup_web.linkage import files
from joinedup_web.linkage.jobs import Stopped, in_child
from joinedup_web.linkage.models import Run, Sample, SampleState


def order_of(run: Run, do: str) -> dict[str, Any]:
    """What a child must know to go back to a run's sources."""
    sources = list(run.sources.select_related("project"))
    return {
        "do": do,
        "directory": str(files.results(run)),
        "spec": str(files.run_folder(run) / "spec.toml"),
        "sources": {
            source.name: {"path": str(files.source_file(source)), "read": source.read} for source in sources
        },
        "known_as": {str(files.source_file(source)): source.file_name for source in sources}
        | {f"{files.results(run)}/": "", str(files.results(run)): "the run"},
    }


@task()
def draw_sample(sample_id: str) -> None:
    """Draw the pairs of a sample that was asked for."""
    from joinedup_web.linkage import sampling

    sample = Sample.objects.select_related("run__project").filter(id=UUID(sample_id)).first()
    if sample is None or sample.state != SampleState.QUEUED:
        return
    out = files.run_folder(sample.run) / f"sample-{sample.id}.jsonl"
    order = order_of(sample.run, "sample") | {"size": sample.size, "seed": sample.seed, "out": str(out)}
    try:
        answer = in_child(order, on_progress=lambda stage, done, total: None, is_cancelled=lambda: False)
        sampling.keep_sample(sample, answer, out)
    except Stopped:
        return  # drawn when it is asked for again
    finally:
        out.unlink(missing_ok=True)  # people's data; the queue has them now


@task()
def list_people(run_id: str) -> None:
    """Make the list of a finished run's people, where it has none yet."""
    from joinedup_web.linkage import records

    run = Run.objects.select_related("project").filter(id=UUID(run_id)).first()
    if run is None or (files.results(run) / "index" / "index.json").exists():
        return
    try:
        answer = in_child(
            order_of(run, "people"),
            on_progress=lambda stage, done, total: None,
            is_cancelled=lambda: False,
        )
    except Stopped:
        return  # made when somebody asks for it
    records.keep_list(run, answer)
