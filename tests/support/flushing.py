"""Between tests the database is emptied, which the audit record's triggers forbid: here they step aside for that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import AppConfig

from joinedup_web.audit import triggers


class FlushingConfig(AppConfig):
    """An app of the tests alone."""

    name = "support.flushing"
    label = "flushing"
    path = str(Path(__file__).parent)

    def ready(self) -> None:
        """Put the triggers' removal before, and their return after, what Django does to empty tables."""
        from django.db import connection

        operations = type(connection.ops)
        empty = operations.sql_flush

        def sql_flush(self: Any, style: Any, tables: Any, **options: Any) -> list[str]:
            statements = empty(self, style, tables, **options)
            if "audit_event" not in tables:
                return statements
            vendor = self.connection.vendor
            return [*triggers.remove_sql(vendor), *statements, *triggers.install_sql(vendor)]

        operations.sql_flush = sql_flush  # type: ignore[method-assign]
