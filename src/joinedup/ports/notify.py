"""The port for messages to people: e-mail and text messages, from templates, once a reference.

Addresses and what is filled in are personal data: they are in no log, no error and no repr. Who
sends: notify_outbox (embedded default), notify_smtp, notify_govuk.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Protocol

from joinedup.errors import ServiceError, UsageError

LONGEST_REFERENCE = 100
LONGEST_EMAIL = 254  # RFC 5321, section 4.5.3.1.3, with its erratum 1690
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_PHONE = re.compile(r"\+[1-9][0-9]{7,14}")
_REFERENCE = re.compile(rf"[A-Za-z0-9._:-]{{1,{LONGEST_REFERENCE}}}")


class Channel(Enum):
    """How a message travels."""

    EMAIL = "email"
    SMS = "sms"


class Language(Enum):
    """The language a person chose, by its ISO 639 code."""

    ENGLISH = "en"
    WELSH = "cy"


class NotifyError(ServiceError):
    """A message was not sent, or nobody knows whether it was.

    may_have_gone: nobody knows; trying again may send it twice, unless `again` is set and the
        service can be asked. may_try_again: it surely did not go, and later it might.
    """

    def __init__(
        self,
        *,
        what: str,
        where: str = "",
        mend: str = "",
        may_try_again: bool = False,
        may_have_gone: bool = False,
    ) -> None:
        super().__init__(what=what, where=where, mend=mend)
        self.may_try_again = may_try_again
        self.may_have_gone = may_have_gone


@dataclass(frozen=True)
class Message:
    """One message to one person.

    template: its name; it decides the channel, and so whether `to` is an e-mail address or a number.
    personalisation: what fills the template's gaps.
    reference: ours, the same for the same message however often it is tried; never a person's data.
    again: an earlier try may have gone, so ask the service first where it can be asked.
    """

    template: str
    to: str = field(repr=False)
    personalisation: Mapping[str, str | int] = field(repr=False)
    reference: str
    language: Language = Language.ENGLISH
    again: bool = False

    def __post_init__(self) -> None:
        if not _REFERENCE.fullmatch(self.reference):
            raise UsageError(
                what="a reference is letters, digits and . _ : - only, so that nobody's data get in",
                where=f"message '{self.template}'",
                mend="use a random identifier",
            )

    @property
    def place(self) -> str:
        """How errors and logs name it."""
        return f"message '{self.template}', reference {self.reference}"


@dataclass(frozen=True)
class Receipt:
    """The message was taken over. provider_id: the service's own name for it. sent: when it was taken."""

    reference: str
    channel: Channel
    provider_id: str
    sent: datetime


class Notifier(Protocol):
    """Sends messages."""

    def send(self, message: Message) -> Receipt:
        """Hand the message over. A reference that was handed over before gives the same receipt, unsent.

        UsageError: an unknown template, a gap not filled, no such address. NotifyError: not sent, or
        not known to be.
        """


class SentRecord(Protocol):
    """What was handed over already: kept by the caller, so that a restart sends nothing twice."""

    def find(self, reference: str) -> Receipt | None:
        """The receipt of a reference, if there is one."""

    def keep(self, receipt: Receipt) -> None:
        """Keep a receipt."""


class InMemorySentRecord:
    """A record that ends with the process."""

    def __init__(self) -> None:
        self._receipts: dict[str, Receipt] = {}

    def find(self, reference: str) -> Receipt | None:
        """The receipt of a reference, if there is one."""
        return self._receipts.get(reference)

    def keep(self, receipt: Receipt) -> None:
        """Keep a receipt."""
        self._receipts[receipt.reference] = receipt


def delivery_address(text: str, *, channel: Channel, where: str) -> str:
    """The address as it is dialled or written; UsageError, without the address, if it is none.

    >>> delivery_address(" Ann.Lee@Example.GOV.UK", channel=Channel.EMAIL, where="")
    'Ann.Lee@example.gov.uk'
    >>> delivery_address("07700 900123", channel=Channel.SMS, where="")
    '+447700900123'
    """
    found = _email(text.strip()) if channel is Channel.EMAIL else _phone(text)
    if found is None:
        wanted = "an e-mail address" if channel is Channel.EMAIL else "a telephone number"
        raise UsageError(what=f"the recipient is not {wanted}", where=where, mend="ask the person again")
    return found


def _email(text: str) -> str | None:
    local, _, domain = text.rpartition("@")
    try:
        domain = domain.encode("idna").decode().lower()
    except UnicodeError:
        return None
    labels = domain.split(".")
    good = (
        _LOCAL.fullmatch(local)
        and len(local) <= 64
        and len(labels) > 1
        and all(map(_LABEL.fullmatch, labels))
    )
    return f"{local}@{domain}" if good and len(local) + len(domain) < LONGEST_EMAIL else None


def _phone(text: str) -> str | None:
    digits = re.sub(r"[\s().-]", "", text)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    elif digits.startswith("0"):
        digits = "+44" + digits[1:]
    return digits if _PHONE.fullmatch(digits) else None
