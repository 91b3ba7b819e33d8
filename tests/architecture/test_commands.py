"""The commands that people and machines are promised."""

from __future__ import annotations

import re
import subprocess

import pytest

from support.tree import ROOT

MAKEFILE = (ROOT / "Makefile").read_text()


@pytest.mark.parametrize("target", ["run", "test", "check", "setup", "bench", "docs", "lock", "clean"])
def test_make_has_the_promised_target_and_says_what_it_does(target):
    assert re.search(rf"^{target}:.*## \S", MAKEFILE, re.M)


@pytest.mark.parametrize("target", ["run", "test", "check", "bench", "docs"])
def test_a_command_sets_everything_up_by_itself(target):
    assert re.search(rf"^{target}:.*\bsetup\b", MAKEFILE, re.M)


def test_continuous_integration_runs_what_people_run_and_lets_nothing_be_missing():
    script = (ROOT / ".ci" / "run").read_text()

    assert re.search(r"^make test$", script, re.M)
    assert "CI=" in script
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_every_tier_is_in_make_test():
    (tiers,) = re.findall(r"^TIERS := \$\(wildcard (.*)\)$", MAKEFILE, re.M)
    folders = {f"tests/{f.name}" for f in (ROOT / "tests").iterdir() if any(f.glob("**/test_*.py"))}

    assert folders - {"tests/verification", "tests/support"} <= set(tiers.split())


def test_the_scripts_are_written_in_shell_that_parses():
    assert subprocess.run(["bash", "-n", ROOT / ".ci" / "run"], check=False).returncode == 0
