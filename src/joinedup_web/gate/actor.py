"""Who asks: a member of staff, a citizen, a machine client, the system itself, or nobody known."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class ActorKind(StrEnum):
    """The kinds of those who ask."""

    ANONYMOUS = "anonymous"
    CITIZEN = "citizen"
    STAFF = "staff"
    CLIENT = "client"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """Who asks, for which organisation, and what they may do there.

    permissions: codes that hold in `organisation_id`. platform: codes that hold over all organisations.
    authenticated_at: when they last proved who they are. name, organisation_name: for pages alone; never logged
    or audited. works_elsewhere: whether they have roles in another organisation too, for pages alone.
    """

    kind: ActorKind
    id: UUID | None = None
    organisation_id: UUID | None = None
    permissions: frozenset[str] = frozenset()
    platform: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    authenticated_at: datetime | None = None
    name: str = field(default="", repr=False)
    organisation_name: str = field(default="", repr=False)
    works_elsewhere: bool = False

    @property
    def is_known(self) -> bool:
        """Whether we know who asks."""
        return self.kind is not ActorKind.ANONYMOUS


ANONYMOUS = Actor(ActorKind.ANONYMOUS)
SYSTEM = Actor(ActorKind.SYSTEM)
