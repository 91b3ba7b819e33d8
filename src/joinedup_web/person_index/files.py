"""Where a project's person index lies."""

from __future__ import annotations

from pathlib import Path

from joinedup_web.linkage.files import project_folder
from joinedup_web.person_index.models import IndexChange, PersonIndex


def index_folder(index: PersonIndex) -> Path:
    """The directory of the index, as `joinedup index` takes it."""
    return project_folder(index.project) / "person-index"


def change_folder(change: IndexChange) -> Path:
    """What a change needs beside the index while it is under way."""
    return project_folder(change.index.project) / "index-changes" / str(change.id)
