"""The database itself keeps the audit record append-only: what each of both databases is told, and how to undo it.

Only tests undo it, to empty their database between them.
"""

from __future__ import annotations

# ruff: noqa: S608 - every name in these statements is ours
from django.db.backends.base.base import BaseDatabaseWrapper

APPEND_ONLY = ("audit_event", "audit_sequenced", "audit_block", "audit_checkpoint")
_WORDS = "the audit record is only ever added to"
_PENDING_WORDS = "an event leaves the waiting list by being sequenced"


def install(connection: BaseDatabaseWrapper) -> None:
    """Add the triggers."""
    _run(connection, install_sql(connection.vendor))


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away."""
    _run(connection, remove_sql(connection.vendor))


def install_sql(vendor: str) -> list[str]:
    """The statements that add the triggers."""
    return _sqlite() if vendor == "sqlite" else _postgres()


def remove_sql(vendor: str) -> list[str]:
    """The statements that take them away; they may be gone already."""
    if vendor == "sqlite":
        names = [statement.split()[2] for statement in _sqlite()]
        return [f"DROP TRIGGER IF EXISTS {name}" for name in names]
    functions = ("audit_keep", "audit_keep_pending", "audit_add_pending")
    return [f"DROP FUNCTION IF EXISTS {name}() CASCADE" for name in functions]


def _run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _sqlite() -> list[str]:
    made = [
        f"CREATE TRIGGER {table}_keep_{deed.lower()} BEFORE {deed} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
        for table in APPEND_ONLY
        for deed in ("UPDATE", "DELETE")
    ]
    # INSERT OR REPLACE deletes what stands in its way without firing the triggers above.
    for table, same in (
        (
            "audit_event",
            "number = NEW.number OR event_id = NEW.event_id"
            " OR (writer = NEW.writer AND writer_serial = NEW.writer_serial)",
        ),
        ("audit_sequenced", "sequence = NEW.sequence OR event_id = NEW.event_id"),
        ("audit_block", '"index" = NEW."index"'),
        ("audit_checkpoint", "size = NEW.size"),
    ):
        made.append(
            f"CREATE TRIGGER {table}_keep_insert BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
            f"BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
        )
    return [
        *made,
        "CREATE TRIGGER audit_event_add_pending AFTER INSERT ON audit_event "
        "BEGIN INSERT INTO audit_pending (event_id) VALUES (NEW.number); END",
        f"CREATE TRIGGER audit_pending_keep_update BEFORE UPDATE ON audit_pending "
        f"BEGIN SELECT RAISE(ABORT, '{_PENDING_WORDS}'); END",
        f"CREATE TRIGGER audit_pending_keep_delete BEFORE DELETE ON audit_pending "
        f"WHEN NOT EXISTS (SELECT 1 FROM audit_sequenced WHERE event_id = OLD.event_id) "
        f"BEGIN SELECT RAISE(ABORT, '{_PENDING_WORDS}'); END",
    ]


def _postgres() -> list[str]:
    made = [
        f"CREATE FUNCTION audit_keep() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_WORDS}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        "CREATE FUNCTION audit_keep_pending() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP = 'DELETE' AND EXISTS (SELECT 1 FROM audit_sequenced WHERE event_id = OLD.event_id) "
        f"THEN RETURN OLD; END IF; RAISE EXCEPTION '{_PENDING_WORDS}' "
        "USING ERRCODE = 'integrity_constraint_violation'; END $$",
        "CREATE FUNCTION audit_add_pending() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO audit_pending (event_id) VALUES (NEW.number); RETURN NULL; END $$",
        "CREATE TRIGGER audit_event_add_pending AFTER INSERT ON audit_event "
        "FOR EACH ROW EXECUTE FUNCTION audit_add_pending()",
        "CREATE TRIGGER audit_pending_keep_rows BEFORE UPDATE OR DELETE ON audit_pending "
        "FOR EACH ROW EXECUTE FUNCTION audit_keep_pending()",
        "CREATE TRIGGER audit_pending_keep_all BEFORE TRUNCATE ON audit_pending "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_keep()",
    ]
    for table in APPEND_ONLY:
        made += [
            f"CREATE TRIGGER {table}_keep_rows BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION audit_keep()",
            f"CREATE TRIGGER {table}_keep_all BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_keep()",
        ]
    # Always: also where a session calls itself a replica to have triggers left out.
    for table in (*APPEND_ONLY, "audit_pending"):
        made += [
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{rest}" for rest in ("keep_rows", "keep_all")
        ]
    return made
