"""The shipped roles, kept in step with gate/roles.toml at each migration."""

from __future__ import annotations

from typing import Any

from joinedup_web.accounts.models import Role
from joinedup_web.gate.permissions import role_kinds


def keep_roles_in_step(**_: Any) -> None:
    """Write every shipped role as a row, with the permissions that it has now."""
    for kind in role_kinds().values():
        Role.objects.update_or_create(
            code=kind.code,
            organisation=None,
            defaults={
                "name": kind.name,
                "what": kind.what,
                "permissions": sorted(kind.permissions),
                "platform": kind.platform,
            },
        )
