"""Setting up takes nothing that the lock does not hold, and does nothing twice."""

from __future__ import annotations

import importlib.util
from types import ModuleType

import pytest

from support.tree import ROOT


@pytest.fixture
def environment(tmp_path, monkeypatch) -> ModuleType:
    """The set-up program, working on an empty project and noting its commands instead of running them."""
    monkeypatch.syspath_prepend(str(ROOT / "deploy"))
    spec = importlib.util.spec_from_file_location("environment", ROOT / "deploy" / "environment.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    lock = tmp_path / "requirements.lock"
    lock.write_text(
        "numpy==2.4.6 \\\n    --hash=sha256:aa\n"
        "setuptools==84.2.1 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n"
        "six==1.17.0 \\\n    --hash=sha256:dd\n"
    )
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'joinedup'\n")
    for name, value in {"ROOT": tmp_path, "VENV": tmp_path / ".venv", "LOCK": lock}.items():
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(module, "VENV_PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(module, "PACKAGE", tmp_path / "src" / "joinedup")
    module.commands = []

    def note(*command: object) -> None:
        module.commands.append(" ".join(map(str, command)))
        if "venv" in command:
            module.VENV_PYTHON.parent.mkdir(parents=True)
            module.VENV_PYTHON.write_text("")

    monkeypatch.setattr(module, "_run", note)
    monkeypatch.setattr(module, "setup_assets", lambda stamp: None)
    monkeypatch.setattr(module, "setup_model", lambda python, venv: None)
    monkeypatch.setattr(module, "_has_pip", lambda: module.VENV_PYTHON.exists())
    return module


def test_everything_is_installed_by_its_hash_and_nothing_in_isolation(environment):
    assert environment.main() == 0

    installs = [command for command in environment.commands if "pip install" in command]
    *locked, project = installs
    assert len(locked) == 2
    assert all("--require-hashes" in command and "--no-build-isolation" in command for command in locked)
    assert "--no-deps" in project
    assert "--no-build-isolation" in project


def test_the_builder_is_pinned_by_its_own_lines_of_the_lock(environment):
    block = environment._locked_block("setuptools")

    assert block == "setuptools==84.2.1 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n"


def test_a_second_run_does_nothing(environment):
    environment.main()
    environment.commands.clear()

    assert environment.main() == 0
    assert environment.commands == []


@pytest.mark.parametrize("changed", ["requirements.lock", "pyproject.toml"])
def test_a_changed_lock_or_project_is_installed_again(environment, changed):
    environment.main()
    environment.commands.clear()
    file = environment.ROOT / changed
    file.write_text(file.read_text() + "# changed\n")

    environment.main()

    assert len([command for command in environment.commands if "pip install" in command]) == 3


def test_kernels_are_warmed_once_where_there_are_any(environment):
    for room in ("linkage", "quality"):
        (environment.PACKAGE / room).mkdir(parents=True)
        (environment.PACKAGE / room / "warm.py").write_text("")

    environment.main()
    environment.main()

    for room in ("linkage", "quality"):
        assert sum(f"joinedup.{room}.warm" in command for command in environment.commands) == 1


def test_a_failing_installer_is_told_and_leaves_no_stamp(environment, monkeypatch, capsys):
    def fail(*command: object) -> None:
        raise environment.subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(environment, "_run", fail)

    assert environment.main() == 1
    assert "make setup stopped" in capsys.readouterr().err
    assert not (environment.VENV / "installed.stamp").exists()
