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


def site(code: str, folder: Path) -> str:
    environment = {"DJANGO_SETTINGS_MODULE": "joinedup_web.config.settings", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def command(*arguments: object) -> dict[str, object]:
    program = Path(sys.executable).with_name("joinedup")
    done = subprocess.run(
        [program, *map(str, arguments), "--json"],
        env={"PATH": "/usr/bin:/bin"},
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
