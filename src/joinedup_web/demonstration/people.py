"""Who works in the demonstration: fictional staff, one for each role, in two organisations."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Body:
    """An organisation of the demonstration."""

    name: str
    name_cy: str
    kind: str
    govuk_slug: str


@dataclass(frozen=True)
class Worker:
    """A fictional member of staff. body: 0 the council, 1 the health trust. what: what to try as them."""

    email: str
    name: str
    roles: tuple[str, ...]
    what: str
    body: int = 0


BODIES = (
    Body("Fernshire County Council", "Cyngor Sir Fern", "council", "fernshire-county-council"),
    Body("Fernshire Health Trust", "Ymddiriedolaeth Iechyd Fern", "nhs", "fernshire-health-trust"),
)

WORKERS = (
    Worker(
        "ana.lyst@fernshire.example",
        "Ana Lyst",
        ("analyst",),
        "upload extracts, run linkage, find out what comments say",
    ),
    Worker("clara.clark@fernshire.example", "Clara Clark", ("clerk",), "review uncertain pairs"),
    Worker("ceri.clark@fernshire.example", "Ceri Clark", ("clerk",), "review as a second clerk"),
    Worker(
        "sunil.senior@fernshire.example",
        "Sunil Senior",
        ("senior_clerk",),
        "settle pairs on which clerks differ",
    ),
    Worker(
        "casey.worker@fernshire.example",
        "Casey Worker",
        ("caseworker",),
        "look up a joined record for a purpose, answer a case",
    ),
    Worker("olive.owner@fernshire.example", "Olive Owner", ("asset_owner",), "answer for the council's data"),
    Worker("ade.viser@fernshire.example", "Ade Viser", ("adviser",), "advise, place holds, ask for erasure"),
    Worker(
        "sara.vice@fernshire.example",
        "Sara Vice",
        ("service_manager",),
        "ask for feedback, see how a service does, say what was changed",
    ),
    Worker(
        "mo.derator@fernshire.example",
        "Mo Derator",
        ("moderator",),
        "act where somebody may be in danger, check masks, hold abuse back",
    ),
    Worker(
        "pat.lisher@fernshire.example",
        "Pat Lisher",
        ("publisher",),
        "publish what others wrote of what was done",
    ),
    Worker("lee.der@fernshire.example", "Lee Der", ("leader",), "see how it all stands"),
    Worker("audrey.itor@fernshire.example", "Audrey Itor", ("auditor",), "read and export the audit record"),
    Worker(
        "orla.admin@fernshire.example",
        "Orla Admin",
        ("organisation_administrator",),
        "invite colleagues, grant roles, review access",
    ),
    Worker(
        "platt.form@fernshire.example", "Platt Form", ("platform_administrator",), "keep the service running"
    ),
    Worker("hanna.lyst@health.example", "Hanna Lyst", ("analyst",), "work in another organisation", body=1),
    Worker(
        "hugo.admin@health.example",
        "Hugo Admin",
        ("organisation_administrator",),
        "administer another organisation",
        body=1,
    ),
)
