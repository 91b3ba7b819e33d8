"""What every tier shares: capabilities that are named when lacking, a closed network, PostgreSQL."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.capability import CAPABILITIES, axe_script, chromium_program, postgres_programs, shared_folder
from support.network import close_network
from support.postgres import running_postgres

LACKING = pytest.StashKey[Counter[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LACKING] = Counter()


def pytest_runtest_setup(item: pytest.Item) -> None:
    for capability in CAPABILITIES:
        if item.get_closest_marker(capability.marker) and capability.find() is None:
            item.config.stash[LACKING][capability.marker] += 1
            reason = f"needs {capability.name}: {capability.how}"
            if os.environ.get("CI") == "true":
                pytest.fail(f"{reason} (with CI=true a missing suite is a failure)", pytrace=False)
            pytest.skip(reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    lacking = config.stash[LACKING]
    if not lacking:
        return
    terminalreporter.section("suites that could not run on this machine")
    for capability in CAPABILITIES:
        if lacking[capability.marker]:
            count = lacking[capability.marker]
            terminalreporter.line(f"{capability.name}: {count} tests left out. To run them: {capability.how}")


@pytest.fixture(autouse=True)
def _closed_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "verification" not in request.path.parts:
        close_network(monkeypatch)


@pytest.fixture(scope="session")
def postgres_uri() -> Iterator[str]:
    """A PostgreSQL of the tests' own. The test that asks carries @pytest.mark.needs_postgres.

    Its folder is not pytest's: another pytest's start shuts pytest's folders to all but their owner, and the
    server may run as somebody else.
    """
    programs = postgres_programs()
    assert programs is not None, "mark the test with needs_postgres"
    with (
        tempfile.TemporaryDirectory(prefix="joinedup-postgres-") as folder,
        running_postgres(programs, Path(folder)) as uri,
    ):
        yield uri


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The system's Chromium. The test that asks carries @pytest.mark.needs_chromium."""
    program = chromium_program()
    assert program is not None, "mark the test with needs_chromium"
    return program


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core's script as text. The test that asks carries @pytest.mark.needs_axe."""
    script = axe_script()
    assert script is not None, "mark the test with needs_axe"
    return script.read_text("utf-8")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real datasets. The test that asks carries @pytest.mark.needs_shared."""
    folder = shared_folder()
    assert folder is not None, "mark the test with needs_shared"
    return folder
