"""`joinedup private`: link without names. Organisations encode at home; a third party links the encodings alone."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from joinedup.cli.frame import command
from joinedup.cli.linkage_report import draw_run, run_document
from joinedup.cli.output import Output
from joinedup.cli.private_agreement import add_agreement
from joinedup.cli.progress import stage_bar
from joinedup.cli.tables import table
from joinedup.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from joinedup.ports import KeyLock

AgreementOption = Annotated[
    Path, typer.Option("--agreement", metavar="FILE", help="The linkage agreement that all parties hold.")
]
PassphraseOption = Annotated[
    Path | None,
    typer.Option("--passphrase-file", metavar="FILE", help="Its first line seals or opens the secret."),
]
OpenWithOption = Annotated[
    Path | None,
    typer.Option(
        "--with", metavar="FILE", help="The recipient's private key in PEM, which opens the secret."
    ),
]


def add_to(app: typer.Typer) -> None:
    """Register the group of commands."""
    group = typer.Typer(no_args_is_help=True)
    app.add_typer(
        group, name="private", help="Link without names: agree, encode at home, link encodings, open."
    )

    @group.callback()
    def _group() -> None:
        """Link without names: agree, encode at home, link encodings, open."""

    add_agreement(group)
    _add_key(group)
    _add_encode(group)
    _add_link(group)
    _add_open(group)


def _add_key(group: typer.Typer) -> None:
    @command(group, "key")
    def key(
        out: Output,
        file: Annotated[Path, typer.Argument(metavar="FILE", help="Write the secret here; must not exist.")],
        copy_of: Annotated[
            Path | None,
            typer.Option(
                "--copy-of", metavar="FILE", help="Seal a copy of this secret, which is not sealed."
            ),
        ] = None,
        recipient: Annotated[
            Path | None,
            typer.Option(
                "--for", metavar="FILE", help="An X25519 public key in PEM: only its owner can open it."
            ),
        ] = None,
        passphrase_file: PassphraseOption = None,
    ) -> None:
        """Make the secret that the encoding organisations share, or seal a copy of it for one of them.

        The party that links must never get it. FILE is readable by its owner alone (mode 0600).
        """
        from joinedup.linkage.private import new_secret, read_secret, write_secret

        lock = _lock(recipient, passphrase_file)
        secret = new_secret(secrets.token_bytes) if copy_of is None else read_secret(copy_of)
        write_secret(file, secret, lock=lock)
        sealed = "no" if lock is None else lock.kind
        told = f"The secret is in {file}" + (
            f", sealed by a {lock.kind}." if lock else ", readable by you alone."
        )
        out.answer(
            {"path": str(file), "sealed": sealed}, draw=lambda console: console.print(told, markup=False)
        )


def _lock(recipient: Path | None, passphrase_file: Path | None) -> KeyLock | None:
    from joinedup.ports import Passphrase, recipient_from_pem

    if recipient is not None and passphrase_file is not None:
        raise UsageError(what="a secret is under a passphrase or for a recipient", mend="give one of them")
    if recipient is not None:
        return recipient_from_pem(recipient.read_bytes())
    if passphrase_file is not None:
        return Passphrase(passphrase_file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r"))
    return None


def _add_encode(group: typer.Typer) -> None:
    @command(group, "encode")
    def encode(
        out: Output,
        source: Annotated[str, typer.Argument(metavar="FILE", help="The organisation's own file.")],
        agreement: AgreementOption,
        key: Annotated[Path, typer.Option("--key", metavar="FILE", help="The secret of the organisations.")],
        encoded: Annotated[
            Path, typer.Option("--out", metavar="FILE", help="The encodings, for the party that links.")
        ],
        pseudonyms: Annotated[
            Path, typer.Option("--pseudonyms", metavar="FILE", help="Which record is which; stays at home.")
        ],
        name: Annotated[
            str | None,
            typer.Option(
                "--name", metavar="NAME", help="What the organisation goes by; else the file's name."
            ),
        ] = None,
        id_column: Annotated[
            str | None, typer.Option("--id", metavar="COLUMN", help="The column of each record's own id.")
        ] = None,
        column: Annotated[
            list[str] | None,
            typer.Option(
                "--column", metavar="FIELD=COLUMN", help="Which column is which; else it is found out."
            ),
        ] = None,
        one_record_per_person: Annotated[
            bool, typer.Option("--one-record-per-person", help="Nobody is in FILE twice.")
        ] = False,
        passphrase_file: PassphraseOption = None,
        open_with: OpenWithOption = None,
    ) -> None:
        """Encode a file at home: one file of encodings to hand over, one of pseudonyms to keep."""
        from joinedup.linkage.private import encode_file, load_agreement, read_secret

        done = encode_file(
            source,
            load_agreement(agreement),
            read_secret(key, lock=_lock(open_with, passphrase_file)),
            out=encoded,
            pseudonyms=pseudonyms,
            randomness=secrets.token_bytes,
            name=name,
            id_column=id_column,
            columns=_columns(column),
            one_record_per_person=one_record_per_person,
        )
        document = {
            "encoded": str(done.encoded),
            "pseudonyms": str(done.pseudonyms),
            "name": done.source,
            "agreement": done.digest,
            "check": done.check,
            "records": done.records,
            "kept_aside": done.aside,
            "without_salt": done.without_salt,
            "filters": dict(done.filled),
            "tokens": {t.name: {"given": t.given, "too_rare": t.too_rare, "too_frequent": t.too_frequent}
                       for t in done.tokens},
        }  # fmt: skip

        def draw(console: Console) -> None:
            console.print(f"{done.records:,} records of '{done.source}' are encoded.", markup=False)
            console.print(table(("filter", "records"), list(done.filled.items()), right=(1,)))
            rows = [(t.name, t.given, t.too_rare or None, t.too_frequent or None) for t in done.tokens]
            console.print(table(("token", "records", "left out: rare", "frequent"), rows, right=(1, 2, 3)))
            console.print(f"Hand over {done.encoded}; keep {done.pseudonyms} at home.", markup=False)
            console.print(f"Check of the secret: {done.check}", markup=False)

        out.answer(document, draw=draw)
        if done.lost_names is not None:
            out.warn(done.lost_names)


def _columns(given: list[str] | None) -> dict[str, tuple[str, ...]] | None:
    found: dict[str, tuple[str, ...]] = {}
    for item in given or ():
        field, equals, column = item.partition("=")
        if not equals or not field or not column:
            raise UsageError(
                what="not FIELD=COLUMN", where="--column", mend="for example: --column surname=LNAME"
            )
        found[field] = (*found.get(field, ()), column)
    return found or None


def _add_link(group: typer.Typer) -> None:
    @command(group, "link")
    def link(
        out: Output,
        files: Annotated[list[Path], typer.Argument(metavar="ENCODED ENCODED…", help="The encoded files.")],
        folder: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the outputs go.")],
        seed: Annotated[
            int, typer.Option("--seed", metavar="NUMBER", help="Same input and seed, same output.")
        ] = 1,
        threads: Annotated[int, typer.Option("--threads", min=1, metavar="NUMBER", help="Cores to use.")] = 2,
    ) -> None:
        """Link encoded files, without the secret: the party that links sees encodings and pseudonyms alone.

        Writes the files of a linkage into DIR, and NAME.links.parquet for each organisation to be sent home.
        """
        from joinedup.linkage.private import link_encoded

        with stage_bar(out, "read") as progress:
            result = link_encoded(files, folder, seed=seed, progress=progress, threads=threads)
        parts = {name: str(path) for name, path in result.parts.items()}
        document = {**run_document(result.link.run, folder), "parts": parts}

        def draw(console: Console) -> None:
            draw_run(console, result.link.run, folder)
            for name, path in parts.items():
                console.print(f"Send '{name}' its own part alone: {path}", markup=False)

        out.answer(document, draw=draw)


def _add_open(group: typer.Typer) -> None:
    @command(group, "open")
    def open_command(
        out: Output,
        part: Annotated[
            Path, typer.Argument(metavar="LINKS", help="NAME.links.parquet, from the party that links.")
        ],
        pseudonyms: Annotated[
            Path, typer.Option("--pseudonyms", metavar="FILE", help="The table that encode wrote at home.")
        ],
        file: Annotated[
            Path, typer.Option("--out", metavar="FILE", help="One row a record; must not exist.")
        ],
    ) -> None:
        """Open one's own links at home: each record's person, and which other organisations have that person."""
        from joinedup.linkage.private import open_links

        done = open_links(part, pseudonyms, out=file)
        told = f"{done.linked:,} of {done.records:,} records of '{done.source}' are linked; see {done.path}"
        document = {
            "path": str(done.path),
            "name": done.source,
            "records": done.records,
            "linked": done.linked,
        }
        out.answer(document, draw=lambda console: console.print(told, markup=False))
