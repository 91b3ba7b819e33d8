"""Kinds of event about personal data in responses, flags, moderation."""

from __future__ import annotations

from joinedup.audit.event_kind import EventKind, count, flag, id_of, kind_of, one_of

FLAG_REASONS = ("threat_to_life", "safeguarding", "unreadable")

KINDS: tuple[EventKind, ...] = (
    # Somebody may be in danger.
    kind_of(
        "flag.raised",
        "A comment says that somebody may be in danger, or no model can read it.",
        *(id_of("flag"), id_of("service"), one_of("reason", *FLAG_REASONS), flag("by_person")),
        about_person=True,
    ),
    kind_of(
        "flag.told",
        "People were told of a flag.",
        *(id_of("flag"), one_of("to", "duty", "deputy", "everybody"), count("people")),
    ),
    kind_of(
        "flag.passed_on",
        "Nobody acknowledged a flag in time, or could be reached, and it was passed on.",
        *(id_of("flag"), one_of("to", "deputy", "everybody")),
        alarm=True,
    ),
    kind_of("flag.nobody_told", "Nobody could be told of a flag.", id_of("flag"), alarm=True),
    kind_of(
        "flag.acknowledged",
        "Somebody has a flag in hand.",
        *(id_of("flag"), flag("late")),
    ),
    kind_of("flag.noted", "What was done about a flag was noted.", id_of("flag")),
    kind_of(
        "flag.changed",
        "A flag was raised or lowered.",
        *(id_of("flag"), one_of("was", *FLAG_REASONS), one_of("now", *FLAG_REASONS)),
    ),
    kind_of(
        "flag.closed",
        "A flag was closed.",
        id_of("flag"),
        one_of("outcome", "emergency_services", "safeguarding_team", "contacted", "no_danger"),
    ),
    kind_of("flag.reopened", "A closed flag was opened again.", id_of("flag")),
    # Moderation.
    kind_of("response.hidden", "A response was hidden.", id_of("response"), about_person=True),
    kind_of("response.let_through", "A response held back was let through.", id_of("response")),
    kind_of("response.restored", "A hidden response was shown again.", id_of("response")),
    kind_of(
        "response.blocked",
        "More of the same will be held back.",
        *(id_of("response"), id_of("block"), one_of("by", "text", "sender"), count("days")),
    ),
    kind_of("response.block_lifted", "A block was lifted.", id_of("block")),
    # Masks.
    kind_of("response.masks_confirmed", "Somebody looked at what is masked.", id_of("response")),
    kind_of(
        "response.mask_corrected",
        "What is masked in a comment was corrected.",
        *(id_of("comment"), one_of("correction", "missed", "wrong")),
        about_person=True,
    ),
    kind_of(
        "response.masked_anew",
        "A response was masked anew from what came.",
        *(id_of("response"), flag("changed")),
    ),
    kind_of(
        "response.unmasked",
        "Somebody saw what was masked in a response.",
        id_of("response"),
        one_of("reason", "danger", "reply", "complaint", "mask_check", "data_request"),
        about_person=True,
    ),
    kind_of(
        "response.originals_removed",
        "What was masked, and how to answer, was removed when its time had come.",
        *(id_of("service"), count("removed")),
    ),
)
