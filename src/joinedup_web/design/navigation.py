"""The staff navigation: what each app offers, shown only to those who may use it."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import decide


@dataclass(frozen=True)
class Entry:
    """One entry: the words, the view, and the permission without which it is not shown (None: any staff)."""

    text: str
    view: str
    permission: str | None = None


ENTRIES = (
    Entry("Home", "accounts:home"),
    Entry("Projects", "linkage:projects", "linkage.view"),
    Entry("Sources", "linkage:sources", "source.view"),
    Entry("Linkage", "linkage:jobs", "linkage.view"),
    Entry("Review", "linkage:review", "pair.review"),
    Entry("People", "linkage:people", "record.view"),
    Entry("Feedback", "feedback:services", "feedback.view"),
    Entry("Models", "text:features", "model.view"),
    Entry("Cases", "casework:cases", "case.view"),
    Entry("Staff", "accounts:staff", "staff.view"),
    Entry("Machine clients", "identity:clients", "client.view"),
    Entry("Keeping", "operations:retention", "retention.view"),
    Entry("Audit", "audit:events", "audit.view"),
    Entry("Service", "operations:service", "operations.view"),
)


def navigation(by: Actor, path: str) -> list[dict[str, object]]:
    """Return the entries that this actor may use, as the service navigation component takes them."""
    shown: list[dict[str, object]] = []
    if not by.is_known:
        return shown
    for entry in ENTRIES:
        if entry.permission is not None and not decide(by, entry.permission).allowed:
            continue
        there = reverse(entry.view)
        here = path == there or (entry.view != "accounts:home" and path.startswith(there))
        shown.append({"href": there, "text": entry.text, "active": here})
    return shown
