"""How every command ends: its exit code, and what it says when it cannot go on."""

from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner, Result

from joinedup.cli.app import app
from joinedup.cli.frame import EXIT_BUG, EXIT_STOPPED, command
from joinedup.cli.output import Output
from joinedup.errors import JoinedupError, SourceError

ADDRESS = "postgresql://u:s3cr3tpw@127.0.0.1:1/x?table=t"
NO_FILE = SourceError(what="no such file", where="people.csv", mend="check the path")


def run(fault: BaseException | None, *options: str) -> Result:
    app = typer.Typer()

    @app.callback()
    def before() -> None:
        pass

    @command(app, "work")
    def work(out: Output, name: str = "nobody") -> None:
        """Do the work."""
        if fault:
            raise fault
        out.answer({"name": name}, draw=lambda console: console.print(f"hello {name}"))

    return CliRunner().invoke(app, ["work", *options])


def test_a_command_prints_its_answer_and_ends_with_zero():
    result = run(None, "--name", "Ada")

    assert (result.exit_code, result.stdout) == (0, "hello Ada\n")


def test_json_is_the_only_thing_on_stdout():
    result = run(None, "--json", "--name", "Ada")

    assert json.loads(result.stdout) == {"name": "Ada"}


def test_a_mendable_error_is_one_line_with_its_own_exit_code():
    result = run(NO_FILE)

    assert result.exit_code == SourceError.exit_code
    assert result.stderr == "joinedup: no such file (people.csv): check the path\n"
    assert result.stdout == ""


def test_a_mendable_error_reaches_machines_as_json():
    result = run(NO_FILE, "--json")

    assert json.loads(result.stdout) == {
        "error": "SourceError",
        "what": "no such file",
        "where": "people.csv",
        "mend": "check the path",
        "exit_code": 3,
    }


def test_a_bug_apologises_without_a_traceback_or_the_value_that_caused_it():
    result = run(ValueError("could not convert 'Ada Lovelace'"))

    assert result.exit_code == EXIT_BUG
    assert "fault in Joinedup (ValueError)" in result.stderr
    assert "--debug" in result.stderr
    assert "Lovelace" not in result.output
    assert "Traceback" not in result.output


def test_debug_shows_where_a_bug_was():
    result = run(ValueError("any"), "--debug")

    assert "Traceback (most recent call last)" in result.stderr
    assert result.exit_code == EXIT_BUG


def test_a_place_that_may_not_be_written_is_the_users_to_mend():
    result = run(PermissionError(13, "Permission denied", "/etc/joined"))

    assert result.exit_code == 2
    assert result.stderr == ("joinedup: Permission denied (/etc/joined): check who may read or write there\n")


def test_an_interrupt_ends_as_shells_expect():
    assert run(KeyboardInterrupt()).exit_code == EXIT_STOPPED


def test_an_unknown_option_is_a_usage_error():
    result = run(None, "--no-such-option")

    assert result.exit_code == 2
    assert "--no-such-option" in result.stderr


@pytest.mark.parametrize("arguments", [["--json", "version"], ["version", "--json"]])
def test_shared_options_stand_before_or_after_the_command(arguments):
    result = CliRunner().invoke(app, arguments)

    assert result.exit_code == 0
    assert "numpy" in json.loads(result.stdout)["packages"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["drift", "people.csv", ADDRESS],
        [ADDRESS],
        ["evaluate", ADDRESS, "--truth", ADDRESS],
        ["drift", ADDRESS],
        ["profile", ADDRESS.replace("postgresql", "https"), "--out", "quality"],
    ],
)
@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_no_refusal_tells_the_password_of_an_address(arguments, flags, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, [*flags, *arguments])

    assert result.exit_code not in (0, EXIT_BUG)
    assert "s3cr3tpw" not in result.output + result.stderr


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("no such file (/a/postgresql:/u:s3cr3tpw@h/x)", "no such file (/a/postgresql:/…@h/x)"),
        ("postgresql://u:p/w@rd@h/x?table=t", "postgresql://…@h/x?table=t"),
        ("at https://u:s3cr3tpw@h/x: gone", "at https://…@h/x: gone"),
        ("postgresql://h/x?user=u&password=s3cr3tpw&table=t", "postgresql://h/x?user=u&password=…&table=t"),
        ("see https://h/x and ask a@b.uk", "see https://h/x and ask a@b.uk"),
    ],
)
def test_every_error_leaves_passwords_of_addresses_out(said, shown):
    error = JoinedupError(what=said, where=said, mend=said)

    assert set(list(error.as_dict().values())[1:]) == {shown}
    assert str(error) == f"{shown} ({shown}): {shown}"
