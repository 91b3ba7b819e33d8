"""The texts of a response as they came, sealed, and what people corrected about their masks.

The sealed document holds `texts` (question to text), `found` (by question: where in the text recognisers besides the
rules saw which identifier), `also` (what was missed: identifier and text) and `shown` (what was masked wrongly), so
that a text can be masked anew without those recognisers, and people's corrections still hold.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from joinedup.text.redact import Found, Identifier
from joinedup_web.feedback.models import Contact, Response
from joinedup_web.identity.sealing import opened, sealed


@dataclass
class Original:
    """What was sealed. found: by question, what recognisers besides the rules said. also, shown: (identifier, text)."""

    texts: dict[str, str]
    also: list[tuple[str, str]] = field(default_factory=list)
    shown: list[tuple[str, str]] = field(default_factory=list)
    found: dict[str, list[Found]] = field(default_factory=dict)


def seal_original(response_id: UUID, original: Original | Mapping[str, str]) -> str:
    """Return what Response.original_sealed keeps."""
    kept = original if isinstance(original, Original) else Original(dict(original))
    found = {
        key: [(each.start, each.end, each.kind.value, each.why) for each in own]
        for key, own in kept.found.items()
        if own
    }
    document = {"texts": kept.texts, "also": kept.also, "shown": kept.shown, "found": found}
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
        {
            key: [Found(start, end, Identifier(kind), why) for start, end, kind, why in own]
            for key, own in told.get("found", {}).items()
        },
    )


def seal_contact(response_id: UUID, to: str) -> str:
    """Return what Contact.to_sealed keeps."""
    return sealed(to, context=_of("contact", response_id))


def open_contact(contact: Contact) -> str:
    """The address or number of whoever asked for an answer."""
    return opened(contact.to_sealed, context=_of("contact", contact.response_id))


def _of(what: str, response_id: UUID) -> str:
    return f"feedback.{what}:{response_id}"
