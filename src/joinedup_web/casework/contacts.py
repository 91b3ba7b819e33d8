"""How to answer whoever asked: sealed with the case, so that the database alone tells nobody."""

from __future__ import annotations

from uuid import UUID

from joinedup.errors import JoinedupError
from joinedup.ports.notify import Channel, delivery_address
from joinedup_web.audit.deed import Deed
from joinedup_web.casework.models import Case, CaseContact
from joinedup_web.identity.sealing import opened, sealed

MOST_DAYS_AFTER_CLOSING = 30


def keep_contact(deed: Deed, case: Case, *, channel: str, to: str) -> CaseContact:
    """Part of a deed: keep an address or number with a case. UsageError, without the address, where it is none."""
    address = delivery_address(to, channel=Channel(channel), where="the contact of a case")
    envelope = sealed(address, context=_of("contact", case.id))
    row, _ = CaseContact.objects.update_or_create(
        case=case, defaults={"channel": channel, "to_sealed": envelope}
    )
    return row


def address_of(contact: CaseContact) -> str:
    """The address or number. Raises KeyStoreError where the key is gone."""
    return opened(contact.to_sealed, context=_of("contact", contact.case_id))


def seal_for_reply(reply_id: UUID, to: str) -> str:
    """Return what Reply.to_sealed keeps until the reply is sent."""
    return sealed(to, context=_of("reply", reply_id))


def open_for_reply(reply_id: UUID, envelope: str) -> str:
    """Return what `seal_for_reply` took."""
    return opened(envelope, context=_of("reply", reply_id))


def is_address(channel: str, to: str) -> bool:
    """Whether a text is an e-mail address or a telephone number."""
    try:
        delivery_address(to, channel=Channel(channel), where="")
    except JoinedupError:
        return False
    return True


def _of(what: str, identifier: UUID) -> str:
    return f"casework.{what}:{identifier}"
