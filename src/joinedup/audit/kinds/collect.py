"""Kinds of event about services, forms, collection points, invitations, imports and responses."""

from __future__ import annotations

from joinedup.audit.event_kind import EventKind, count, flag, id_of, kind_of, one_of

_CHANNEL = ("web", "script", "qr", "email", "sms", "paper", "face_to_face", "import", "api")
_HELD = (
    "honeypot",
    "decoy",
    "no_token",
    "too_quick",
    "links",
    "repeated_text",
    "too_many",
    "blocked_text",
    "blocked_sender",
)
_FAULTS = ("source", "model", "limit", "missing_extra", "service", "usage", "fault")
_FORM = ("satisfaction", "help", "survey", "consultation")

KINDS: tuple[EventKind, ...] = (
    kind_of("service.added", "A service that asks for feedback was set up.", id_of("service")),
    kind_of(
        "service.changed",
        "A service's settings, duty person or deputy were changed.",
        id_of("service"),
        id_of("duty_person?"),
        id_of("deputy?"),
        flag("is_active"),
    ),
    kind_of("form.added", "A form was added.", id_of("service"), id_of("form"), one_of("purpose", *_FORM)),
    kind_of("form.edited", "The draft of a form's questions was changed.", id_of("form"), count("questions")),
    kind_of(
        "form.published",
        "A form's questions were put to use as a new version.",
        id_of("form"),
        count("version"),
        count("questions"),
    ),
    kind_of("form.changed", "A form's name or dates were changed.", id_of("form"), flag("one_answer_each")),
    kind_of("form.opened", "A form was opened for answers.", id_of("form")),
    kind_of("form.closed", "A form was closed.", id_of("form")),
    kind_of(
        "point.added",
        "A link, QR code or button for a form was made.",
        id_of("form"),
        id_of("point"),
        one_of("channel", *_CHANNEL),
    ),
    kind_of(
        "point.changed",
        "A link, QR code or button was opened or closed.",
        id_of("point"),
        flag("is_open"),
    ),
    kind_of(
        "response.received",
        "Somebody's answers were kept, with personal data masked.",
        id_of("service"),
        id_of("form"),
        id_of("response"),
        one_of("channel", *_CHANNEL),
        one_of("language", "en", "cy"),
        count("comments"),
        count("masked"),
        count("flags"),
        one_of("held?", *_HELD),
    ),
    kind_of(
        "import.asked",
        "A file of responses was brought, sealed, to be looked at.",
        *(id_of("service"), id_of("form"), id_of("import")),
    ),
    kind_of(
        "import.understood", "What a file of responses holds was found out.", id_of("import"), count("rows")
    ),
    kind_of(
        "import.confirmed",
        "Somebody agreed to what each column of a file of responses is.",
        *(id_of("import"), count("questions")),
    ),
    kind_of("import.dropped", "A file of responses was taken back before any row was kept.", id_of("import")),
    kind_of(
        "import.finished",
        "The rows of a file of responses were taken in.",
        *(id_of("import"), count("rows"), count("kept"), count("before"), count("aside")),
    ),
    kind_of(
        "import.failed",
        "A file of responses could not be taken in.",
        *(id_of("import"), one_of("fault", *_FAULTS)),
    ),
    kind_of(
        "form.taken_offline",
        "A page that asks a form's questions without a network was carried off.",
        id_of("form"),
    ),
    kind_of(
        "invitations.asked",
        "People are invited to a form.",
        *(id_of("form"), id_of("batch"), one_of("channel", "email", "sms"), count("people")),
    ),
    kind_of(
        "invitations.sent",
        "Invitations to a form were sent; their addresses are gone.",
        *(id_of("batch"), count("sent"), count("failed")),
    ),
    kind_of(
        "invitations.stopped",
        "Invitations that were not sent yet were taken back.",
        id_of("batch"),
        count("people"),
    ),
)
