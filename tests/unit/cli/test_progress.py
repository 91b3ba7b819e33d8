"""A bar appears when somebody is watching and the work takes long enough, and never in the answer."""

from __future__ import annotations

import sys
import time

import pytest

from joinedup.cli import progress
from joinedup.cli.output import Output
from joinedup.cli.progress import progress_bar


def watch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make stderr a terminal; called in the test itself, because pytest swaps stderr between phases."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")


def work(out: Output, seconds: float) -> None:
    with progress_bar(out, "Reading people.csv") as advance:
        advance(1, 2)
        time.sleep(seconds)
        advance(2, 2)


def test_slow_work_on_a_terminal_shows_a_bar_on_stderr(monkeypatch, capsys):
    watch(monkeypatch)
    monkeypatch.setattr(progress, "WAIT_SECONDS", 0.01)

    work(Output(), 0.3)

    said = capsys.readouterr()
    assert "Reading people.csv" in said.err
    assert said.out == ""


@pytest.mark.parametrize("out", [Output(), Output(quiet=True)])
def test_quick_or_quiet_work_shows_nothing(monkeypatch, capsys, out):
    watch(monkeypatch)
    monkeypatch.setattr(progress, "WAIT_SECONDS", 0.01 if out.quiet else 5.0)

    work(out, 0.05)

    assert "Reading" not in capsys.readouterr().err


def test_nothing_is_drawn_where_nobody_watches(monkeypatch, capsys):
    monkeypatch.setattr(progress, "WAIT_SECONDS", 0.0)

    work(Output(), 0.05)

    assert capsys.readouterr() == ("", "")
