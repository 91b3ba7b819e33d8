"""Neither checkpoints nor writers of one test are another's: between them the database was emptied."""

from __future__ import annotations

import shutil

import pytest

from joinedup_web.audit import checkpoints, commit, committer, sequence


@pytest.fixture(autouse=True)
def _nothing_of_others() -> None:
    committer.stop()
    vars(commit._own).clear()
    sequence._first_seen.clear()
    for folder in checkpoints.folders():
        shutil.rmtree(folder, ignore_errors=True)
