"""`joinedup audit`: whether the audit record still holds, from an export, without the website or a network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from joinedup.cli.frame import command
from joinedup.cli.output import Output
from joinedup.cli.progress import progress_bar
from joinedup.cli.tables import figure

if TYPE_CHECKING:
    from rich.console import Console

    from joinedup.audit import VerifyReport


def add_to(app: typer.Typer) -> None:
    """Register the group of commands."""
    group = typer.Typer(no_args_is_help=True)
    app.add_typer(group, name="audit", help="Check the audit record: audit verify EXPORT_DIR.")

    @group.callback()
    def _group() -> None:
        """Check the audit record: audit verify EXPORT_DIR."""

    @command(group, "verify")
    def verify(
        out: Output,
        folder: Annotated[
            Path, typer.Argument(metavar="EXPORT_DIR", help="The folder of an exported audit record.")
        ],
        key_files: Annotated[
            list[Path] | None,
            typer.Option(
                "--public-key", metavar="FILE", help="The keeper's public keys, one a line; repeatable."
            ),
        ] = None,
        checkpoint_files: Annotated[
            list[Path] | None,
            typer.Option(
                "--checkpoint", metavar="FILE", help="A signed checkpoint kept elsewhere; repeatable."
            ),
        ] = None,
    ) -> None:
        """Find any edit, loss, insertion or reordering in an exported audit record.

        Of one organisation's export it shows that each event stands in the record unchanged, and none was taken
        out since; that the record holds no more of the organisation's only the whole record shows.

        Without --public-key the keys in the export are believed, and without --checkpoint its own checkpoints:
        give both from where the keepers of the record cannot reach. Ends with code 10 if anything is wrong.
        """
        from joinedup.audit import AuditError, read_keys, verify_export

        keys = [key for file in key_files or () for key in read_keys(_text(file), where=file.name)]
        notes = [_text(file) for file in checkpoint_files or ()]
        with progress_bar(out, "Verifying") as advance:
            report = verify_export(folder, keys or None, checkpoints=notes, progress=advance)
        out.answer(report.as_dict(), draw=lambda console: _draw(console, report))
        if not report.ok:
            broken = AuditError(
                what="the audit record does not hold",
                where=str(folder),
                mend="see what is listed; docs/reference/audit-format.md tells what each means",
            )
            out.remark(broken)
            raise typer.Exit(broken.exit_code)


def _text(file: Path) -> str:
    from joinedup.audit import AuditError

    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise AuditError(
            what="this file is not text", where=file.name, mend="give a key or note as text"
        ) from error


def _draw(console: Console, report: VerifyReport) -> None:
    if report.is_excerpt:
        console.print(
            f"{figure(report.events)} events of one organisation, under a checkpoint of "
            f"{figure(report.events_sealed)} events; {figure(report.checkpoints_verified)} of "
            f"{figure(report.checkpoints)} checkpoints hold."
        )
    else:
        console.print(
            f"{figure(report.events)} events, {figure(report.checkpoints_verified)} of "
            f"{figure(report.checkpoints)} checkpoints hold; sealed up to event {figure(report.events_sealed)}."
        )
    if report.keys_from_record:
        console.print(
            "The keys came with the export itself: it agrees with itself, "
            "which does not show who made it. Give --public-key."
        )
    if report.ok and report.is_excerpt:
        console.print(
            "Each event stands in the record unchanged, and none was taken out, added or moved since the export "
            "was signed. That it held all of the organisation's events only the whole record shows."
        )
        if report.checkpoints_verified < report.checkpoints:
            console.print(
                "A checkpoint of another size than the export's says nothing about these events by itself: "
                'compare the two by the "Proof against the newest" in the list of checkpoints.'
            )
        return
    if report.ok:
        console.print("Nothing is altered, missing, added or out of order.")
        return
    if report.first_bad_sequence is not None:
        console.print(f"The first event that is wrong or missing: {figure(report.first_bad_sequence)}")
    for problem in report.problems:
        console.print(f"{problem.where}: {problem.what}; {problem.mend}", markup=False)
    untold = report.problems_in_all - len(report.problems)
    if untold:
        console.print(f"and {figure(untold)} more")
