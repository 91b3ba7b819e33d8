"""A backup holds everything, opens with its passphrase alone, and comes back whole into an empty folder."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joinedup.errors import SourceError
from joinedup_web.operations.sealed import PIECE, OpeningReader, SealingWriter

pytestmark = [pytest.mark.web, pytest.mark.sqlite_only]


def sealed(octets: bytes, passphrase: str = "a long passphrase") -> bytes:
    out = io.BytesIO()
    writer = SealingWriter(out, passphrase)
    writer.write(octets)
    writer.close()
    return out.getvalue()


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 17])
def test_what_was_sealed_comes_out_the_same(size):
    octets = bytes(range(256)) * (size // 256 + 1)

    assert OpeningReader(io.BytesIO(sealed(octets[:size])), "a long passphrase").read() == octets[:size]


def test_another_passphrase_opens_nothing():
    with pytest.raises(SourceError, match="passphrase is wrong"):
        OpeningReader(io.BytesIO(sealed(b"secret")), "another passphrase").read()


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_no_octet_can_be_altered_and_nothing_cut_off(data):
    whole = sealed(b"x" * (PIECE + 100))
    if data.draw(st.booleans(), label="cut"):
        broken = whole[: data.draw(st.integers(0, len(whole) - 1), label="length")]
    else:
        at = data.draw(st.integers(0, len(whole) - 1), label="place")
        broken = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]

    with pytest.raises(SourceError):
        OpeningReader(io.BytesIO(broken), "a long passphrase").read()


def test_pieces_cannot_change_places():
    whole = sealed(b"a" * PIECE + b"b" * PIECE + b"c")
    head, size = len(whole) - 2 * (PIECE + 16) - 17, PIECE + 16
    swapped = (
        whole[:head]
        + whole[head + size : head + 2 * size]
        + whole[head : head + size]
        + whole[head + 2 * size :]
    )

    with pytest.raises(SourceError):
        OpeningReader(io.BytesIO(swapped), "a long passphrase").read()


PREPARE = """
import os, sys
os.environ["JOINEDUP_DIR"] = sys.argv[1]
import django; django.setup()
from joinedup_web.operations.serving import migrate
migrate()
from joinedup_web.accounts.models import Organisation
Organisation.objects.create(name="Kept Council", kind="council")
from joinedup_web.operations.actions import note_backup
note_backup(content="0" * 64, last_event=0)
folder = os.path.join(sys.argv[1], "site", "files", "some")
os.makedirs(folder)
open(os.path.join(folder, "data.csv"), "w").write("a\\n1\\n")
"""

LOOK = """
import os, sys, json
os.environ["JOINEDUP_DIR"] = sys.argv[1]
import django; django.setup()
from joinedup_web.accounts.models import Organisation
from joinedup_web.audit.models import Event
from joinedup_web.audit.keys import key_store
from joinedup.ports import KeyPurpose
print(json.dumps({
    "organisations": list(Organisation.objects.values_list("name", flat=True)),
    "events": list(Event.objects.order_by("number").values_list("kind", flat=True)),
    "key": key_store().current(KeyPurpose.SUBJECT_TOKENS).id,
}))
"""


def site(code: str, folder: Path, *arguments: str) -> str:
    environment = {"DJANGO_SETTINGS_MODULE": "joinedup_web.config.settings", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def command(*arguments: object, mode: str = "") -> dict[str, object]:
    program = Path(sys.executable).with_name("joinedup")
    done = subprocess.run(
        [program, *map(str, arguments), "--json"],
        env={"PATH": "/usr/bin:/bin"} | ({"JOINEDUP_MODE": mode} if mode else {}),
        capture_output=True,
        text=True,
        check=False,
    )
    return {**json.loads(done.stdout), "code": done.returncode}


def test_a_restored_site_is_the_site_that_was_backed_up(tmp_path):
    old, new, archive, word = tmp_path / "old", tmp_path / "new", tmp_path / "backup.jup", tmp_path / "word"
    word.write_text("a long passphrase\n")
    site(PREPARE, old)

    refused = command("backup", archive, "--dir", old)
    assert refused["code"] == 2
    assert not archive.exists()
    made = command("backup", archive, "--dir", old, "--passphrase-file", word)
    assert made["code"] == 0, made
    assert archive.stat().st_mode & 0o077 == 0
    before = json.loads(site(LOOK, old))
    restored = command("restore", archive, "--dir", new, "--passphrase-file", word)

    assert restored["code"] == 0, restored
    after = json.loads(site(LOOK, new))
    assert after["organisations"] == before["organisations"] == ["Kept Council"]
    assert after["key"] == before["key"]
    # The backup's own event came after the copy was taken; the restored record goes on from there.
    assert after["events"] == ["backup.made", "backup.restored"]
    assert (new / "site" / "files" / "some" / "data.csv").read_text() == "a\n1\n"
    again = command("restore", archive, "--dir", new, "--passphrase-file", word)
    assert again["code"] == 2


SIGN_IN = (
    PREPARE
    + """
from datetime import timedelta
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from joinedup_web.accounts.models import StaffSession, StaffUser
from joinedup_web.accounts.models import Organisation
from joinedup_web.identity.models import AccessToken, Citizen, CitizenSession, MachineClient
now = timezone.now()
user = StaffUser.objects.create_user("clerk@example.test", "A Clerk")
told = {"user": user, "method": "passkey", "started_at": now, "last_seen_at": now}
StaffSession.objects.create(key_digest="one", **told)
StaffSession.objects.create(key_digest="two", **told)
StaffSession.objects.create(key_digest="three", ended_at=now, end="signed_out", **told)
citizen = Citizen.objects.create(key="sealed", created_at=now, last_signed_in_at=now)
CitizenSession.objects.create(citizen=citizen, key_digest="four", started_at=now, last_seen_at=now)
SessionStore().save()
place = Organisation.objects.create(name="Northshire Council", kind="council")
system = MachineClient.objects.create(organisation=place, name="Housing", proves_by="secret", registered_at=now)
AccessToken.objects.create(digest="five", client=system, issued_at=now, expires_at=now + timedelta(hours=1))
"""
)

SIGNED_IN = (
    LOOK
    + """
from django.contrib.sessions.models import Session
from joinedup_web.accounts.models import StaffSession
from joinedup_web.identity.models import AccessToken, CitizenSession
print(json.dumps({
    "ends": dict(StaffSession.objects.values_list("key_digest", "end")),
    "open": StaffSession.objects.filter(ended_at=None).count(),
    "citizens": CitizenSession.objects.count(),
    "kept": Session.objects.count(),
    "tokens": AccessToken.objects.count(),
    "fields": [each.fields for each in Event.objects.order_by("number")][1:],
}))
"""
)


def test_nobody_is_signed_in_by_a_restored_backup(tmp_path):
    old, new, archive, word = tmp_path / "old", tmp_path / "new", tmp_path / "backup.jup", tmp_path / "word"
    word.write_text("a long passphrase\n")
    site(SIGN_IN, old)
    assert command("backup", archive, "--dir", old, "--passphrase-file", word)["code"] == 0

    restored = command("restore", archive, "--dir", new, "--passphrase-file", word)

    assert restored["sessions_ended"] == 3
    record, there = map(json.loads, site(SIGNED_IN, new).splitlines())
    assert there["open"] == there["citizens"] == there["kept"] == there["tokens"] == 0
    assert there["ends"] == {"one": "by_administrator", "two": "by_administrator", "three": "signed_out"}
    assert record["events"] == ["backup.made", "session.ended_by_force", "backup.restored"]
    forced, noted = there["fields"]
    assert (forced["sessions"], forced["reason"], noted["sessions"]) == (2, "by_administrator", 3)


DEMONSTRATION = (
    PREPARE
    + """
from joinedup_web.demonstration import prepare
from joinedup_web.gate.actor import SYSTEM
prepare._make_people(by=SYSTEM)
if sys.argv[2] == "marked":
    prepare._mark()
"""
)


@pytest.mark.parametrize("made_by", ["marked", "an earlier release"])
def test_a_backup_of_a_demonstration_is_known_as_one_wherever_it_is_restored(tmp_path, made_by):
    old, new, archive, word = tmp_path / "old", tmp_path / "new", tmp_path / "backup.jup", tmp_path / "word"
    word.write_text("a long passphrase\n")
    site(DEMONSTRATION, old, made_by)
    assert command("backup", archive, "--dir", old, "--passphrase-file", word)["code"] == 0
    assert command("restore", archive, "--dir", new, "--passphrase-file", word)["code"] == 0

    served = command("serve", "--dir", new, "--port", 1, mode="production")
    worked = command("worker", "--dir", new, mode="production")
    checked = command("check", "--dir", new, mode="production")

    assert served["code"] == worked["code"] == checked["code"] == 2
    assert "the folder holds a demonstration" in str(served)
    assert "the folder holds a demonstration" in str(worked)
    assert "JOINEDUP_DIR: the folder holds a demonstration" in str(checked)
    by_itself = str(command("check", "--dir", new))  # a marked folder is a demonstration without being told
    assert ("holds a demonstration" in by_itself) is (made_by != "marked")
