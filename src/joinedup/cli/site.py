"""`joinedup serve` and its companions: the website's commands, reached through an entry point.

The library knows no website. What is installed under `joinedup.site` answers; without it the commands say which
extra to install.
"""

from __future__ import annotations

import os
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from joinedup.cli.frame import command
from joinedup.cli.output import Output
from joinedup.errors import MissingExtraError

if TYPE_CHECKING:
    from rich.console import Console

Folder = Annotated[
    Path, typer.Option("--dir", metavar="DIR", help="The folder of everything the website keeps on disk.")
]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""

    @command(app, "serve")
    def serve(
        out: Output,
        directory: Folder = Path("workspace"),
        port: Annotated[
            int, typer.Option("--port", min=1, max=65535, metavar="NUMBER", help="Where to listen.")
        ] = 8000,
        host: Annotated[
            str,
            typer.Option(
                "--host", metavar="ADDRESS", help="This machine alone, unless a proxy stands before it."
            ),
        ] = "127.0.0.1",
        processes: Annotated[
            int, typer.Option("--processes", min=1, metavar="NUMBER", help="How many processes answer.")
        ] = 1,
        no_worker: Annotated[
            bool, typer.Option("--no-worker", help="Leave background jobs to `joinedup worker` elsewhere.")
        ] = False,
    ) -> None:
        """Serve the website: migrate the database where needed, start the job worker, answer requests."""
        _site().serve(
            directory, host=host, port=port, processes=processes, with_worker=not no_worker, say=out.say
        )

    @command(app, "worker")
    def worker(out: Output, directory: Folder = Path("workspace")) -> None:
        """Work off background jobs until stopped, and keep the audit record sequenced."""
        _site().worker(directory, say=out.say)

    @command(app, "migrate")
    def migrate(out: Output, directory: Folder = Path("workspace")) -> None:
        """Bring the website's database to this release."""
        _answer(out, _site().migrate(directory))

    @command(app, "createadmin")
    def createadmin(
        out: Output,
        email: Annotated[str, typer.Argument(metavar="EMAIL", help="Where the administrator reads mail.")],
        name: Annotated[str, typer.Option("--name", metavar="NAME", help="Their name.")],
        directory: Folder = Path("workspace"),
        port: Annotated[
            int,
            typer.Option(
                "--port",
                min=1,
                max=65535,
                metavar="NUMBER",
                help="Where `joinedup serve` listens, for the link; JOINEDUP_URL comes first.",
            ),
        ] = 8000,
    ) -> None:
        """Invite the first platform administrator: prints a link that can be used once."""
        _answer(out, _site().create_administrator(directory, email=email, name=name, port=port))

    @command(app, "backup")
    def backup(
        out: Output,
        file: Annotated[Path, typer.Argument(metavar="FILE", help="The archive to write; must not exist.")],
        directory: Folder = Path("workspace"),
        passphrase_file: Annotated[
            Path | None,
            typer.Option("--passphrase-file", metavar="FILE", help="Encrypts the archive, keys included."),
        ] = None,
    ) -> None:
        """Write everything the website keeps into one archive, while it goes on working."""
        _answer(out, _site().backup(directory, file, passphrase_file=passphrase_file))

    @command(app, "restore")
    def restore(
        out: Output,
        file: Annotated[Path, typer.Argument(metavar="FILE", help="An archive made by `joinedup backup`.")],
        directory: Folder = Path("workspace"),
        passphrase_file: Annotated[
            Path | None, typer.Option("--passphrase-file", metavar="FILE", help="What it was encrypted with.")
        ] = None,
        erasures: Annotated[
            Path | None,
            typer.Option(
                "--erasures",
                metavar="FILE",
                help="A newer site/erasures.jsonl than the backup's, where one was kept.",
            ),
        ] = None,
    ) -> None:
        """Bring back a backup into an empty folder; what was erased since then is erased again."""
        _answer(out, _site().restore(directory, file, passphrase_file=passphrase_file, erasures=erasures))

    @command(app, "erase")
    def erase(
        out: Output,
        project: Annotated[
            str, typer.Argument(metavar="PROJECT", help="The project's id, as its address shows it.")
        ],
        records: Annotated[
            list[str], typer.Argument(metavar="SOURCE:ID…", help="The person's records: council_tax:12345")
        ],
        directory: Folder = Path("workspace"),
    ) -> None:
        """Erase a person's records from a project: its sources, the results of its runs, the pairs to review.

        All of them or none: where one is not found, nothing is erased, and the code is 2.
        """
        _answer(out, _site().erase(directory, project=project, records=records))

    @command(app, "check")
    def check(
        out: Output,
        directory: Folder = Path("workspace"),
        deploy: Annotated[bool, typer.Option("--deploy", help="Also what production demands.")] = False,
    ) -> None:
        """Check the website's settings, database and keys; exits with an error where something must be mended."""
        _answer(out, _site().check(directory, deploy=deploy))


def is_installed() -> bool:
    """Whether the website is."""
    try:
        _site()
    except MissingExtraError:
        return False
    return True


def serve_instead(directory: Path, *, port: int, quiet: bool) -> NoReturn:
    """Become `joinedup serve`: a process of its own making, without the threads and memory of this one's work."""
    sys.stdout.flush()
    sys.stderr.flush()
    command = [sys.executable, "-m", "joinedup", "serve", "--dir", str(directory), "--port", str(port)]
    os.execv(sys.executable, command + ["--quiet"] * quiet)  # noqa: S606  # our own command, nothing of anybody else's


def _site() -> Any:
    """The website's commands (a module of functions), where it is installed."""
    for entry in metadata.entry_points(group="joinedup.site"):
        try:
            return entry.load()
        except ModuleNotFoundError as missing:
            if (missing.name or "").partition(".")[0] == "joinedup_web":
                raise
            break
    raise MissingExtraError(
        what="the website is not installed", where="joinedup.site", mend="pip install 'joinedup[web]'"
    )


def _answer(out: Output, document: dict[str, Any]) -> None:
    def draw(console: Console) -> None:
        for line in document.get("lines", ()):
            console.print(line, markup=False)

    out.answer({key: value for key, value in document.items() if key != "lines"}, draw=draw)
