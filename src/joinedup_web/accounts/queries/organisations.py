"""Organisations as pages show them."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from joinedup_web.accounts.models import Officer, Organisation
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import require


def organisations(by: Actor) -> QuerySet[Organisation]:
    """All organisations for a platform role, else the asker's own; by name."""
    require(by, "organisation.view")
    rows = Organisation.objects.all()
    return rows if "organisation.view" in by.platform else rows.filter(id=by.organisation_id)


def organisation(by: Actor, organisation_id: UUID) -> Organisation:
    """One organisation. Raises Http404 for another's."""
    found = organisations(by).filter(id=organisation_id).first()
    if found is None:
        raise Http404
    return found


def own_organisation(by: Actor) -> Organisation:
    """The organisation that the asker works for now. Raises Http404 where they work for none."""
    found = Organisation.objects.filter(id=by.organisation_id).first()
    if found is None:
        raise Http404
    return found


def place_named(by: Actor, asked: str, *, permission: str) -> Organisation | None:
    """Where to act: one's own organisation, or with a platform role the one asked for ("platform": over all, None).

    asked: an id, "platform", or nothing. Raises Http404 for what is no organisation that the asker may act in.
    """
    if permission in by.platform:
        if asked == "platform" or (not asked and by.organisation_id is None):
            return None
        if asked:
            try:
                return organisation(by, UUID(asked))
            except ValueError:
                raise Http404 from None
    return own_organisation(by)


def officers(by: Actor, organisation: Organisation) -> list[Officer]:
    """Who holds and held which post, the present holders first."""
    require(by, "organisation.view", organisation_id=organisation.id)
    rows = Officer.objects.filter(organisation=organisation).select_related("holder")
    return sorted(rows, key=lambda row: (row.until is not None, row.post, -row.since.toordinal()))


def officer(by: Actor, officer_id: int) -> Officer:
    """One officer. Raises Http404 for another organisation's."""
    found = Officer.objects.select_related("organisation", "holder").filter(id=officer_id).first()
    if found is None or not organisations(by).filter(id=found.organisation_id).exists():
        raise Http404
    return found
