"""The texts of a response as they came, sealed, and what people corrected about their masks.

The sealed document holds `texts` (question to text), `also` (what the rules missed: identifier and text) and `shown`
(what they masked wrongly), so that a text can be masked anew and people's corrections still hold.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from joinedup_web.feedback.models import Contact, Response
from joinedup_web.identity.sealing import opened, sealed


@dataclass
class Original:
    """What was sealed. also, shown: (identifier, text)."""

    texts: dict[str, str]
    also: list[tuple[str, str]] = field(default_factory=list)
    shown: list[tuple[str, str]] = field(default_factory=list)


def seal_original(response_id: UUID, original: Original | Mapping[str, str]) -> str:
    """Return what Response.original_sealed keeps."""
    kept = original if isinstance(original, Original) else Original(dict(original))
    document = {"texts": kept.texts, "also": kept.also, "shown": kept.shown}
    return sealed(json.dumps(document, ensure_ascii=False), context=_of("original", response_id))


def open_original(response: Response) -> Original | None:
    """The original of a response; None where it is gone or there was none. Who asks must have recorded why."""
    if not response.original_sealed:
        return None
    told = json.loads(opened(response.original_sealed, context=_of("original", response.id)))
    return Original(
        told["texts"],
        [(kind, text) for kind, text in told.get("also", ())],
        [(kind, text) for kind, text in told.get("shown", ())],
    )


def seal_contact(response_id: UUID, to: str) -> str:
    """Return what Contact.to_sealed keeps."""
    return sealed(to, context=_of("contact", response_id))


def open_contact(contact: Contact) -> str:
    """The address or number of whoever asked for an answer."""
    return opened(contact.to_sealed, context=_of("contact", contact.response_id))


def _of(what: str, response_id: UUID) -> str:
    return f"feedback.{what}:{response_id}"
