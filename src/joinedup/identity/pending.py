"""A sign-in that has left for the provider and not come back: what we asked, kept until the answer.

It is taken out before the code is exchanged, so that one answer can be used once, whatever the provider does
with a code that comes twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Protocol, cast

from .tokens import Json


@dataclass(frozen=True)
class PendingSignIn:
    """What was asked. state, nonce, code_verifier: secrets of this one sign-in.

    purpose: which step it is, for whoever began it. expected_subject: the person must come back as this one.
    return_to: the page to show afterwards; the website's own matter.
    """

    issuer: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    started_at: datetime
    purpose: str = ""
    max_age: int | None = None
    expected_subject: str = field(default="", repr=False)
    return_to: str = field(default="", repr=False)

    def as_dict(self) -> dict[str, Json]:
        """As JSON can hold it, for a session."""
        return {**asdict(self), "started_at": self.started_at.isoformat()}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Json]) -> PendingSignIn:
        """The same from what as_dict gave. ValueError or TypeError where it is not that."""
        started_at = datetime.fromisoformat(cast("str", kept["started_at"]))
        return cls(**{**kept, "started_at": started_at})  # type: ignore[arg-type]  # as_dict wrote it


class PendingSignIns(Protocol):
    """The sign-ins that ONE browser has begun: its session, or rows bound to that.

    That binding is what `state` proves: an answer brought by another browser finds nothing here.
    """

    def put(self, pending: PendingSignIn) -> None:
        """Keep it under its state."""
        ...

    def take(self, state: str) -> PendingSignIn | None:
        """Remove it and give it, in one step; None where there is none. Of two takers one gets it."""
        ...


class MemoryPendingSignIns:
    """Keeps them in this process, the newest few: for tests and demonstrations."""

    MOST = 5

    def __init__(self) -> None:
        self._kept: dict[str, PendingSignIn] = {}

    def put(self, pending: PendingSignIn) -> None:
        """Keep it under its state; the oldest goes where there are more than five."""
        self._kept[pending.state] = pending
        for state in list(self._kept)[: -self.MOST]:
            self._kept.pop(state, None)

    def take(self, state: str) -> PendingSignIn | None:
        """Remove it and give it; None where there is none."""
        return self._kept.pop(state, None)
