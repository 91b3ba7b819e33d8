"""`joinedup keys`: the keys of a file store, without a secret on the screen or among the arguments."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from joinedup.cli.frame import command
from joinedup.cli.output import Output
from joinedup.cli.tables import table
from joinedup.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from joinedup.ports import FileKeyStore, Key, KeyLock, KeyPurpose

StoreOption = Annotated[Path, typer.Option("--store", metavar="DIR", help="The directory of the keys.")]
PassphraseOption = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file", metavar="FILE", help="Its first line opens the store; else you are asked."
    ),
]
MasterOption = Annotated[
    Path | None,
    typer.Option(
        "--master-key-file", metavar="FILE", help="Holds the store's master key, 32 bytes in base64."
    ),
]
PurposeArgument = Annotated[
    str, typer.Argument(metavar="PURPOSE", help="What the key is for: see keys list.")
]
KeyArgument = Annotated[str, typer.Argument(metavar="KEY", help="The key's id, as keys list shows it.")]
BackupPassphraseOption = Annotated[
    Path | None,
    typer.Option("--backup-passphrase-file", metavar="FILE", help="Its first line opens the backup."),
]


def add_to(app: typer.Typer) -> None:
    """Register the group of commands."""
    group = typer.Typer(no_args_is_help=True)
    app.add_typer(group, name="keys", help="Make, list, rotate, back up and restore keys.")

    @group.callback()
    def _group() -> None:
        """Make, list, rotate, back up and restore keys."""

    _add_states(group)
    _add_changes(group)
    _add_backups(group)


def _add_states(group: typer.Typer) -> None:
    @command(group, "create")
    def create(
        out: Output,
        store: StoreOption,
        passphrase_file: PassphraseOption = None,
        master_key_file: MasterOption = None,
        ask: Annotated[bool, typer.Option("--ask", help="Ask for a passphrase to lock a new store.")] = False,
    ) -> None:
        """Make a key, and the one to follow it, for every purpose that has none; again changes nothing."""
        from joinedup.ports import make_missing_keys

        keys = _opened(store, passphrase_file, master_key_file, ask=ask)
        made = [purpose.value for purpose in make_missing_keys(keys, on=_now())]
        told = f"Keys made for: {', '.join(made)}" if made else "Every purpose has its keys already."
        out.answer({"made": made}, draw=lambda console: console.print(told, markup=False))

    @command(group, "list")
    def list_keys(
        out: Output,
        store: StoreOption,
        passphrase_file: PassphraseOption = None,
        master_key_file: MasterOption = None,
    ) -> None:
        """List the keys by purpose, newest first: state, when made and used, when they end."""
        from joinedup.ports import KeyPurpose

        keys = _opened(store, passphrase_file, master_key_file)
        found = [key for purpose in KeyPurpose for key in keys.all(purpose)]
        document = {"keys": [_shown(key) for key in found], "destroyed": list(keys.destroyed())}

        def draw(console: Console) -> None:
            rows = [
                (key.id, key.state.value, *map(_day, (key.created, key.activated, key.retires)))
                for key in found
            ]
            console.print(table(("key", "state", "made", "in use from", "ends"), rows))
            for key_id in keys.destroyed():
                console.print(f"destroyed: {key_id}", markup=False)

        out.answer(document, draw=draw)


def _add_changes(group: typer.Typer) -> None:
    @command(group, "rotate")
    def rotate(
        out: Output,
        purpose: PurposeArgument,
        store: StoreOption,
        passphrase_file: PassphraseOption = None,
        master_key_file: MasterOption = None,
        at_once: Annotated[
            bool,
            typer.Option("--at-once", help="In an emergency: do not wait until others know the next key."),
        ] = False,
    ) -> None:
        """Put the next key into use; the one in use still verifies and decrypts, and a new next one is made."""
        keys = _opened(store, passphrase_file, master_key_file)
        key = keys.rotate(_purpose(purpose), on=_now(), at_once=at_once)
        _tell(out, key, f"{key.id} is in use")

    @command(group, "retire")
    def retire(
        out: Output,
        key_id: KeyArgument,
        store: StoreOption,
        passphrase_file: PassphraseOption = None,
        master_key_file: MasterOption = None,
    ) -> None:
        """End the use of a key that is not the current one: it no longer verifies or decrypts."""
        key = _opened(store, passphrase_file, master_key_file).retire(key_id, on=_now())
        _tell(out, key, f"{key.id} is retired")

    @command(group, "destroy")
    def destroy(
        out: Output,
        key_id: KeyArgument,
        store: StoreOption,
        passphrase_file: PassphraseOption = None,
        master_key_file: MasterOption = None,
        sure: Annotated[
            bool, typer.Option("--yes", help="Yes, what only it can read is lost for ever.")
        ] = False,
    ) -> None:
        """Remove a retired key for good, also from backups when they are restored over this store."""
        if not sure:
            raise UsageError(
                what="what only this key can read will be lost for ever", where=key_id, mend="add --yes"
            )
        _opened(store, passphrase_file, master_key_file).destroy(key_id, on=_now())
        told = f"{key_id} is destroyed"
        out.answer({"destroyed": key_id}, draw=lambda console: console.print(told, markup=False))


def _add_backups(group: typer.Typer) -> None:
    @command(group, "backup")
    def backup(
        out: Output,
        file: Annotated[Path, typer.Argument(metavar="FILE", help="Write the backup here; must not exist.")],
        store: StoreOption,
        passphrase_file: PassphraseOption = None,
        master_key_file: MasterOption = None,
        recipient: Annotated[
            Path | None,
            typer.Option(
                "--for", metavar="FILE", help="An X25519 public key in PEM: only its owner can open it."
            ),
        ] = None,
        backup_passphrase_file: BackupPassphraseOption = None,
    ) -> None:
        """Write all keys into one file under a passphrase, or for a recipient who alone can open it."""
        keys = _opened(store, passphrase_file, master_key_file)
        document = keys.backup(lock=_backup_lock(recipient, backup_passphrase_file, new=True))
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "wb") as opened:
            opened.write(document)
            opened.flush()
            os.fsync(opened.fileno())
        told = f"All keys are in {file}"
        out.answer({"path": str(file)}, draw=lambda console: console.print(told, markup=False))

    @command(group, "restore")
    def restore(
        out: Output,
        file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
        store: StoreOption,
        passphrase_file: PassphraseOption = None,
        master_key_file: MasterOption = None,
        recipient: Annotated[
            Path | None, typer.Option("--with", metavar="FILE", help="The recipient's private key in PEM.")
        ] = None,
        backup_passphrase_file: BackupPassphraseOption = None,
        destroyed: Annotated[
            list[str] | None,
            typer.Option("--destroyed", metavar="KEY", help="A key that must not come back; repeatable."),
        ] = None,
        ask: Annotated[bool, typer.Option("--ask", help="Ask for a passphrase to lock a new store.")] = False,
    ) -> None:
        """Add a backup's keys to a store, which may be empty; keys in use there stay in use."""
        keys = _opened(store, passphrase_file, master_key_file, ask=ask)
        lock = _backup_lock(recipient, backup_passphrase_file, new=False)
        count = keys.restore(file.read_bytes(), lock=lock, destroyed=destroyed or ())
        told = f"Keys that came back: {count}"
        out.answer({"restored": count}, draw=lambda console: console.print(told, markup=False))


def _opened(
    store: Path, passphrase_file: Path | None, master_key_file: Path | None, *, ask: bool = False
) -> FileKeyStore:
    from joinedup.ports import FileKeyStore, Passphrase, lock_kind, master_key_from_text

    if passphrase_file is not None and master_key_file is not None:
        raise UsageError(what="a store has a passphrase or a master key", mend="give one of them")
    lock: KeyLock | None = None
    if master_key_file is not None:
        lock = master_key_from_text(master_key_file.read_text())
    elif passphrase_file is not None:
        lock = Passphrase(_first_line(passphrase_file))
    elif ask or lock_kind(store) == Passphrase.kind:
        lock = Passphrase(_asked("The store's passphrase", new=lock_kind(store) is None))
    return FileKeyStore(store, lock=lock)


def _backup_lock(recipient: Path | None, passphrase_file: Path | None, *, new: bool) -> KeyLock:
    from joinedup.ports import Passphrase, recipient_from_pem

    if recipient is not None and passphrase_file is not None:
        raise UsageError(what="a backup has a passphrase or a recipient", mend="give one of them")
    if recipient is not None:
        return recipient_from_pem(recipient.read_bytes())
    if passphrase_file is not None:
        return Passphrase(_first_line(passphrase_file))
    return Passphrase(_asked("The backup's passphrase", new=new))


def _asked(prompt: str, *, new: bool) -> str:
    if not sys.stdin.isatty():
        raise UsageError(
            what="a passphrase is needed, and nobody is there to be asked",
            mend="give it in a file, by option",
        )
    return str(typer.prompt(prompt, hide_input=True, confirmation_prompt=new, err=True))


def _first_line(file: Path) -> str:
    return file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")


def _purpose(name: str) -> KeyPurpose:
    from joinedup.ports import KeyPurpose

    names = [purpose.value for purpose in KeyPurpose]
    if name not in names:
        raise UsageError(what="no such purpose", where=name, mend=f"use one of {', '.join(names)}")
    return KeyPurpose(name)


def _now() -> datetime:
    from joinedup.ports import SystemClock

    return SystemClock().now().replace(microsecond=0)


def _shown(key: Key) -> dict[str, Any]:
    return {
        "id": key.id,
        "purpose": key.purpose.value,
        "algorithm": key.purpose.algorithm.value,
        "state": key.state.value,
        "created": key.created,
        "activated": key.activated,
        "retires": key.retires,
    }


def _day(instant: datetime | None) -> str | None:
    return f"{instant:%d %b %Y}" if instant else None


def _tell(out: Output, key: Key, told: str) -> None:
    out.answer(_shown(key), draw=lambda console: console.print(told, markup=False))
