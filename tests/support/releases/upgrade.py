"""Run in a process of its own by test_upgrade.py: load a release's database, upgrade it, say what became of it as JSON.

python upgrade.py RELEASE, with DATABASE_URL or JOINEDUP_DIR naming an empty database.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ |= {"JOINEDUP_MODE": "test", "DJANGO_SETTINGS_MODULE": "joinedup_web.config.settings"}

import django

django.setup()

from django.apps import apps  # noqa: E402

from joinedup_web.accounts.models import Organisation, StaffUser  # noqa: E402
from joinedup_web.operations import serving  # noqa: E402
from support import releases  # noqa: E402
from support.populated import staff_client  # noqa: E402

# What an upgrade changes on purpose: shipped roles follow the release (accounts/roles.py).
FOLLOWS_THE_RELEASE = {"accounts.Role": {"name", "what", "permissions", "platform"}}


def main(release: str) -> dict[str, Any]:
    """Load, upgrade, compare, and open some pages."""
    releases.load(release)
    applied = serving.migrate()
    now = releases.all_rows(
        {model._meta.label: model for model in apps.get_models(include_auto_created=True)}
    )
    return {
        "applied": applied,
        "again": serving.migrate(),
        "lost": list(_lost(releases.rows_of(release), now)),
        "pages": _pages(),
    }


def _lost(before: releases.Rows, now: releases.Rows) -> Any:
    """Rows and values that are no longer there, by table and column."""
    for label, rows in before.items():
        model = apps.get_model(label)
        key = model._meta.pk.attname
        kept = {json.dumps(row[key]): row for row in now.get(label, ())}
        for row in rows:
            same = kept.get(json.dumps(row[key]))
            if same is None:
                yield f"{label}: a row"
                continue
            free = FOLLOWS_THE_RELEASE.get(label, set())
            yield from (f"{label}.{name}" for name in row if name not in free and row[name] != same.get(name))


def _pages() -> dict[str, int]:
    place = Organisation.objects.get(name__contains="EARLIER")
    found = {}
    for role, address in (
        ("analyst", "/staff/projects"),
        ("analyst", "/staff/linkage"),
        ("analyst", "/staff/sources"),
        ("clerk", "/staff/review"),
        ("organisation_administrator", "/staff/colleagues"),
        ("auditor", "/staff/audit"),
        ("adviser", "/staff/retention"),
    ):
        user = StaffUser.objects.get(email=f"marked-earlier-email.{role}@example.test")
        found[address] = staff_client(user, place).get(address).status_code
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1])) + "\n")
