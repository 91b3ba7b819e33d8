"""What a command says and where: the answer on stdout, all else (progress, errors) on stderr.

With --json the answer is one JSON document on stdout and nothing else is. Rich is imported when
something is drawn, so that commands start quickly.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from joinedup.cli.tables import harmless
from joinedup.errors import JoinedupError

if TYPE_CHECKING:
    from rich.console import Console

_STEERING = re.compile(r"[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Output:
    """as_json: one JSON document instead of a report. quiet: no progress. debug: logs and tracebacks."""

    as_json: bool = False
    quiet: bool = False
    debug: bool = False

    def merged_with(self, other: Output) -> Output:
        """The flags of both: those given before the command's name, and those given after it."""
        return Output(
            as_json=self.as_json or other.as_json,
            quiet=self.quiet or other.quiet,
            debug=self.debug or other.debug,
        )

    def answer(self, document: Mapping[str, Any], *, draw: Callable[[Console], None]) -> None:
        """Print the command's answer: `document` as JSON for machines, else what `draw` puts on a console."""
        if self.as_json:
            _write_json(document)
        else:
            draw(_console(stderr=False))

    def complain(self, error: JoinedupError, *, exit_code: int) -> None:
        """Say in one line what was wrong, where, and how to mend it; for machines, as JSON as well."""
        if self.as_json:
            _write_json({**error.as_dict(), "exit_code": exit_code})
        self.remark(error)

    def remark(self, error: JoinedupError) -> None:
        """The same line, where the answer has been given already."""
        sys.stderr.write(f"joinedup: {_one_line(str(error))}\n")

    def say(self, line: str) -> None:
        """A remark beside the answer, on stderr; left out when quiet."""
        if not self.quiet:
            sys.stderr.write(f"{harmless(line)}\n")

    def warn(self, line: str) -> None:
        """A warning beside the answer, on stderr, quiet or not."""
        sys.stderr.write(f"joinedup: {_one_line(line)}\n")

    @property
    def shows_progress(self) -> bool:
        """Whether bars are drawn: on a terminal, unless quiet."""
        return not self.quiet and sys.stderr.isatty()


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    class HarmlessConsole(Console):
        """Draws no control character that a file brought: tables see to their cells, this to plain lines."""

        def print(self, *objects: Any, **options: Any) -> None:
            super().print(*(harmless(each) if isinstance(each, str) else each for each in objects), **options)

    return HarmlessConsole(stderr=stderr, highlight=False, soft_wrap=not sys.stdout.isatty())


def _write_json(document: Mapping[str, Any]) -> None:
    text = json.dumps(document, indent=2, ensure_ascii=False, default=_plain)
    # JSON lets some characters stand that steer a terminal; written as numbers they mean the same.
    sys.stdout.write(_STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")


def _plain(value: object) -> object:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"no JSON form for {type(value).__name__}")


def _one_line(text: str) -> str:
    return harmless(" ".join(text.split()))
