"""Keys in a directory: private, whole after a crash, and one state for several processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from joinedup.ports import key_file
from joinedup.ports.key_errors import KeyLockError, KeyStoreError
from joinedup.ports.key_file import FileKeyStore
from joinedup.ports.key_locks import MasterKey, Passphrase
from joinedup.ports.keys import KeyPurpose, KeyState

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
SUBJECTS = KeyPurpose.SUBJECT_TOKENS

ROTATE_FOR_EVER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from joinedup.ports.key_file import FileKeyStore
from joinedup.ports.keys import KeyPurpose
store = FileKeyStore(Path(sys.argv[1]))
for _ in range(int(sys.argv[2])):
    print(store.rotate(KeyPurpose.SUBJECT_TOKENS, on=datetime(2026, 5, 1, tzinfo=UTC)).id, flush=True)
"""


def rotating(directory, times: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", ROTATE_FOR_EVER, str(directory), str(times)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def is_one_consistent_state(store: FileKeyStore) -> bool:
    keys = store.all(SUBJECTS)
    count = Counter(key.state for key in keys)
    return count[KeyState.CURRENT] == count[KeyState.NEXT] == 1 and len({key.id for key in keys}) == len(keys)


def test_directory_and_files_are_the_owners_alone(tmp_path):
    old = os.umask(0)
    try:
        FileKeyStore(tmp_path / "keys").rotate(SUBJECTS, on=NOW)
    finally:
        os.umask(old)

    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    modes = {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "keys").iterdir()}
    assert modes == {"keys.json": 0o600, "turn": 0o600}


@pytest.mark.parametrize(
    ("name", "mode"), [("", 0o750), ("", 0o701), ("keys.json", 0o640), ("keys.json", 0o604)]
)
def test_looser_permissions_are_refused_for_reading_and_for_writing(tmp_path, name, mode):
    store = FileKeyStore(tmp_path / "keys")
    store.rotate(SUBJECTS, on=NOW)
    before = (tmp_path / "keys/keys.json").read_bytes()
    (tmp_path / "keys" / name).chmod(mode)

    for each in (store, FileKeyStore(tmp_path / "keys")):
        with pytest.raises(KeyStoreError, match="others may read the keys"):
            each.current(SUBJECTS)
        with pytest.raises(KeyStoreError, match="others may read the keys"):
            each.rotate(SUBJECTS, on=NOW)

    assert (tmp_path / "keys/keys.json").read_bytes() == before


def test_a_link_in_place_of_the_directory_or_the_file_is_refused(tmp_path):
    FileKeyStore(tmp_path / "keys").rotate(SUBJECTS, on=NOW)
    (tmp_path / "link").symlink_to(tmp_path / "keys")
    (tmp_path / "other").mkdir(mode=0o700)
    (tmp_path / "other/keys.json").symlink_to(tmp_path / "keys/keys.json")

    with pytest.raises(KeyStoreError, match="not a directory of its own"):
        FileKeyStore(tmp_path / "link").current(SUBJECTS)
    with pytest.raises(KeyStoreError, match="link"):
        FileKeyStore(tmp_path / "other").current(SUBJECTS)


def test_under_a_lock_the_file_tells_nothing_and_opens_with_that_lock_alone(tmp_path):
    store = FileKeyStore(tmp_path / "keys", lock=Passphrase("correct horse battery"))
    key = store.rotate(SUBJECTS, on=NOW)
    text = (tmp_path / "keys/keys.json").read_text()

    assert SUBJECTS.value not in text
    assert key.id not in text
    assert FileKeyStore(tmp_path / "keys", lock=Passphrase("correct horse battery")).current(SUBJECTS) == key
    for lock in (None, MasterKey(b"m" * 32), Passphrase("incorrect horse battery")):
        with pytest.raises(KeyLockError):
            FileKeyStore(tmp_path / "keys", lock=lock).current(SUBJECTS)


def test_a_file_without_a_lock_is_refused_where_a_lock_is_expected(tmp_path):
    FileKeyStore(tmp_path / "keys").rotate(SUBJECTS, on=NOW)

    with pytest.raises(KeyLockError, match="is not locked"):
        FileKeyStore(tmp_path / "keys", lock=MasterKey(b"m" * 32)).current(SUBJECTS)


@pytest.mark.parametrize("at", [0.1, 0.3, 0.5, 0.7, 0.99])
def test_one_changed_byte_under_a_lock_is_noticed(tmp_path, at):
    store = FileKeyStore(tmp_path / "keys", lock=MasterKey(b"m" * 32))
    store.rotate(SUBJECTS, on=NOW)
    file = tmp_path / "keys/keys.json"
    text = bytearray(file.read_bytes())
    place = int(at * len(text)) if at < 0.99 else text.rindex(b'"') - 3
    text[place] = ord("A") if text[place] != ord("A") else ord("B")
    file.write_bytes(text)

    with pytest.raises(KeyStoreError):
        FileKeyStore(tmp_path / "keys", lock=MasterKey(b"m" * 32)).current(SUBJECTS)


def test_costs_that_would_take_all_the_memory_are_refused(tmp_path):
    FileKeyStore(tmp_path / "keys", lock=Passphrase("correct horse battery", n=2**10)).rotate(
        SUBJECTS, on=NOW
    )
    file = tmp_path / "keys/keys.json"
    file.write_text(file.read_text().replace('"n": 1024', '"n": 1073741824'))

    with pytest.raises(KeyLockError, match="costs are not ones in use"):
        FileKeyStore(tmp_path / "keys", lock=Passphrase("correct horse battery")).current(SUBJECTS)


def test_errors_and_logs_hold_no_secret(tmp_path, caplog):
    caplog.set_level("DEBUG")
    store = FileKeyStore(tmp_path / "keys")
    key = store.rotate(SUBJECTS, on=NOW)
    file = tmp_path / "keys/keys.json"
    file.write_bytes(file.read_bytes()[:-40] + b'"}')

    with pytest.raises(KeyStoreError) as refused:
        FileKeyStore(tmp_path / "keys").current(SUBJECTS)

    for told in (str(refused.value), caplog.text, repr(key), repr(store.__dict__)):
        assert key.secret_text()[:10] not in told
        assert repr(key.secret())[2:-1] not in told


def test_another_processs_rotation_is_seen_at_the_next_call(tmp_path):
    mine, theirs = (FileKeyStore(tmp_path / "keys") for _ in range(2))
    first = mine.rotate(SUBJECTS, on=NOW)

    for days in range(1, 30):  # quick enough for one tick of the file system's clock
        changed = theirs.rotate(SUBJECTS, on=NOW + timedelta(days=days))
        assert mine.current(SUBJECTS) == changed != first


def test_two_processes_that_rotate_at_once_leave_one_consistent_state(tmp_path):
    both = [rotating(tmp_path / "keys", 25) for _ in range(2)]
    made = [line for each in both for line in each.communicate(timeout=60)[0].split()]

    store = FileKeyStore(tmp_path / "keys")
    assert len(set(made)) == 50
    assert is_one_consistent_state(store)
    assert {key.id for key in store.all(SUBJECTS) if key.state is not KeyState.NEXT} == set(made)


def test_killed_at_any_moment_the_store_is_whole_and_no_answered_rotation_is_lost(tmp_path):
    for moment in range(12):
        process = rotating(tmp_path / "keys", 10_000)
        answered = [process.stdout.readline().strip() for _ in range(3)]
        time.sleep(0.0023 * moment)
        os.kill(process.pid, signal.SIGKILL)
        answered += process.communicate()[0].split("\n")[:-1]  # the last line may be cut

        store = FileKeyStore(tmp_path / "keys")
        assert is_one_consistent_state(store)
        assert set(answered) <= {key.id for key in store.all(SUBJECTS)}
        # The dead writer's turn is over, and its leavings do not disturb the next.
        store.rotate(SUBJECTS, on=NOW)


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_killed_in_mid_write_the_old_state_stays(tmp_path, step):
    store = FileKeyStore(tmp_path / "keys")
    store.rotate(SUBJECTS, on=NOW)
    before = (tmp_path / "keys/keys.json").read_bytes()
    dies = f"import os; os.{step} = lambda *a, **k: os.kill(os.getpid(), 9)\n{ROTATE_FOR_EVER}"

    ended = subprocess.run([sys.executable, "-c", dies, str(tmp_path / "keys"), "1"], check=False, timeout=60)

    assert ended.returncode == -signal.SIGKILL
    assert (tmp_path / "keys" / key_file.NEW_FILE).exists()
    assert (tmp_path / "keys/keys.json").read_bytes() == before
    store.rotate(SUBJECTS, on=NOW)
    assert is_one_consistent_state(store)
    assert not (tmp_path / "keys" / key_file.NEW_FILE).exists()
