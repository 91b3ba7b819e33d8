"""What no file of ours may hold, and how large it may grow."""

from __future__ import annotations

import ast
import re

from support.tree import SOURCE, parsed_sources, place, tracked_files

LONGEST = 500
# Written in pieces, so that this file does not hold what it looks for.
REGISTRY_HOST = re.compile(r"//[a-z0-9.-]*(py" r"pi|python" r"hosted|npm" r"js|deb" r"ian)[a-z0-9.-]*", re.I)
MACHINE_PATH = re.compile(r"(?<![\w.-])/(ro" r"ot|ho" r"me|Us" r"ers|wo" r"rk|fa" r"rm)/[\w.]")
TEXT = {".py", ".md", ".toml", ".lock", ".json", ".csv", ".css", ".svg", ".html", ".txt", ".yml", ""}


def test_no_python_file_outgrows_a_reader():
    written = [f for f in tracked_files() if f.suffix == ".py" and f.parent.name != "migrations"]
    long = {place(f): n for f in written if (n := _lines(f)) > LONGEST}

    assert long == {}


def test_no_file_names_a_registry_or_a_place_on_somebodys_machine():
    found = [
        place(file, number)
        for file in tracked_files()
        if file.suffix in TEXT
        for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1)
        if REGISTRY_HOST.search(line) or MACHINE_PATH.search(line)
    ]

    assert found == []


def test_the_locks_pin_every_package_with_a_hash_and_name_no_host():
    locks = [file for file in tracked_files() if file.suffix == ".lock"]
    assert {file.name for file in locks} == {"requirements.lock", "requirements-spark.lock"}

    for lock in locks:
        text = lock.read_text()
        pins = re.findall(r"^[a-z0-9].*$", text, re.M)

        assert "://" not in text
        assert [pin for pin in pins if not re.fullmatch(r"[a-z0-9.-]+==[^ ]+( ; .*)? \\", pin)] == []
        assert len(re.findall(r"\\\n    --hash=sha256:[0-9a-f]{64}", text)) >= len(pins)


def test_only_the_command_line_prints():
    printing = [
        place(file, node.lineno)
        for file, tree in parsed_sources()
        if SOURCE / "cli" not in file.parents
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]

    assert printing == []


def test_the_library_reads_no_environment_and_no_calendar():
    """The date, the seed and the settings come in as arguments; measuring a duration is another matter."""
    unasked = {"os.environ", "os.getenv", "datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
    unasked |= {"time.time", "dt.date.today", "datetime.datetime.now", "datetime.date.today"}
    reading = [
        place(file, node.lineno)
        for file, tree in parsed_sources()
        if file.relative_to(SOURCE).parts[0] not in ("cli", "settings.py")
        and file != SOURCE / "ports" / "clock.py"  # the port that others are given the time through
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) in unasked
    ]

    assert reading == []


def test_no_error_is_swallowed():
    swallowing = [
        place(file, node.lineno)
        for file, tree in parsed_sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
        and all(isinstance(statement, ast.Pass | ast.Continue) for statement in node.body)
    ]

    assert swallowing == []


def _lines(file) -> int:
    return file.read_text().count("\n")
