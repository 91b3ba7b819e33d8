"""Where a project's files lie below the site's folder: organisation / project / source or run."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from joinedup_web.linkage.models import Project, Run, Source


def project_folder(project: Project) -> Path:
    """The folder of everything a project keeps on disk; one organisation's lie apart from another's."""
    return Path(settings.SITE_DIR) / "files" / str(project.organisation_id) / str(project.id)


def source_folder(source: Source) -> Path:
    """The folder of one source: its file, and `quality` with what measuring wrote."""
    return project_folder(source.project) / "sources" / str(source.id)


def source_file(source: Source) -> Path:
    """The uploaded file, under a name that keeps the ending alone."""
    return source_folder(source) / f"data{Path(source.file_name).suffix.lower()}"


def run_folder(run: Run) -> Path:
    """The folder of one run; `linked` in it holds the outputs once it has finished."""
    return project_folder(run.project) / "runs" / str(run.id)


def results(run: Run) -> Path:
    """The directory that the library wrote, as `joinedup evaluate` takes it."""
    return run_folder(run) / "linked"
