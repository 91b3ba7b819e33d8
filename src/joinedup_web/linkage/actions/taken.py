"""Deeds of taking data away, and of comparing: nothing is changed, and that it was done is kept."""

from __future__ import annotations

from joinedup_web.audit.deed import Deed, action
from joinedup_web.linkage.models import Run, Source


@action("source.view")
def export_sources(deed: Deed, *, rows: int, is_filtered: bool) -> None:
    """The list of sources is downloaded."""
    deed.record("table.exported", table="sources", rows=rows, filtered=is_filtered)


@action("linkage.view")
def export_projects(deed: Deed, *, rows: int, is_filtered: bool) -> None:
    """The list of projects is downloaded."""
    deed.record("table.exported", table="projects", rows=rows, filtered=is_filtered)


@action("linkage.view")
def export_runs(deed: Deed, *, rows: int, is_filtered: bool) -> None:
    """The list of runs is downloaded."""
    deed.record("table.exported", table="runs", rows=rows, filtered=is_filtered)


@action("source.view")
def download_quality(deed: Deed, *, source: Source, part: str) -> None:
    """The quality report or the action plan of a source is downloaded; they hold shapes of values, and counts."""
    deed.record("source.report_downloaded", source=source.id, part=part)


@action("result.download")
def export_rows_aside(deed: Deed, *, rows: int) -> None:
    """Rows that could not be read are downloaded. They hold what the file said of people."""
    deed.record("table.exported", table="rows_aside", rows=rows, filtered=False)


@action("result.download")
def download_results(deed: Deed, *, run: Run, part: str, rows: int | None = None) -> None:
    """Results of a run are downloaded, for the purpose that their project states. rows: where they are a table."""
    told = {} if rows is None else {"rows": rows}
    deed.record("results.downloaded", run=run.id, part=part, purpose="project", **told)


@action("linkage.view")
def download_report(deed: Deed, *, run: Run) -> None:
    """The report of a run is downloaded; it holds counts, and no value of a record."""
    deed.record("results.downloaded", run=run.id, part="report")


@action("linkage.view")
def compare_runs(deed: Deed, *, run: Run, with_run: Run) -> None:
    """Two runs are compared."""
    deed.record("run.compared", run=run.id, with_run=with_run.id)
