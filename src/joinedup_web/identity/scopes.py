"""What a machine client's token may be for. Each scope stands for permissions of the gate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """code: as tokens and requests name it. what: what a client may do with it. permissions: of the gate."""

    code: str
    what: str
    permissions: frozenset[str]


SCOPES = (
    Scope("organisation.read", "Read the organisation's details", frozenset({"organisation.view"})),
    Scope("linkage.read", "Read linkage runs and their figures", frozenset({"linkage.view"})),
    Scope(
        "people.match",
        "Ask person indexes whether somebody is known, for a stated purpose",
        frozenset({"record.view"}),
    ),
    Scope(
        "feedback.send",
        "Send what people said, one response at a time; nothing can be read back",
        frozenset({"feedback.import"}),
    ),
    Scope("measures.read", "Read how services are doing", frozenset({"measure.view"})),
)
BY_CODE = {scope.code: scope for scope in SCOPES}


def permissions_of(codes: Iterable[str]) -> frozenset[str]:
    """What a client with these scopes may do; a scope that is no more gives nothing."""
    return frozenset().union(*(BY_CODE[code].permissions for code in codes if code in BY_CODE))
