"""Each room's front door names what others may use, and each name says what it is."""

from __future__ import annotations

import ast
import importlib
import inspect

import pytest

from support.tree import SOURCE, rooms


@pytest.mark.parametrize("room", rooms())
def test_a_front_door_only_names(room):
    tree = ast.parse((SOURCE / room / "__init__.py").read_text())
    allowed = ast.Expr | ast.Import | ast.ImportFrom | ast.Assign

    assert ast.get_docstring(tree), "the door says in a sentence what the room is for"
    assert [node.lineno for node in tree.body if not isinstance(node, allowed)] == []


@pytest.mark.parametrize("room", rooms())
def test_every_name_at_the_door_says_what_it_is(room):
    door = importlib.import_module(f"joinedup.{room}")
    values = {name: getattr(door, name) for name in getattr(door, "__all__", ())}

    assert [name for name, value in values.items() if _may_speak(value) and not _speaks(value)] == []


@pytest.mark.parametrize("room", rooms())
def test_no_sibling_comes_in_by_its_own_front_door(room):
    own = [f"joinedup.{room}"]
    through_the_door = [
        f"{file.name}:{node.lineno}"
        for file in (SOURCE / room).glob("*.py")
        if file.name not in ("__init__.py", "__main__.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom)
        and node.module in own
        and not all(
            (SOURCE / room / f"{a.name}.py").exists() or (SOURCE / room / a.name).is_dir() for a in node.names
        )
    ]

    assert through_the_door == []


def test_the_command_line_enters_rooms_by_their_doors():
    inside = [
        f"{file.name}:{node.lineno}"
        for file in (SOURCE / "cli").glob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("joinedup.")
        and not (node.module or "").startswith("joinedup.cli")
        and not (node.module or "").startswith(("joinedup.errors", "joinedup.values."))
        and not (SOURCE.parent / (node.module or "").replace(".", "/") / "__init__.py").exists()
    ]

    assert inside == []


def _may_speak(value: object) -> bool:
    return inspect.isclass(value) or inspect.isroutine(value)


def _speaks(value: object) -> bool:
    said = inspect.getdoc(value) or ""
    # A dataclass without words of its own is given its signature as a docstring.
    return bool(said) and not said.startswith(f"{getattr(value, '__name__', '')}(")
