"""Make the generated pages: commands, exit codes, rooms, what is recorded, and the picture of the house.

`make docs` writes them; `python docs/generate.py --check` names those that are stale and changes nothing.
A test runs the latter, so a page that no longer tells the truth fails the build.
"""

from __future__ import annotations

import importlib
import inspect
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from house_picture import house_svg

from joinedup import errors
from joinedup.audit import EVENT_KINDS, FieldSpec
from joinedup.cli.app import app
from joinedup.cli.frame import EXIT_BUG, EXIT_STOPPED
from joinedup.settings import VARIABLES

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "joinedup"
MADE = "*Made by `make docs` from the code; change it there.*"
SHARED = ("--json", "--quiet", "--debug", "--help")


def pages() -> dict[str, str]:
    """Every generated file, by its path from the top of the project."""
    return {
        "docs/reference/cli.md": cli_page(),
        "docs/reference/exit-codes.md": exit_codes_page(),
        "docs/reference/rooms.md": rooms_page(),
        "docs/reference/audit-events.md": audit_events_page(),
        "docs/reference/settings.md": settings_page(),
        "docs/house.svg": house_svg(floors(), rooms()),
    }


def settings_page() -> str:
    """Each environment variable, what it means and what holds without it."""
    parts = [
        "# Settings",
        MADE,
        "The website reads its environment once, at the start. A name beginning with `JOINEDUP_` that is not here"
        " is refused, so that a slip does not go unseen. Secrets are given as files, as platforms mount them.",
    ]
    rows = [f"| `{each.name}` | {each.what} | {each.default or '–'} |" for each in VARIABLES]
    parts.append("\n".join(["| variable | what it sets | without it |", "|---|---|---|", *rows]))
    return "\n\n".join(parts) + "\n"


def cli_page() -> str:
    """Each command with its arguments and options, as the program itself would say them."""
    group: Any = typer.main.get_command(app)
    shared = [option for option in group.params if option.opts[0] in SHARED]
    parts = ["# The command line", MADE, "## Every command takes", _table(shared)]
    parts.append("They may stand before the command's name or after it. How each command ends is in")
    parts[-1] += " [exit codes](exit-codes.md)."
    for name, command in _commands(group):
        own = [each for each in command.params if each.opts[0] not in SHARED]
        parts += [f"## joinedup {name}", f"```\n{_usage(name, own)}\n```", inspect.cleandoc(command.help)]
        if own:
            parts.append(_table(own))
    return "\n\n".join(parts) + "\n"


def exit_codes_page() -> str:
    """Each way a command can end, from the error kinds themselves."""
    rows = [("0", "", "The job was done.")]
    rows += [(str(kind.exit_code), f"`{kind.__name__}`", _first_sentence(kind)) for kind in error_kinds()]
    rows.append((str(EXIT_BUG), "", "A fault in Joinedup itself; `--debug` shows where."))
    rows.append((str(EXIT_STOPPED), "", "Stopped from the keyboard."))
    lines = ["| code | kind | meaning |", "|---:|---|---|", *(f"| {' | '.join(row)} |" for row in rows)]
    told = (
        "An error is one line on stderr: what was wrong, where (in brackets), and how to mend it. "
        "With `--json` the same three parts stand on stdout as `error`, `what`, `where`, `mend`, "
        "with `exit_code`. No error or log line holds a person's data."
    )
    return "\n\n".join(["# Exit codes", MADE, told, "\n".join(lines)]) + "\n"


def rooms_page() -> str:
    """What each room offers at its front door."""
    parts = ["# The rooms and what they offer", MADE]
    for room in rooms():
        door = importlib.import_module(f"joinedup.{room}")
        names = getattr(door, "__all__", ())
        if not names:
            continue
        parts += [f"## joinedup.{room}", inspect.cleandoc(door.__doc__ or "")]
        parts.append("\n".join(_offer(name, getattr(door, name)) for name in sorted(names, key=str.lower)))
    return "\n\n".join(parts) + "\n"


def audit_events_page() -> str:
    """Every kind of event that is recorded, with its fields, from the one place that lists them."""
    told = (
        "Nothing else can be recorded. When, who acted and for which organisation belongs to every event; "
        "the shapes of fields are told in [the audit record](audit-format.md). A question mark marks a field "
        "that may be left out."
    )
    lines = ["| kind | what | fields | |", "|---|---|---|---|"]
    for kind in EVENT_KINDS.values():
        fields = ", ".join(_field(field) for field in kind.fields)
        marks = [
            mark for mark, holds in (("alarm", kind.alarm), ("about a person", kind.about_person)) if holds
        ]
        lines.append(f"| `{kind.name}` | {kind.what} | {fields} | {', '.join(marks)} |")
    return "\n\n".join(["# What is recorded", MADE, told, "\n".join(lines)]) + "\n"


def error_kinds() -> list[type[errors.JoinedupError]]:
    """The error kinds with an exit code of their own, by that code; a room may have one too."""
    for room in rooms():
        importlib.import_module(f"joinedup.{room}")
    kinds, waiting = [], [errors.JoinedupError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if "exit_code" in vars(kind):
            kinds.append(kind)
    return sorted(kinds, key=lambda kind: kind.exit_code)


def floors() -> list[list[str]]:
    """The floors of the plan, top first, each with its rooms, as the import contracts hold them."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    plan = next(c for c in config["tool"]["importlinter"]["contracts"] if c["type"] == "layers")
    return [[room.strip(" ()") for room in floor.split("|")] for floor in plan["layers"]]


def rooms() -> list[str]:
    """The rooms that are built: those with something behind the front door, lowest floor first."""
    planned = [room for floor in reversed(floors()) for room in floor]
    return [room for room in planned if _is_built(room)]


def _is_built(room: str) -> bool:
    return (SOURCE / f"{room}.py").exists() or any(
        file.name != "__init__.py" for file in (SOURCE / room).glob("*.py")
    )


def _field(field: FieldSpec) -> str:
    shape = " · ".join(field.choices) if field.choices else field.type.value
    return f"`{field.name}`{'?' if field.optional else ''} ({shape})"


def _commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Each command, those of a group right after it."""
    for name, command in group.commands.items():
        yield before + name, command
        if hasattr(command, "commands"):
            yield from _commands(command, f"{before}{name} ")


def _usage(name: str, parameters: list[Any]) -> str:
    words = ["joinedup", name]
    for each in parameters:
        value = _metavar(each)
        if each.opts[0].startswith("-"):
            word = each.opts[0] if each.is_flag else f"{each.opts[0]} {value}"
            words.append(word if each.required else f"[{word}]")
        else:
            word = f"{value}…" if each.nargs == -1 else value
            words.append(word if each.required else f"[{word}]")
    return " ".join(words)


def _table(parameters: list[Any]) -> str:
    lines = ["| | |", "|---|---|"]
    for each in parameters:
        if each.opts[0].startswith("-"):
            spelled = ", ".join(f"`{spelling}`" for spelling in (*each.opts, *each.secondary_opts))
        else:
            spelled = f"`{_metavar(each)}`"
        told = (each.help or "").replace("|", "\\|")
        if each.default not in (None, False, True, ()) and not callable(each.default):
            told += f" (unless told otherwise: {each.default})"
        lines.append(f"| {spelled} | {told} |")
    return "\n".join(lines)


def _metavar(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper())


def _offer(name: str, value: object) -> str:
    sentence = _first_sentence(value) if inspect.isclass(value) or inspect.isroutine(value) else ""
    return f"- `{name}`: {sentence}" if sentence else f"- `{name}`"


def _first_sentence(value: object) -> str:
    paragraph = (inspect.getdoc(value) or "").split("\n\n")[0]
    return " ".join(paragraph.split())


def _stale() -> Iterator[str]:
    for name, text in pages().items():
        file = ROOT / name
        if not file.exists() or file.read_text() != text:
            yield name


def main() -> int:
    """Write the pages that changed; with --check only name them, and return 1 if there are any."""
    stale = list(_stale())
    if "--check" in sys.argv[1:]:
        print("\n".join(f"stale: {name} (make docs)" for name in stale))
        return 1 if stale else 0
    for name in stale:
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_text(pages()[name])
        print(f"made {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
