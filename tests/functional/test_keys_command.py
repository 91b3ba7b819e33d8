"""`joinedup keys`: from nothing to keys in use, a rotation, and a backup on another machine."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from joinedup.ports import FileKeyStore, KeyPurpose, new_recipient

PROGRAM = Path(sys.executable).with_name("joinedup")
PURPOSES = {purpose.value for purpose in KeyPurpose}


def keys(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [PROGRAM, "keys", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


@pytest.fixture
def passphrase(tmp_path) -> Path:
    file = tmp_path / "passphrase"
    file.write_text("correct horse battery\n")
    return file


@pytest.fixture
def store(tmp_path) -> Path:
    FileKeyStore(tmp_path / "keys").rotate(KeyPurpose.SUBJECT_TOKENS, on=datetime(2026, 5, 1, tzinfo=UTC))
    return tmp_path / "keys"


def test_keys_are_made_for_every_purpose_once(tmp_path, passphrase):
    locked = ["--store", tmp_path / "keys", "--passphrase-file", passphrase, "--json"]

    assert set(json.loads(keys("create", *locked).stdout)["made"]) == PURPOSES
    assert json.loads(keys("create", *locked).stdout)["made"] == []
    listed = json.loads(keys("list", *locked).stdout)["keys"]
    assert {(key["purpose"], key["state"]) for key in listed} == {
        (purpose, state) for purpose in PURPOSES for state in ("next", "current")
    }
    assert "material" not in listed[0]


def test_a_list_for_people_holds_no_secret(store):
    result = keys("list", "--store", store)

    key = FileKeyStore(store).current(KeyPurpose.SUBJECT_TOKENS)
    assert key.id in result.stdout
    assert "01 May 2026" in result.stdout
    assert key.secret_text()[:8] not in result.stdout + result.stderr


def test_a_rotation_a_retirement_and_a_destruction(store):
    first = FileKeyStore(store).current(KeyPurpose.SUBJECT_TOKENS).id

    rotated = json.loads(keys("rotate", "subject_tokens", "--store", store, "--json").stdout)
    assert rotated["state"] == "current"
    assert keys("retire", rotated["id"], "--store", store).returncode == 8  # it is in use
    assert json.loads(keys("retire", first, "--store", store, "--json").stdout)["state"] == "retired"
    unsure = keys("destroy", first, "--store", store)
    assert (unsure.returncode, "lost for ever" in unsure.stderr) == (2, True)
    assert keys("destroy", first, "--store", store, "--yes").returncode == 0
    assert json.loads(keys("list", "--store", store, "--json").stdout)["destroyed"] == [first]


def test_a_backup_goes_to_another_machine(store, tmp_path, passphrase):
    file, elsewhere = tmp_path / "keys.backup", tmp_path / "elsewhere"
    locked = ["--backup-passphrase-file", passphrase]

    assert keys("backup", file, "--store", store, *locked).returncode == 0
    assert file.stat().st_mode & 0o777 == 0o600
    again = keys("backup", file, "--store", store, *locked)
    assert (again.returncode, "File exists" in again.stderr) == (2, True)
    restored = keys("restore", file, "--store", elsewhere, *locked, "--json")
    assert json.loads(restored.stdout) == {"restored": 2}

    both = [FileKeyStore(place).all(KeyPurpose.SUBJECT_TOKENS) for place in (store, elsewhere)]
    assert both[0] == both[1]


def test_a_backup_for_a_recipient_needs_their_private_key(store, tmp_path):
    private, public = new_recipient()
    (tmp_path / "private.pem").write_bytes(private)
    (tmp_path / "public.pem").write_bytes(public)
    file, elsewhere = tmp_path / "keys.backup", tmp_path / "elsewhere"
    keys("backup", file, "--store", store, "--for", tmp_path / "public.pem")

    refused = keys("restore", file, "--store", elsewhere, "--with", tmp_path / "public.pem")
    assert (refused.returncode, "cannot open" in refused.stderr) == (8, True)
    assert not elsewhere.exists()
    assert keys("restore", file, "--store", elsewhere, "--with", tmp_path / "private.pem").returncode == 0


def test_a_locked_store_asks_and_where_nobody_can_answer_says_so(tmp_path, passphrase):
    keys("rotate", "session", "--store", tmp_path / "keys", "--passphrase-file", passphrase)

    result = keys("list", "--store", tmp_path / "keys")

    assert result.returncode == 2
    assert "nobody is there to be asked" in result.stderr


def test_an_unknown_purpose_is_refused_with_those_there_are(store):
    result = keys("rotate", "everything", "--store", store)

    assert result.returncode == 2
    assert "audit_signing" in result.stderr


def test_no_passphrase_can_be_given_as_an_argument():
    for name in ("create", "list", "rotate", "retire", "destroy", "backup", "restore"):
        assert "passphrase TEXT" not in keys(name, "--help").stdout
