"""Progress on anything that takes more than a second, drawn on stderr and gone when the work is done."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from joinedup.cli.output import Output
from joinedup.cli.tables import harmless

WAIT_SECONDS = 1.0

Advance = Callable[[int, int], None]
"""Called with what is done and what there is in all; a total of 0 means it is not known."""

AdvanceStage = Callable[[str, int, int], None]
"""The same, with the name of the stage before it."""


@contextmanager
def progress_bar(out: Output, doing: str) -> Iterator[Advance]:
    """Yield what the work calls now and then; after a second a bar named `doing` appears.

    On something that is not a terminal, or when quiet, nothing is drawn.
    """
    with stage_bar(out, doing) as advance:
        yield lambda done, total: advance(doing, done, total)


@contextmanager
def stage_bar(out: Output, doing: str) -> Iterator[AdvanceStage]:
    """The same for work in stages: the bar is named for the stage it is told of, at first `doing`."""
    if not out.shows_progress:
        yield _ignore
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn
    from rich.progress import TimeElapsedColumn as Elapsed

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        Elapsed(),
    )
    drawing = Progress(*columns, console=Console(stderr=True), transient=True)
    task = drawing.add_task(_label(doing), total=None)

    def advance(stage: str, done: int, total: int) -> None:
        drawing.update(task, description=_label(stage), completed=done, total=total or None)

    begin = threading.Timer(WAIT_SECONDS, drawing.start)
    begin.daemon = True
    begin.start()
    try:
        yield advance
    finally:
        begin.cancel()
        begin.join()
        drawing.stop()


def _label(doing: str) -> str:
    """A file's name is drawn as it is: neither markup nor a word to the terminal."""
    from rich.markup import escape

    return escape(harmless(doing))


def _ignore(stage: str, done: int, total: int) -> None:
    """Nobody is watching."""
