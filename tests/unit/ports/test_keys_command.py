"""Keys behind a program: device-held keys, outages, and programs that misbehave."""

from __future__ import annotations

import json
import os
import sys
import time
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path

import pytest

from joinedup.ports.key_command import CommandKeyStore
from joinedup.ports.key_errors import KeyStoreError
from joinedup.ports.key_file import FileKeyStore
from joinedup.ports.key_locks import MasterKey
from joinedup.ports.keys import KeyPurpose

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
AUDIT, SUBJECTS = KeyPurpose.AUDIT_SIGNING, KeyPurpose.SUBJECT_TOKENS
PROGRAM = Path(__file__).parents[2] / "support" / "key_program.py"


def through_program(directory: Path, *manner: str, **options) -> CommandKeyStore:
    return CommandKeyStore(
        [sys.executable, str(PROGRAM), str(directory), *manner],
        environment={"PATH": os.environ["PATH"]},
        **options,
    )


def shell(script: str, **options) -> CommandKeyStore:
    return CommandKeyStore(["/bin/sh", "-c", script], environment={}, **options)


def test_a_key_in_a_device_signs_there_and_never_comes_out(tmp_path):
    FileKeyStore(tmp_path / "keys").rotate(AUDIT, on=NOW)
    inside = FileKeyStore(tmp_path / "keys").current(AUDIT)

    key = through_program(tmp_path / "keys", "device").current(AUDIT)

    assert (key.id, key.public, key.material) == (inside.id, inside.public, None)
    assert inside.verify(key.sign(b"checkpoint"), b"checkpoint")
    assert not key.verify(key.sign(b"checkpoint"), b"another checkpoint")
    with pytest.raises(KeyStoreError, match="no private half here"):
        key.private_pem()
    with pytest.raises(KeyStoreError, match="stays in its device"):
        through_program(tmp_path / "keys", "device").backup(lock=MasterKey(b"m" * 32))


@pytest.mark.parametrize(
    ("manner", "told"),
    [("slow", "did not answer within"), ("broken", "ended with code 3"), ("chatty", "not JSON")],
)
def test_a_program_that_misbehaves_is_refused_and_what_it_said_is_not_told(tmp_path, manner, told, caplog):
    began = time.monotonic()

    with pytest.raises(KeyStoreError) as refused:
        through_program(tmp_path / "keys", manner, timeout_seconds=3).current(SUBJECTS)

    assert told in str(refused.value)
    assert "SECRET" not in str(refused.value) + caplog.text
    assert time.monotonic() - began < 15  # its children are killed with it


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("[]", "not a JSON object"),
        ("{}", "no list 'keys'"),
        ('{"keys": [7]}', "a key that cannot be read"),
        ('{"keys": [{"purpose": "subject_tokens", "state": "current"}]}', "a key that cannot be read"),
        ('{"error": {"what": "the vault is sealed", "mend": "unseal it"}}', "the vault is sealed"),
        ('{"error": 1}', "the key program refused"),
    ],
)
def test_an_answer_that_does_not_fit_the_protocol_is_refused(answer, told):
    with pytest.raises(KeyStoreError, match=told):
        shell(f"echo '{answer}'").all(SUBJECTS)


def test_an_answer_is_used_while_fresh_and_during_an_outage(tmp_path, caplog):
    (tmp_path / "answer").write_text('{"keys": []}')
    now = [0.0]
    store = shell(
        f"echo asked >> {tmp_path}/log; cat {tmp_path}/answer",
        fresh_seconds=60,
        stale_seconds=3600,
        elapsed=lambda: now[0],
    )
    store._environment = {"PATH": os.environ["PATH"]}

    def times_asked() -> int:
        return (tmp_path / "log").read_text().count("asked")

    assert store.all(SUBJECTS) == store.all(SUBJECTS) == ()
    assert times_asked() == 1
    now[0] = 61
    store.all(SUBJECTS)
    assert times_asked() == 2

    (tmp_path / "answer").unlink()
    now[0] = 61 + 3599
    assert store.all(SUBJECTS) == ()
    assert "3599 s old" in caplog.text
    now[0] = 61 + 3601
    with pytest.raises(KeyStoreError, match="ended with code"):
        store.all(SUBJECTS)


def test_nothing_of_our_environment_reaches_the_program(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "SECRET-7f3a")

    with pytest.raises(KeyStoreError) as refused:
        shell('printf \'{"error": {"what": "[%s]"}}\' "$SECRET_KEY"').all(SUBJECTS)

    assert refused.value.what == "[]"


def test_the_program_is_named_by_its_whole_path():
    with pytest.raises(KeyStoreError, match="absolute path"):
        CommandKeyStore(["vault-bridge"], environment={})
    with pytest.raises(KeyStoreError, match="cannot be run"):
        CommandKeyStore(["/nowhere/vault-bridge"], environment={}).all(SUBJECTS)


def test_restoring_is_left_to_the_external_store(tmp_path):
    with pytest.raises(KeyStoreError, match="restores its own backups"):
        through_program(tmp_path / "keys").restore(b"", lock=MasterKey(b"m" * 32))


@pytest.mark.parametrize(
    "change", ["another key's signature", "another key's public half", "another purpose"]
)
def test_a_device_that_answers_with_something_else_is_not_believed(tmp_path, change):
    """The id, the public half, the purpose and each signature must fit each other."""
    ours, theirs = (FileKeyStore(tmp_path / name).rotate(AUDIT, on=NOW) for name in ("ours", "theirs"))
    told = {"id": ours.id, "purpose": AUDIT.value, "state": "current"}
    told["public"] = b64encode((theirs if "public half" in change else ours).public).decode()
    signature = b64encode(theirs.sign(b"checkpoint")).decode()
    answer = json.dumps({"keys": [told], "signature": signature})
    store = shell(f"echo '{answer}'")

    if "signature" in change:
        with pytest.raises(KeyStoreError, match="signature does not fit"):
            store.current(AUDIT).sign(b"checkpoint")
    else:
        asked = AUDIT if "public half" in change else SUBJECTS
        with pytest.raises(KeyStoreError, match=r"cannot be read|another purpose"):
            store.all(asked)


def test_a_program_that_floods_is_refused():
    with pytest.raises(KeyStoreError, match="too large"):
        CommandKeyStore(
            ["/bin/sh", "-c", "head -c 4100000 /dev/zero"], environment={"PATH": os.environ["PATH"]}
        ).all(SUBJECTS)
