"""`joinedup audit verify` as a person or a script meets it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from joinedup.audit import Ed25519Signer, key_of, keys_text, write_export
from support.audit_record import KEY, ORIGIN, excerpt, export, record

PROGRAM = Path(sys.executable).with_name("joinedup")
BROKEN = 10


def verify(*arguments: object) -> subprocess.CompletedProcess[str]:
    words = [PROGRAM, "audit", "verify", *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


@pytest.fixture
def keys(tmp_path):
    file = tmp_path / "keys.txt"
    file.write_text(keys_text([KEY]))
    return file


def test_an_export_that_holds_is_told_so(tmp_path, keys):
    result = verify(export(tmp_path / "out"), "--public-key", keys)

    assert result.returncode == 0, result.stderr
    assert "60 events, 2 of 2 checkpoints hold; sealed up to event 60." in result.stdout
    assert "Nothing is altered, missing, added or out of order." in result.stdout
    assert "--public-key" not in result.stdout


def test_an_organisations_export_is_checked_and_says_what_it_cannot_show(tmp_path, keys):
    folder = excerpt(tmp_path / "audit-events")

    result = verify(folder, "--public-key", keys)
    told = " ".join(result.stdout.split())

    assert result.returncode == 0, result.stderr
    assert "20 events of one organisation, under a checkpoint of 60 events; 1 of 1 checkpoints hold." in told
    assert "Each event stands in the record unchanged" in told
    assert "all of the organisation's events only the whole record shows" in told
    rows = (folder / "events.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "events.jsonl").write_bytes(b"".join(rows[:3] + rows[4:]))
    cut = verify(folder, "--public-key", keys)
    assert cut.returncode == BROKEN
    assert "there are 19 events, and 20 were signed for" in cut.stdout


def test_without_the_keepers_key_it_says_what_that_shows(tmp_path):
    result = verify(export(tmp_path / "out"))

    assert result.returncode == 0
    assert "does not show who made it" in " ".join(result.stdout.split())


def test_an_event_cut_out_is_named_and_the_code_says_so(tmp_path, keys):
    folder = export(tmp_path / "out")
    file = folder / "events-000002.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:3] + lines[4:]))

    result = verify(folder, "--public-key", keys)
    for_machines = verify(folder, "--public-key", keys, "--json")

    assert result.returncode == for_machines.returncode == BROKEN
    assert "The first event that is wrong or missing: 29" in result.stdout
    assert result.stderr.startswith("joinedup: the audit record does not hold")
    document = json.loads(for_machines.stdout)
    assert (document["ok"], document["first_bad_sequence"]) == (False, 29)
    assert {"what", "where", "mend", "sequence"} == set(document["problems"][0])


def test_a_key_that_is_not_the_signers_refuses_it(tmp_path):
    file = tmp_path / "keys.txt"
    file.write_text(keys_text([key_of(Ed25519Signer(ORIGIN, b"z" * 32))]))

    result = verify(export(tmp_path / "out"), "--public-key", file)

    assert result.returncode == BROKEN
    assert "no known key has signed this" in result.stdout


def test_a_checkpoint_kept_elsewhere_shows_what_the_export_leaves_out(tmp_path, keys):
    placed, notes = record(60, checkpoints_at=(20, 60))
    write_export(tmp_path / "out", placed[:20], notes[:1], [KEY])
    kept = tmp_path / "kept.txt"
    kept.write_text(notes[1])

    assert verify(tmp_path / "out", "--public-key", keys).returncode == 0
    result = verify(tmp_path / "out", "--public-key", keys, "--checkpoint", kept)
    assert result.returncode == BROKEN
    assert "The first event that is wrong or missing: 21" in result.stdout


@pytest.mark.parametrize("raw", [b"nonsense\n", b"\xff\xfe", b""])
def test_what_is_no_key_file_is_refused_in_one_line(tmp_path, raw):
    file = tmp_path / "keys.txt"
    file.write_bytes(raw)

    result = verify(export(tmp_path / "out"), "--public-key", file)

    assert result.returncode == BROKEN
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "keys.txt" in result.stderr


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    result = verify(tmp_path / "nowhere")

    assert result.returncode == BROKEN
    assert "no such folder" in result.stderr
