"""`joinedup version`: which Joinedup this is, on which Python, with which of the packages it stands on."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import TYPE_CHECKING

import typer

from joinedup import __version__
from joinedup.cli.frame import command
from joinedup.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console

STANDS_ON = ("numpy", "pyarrow", "numba", "duckdb", "rapidfuzz")
EXTRAS = {"ocr": "rapidocr", "postgres": "psycopg"}


def add_to(app: typer.Typer) -> None:
    """Register the command."""

    @command(app, "version")
    def version(out: Output) -> None:
        """Show the versions of Joinedup, Python and the packages it stands on."""
        packages = {name: metadata.version(name) for name in STANDS_ON}
        extras = {extra: _version_or_none(package) for extra, package in EXTRAS.items()}
        document = {
            "joinedup": __version__,
            "python": platform.python_version(),
            "packages": packages,
            "extras": extras,
        }

        def draw(console: Console) -> None:
            console.print(f"joinedup {__version__}, Python {platform.python_version()}")
            console.print("on " + ", ".join(f"{name} {number}" for name, number in packages.items()))
            for extra, number in extras.items():
                have = (
                    f"{EXTRAS[extra]} {number}" if number else f"not installed: pip install joinedup[{extra}]"
                )
                console.print(f"extra {extra}: {have}", markup=False)

        out.answer(document, draw=draw)


def _version_or_none(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
