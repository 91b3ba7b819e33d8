"""Bring work done at the command line into a project: its sources with their quality, and its finished run."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.db.models import Max

from joinedup import linkage
from joinedup.linkage import Spec
from joinedup.sources import write_csv
from joinedup_web.audit.deed import Deed, action
from joinedup_web.linkage import files
from joinedup_web.linkage.headline import headline
from joinedup_web.linkage.models import Project, Run, RunState, Source, SourceState
from joinedup_web.linkage.review import take_in_pairs


@action("linkage.run", alone=True)
def take_in_run(deed: Deed, *, project: Project, spec_file: Path, directory: Path, quality: Path) -> Run:
    """Copy the sources, their quality and the results of a finished run into a project.

    spec_file: of the job, as it was written. directory: what `joinedup link` wrote. quality: a folder with one
    folder a source, as `joinedup profile` writes it.

    Raises SourceError or ModelError where one of them is not what it should be.
    """
    spec = linkage.load_spec(spec_file)
    record = json.loads((directory / "run.json").read_text("utf-8"))
    sources = [_take_in_source(deed, project, spec, source, quality / source.name) for source in spec.sources]
    for source, told in zip(sources, record["sources"], strict=True):
        if len(source.tables) > 1:  # measured one by one, and so counted together only by the run
            source.rows_good, source.rows_aside = told["records"], told["aside"]
            source.rows_in = told["records"] + told["aside"]
            source.save(update_fields=["rows_in", "rows_good", "rows_aside"])
    _take_in_rows_aside(sources, directory / "aside.parquet")
    number = (project.runs.aggregate(last=Max("number"))["last"] or 0) + 1
    run = Run.objects.create(
        project=project,
        number=number,
        kind=spec.kind.value,
        started_by_id=deed.by.id,
        started_at=deed.at,
        finished_at=deed.at,
        state=RunState.FINISHED,
    )
    run.sources.set(sources)
    folder = files.run_folder(run)
    shutil.copytree(directory, files.results(run))
    shutil.copy2(spec_file, folder / "spec.toml")
    ran_with = linkage.load_spec(directory / "spec.toml") if (directory / "spec.toml").exists() else spec
    results = files.results(run)
    linkage.write_review_material(results / "review.jsonl", linkage.review_material(directory, ran_with))
    run.folder = str(folder.relative_to(files.project_folder(project)))
    run.record = record
    run.headline = headline(run.record) | {"to_review": take_in_pairs(run, results / "review.jsonl")}
    run.save()
    deed.record("link_job.queued", job=run.id, job_kind=run.kind, sources=len(sources))
    deed.record(
        "link_job.finished",
        job=run.id,
        records=run.headline["records"],
        pairs=run.headline["pairs"] or 0,
        people=run.headline["people"] or 0,
    )
    return run


def _take_in_source(deed: Deed, project: Project, spec: Spec, told: linkage.Source, quality: Path) -> Source:
    measured = json.loads((quality / "quality.json").read_text("utf-8"))
    report = measured["source"]
    path = Path(spec.locate(told.path))
    read = {key: str(spec.folder / value) if key == "layout" else value for key, value in told.read.items()}
    source = Source(
        project=project,
        name=told.name,
        file_name=path.name,
        octets=path.stat().st_size,
        sha256=_digest(path),
        format=report["format"],
        state=SourceState.READY,
        tables=list(told.tables),
        id_column=told.id,
        one_record_per_person=told.one_record_per_person,
        rows_in=report["rows_in"],
        rows_good=report["rows_good"],
        rows_aside=report["rows_aside"],
        uploaded_by_id=deed.by.id,
        checked_at=deed.at,
        meanings={
            column["name"]: {
                "kind": column["kind"],
                "confidence": column["confidence"],
                "why": column["why"],
                "corrected": None,
                "place": place,
            }
            for place, column in enumerate(measured["columns"])
        },
        dimensions={each["dimension"]: each["measured"] for each in measured["dimensions"]},
        notes={
            "notes": report["notes"],
            "sheets": list(told.tables),
            "issues": len(measured["issues"]),
            "encoding": report["encoding"],
            "delimiter": report["delimiter"],
            "header_row": report["header_row"],
        },
    )
    folder = files.source_folder(source)
    shutil.copytree(quality, folder / "quality")
    _forget_where(folder / "quality", path)
    shutil.copy2(path, files.source_file(source))
    if "layout" in read:  # its text goes with the source, so that nothing outside the site's folder is needed
        read["layout"] = Path(read["layout"]).read_text("utf-8")
    source.read = read
    source.folder = str(folder.relative_to(files.project_folder(project)))
    source.save(force_insert=True)
    deed.record("source.uploaded", source=source.id, content=source.sha256)
    deed.record("source.measured", source=source.id, rows=source.rows_good, rows_aside=source.rows_aside)
    return source


def _take_in_rows_aside(sources: list[Source], kept: Path) -> None:
    """The rows that could not be read, beside the quality of their source, as measuring in a project writes them."""
    if not kept.exists():
        return
    table = pq.read_table(kept)
    for source in sources:
        own = table.filter(pc.equal(table["source"], source.name)).drop_columns(["source"])
        if own.num_rows:
            names = pa.array([source.file_name] * own.num_rows, pa.string())
            own = own.set_column(own.schema.get_field_index("file"), "file", names)
            write_csv(own, files.source_folder(source) / "quality" / "aside.csv")


def _forget_where(quality: Path, path: Path) -> None:
    """Reports travel: they name the file, not where it lay on the machine that measured it."""
    for file in (quality / "quality.json", quality / "quality.html"):
        text = file.read_text("utf-8")
        file.write_text(text.replace(str(path), path.name), "utf-8")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
