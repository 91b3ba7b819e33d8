"""Files, sources and runs for tests of the main job's pages."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from joinedup import linkage
from joinedup_web.gate.actor import Actor
from joinedup_web.linkage import actions, files, jobs
from joinedup_web.linkage.models import Project, Run, Source

FIRST = ["Anna", "Benjamin", "Carys", "David", "Eleri", "Farah", "George", "Harriet", "Imran", "Jane"]
LAST = [
    "Morgan",
    "Okafor",
    "Patel",
    "Quinn",
    "Roberts",
    "Sanders",
    "Thomas",
    "Underhill",
    "Vaughan",
    "Walker",
]
MARKED = "Zzyzxmarked"
"""A surname that no page may show to those who may not see records."""


def people_csv(rows: int, *, marked: str = "") -> bytes:
    """A list with every fourth person twice, spelt a little differently. marked: a surname that stands out."""
    lines = ["record_id,first_name,surname,date_of_birth,postcode"]
    number = 0
    for i in range(rows):
        forename, surname = FIRST[i % 10], (marked if marked and i == 3 else LAST[(i // 10) % 10])
        born = f"{1950 + i % 47}-{1 + i % 12:02d}-{1 + (i * 7) % 28:02d}"
        postcode = f"SW{1 + i % 9}A {1 + i % 8}A{'ABDEFGH'[i % 7]}"
        for copy in range(2 if i % 4 == 0 else 1):
            number += 1
            name = surname[:-1] if copy and i % 8 == 0 else surname
            lines.append(f"R{number:05d},{forename},{name},{born},{postcode}")
    return "\n".join(lines).encode() + b"\n"


def write_errors_by_group(place: Path, *, people: int) -> None:
    """Hold the run of people_csv(people) in place/out against what is true, as `joinedup fairness --keep` does."""
    rows, number = ["record_id,cluster,area"], 0
    for i in range(people):
        for _ in range(2 if i % 4 == 0 else 1):
            number += 1
            rows.append(f"R{number:05d},{i},{'north' if i % 3 else 'south'}")
    (place / "truth.csv").write_text("\n".join(rows) + "\n")
    found = linkage.fairness(place / "out", place / "truth.csv", on=date(2026, 5, 1), groups=["area"])
    (place / "out" / "fairness.json").write_text(json.dumps(found.as_dict()))


def upload(
    by: Actor,
    project: Project,
    *,
    name: str = "Council Tax 2026.csv",
    data: bytes | None = None,
    measured: bool = True,
    **options: Any,
) -> Source:
    """A source of a project, measured as the worker would."""
    file = SimpleUploadedFile(name, people_csv(60) if data is None else data)
    kept = actions.upload_source(by=by, project=project, upload=file, **options)
    if measured:
        jobs.measure_source.func(str(kept.id))
    kept.refresh_from_db()
    return kept


def another_run(run: Run, *, moved: dict[str, str] | None = None, without: int = 0) -> Run:
    """A second finished run: the first's results with some records moved (record id -> person id) or left out."""
    other = Run.objects.create(
        project=run.project,
        number=run.number + 1,
        kind=run.kind,
        state=run.state,
        settings={"threshold_probability": 0.9},
        record=run.record,
        headline=run.headline | {"people": run.headline["people"] + 1},
    )
    other.sources.set(run.sources.all())
    shutil.copytree(files.results(run), files.results(other))
    path = files.results(other) / "people.parquet"
    table = pq.read_table(path)
    persons = [
        (moved or {}).get(record, person)
        for record, person in zip(table["record_id"].to_pylist(), table["person_id"].to_pylist(), strict=True)
    ]
    pq.write_table(table.set_column(2, "person_id", pa.array(persons)).slice(without), path)
    return other


def a_run(project: str, state: str) -> str:
    """A run that stands still in a state, for pages; its id."""
    place = Project.objects.get(id=project)
    run = Run.objects.create(
        project=place,
        number=place.runs.count() + 1,
        kind="dedupe",
        state=state,
        stage="compare and score" if state in ("running", "cancelling") else "",
        done=40,
        total=100,
        heartbeat_at=timezone.now(),
        problem={
            "what": "no column looks like a field of a person",
            "where": "people.csv",
            "mend": "correct it",
        }
        if state == "failed"
        else None,
    )
    return str(run.id)
