"""`joinedup private`: two organisations and a linking party, from agreeing to opening, each with its own files."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from joinedup.ports import new_recipient
from support.private_people import people_files

PROGRAM = Path(sys.executable).with_name("joinedup")


def private(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [PROGRAM, "private", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


@pytest.fixture
def agreed(tmp_path) -> Path:
    file = tmp_path / "agreement.toml"
    done = private("agreement", file, "--new", "schools and housing", "--no-email", "--json")
    assert done.returncode == 0, done.stderr
    return file


def test_two_organisations_link_through_a_third(tmp_path, agreed):
    files = people_files(tmp_path)
    private_pem, public_pem = new_recipient()
    (tmp_path / "south.key").write_bytes(private_pem)
    (tmp_path / "south.pub").write_bytes(public_pem)
    north_key, sealed = tmp_path / "north.secret", tmp_path / "for-south.secret"
    assert private("key", north_key).returncode == 0
    assert private("key", sealed, "--copy-of", north_key, "--for", tmp_path / "south.pub").returncode == 0
    assert stat.S_IMODE(north_key.stat().st_mode) == 0o600
    secret = json.loads(north_key.read_text())["content"]

    checks = []
    for path, key in zip(
        files, (["--key", north_key], ["--key", sealed, "--with", tmp_path / "south.key"]), strict=True
    ):
        out, own = tmp_path / f"{path.stem}.encoded", tmp_path / f"{path.stem}.own"
        done = private(
            "encode",
            path,
            "--agreement",
            agreed,
            *key,
            "--out",
            out,
            "--pseudonyms",
            own,
            "--id",
            "record_id",
            "--json",
        )
        assert done.returncode == 0, done.stderr
        checks.append(json.loads(done.stdout)["check"])
        assert secret not in done.stdout
    assert checks[0] == checks[1]

    third = tmp_path / "third"
    done = private("link", tmp_path / "north.encoded", tmp_path / "south.encoded", "--out", third, "--json")
    assert done.returncode == 0, done.stderr
    parts = json.loads(done.stdout)["parts"]
    assert set(parts) == {"north", "south"}
    opened = tmp_path / "north.opened"
    done = private("open", parts["north"], "--pseudonyms", tmp_path / "north.own", "--out", opened, "--json")
    told = json.loads(done.stdout)

    assert told["records"] == 266
    assert told["linked"] >= 120  # 133 are in both
    rows = pq.read_table(opened).to_pydict()
    assert rows["record_id"][0].startswith("north-secret-id-")
    assert {also[0] for also in rows["also_in"] if also} == {"south"}


def test_names_that_are_lost_without_a_date_of_birth_are_warned_of(tmp_path, agreed):
    north, _ = people_files(tmp_path)
    table = pq.read_table(north)
    at = table.column_names.index("date_of_birth")
    dates = [None if row % 4 == 0 else date for row, date in enumerate(table["date_of_birth"].to_pylist())]
    pq.write_table(table.set_column(at, "date_of_birth", [dates]), north)
    assert private("key", tmp_path / "k").returncode == 0
    own = tmp_path / "own"

    done = private(
        *("encode", north, "--agreement", agreed, "--key", tmp_path / "k", "--id", "record_id"),
        *("--out", tmp_path / "encoded", "--pseudonyms", own, "--json"),
    )

    assert (done.returncode, json.loads(done.stdout)["without_salt"]) == (0, 67)
    assert "67 of 266 records are encoded without their names" in done.stderr
    assert "--not-salted" in done.stderr
    lacking = private("open", tmp_path / "n.parquet", "--pseudonyms", own, "--out", tmp_path / "x")
    assert (lacking.returncode, "there is no such file" in lacking.stderr) == (3, True)


def test_refusals_say_what_where_and_how_to_mend(tmp_path, agreed):
    north, _ = people_files(tmp_path)
    assert private("key", tmp_path / "k").returncode == 0

    again = private("key", tmp_path / "k")
    assert (again.returncode, "never written over" in again.stderr) == (8, True)
    assert private("agreement", agreed, "--new", "other").returncode == 2
    wrong = private("link", north, agreed, "--out", tmp_path / "third")
    assert (wrong.returncode, "not an encoded file" in wrong.stderr) == (3, True)
    assert not (tmp_path / "third").exists()
    (tmp_path / "k").chmod(0o644)
    out, own = tmp_path / "e", tmp_path / "o"
    common = [
        "encode",
        north,
        "--agreement",
        agreed,
        "--key",
        tmp_path / "k",
        "--out",
        out,
        "--pseudonyms",
        own,
    ]
    open_to_all = private(*common)
    assert (open_to_all.returncode, "others may read the secret" in open_to_all.stderr) == (8, True)
    (tmp_path / "k").chmod(0o600)
    odd = private(*common, "--column", "surname")
    assert (odd.returncode, "FIELD=COLUMN" in odd.stderr) == (2, True)
    assert not out.exists()


def test_an_agreement_says_what_it_hardens(agreed):
    told = json.loads(private("agreement", agreed, "--json").stdout)

    assert [f["name"] for f in told["filters"]] == ["names", "born", "home"]
    assert all(
        f["bits"] == 512 and 0.04 < f["flip"] < 0.05 for f in told["filters"]
    )  # 1 / (1 + exp(30 / 10))
    assert told["hardening"] == {"fold": 1, "balance": False, "epsilon": 30.0}
