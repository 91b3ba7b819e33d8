"""`joinedup private agreement`: write a linkage agreement to start from, or say what one hardens."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from joinedup.cli.frame import command
from joinedup.cli.output import Output
from joinedup.cli.tables import table
from joinedup.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from joinedup.linkage.private import LinkageAgreement


def add_agreement(group: typer.Typer) -> None:
    """Register the command."""

    @command(group, "agreement")
    def agreement(
        out: Output,
        file: Annotated[
            Path, typer.Argument(metavar="FILE", help="The agreement: read, or with --new written.")
        ],
        new: Annotated[
            str | None,
            typer.Option("--new", metavar="NAME", help="Write a new agreement of this name to FILE."),
        ] = None,
        fold: Annotated[
            int, typer.Option("--fold", min=0, max=3, metavar="TIMES", help="With --new: fold filters.")
        ] = 1,
        epsilon: Annotated[
            float,
            typer.Option(
                "--epsilon", min=0, metavar="NUMBER", help="With --new: noise; less is more, 0 is none."
            ),
        ] = 30.0,
        balance: Annotated[
            bool, typer.Option("--balance", help="With --new: as many bits set in every filter.")
        ] = False,
        salted: Annotated[
            bool, typer.Option("--salted/--not-salted", help="With --new: names salted by year of birth.")
        ] = True,
        email: Annotated[
            bool, typer.Option("--email/--no-email", help="With --new: whether e-mail is used.")
        ] = True,
    ) -> None:
        """Check a linkage agreement and say what it hardens, or write a new one to start from."""
        from joinedup.linkage.private import load_agreement, starting_agreement

        if new is not None:
            if file.exists():
                raise UsageError(what="there is a file already", where=str(file), mend="choose another name")
            made = starting_agreement(
                new, fold=fold, epsilon=epsilon or None, balance=balance, salted=salted, email=email
            )
            file.write_text(made.as_toml(), encoding="utf-8")
        found = load_agreement(file)
        out.answer(
            _agreement_document(found, file), draw=lambda console: _draw_agreement(console, found, file)
        )


def _agreement_document(found: LinkageAgreement, file: Path) -> dict[str, Any]:
    return {
        "path": str(file),
        "name": found.name,
        "version": found.version,
        "digest": found.digest,
        "fields": list(found.columns()),
        "hardening": found.as_dict()["hardening"],
        "filters": [
            {"name": f.name, "fields": sorted(f.columns()), "bits": f.length >> found.hardening.fold,
             "flip": found.hardening.flip(f)}
            for f in found.filters
        ],
        "tokens": [t.name for t in found.tokens],
    }  # fmt: skip


def _draw_agreement(console: Console, found: LinkageAgreement, file: Path) -> None:
    console.print(f"{file}: {found.name}, version {found.version}", markup=False)
    console.print(f"digest {found.digest}", markup=False)
    rows = [
        (
            f.name,
            ", ".join(sorted(f.columns())),
            f.length >> found.hardening.fold,
            f"{found.hardening.flip(f):.3f}",
        )
        for f in found.filters
    ]
    console.print(table(("filter", "made of", "bits", "share of bits turned over"), rows, right=(2, 3)))
    tokens = [(t.name, ", ".join(map(str, t.on))) for t in found.tokens]
    console.print(table(("token", "of"), tokens))
