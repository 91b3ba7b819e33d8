"""Each release's database is brought to this one with everything in it, and the models need no further migration."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from django.core.management import call_command
from django.db import connection

from support import releases
from support.tree import ROOT

pytestmark = [pytest.mark.web, pytest.mark.django_db]


@pytest.fixture(params=releases.releases())
def upgraded(request, tmp_path):
    """What became of a release's database: on SQLite in a file, or in a fresh database of the same PostgreSQL."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"JOINEDUP_DIR": str(tmp_path)}
    if connection.vendor == "postgresql":
        name = f"upgrade_{tmp_path.name.replace('-', '_')[:30]}".lower()
        with connection.connection.__class__.connect(
            os.environ["JOINEDUP_TEST_DATABASE_URL"], autocommit=True
        ) as server:
            server.execute(f'CREATE DATABASE "{name}"')
        environment["DATABASE_URL"] = os.environ["JOINEDUP_TEST_DATABASE_URL"].rpartition("/")[0] + f"/{name}"
    program = [sys.executable, str(ROOT / "tests/support/releases/upgrade.py"), request.param]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_an_earlier_release_is_brought_to_this_one_with_all_its_rows(upgraded):
    assert upgraded["lost"] == []
    assert upgraded["again"] == []
    assert set(upgraded["pages"].values()) == {200}, upgraded["pages"]


def test_there_is_a_release_to_upgrade_from_and_it_holds_everything():
    assert releases.releases()
    for release in releases.releases():
        held = releases.rows_of(release)

        assert {"accounts.StaffUser", "audit.Event", "linkage.ReviewPair", "linkage.Run"} <= set(held)
        assert set(releases.migrations_of(release)) >= {"accounts", "audit", "linkage"}


def test_the_models_are_what_the_migrations_make():
    """SystemExit would name the change that lacks its migration."""
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)


def test_a_release_is_written_once(tmp_path):
    (tmp_path / "9.9").mkdir()

    with pytest.raises(FileExistsError):
        releases.write(tmp_path / "9.9", release="9.9")
