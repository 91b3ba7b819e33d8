"""Django's secret key: kept in the site's key folder, made at the first start, rotated with fallbacks."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from joinedup.settings import Mode, Settings


def secret_key(settings: Settings) -> tuple[str, list[str]]:
    """Return the key that signs now and older ones that still verify."""
    if settings.mode is Mode.TEST:
        return "test-only-" + "x" * 50, []
    folder = settings.directory / "site"
    file = folder / "secret-key"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".secret-key.{os.getpid()}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(64) + "\n")
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(draft, file)  # the first of two processes wins; the other reads what it wrote
        except FileExistsError:
            pass
        finally:
            Path(draft).unlink()
    newest, *older = file.read_text(encoding="utf-8").split()
    return newest, older
