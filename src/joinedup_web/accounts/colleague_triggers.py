"""The database keeps the rows of Colleague in step by itself; here is what each of both databases is told.

Told after every migration, since one that makes a table anew takes its triggers away, and filled in then for
whoever is lacking.
"""

from __future__ import annotations

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

_COPIED = ("name", "email", "is_active", "last_login")
_COLUMNS = ", ".join(_COPIED)
_NEW = ", ".join(f"{name} = NEW.{name}" for name in _COPIED)
_ADD = (
    f"INSERT INTO accounts_colleague (organisation_id, user_id, {_COLUMNS}) "  # noqa: S608 - every name is ours
    f"SELECT NEW.organisation_id, id, {_COLUMNS} FROM accounts_staffuser WHERE id = NEW.user_id "
    "ON CONFLICT (organisation_id, user_id) DO NOTHING"
)
_FOLLOW = f"UPDATE accounts_colleague SET {_NEW} WHERE user_id = NEW.id"  # noqa: S608
_ALL = (
    f"INSERT INTO accounts_colleague (organisation_id, user_id, {_COLUMNS}) "  # noqa: S608
    f"SELECT DISTINCT m.organisation_id, u.id, {', '.join(f'u.{name}' for name in _COPIED)} "
    "FROM accounts_membership m JOIN accounts_staffuser u ON u.id = m.user_id "
    "WHERE m.organisation_id IS NOT NULL ON CONFLICT (organisation_id, user_id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _COPIED)
)


def keep_colleagues(*, using: str = "default", **_: Any) -> None:
    """Add the triggers where they are lacking, and the rows."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for statement in (*_triggers(connection), _ALL):
            cursor.execute(statement)


def _triggers(connection: BaseDatabaseWrapper) -> list[str]:
    if connection.vendor == "sqlite":
        return [
            "CREATE TRIGGER IF NOT EXISTS accounts_colleague_add AFTER INSERT ON accounts_membership "
            f"WHEN NEW.organisation_id IS NOT NULL BEGIN {_ADD}; END",
            f"CREATE TRIGGER IF NOT EXISTS accounts_colleague_follow AFTER UPDATE OF {_COLUMNS} "
            f"ON accounts_staffuser BEGIN {_FOLLOW}; END",
        ]
    made = []
    for deed, statement, when in (
        (
            "add",
            _ADD,
            "AFTER INSERT ON accounts_membership FOR EACH ROW WHEN (NEW.organisation_id IS NOT NULL)",
        ),
        ("follow", _FOLLOW, f"AFTER UPDATE OF {_COLUMNS} ON accounts_staffuser FOR EACH ROW"),
    ):
        name = f"accounts_colleague_{deed}"
        made += [
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {statement}; RETURN NULL; END $$",
            f"DROP TRIGGER IF EXISTS {name} ON accounts_{'membership' if deed == 'add' else 'staffuser'}",
            f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {name}()",
        ]
    return made
