"""Documents that fail when they are stale."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from joinedup import errors
from joinedup.cli.app import app
from support.tree import ROOT, pyproject, rooms, tracked_files

CLI = typer.main.get_command(app)
PAGES = [file for file in tracked_files() if file.suffix == ".md"]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```[a-z]*\n(.*?)^```", re.M | re.S)


def commands_shown(page: Path) -> Iterator[list[str]]:
    """Each `joinedup …` and `make …` line in a page's code blocks, as words."""
    for block in FENCE.findall(page.read_text()):
        for line in block.splitlines():
            words = line.removeprefix("$ ").split("#")[0].split()
            if words[:1] in (["joinedup"], ["make"]):
                yield words


def test_generated_pages_are_fresh():
    result = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_internal_link_leads_somewhere(page):
    broken = []
    for target in LINK.findall(page.read_text()):
        path, _, anchor = target.partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in _anchors(file)):
            broken.append(target)

    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_shown_exists_with_its_options(page):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    wrong = []
    for program, *words in commands_shown(page):
        if program == "make":
            wrong += [f"make {word}" for word in words if "=" not in word and word not in targets]
            continue
        names = [word for word in words if not word.startswith("-")]
        command = CLI.commands.get(names[0]) if names else CLI
        if hasattr(command, "commands") and len(names) > 1:
            command = command.commands.get(names[1])
        if command is None:
            wrong.append(f"joinedup {names[0]}")
            continue
        known = {spelling for option in command.params for spelling in option.opts} | {"--help", "-h"}
        wrong += [f"{names[:1]} {word}" for word in _options(words) if word not in known]

    assert wrong == []


def test_every_command_and_option_says_what_it_does():
    mute = [name for name, command in CLI.commands.items() if not command.help]
    mute += [
        f"{name} {parameter.opts[0]}"
        for name, command in CLI.commands.items()
        for parameter in command.params
        if not parameter.help
    ]

    assert mute == []


def test_every_error_kind_has_an_exit_code_of_its_own_that_is_documented():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    page = (ROOT / "docs/reference/exit-codes.md").read_text()

    assert len({kind.exit_code for kind in kinds}) == len(kinds)
    assert [kind.__name__ for kind in kinds if f"| {kind.exit_code} | `{kind.__name__}` |" not in page] == []


def test_every_page_can_be_reached_from_the_index():
    reached, waiting = set(), [ROOT / "docs" / "index.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        targets = [
            (page.parent / link.partition("#")[0]).resolve() for link in LINK.findall(page.read_text())
        ]
        waiting += [target for target in targets if target.suffix == ".md" and target.exists()]

    docs = {page for page in PAGES if ROOT / "docs" in page.parents}
    assert sorted(str(page.relative_to(ROOT)) for page in docs - reached) == []


def test_the_words_of_the_glossary_are_used():
    written = " ".join(
        file.read_text().lower().replace("_", " ")
        for file in tracked_files()
        if file.suffix in (".py", ".md", ".toml") and file.name not in ("GLOSSARY.md", Path(__file__).name)
    )

    assert [word for word in _glossary_words() if not re.search(rf"\b{re.escape(word)}", written)] == []


def test_every_planned_room_is_told_in_the_picture():
    picture = (ROOT / "docs/house_picture.py").read_text()
    floors = next(c for c in pyproject()["tool"]["importlinter"]["contracts"] if c["type"] == "layers")
    planned = [room.strip("() ") for floor in floors["layers"] for room in floor.split("|")]

    assert [room for room in {*planned, *rooms()} if f'"{room}":' not in picture] == []


def _options(words: list[str]) -> list[str]:
    return [word.strip("[]").partition("=")[0] for word in words if word.strip("[]").startswith("-")]


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _glossary_words() -> Iterator[str]:
    built, _, _ = (ROOT / "GLOSSARY.md").read_text().partition("## Settled for rooms to come")
    for cell in re.findall(r"^\| ([^|]+) \| ", built, re.M):
        for word in re.sub(r"\([^)]*\)", "", cell).split(","):
            if word.strip() not in ("word", ""):
                yield word.strip().lower()
