"""Deeds on collection points: a link, a QR code or a button is made, closed and opened again."""

from __future__ import annotations

import secrets

from joinedup_web.audit.deed import Deed, action
from joinedup_web.feedback.models import Channel, CollectionPoint, Ending, Form

LETTERS = "bcdfghjkmnpqrstvwxyz23456789"
"""Of short addresses: no vowels, so that they make no words, and nothing that is read for something else."""
CODE_LENGTH = 6
MOST_TRIES = 20


@action("service.manage")
def make_point(deed: Deed, *, form: Form, channel: str, ending: str, label: str) -> CollectionPoint:
    """Make a place where people are asked, with its short address /f/<code>. label: where it stands, for staff."""
    if form.service.organisation_id != deed.organisation_id:
        raise deed.refuse("other_organisation", "it belongs to another organisation")
    if channel not in Channel.values or ending not in Ending.values:
        raise deed.refuse("no_such_choice", "choose how people come to the form, and at which ending")
    if not label.strip():
        raise deed.refuse("no_label", "say where it stands")
    if form.one_answer_each:
        raise deed.refuse("by_invitation", "this form is answered through invitations alone")
    made = CollectionPoint.objects.create(
        form=form,
        code=_code(),
        channel=channel,
        ending=ending,
        label=label.strip(),
        made_by_id=deed.by.id,
        made_at=deed.at,
    )
    deed.record("point.added", form=form.id, point=made.id, channel=made.channel)
    return made


@action("service.manage")
def close_point(deed: Deed, *, point: CollectionPoint) -> CollectionPoint:
    """Take no more answers through a point; its short address says so."""
    return _set_open(deed, point, False)


@action("service.manage")
def reopen_point(deed: Deed, *, point: CollectionPoint) -> CollectionPoint:
    """Take answers through a closed point again."""
    return _set_open(deed, point, True)


def _set_open(deed: Deed, point: CollectionPoint, is_open: bool) -> CollectionPoint:
    rows = CollectionPoint.objects.select_for_update(of=("self",))
    row = rows.get(id=point.id, form__service__organisation_id=deed.organisation_id)
    if row.is_open is is_open:
        raise deed.refuse("nothing_changed", "it is open already" if is_open else "it is closed already")
    row.is_open = is_open
    row.save()
    deed.record("point.changed", point=row.id, is_open=is_open)
    return row


def _code() -> str:
    for _ in range(MOST_TRIES):
        code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
        if not CollectionPoint.objects.filter(code=code).exists():
            return code
    raise RuntimeError("no free short address was found")
