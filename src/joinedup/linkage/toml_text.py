"""TOML written out: Python reads TOML and does not write it.

Only what a spec needs: tables of names to text, numbers, booleans, dates, lists and tables. Reading the text
with ``tomllib`` gives back the same values; entries that are None are left out, since TOML has no such value.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_WIDTH = 100


def toml_text(data: Mapping[str, Any]) -> str:
    """Return the values as TOML text: plain entries first, then one [table] or [[list of tables]] each.

    Raises TypeError for a value that TOML cannot hold.

    >>> print(toml_text({"seed": 1, "limits": {"memory_gb": 4.0}}), end="")
    seed = 1
    <BLANKLINE>
    [limits]
    memory_gb = 4.0
    """
    return "\n".join(_table(data, ())).strip("\n") + "\n"


def _table(data: Mapping[str, Any], path: tuple[str, ...]) -> list[str]:
    present = {name: value for name, value in data.items() if value is not None}
    lines = [_entry(name, value) for name, value in present.items() if not _is_section(value)]
    for name, value in present.items():
        here = (*path, _key(name))
        if isinstance(value, Mapping) and _is_section(value):
            inner = _table(value, here)
            holds_only_tables = value and all(_is_section(v) for v in value.values() if v is not None)
            lines += inner if holds_only_tables else ["", f"[{'.'.join(here)}]", *inner]
        elif _is_section(value):
            for item in value:
                lines += ["", f"[[{'.'.join(here)}]]", *_table(item, here)]
    return lines


def _is_section(value: object) -> bool:
    """A table of its own, or a list of tables that is worth sections: where an item holds one in turn."""
    if isinstance(value, Mapping):
        return True
    if not isinstance(value, (list, tuple)) or not value:
        return False
    nested = (v for item in value if isinstance(item, Mapping) for v in item.values())
    return all(isinstance(item, Mapping) for item in value) and any(
        isinstance(v, (list, tuple, Mapping)) for v in nested
    )


def _entry(name: str, value: object) -> str:
    line = f"{_key(name)} = {_value(value)}"
    if len(line) > _WIDTH and isinstance(value, (list, tuple)):
        return "\n".join([f"{_key(name)} = [", *(f"    {_value(item)}," for item in value), "]"])
    return line


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else str(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(name)} = {_value(v)}" for name, v in value.items() if v is not None)
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, Sequence):
        return f"[{', '.join(_value(item) for item in value)}]"
    raise TypeError(f"TOML cannot hold a {type(value).__name__}")


def _text(value: str) -> str:
    # JSON's escapes are TOML's too, but for DEL, which TOML wants escaped as well.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
