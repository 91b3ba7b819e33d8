"""The program as a person or a script meets it: its own process, its output, its exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from joinedup import __version__

PROGRAM = Path(sys.executable).with_name("joinedup")


def joinedup(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=False)


def test_help_names_every_command():
    result = joinedup("--help")

    assert result.returncode == 0
    assert "version" in result.stdout


def test_no_arguments_are_answered_with_help():
    result = joinedup()

    assert "Usage" in result.stdout + result.stderr
    assert result.returncode == 2


def test_the_version_is_told_to_people_and_machines():
    assert joinedup("version").stdout.startswith(f"joinedup {__version__}, Python 3.")
    assert json.loads(joinedup("version", "--json").stdout)["joinedup"] == __version__


@pytest.mark.parametrize(
    "arguments", [["no-such-command"], ["version", "--no-such-option"], ["version", "extra"]]
)
def test_what_cannot_be_understood_is_a_usage_error(arguments):
    result = joinedup(*arguments)

    assert result.returncode == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_a_reader_that_leaves_early_is_not_a_fault():
    piped = subprocess.Popen(
        [PROGRAM, "version", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    piped.stdout.close()

    assert "Traceback" not in piped.stderr.read()
    assert "fault in Joinedup" not in piped.stderr.read()
    piped.wait(timeout=30)
