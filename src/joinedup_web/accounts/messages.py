"""Messages about accounts, handed to the notify port once their deed is durable; a failure never undoes the deed."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.urls import reverse

from joinedup.errors import JoinedupError
from joinedup.ports.clock import SystemClock
from joinedup.ports.notify import InMemorySentRecord, Language, Message, Notifier
from joinedup.ports.notify_govuk import GovukNotifier
from joinedup.ports.notify_outbox import OutboxNotifier
from joinedup.ports.notify_smtp import SmtpNotifier, SmtpServer
from joinedup.ports.notify_templates import own_templates
from joinedup_web.audit.deed import Deed
from joinedup_web.gate.network import http_client

log = logging.getLogger(__name__)


@dataclass
class Delivery:
    """How a message fared. has_failed: known once its deed has been committed."""

    has_failed: bool = False


def send_after(deed: Deed, template: str, *, to: str, **gaps: str) -> Delivery:
    """Send a message once the deed is durable."""
    delivery = Delivery()
    message = Message(
        template=template,
        to=to,
        personalisation={"service": settings.JOINEDUP.service_name, **gaps},
        reference=str(uuid4()),
    )

    def send() -> None:
        try:
            notifier().send(message)
        except JoinedupError as problem:
            delivery.has_failed = True
            log.warning("%s was not sent: %s", message.place, type(problem).__name__)

    deed.after_commit(send)
    return delivery


def link_to(view: str, **arguments: object) -> str:
    """The full address of a page, for a message."""
    return f"{settings.JOINEDUP.url}{reverse(view, kwargs=arguments)}"


def is_shown_instead() -> bool:
    """Whether messages only lie in the outbox, so that pages show what a message would have told."""
    return bool(settings.JOINEDUP.notify.kind == "outbox")


def can_be_asked() -> bool:
    """Whether the way to send knows by itself what it was handed before, so that trying again sends nothing twice."""
    return bool(settings.JOINEDUP.notify.kind != "smtp")


@cache
def notifier() -> Notifier:
    """The way to send that the settings name. Raises UsageError where they lack something."""
    chosen, clock, templates = settings.JOINEDUP.notify, SystemClock(), own_templates()
    if chosen.kind == "smtp":
        place = urlsplit(chosen.address)
        server = SmtpServer(
            host=place.hostname or "localhost",
            port=place.port or 587,
            sender=chosen.sender,
            user=place.username or "",
            password=chosen.secret,
        )
        return SmtpNotifier(server, templates, clock=clock, sent=InMemorySentRecord())
    if chosen.kind == "govuk-notify":
        return GovukNotifier(
            chosen.secret,
            templates,
            template_ids={(name, Language(code)): own for name, code, own in chosen.template_ids},
            http=http_client(),
            clock=clock,
            sent=InMemorySentRecord(),
        )
    return OutboxNotifier(templates, clock=clock, directory=settings.SITE_DIR / "outbox")
