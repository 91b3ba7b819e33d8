"""Backup and restore of a site on PostgreSQL: whole or not at all, by programs that fit the server."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from joinedup.errors import MissingExtraError, SourceError
from joinedup_web.operations.postgres_tools import find_program, run_program
from support.capability import postgres_programs
from support.postgres import running_postgres

pytestmark = [pytest.mark.web, pytest.mark.sqlite_only, pytest.mark.needs_postgres]
PROGRAM = Path(sys.executable).with_name("joinedup")

PREPARE = """
import django; django.setup()
from joinedup_web.operations.serving import migrate
migrate()
from joinedup_web.accounts.models import Organisation
Organisation.objects.create(name="Kept Council", kind="council")
from joinedup_web.operations.actions import note_backup
note_backup(content="0" * 64, last_event=0)
import os
folder = os.path.join(os.environ["JOINEDUP_DIR"], "site", "files", "some")
os.makedirs(folder)
open(os.path.join(folder, "data.csv"), "w").write("a\\n1\\n")
"""

LOOK = """
import json
import django; django.setup()
from django.db import DatabaseError, connection
from joinedup_web.accounts.models import Organisation
from joinedup_web.audit.models import Event
events = list(Event.objects.order_by("number").values_list("kind", flat=True))
try:
    Event.objects.filter(kind="backup.made").update(kind="backup.restored")
    guarded = False
except DatabaseError:
    guarded = True
print(json.dumps({
    "vendor": connection.vendor, "guarded": guarded, "events": events,
    "organisations": list(Organisation.objects.values_list("name", flat=True)),
}))
"""


@pytest.fixture(scope="module")
def server():
    """The address of a server, without the database's name."""
    programs = postgres_programs()
    assert programs is not None
    with (
        tempfile.TemporaryDirectory(prefix="joinedup-postgres-") as place,
        running_postgres(programs, Path(place)) as uri,
    ):
        yield uri.removesuffix("/postgres").replace("postgresql://", "postgres://")


@pytest.fixture
def new_database(server):
    """Makes an empty database; gives its address."""
    made = []

    def make() -> str:
        name = f"site_{time.monotonic_ns()}"
        made.append(name)
        sql(f"{server}/postgres", f"CREATE DATABASE {name}")
        return f"{server}/{name}"

    yield make
    for name in made:
        sql(f"{server}/postgres", f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def kept(server, tmp_path_factory):
    """A site on PostgreSQL with something in it, backed up: the archive and the file with its passphrase."""
    place = tmp_path_factory.mktemp("kept")
    sql(f"{server}/postgres", "CREATE DATABASE kept")
    database, word = f"{server}/kept", place / "word"
    word.write_text("a long passphrase\n")
    python(PREPARE, place / "old", database)
    archive = place / "backup.jup"
    made = command(database, "backup", archive, "--dir", place / "old", "--passphrase-file", word)
    assert made["code"] == 0, made
    return archive, word


def sql(uri: str, statement: str) -> list[tuple]:
    import psycopg

    with psycopg.connect(uri, autocommit=True) as connection:
        done = connection.execute(statement)
        return done.fetchall() if done.description else []


def tables(uri: str) -> int:
    return sql(uri, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")[0][0]


def environment(database: str, *, path: str = "/usr/bin:/bin") -> dict[str, str]:
    return {"PATH": path, "DATABASE_URL": database}


def python(code: str, folder: Path, database: str) -> str:
    told = environment(database) | {
        "DJANGO_SETTINGS_MODULE": "joinedup_web.config.settings",
        "JOINEDUP_DIR": str(folder),
    }
    done = subprocess.run([sys.executable, "-c", code], env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def command(database: str, *arguments: object, path: str = "/usr/bin:/bin") -> dict[str, object]:
    done = subprocess.run(
        [PROGRAM, *map(str, arguments), "--json"],
        env=environment(database, path=path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return {**json.loads(done.stdout), "code": done.returncode}


def program(folder: Path, name: str, body: str) -> Path:
    """A program of that name, which says that it is of this server's version."""
    folder.mkdir(exist_ok=True)
    own = postgres_programs() / name
    file = folder / name
    file.write_text(
        f'#!/bin/sh\nif [ "$1" = --version ]; then exec {own} --version; fi\nreal={own}\n{body}\n'
    )
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return folder


def test_a_restored_site_is_the_site_that_was_backed_up(kept, new_database, tmp_path):
    archive, word = kept
    database, new = new_database(), tmp_path / "new"

    restored = command(database, "restore", archive, "--dir", new, "--passphrase-file", word)

    assert restored["code"] == 0, restored
    after = json.loads(python(LOOK, new, database))
    assert after == {
        "vendor": "postgresql",
        "guarded": True,  # what forbids changing the audit record came along
        "events": ["backup.made", "backup.restored"],
        "organisations": ["Kept Council"],
    }
    assert (new / "site" / "files" / "some" / "data.csv").read_text() == "a\n1\n"
    assert not [file.name for file in (new / "site").iterdir() if file.name.startswith(".")]


def test_a_database_with_something_in_it_is_left_alone(kept, new_database, tmp_path):
    archive, word = kept
    database = new_database()
    sql(database, "CREATE TABLE theirs (n int)")

    refused = command(database, "restore", archive, "--dir", tmp_path / "new", "--passphrase-file", word)

    assert refused["code"] == 2
    assert refused["what"] == "the database holds tables already"
    assert tables(database) == 1
    assert not (tmp_path / "new" / "site").exists()


def test_another_kind_of_database_is_refused_and_nothing_stays(kept, tmp_path):
    archive, word = kept

    refused = command("", "restore", archive, "--dir", tmp_path / "new", "--passphrase-file", word)

    assert refused["code"] == 2
    assert "is of postgresql, the settings ask for sqlite" in refused["what"]
    assert not (tmp_path / "new" / "site").exists()


def test_a_restore_that_fails_halfway_leaves_nothing_and_can_be_done_again(kept, new_database, tmp_path):
    archive, word = kept
    database, new = new_database(), tmp_path / "new"
    # The copy loses its end, as it would on a disk that fills up: pg_restore makes tables, then stops.
    cut = 'for last; do :; done; size=$(wc -c < "$last"); truncate -s $((size * 3 / 4)) "$last"; exec $real "$@"'
    path = f"{program(tmp_path / 'bin', 'pg_restore', cut)}:/usr/bin:/bin"

    failed = command(database, "restore", archive, "--dir", new, "--passphrase-file", word, path=path)

    assert failed["code"] == 3
    assert "cut short" in failed["what"]
    assert tables(database) == 0
    assert not (new / "site").exists()
    assert command(database, "restore", archive, "--dir", new, "--passphrase-file", word)["code"] == 0


def test_a_restore_that_was_killed_is_told_and_done_again(kept, new_database, tmp_path):
    archive, word = kept
    database, new, begun = new_database(), tmp_path / "new", tmp_path / "begun"
    waiting = program(tmp_path / "bin", "pg_restore", f"touch {begun}; exec sleep 30")
    arguments = [PROGRAM, "restore", archive, "--dir", new, "--passphrase-file", word]
    with subprocess.Popen(
        list(map(str, arguments)),
        env=environment(database, path=f"{waiting}:/usr/bin:/bin"),
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        end = time.monotonic() + 60
        while not begun.exists() and time.monotonic() < end:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)  # the group is this process's own

    assert begun.exists()
    refused = command(database, "check", "--dir", new)
    assert refused["code"] == 2
    assert refused["what"] == "a restore into this folder was interrupted"
    again = command(database, "restore", archive, "--dir", new, "--passphrase-file", word)
    assert again["code"] == 0, again
    assert json.loads(python(LOOK, new, database))["organisations"] == ["Kept Council"]


def test_a_backup_that_fails_leaves_no_archive(kept, server, tmp_path):
    _, word = kept
    path = (
        f"{program(tmp_path / 'bin', 'pg_dump', 'echo permission denied for table x >&2; exit 1')}:/usr/bin"
    )
    python("import django; django.setup()", tmp_path / "old", f"{server}/kept")

    failed = command(
        f"{server}/kept",
        "backup",
        tmp_path / "backup.jup",
        "--dir",
        tmp_path / "old",
        "--passphrase-file",
        word,
        path=path,
    )

    assert failed["code"] == 3
    assert failed["what"] == "pg_dump failed: the database's user may not do all of it"
    assert [file.name for file in tmp_path.iterdir() if "jup" in file.name] == []
    assert list((tmp_path / "old" / "site" / "incoming").iterdir()) == []


def test_an_archive_that_is_not_there_is_told(tmp_path):
    refused = command("", "restore", tmp_path / "none.jup", "--dir", tmp_path / "new")

    assert refused["code"] == 3
    assert refused["what"] == "there is no such file"
    assert not (tmp_path / "new" / "site").exists()


def versions(folder: Path, **named: str) -> Path:
    """Folders of PostgreSQL versions, each with a pg_dump that says which it is."""
    for major, says in named.items():
        place = folder / major.removeprefix("v") / "bin"
        place.mkdir(parents=True)
        (place / "pg_dump").write_text(f"#!/bin/sh\necho '{says}'\n")
        (place / "pg_dump").chmod(0o755)
    return folder


def test_the_newest_program_that_fits_is_taken(tmp_path):
    installed = versions(
        tmp_path, v9="pg_dump (PostgreSQL) 9.6.1", v16="pg_dump (PostgreSQL) 16.4", v17="nothing"
    )

    place, version = find_program("pg_dump", least=15, path=str(tmp_path), installed=installed)

    assert (place, version) == (str(tmp_path / "16" / "bin" / "pg_dump"), 16)


def test_a_program_older_than_the_server_is_refused_with_what_to_install(tmp_path):
    installed = versions(tmp_path, v15="pg_dump (PostgreSQL) 15.2 (Debian 15.2-1)")

    with pytest.raises(MissingExtraError, match="of version 15, and 17 or newer is needed") as refused:
        find_program("pg_dump", least=17, path=str(tmp_path), installed=installed)

    assert "postgresql-client-17" in refused.value.mend


def test_a_missing_program_is_told(tmp_path):
    with pytest.raises(MissingExtraError, match="pg_restore is not installed"):
        find_program("pg_restore", least=16, path=str(tmp_path), installed=tmp_path)


def test_a_failure_quotes_nothing_that_the_program_said_of_rows(tmp_path):
    said = 'COPY people, line 1: "Marked Person"'
    folder = program(tmp_path / "bin", "pg_restore", f"echo '{said}' >&2; exit 1")

    with pytest.raises(SourceError) as failed:
        run_program(str(folder / "pg_restore"), [], connection={"NAME": "x"})

    assert "Marked" not in str(failed.value)
    assert failed.value.what == "pg_restore failed with code 1"


def test_how_to_reach_the_server_goes_by_the_environment(tmp_path):
    folder = program(tmp_path / "bin", "pg_dump", f'env > {tmp_path}/told; echo "$@" > {tmp_path}/arguments')
    connection = {
        "NAME": "joinedup", "HOST": "db.example", "PORT": 6432, "USER": "site", "PASSWORD": "s3cret",
        "OPTIONS": {"sslmode": "verify-full", "sslrootcert": "/etc/ca.pem"},
    }  # fmt: skip

    run_program(str(folder / "pg_dump"), ["--format=custom"], connection=connection)

    told = dict(line.partition("=")[::2] for line in (tmp_path / "told").read_text().splitlines())
    expected = {
        "PGHOST": "db.example", "PGPORT": "6432", "PGUSER": "site", "PGPASSWORD": "s3cret",
        "PGDATABASE": "joinedup", "PGSSLMODE": "verify-full", "PGSSLROOTCERT": "/etc/ca.pem",
    }  # fmt: skip
    assert {name: told.get(name) for name in expected} == expected
    assert "s3cret" not in (tmp_path / "arguments").read_text()
