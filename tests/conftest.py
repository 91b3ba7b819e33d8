"""What every tier shares: capabilities that are named when lacking, a closed network, PostgreSQL."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from joinedup.llm import close_real_calls
from support.capability import (
    CAPABILITIES,
    Capability,
    axe_script,
    chromium_program,
    postgres_programs,
    shared_folder,
)
from support.network import close_network
from support.postgres import running_postgres

close_real_calls()  # no test asks a language model beyond this machine, not even those of tests/verification


def pytest_runtest_setup(item: pytest.Item) -> None:
    for capability in CAPABILITIES:
        if item.get_closest_marker(capability.marker) and capability.find() is None:
            reason = _reason(capability)
            if os.environ.get("CI") == "true":
                pytest.fail(f"{reason} (with CI=true a missing suite is a failure)", pytrace=False)
            pytest.skip(reason)


def _reason(capability: Capability) -> str:
    return f"needs {capability.name}: {capability.how}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Counted from what was reported, since the tests themselves may have run in other processes."""
    left_out = Counter(
        capability.marker
        for outcome in ("skipped", "error", "failed")
        for report in terminalreporter.getreports(outcome)
        for capability in CAPABILITIES
        if _reason(capability) in str(report.longrepr)
    )
    if not left_out:
        return
    terminalreporter.section("suites that could not run on this machine")
    for capability in CAPABILITIES:
        if count := left_out[capability.marker]:
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
