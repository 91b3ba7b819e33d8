"""The databases of earlier releases: written when a release is made (make.py), loaded by the tests of later ones.

Rows are kept as JSON, by model and column, so that one fixture serves SQLite and PostgreSQL.
"""

from __future__ import annotations

import base64
import gzip
import json
import tomllib
from pathlib import Path
from typing import Any

from django.core.management.color import no_style
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import BinaryField, JSONField

from joinedup_web.audit import triggers

HERE = Path(__file__).resolve().parent
OURS = ("accounts", "audit", "identity", "linkage", "operations")
Rows = dict[str, list[dict[str, Any]]]


def releases() -> list[str]:
    """Every release that is kept."""
    return sorted(file.parent.name for file in HERE.glob("*/release.toml"))


def write(folder: Path, *, release: str) -> str:
    """Write the database as it stands; return how much it was. Raises FileExistsError: a release is made once."""
    folder.mkdir()
    last = dict(sorted(MigrationExecutor(connection).loader.applied_migrations))
    lines = [
        f'release = "{release}"',
        "",
        "[migrations]",
        *(f'{app} = "{name}"' for app, name in last.items()),
    ]
    (folder / "release.toml").write_text("\n".join(lines) + "\n", "utf-8")
    rows = {label: kept for label, kept in all_rows(_models(last)).items() if kept}
    octets = json.dumps(rows, cls=_Encoder, ensure_ascii=False).encode()
    (folder / "database.json.gz").write_bytes(gzip.compress(octets, mtime=0))
    return f"{sum(map(len, rows.values()))} rows of {len(rows)} tables"


def migrations_of(release: str) -> dict[str, str]:
    """The last migration of each app in a release."""
    told = tomllib.loads((HERE / release / "release.toml").read_text("utf-8"))
    return dict(told["migrations"])


def rows_of(release: str) -> Rows:
    """Every row of a release's database, as JSON tells it."""
    told: Rows = json.loads(gzip.decompress((HERE / release / "database.json.gz").read_bytes()))
    return told


def load(release: str) -> None:
    """Bring an empty database to a release's schema and put its rows in."""
    last = migrations_of(release)
    MigrationExecutor(connection).migrate(list(last.items()))
    models = _models(last)
    with (
        transaction.atomic()
    ):  # foreign keys are looked at when it ends, so the order of tables does not matter
        triggers.remove(connection)
        for model in models.values():
            model._default_manager.all().delete()
        for label, rows in rows_of(release).items():
            model = models[label]
            model._default_manager.bulk_create([model(**_values(model, row)) for row in rows])
    with transaction.atomic(), connection.cursor() as cursor:
        triggers.install(connection)
        for statement in connection.ops.sequence_reset_sql(no_style(), list(models.values())):
            cursor.execute(statement)


def all_rows(models: dict[str, Any]) -> Rows:
    """Every row of these models as JSON tells it."""
    told = {label: list(model._default_manager.order_by("pk").values()) for label, model in models.items()}
    rows: Rows = json.loads(json.dumps(told, cls=_Encoder, ensure_ascii=False))
    return rows


def _models(last: dict[str, str]) -> dict[str, Any]:
    """The tables as they were, by model. Only our own apps': the others look after their own."""
    state = MigrationExecutor(connection).loader.project_state(list(last.items()))
    made = state.apps.get_models(include_auto_created=True)
    return {model._meta.label: model for model in made if model._meta.app_label in OURS}


def _values(model: Any, row: dict[str, Any]) -> dict[str, Any]:
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return {name: _value(fields[name], value) for name, value in row.items()}


def _value(field: Any, value: Any) -> Any:
    if value is None or isinstance(field, JSONField):
        return value
    if isinstance(field, BinaryField):
        return base64.b64decode(value["octets"])
    return field.to_python(value)


class _Encoder(DjangoJSONEncoder):
    def default(self, o: Any) -> Any:
        """Octets as base64; else as Django does, but with every microsecond."""
        if isinstance(o, bytes | memoryview):
            return {"octets": base64.b64encode(bytes(o)).decode()}
        return o.isoformat() if hasattr(o, "isoformat") else super().default(o)
