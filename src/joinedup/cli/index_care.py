"""`joinedup index compact`, `refresh`, `status` and `check`: an index is looked after."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from joinedup.cli.frame import command
from joinedup.cli.index_options import ByOption, DirOption, ReasonOption, ThreadsOption, now, who
from joinedup.cli.index_report import counted, draw_built, draw_checked, draw_status
from joinedup.cli.output import Output
from joinedup.cli.progress import stage_bar
from joinedup.errors import SourceError


def add_care(group: typer.Typer) -> None:
    """Register what looks after an index: compact, refresh, status, check."""

    @command(group, "compact")
    def compact_index(
        out: Output,
        folder: DirOption,
        whole: Annotated[bool, typer.Option("--whole", help="Make one segment of all.")] = False,
        by: ByOption = None,
        reason: ReasonOption = "",
    ) -> None:
        """Merge small segments, and drop the data of removed records for good. Nobody's people change."""
        from joinedup.linkage.index import compact

        with stage_bar(out, "merge segments") as progress:
            done = compact(folder, at=now(), by=who(by), reason=reason, whole=whole, progress=progress)
        segments = counted(done.before, "segment", "segments")
        told = (
            f"{segments} became {done.after}; {counted(done.rewritten, 'record was', 'records were')} copied, and "
            f"the data of {counted(done.erased, 'removed one', 'removed ones')} dropped."
            if done.is_published
            else f"There is nothing to compact: {segments}."
        )
        out.answer(asdict(done), draw=lambda console: console.print(told, markup=False))

    @command(group, "refresh")
    def refresh_index(
        out: Output,
        folder: DirOption,
        by: ByOption = None,
        reason: ReasonOption = "",
        threads: ThreadsOption = 2,
    ) -> None:
        """Train the model anew on all that the index holds, and settle everybody by it. Costs a full run."""
        from joinedup.linkage.index import refresh

        with stage_bar(out, "read and standardise") as progress:
            built = refresh(folder, at=now(), by=who(by), reason=reason, threads=threads, progress=progress)
        out.answer(asdict(built), draw=lambda console: draw_built(console, built, folder))

    @command(group, "status")
    def status_of(out: Output, folder: DirOption) -> None:
        """Say how large the index is, how old its model, and what would be worth doing."""
        from joinedup.linkage.index import status

        found = status(folder)
        out.answer(asdict(found), draw=lambda console: draw_status(console, found))

    @command(group, "check")
    def check_index(
        out: Output,
        folder: DirOption,
        deep: Annotated[
            bool,
            typer.Option("--deep", help="Read every record, and cluster all pairs anew."),
        ] = False,
    ) -> None:
        """Check that the index is whole: ledger, segments and people agree. Ends with code 3 if not."""
        from joinedup.linkage.index import check

        found = check(folder, deep=deep)
        out.answer(asdict(found), draw=lambda console: draw_checked(console, found))
        if not found.is_whole:
            broken = SourceError(
                what="the index is not whole",
                where=str(folder),
                mend="restore it from a copy, or build it anew",
            )
            out.remark(broken)
            raise typer.Exit(broken.exit_code)
