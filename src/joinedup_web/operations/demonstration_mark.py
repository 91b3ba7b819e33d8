"""How a folder is known to hold a demonstration, which must never be served in production: a mark, or its accounts."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import connection

from joinedup.errors import UsageError
from joinedup.settings import Mode
from joinedup_web.demonstration.here import MARK
from joinedup_web.demonstration.people import WORKERS


def is_marked(directory: Path) -> bool:
    """Whether a folder bears the mark, by itself or in its site."""
    return (directory / MARK).exists() or (directory / "site" / MARK).exists()


def holds_demonstration() -> bool:
    """Whether the folder of this site bears the mark, or its database has accounts of the demonstration.

    Backups made by earlier releases have the accounts alone. False for a database that holds no tables yet.
    """
    from joinedup_web.accounts.models import StaffUser

    if is_marked(settings.JOINEDUP.directory):
        return True
    if StaffUser._meta.db_table not in connection.introspection.table_names():
        return False
    return bool(StaffUser.objects.filter(email__in=[worker.email for worker in WORKERS]).exists())


def refuse_in_production() -> None:
    """Raise UsageError where a site runs in production over a demonstration."""
    if settings.JOINEDUP.mode is Mode.PRODUCTION and holds_demonstration():
        raise UsageError(
            what="the folder holds a demonstration, whose accounts need no proof",
            where=str(settings.JOINEDUP.directory),
            mend="serve another folder in production; a demonstration is served with JOINEDUP_MODE=demonstration",
        )
