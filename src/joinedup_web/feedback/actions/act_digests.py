"""Weekly digests: who wants them, keeping one, noting that it was sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from joinedup_web.audit.deed import Deed, action
from joinedup_web.feedback.models import Digest, DigestChoice, Service


@action("measure.view")
def choose_digest(deed: Deed, *, service: Service) -> None:
    """Send me this service's digest every week."""
    _, is_new = DigestChoice.objects.get_or_create(service=service, account_id=deed.by.id)
    if not is_new:
        raise deed.refuse("chosen_already", "you get this digest already")
    deed.record("digest.chosen", service=service.id)


@action("measure.view")
def leave_digest(deed: Deed, *, service: Service) -> None:
    """Do not send it to me any more."""
    deleted, _ = DigestChoice.objects.filter(service=service, account_id=deed.by.id).delete()
    if not deleted:
        raise deed.refuse("left_already", "you do not get this digest")
    deed.record("digest.left", service=service.id)


@action(None)
def keep_digest(deed: Deed, *, service: Service, week: date, content: Mapping[str, Any]) -> Digest:
    """Keep the digest of a week, once. Raises IntegrityError where it is there."""
    made = Digest.objects.create(service=service, week=week, content=dict(content), made_at=deed.at)
    deed.record("digest.made", service=service.id)
    return made


@action(None)
def note_sent(deed: Deed, *, digest: Digest, sent: int) -> None:
    """Note to how many it was sent."""
    Digest.objects.filter(id=digest.id, sent_at=None).update(sent_at=deed.at)
    deed.record("digest.sent", service=digest.service_id, people=sent)
