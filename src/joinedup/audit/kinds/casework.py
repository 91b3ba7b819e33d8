"""Kinds of event about cases."""

from __future__ import annotations

from joinedup.audit.event_kind import EventKind, count, flag, id_of, kind_of, one_of

KINDS: tuple[EventKind, ...] = (
    kind_of(
        "case.opened",
        "A case was opened.",
        *(id_of("case"), one_of("origin", "feedback", "telephone", "letter", "email", "visit", "other")),
        *(id_of("team?"), flag("urgent"), flag("answer_wanted")),
        about_person=True,
    ),
    kind_of("case.taken", "Somebody took a case.", id_of("case")),
    kind_of(
        "case.given",
        "A case was given to somebody, or to a team.",
        *(id_of("case"), id_of("team?"), id_of("account?")),
    ),
    kind_of("case.noted", "A note was written on a case.", id_of("case")),
    kind_of("case.paused", "A case waits for somebody else, and its clock stands still.", id_of("case")),
    kind_of("case.resumed", "The clock of a case runs again.", *(id_of("case"), count("days"))),
    kind_of(
        "case.escalated",
        "A case was escalated.",
        *(id_of("case"), id_of("account"), one_of("by", "hand", "time")),
    ),
    kind_of(
        "case.reply_asked",
        "A reply was written, to be sent to whoever asked.",
        *(id_of("case"), id_of("reply"), one_of("channel", "email", "sms")),
        about_person=True,
    ),
    kind_of("case.reply_sent", "A reply was sent.", *(id_of("case"), id_of("reply"), count("tries"))),
    kind_of(
        "case.reply_failed",
        "A reply could not be sent.",
        *(id_of("case"), id_of("reply"), count("tries"), flag("for_good")),
    ),
    kind_of("case.linked", "A case is answered together with another.", *(id_of("case"), id_of("to"))),
    kind_of("case.parted", "A case is answered by itself again.", id_of("case")),
    kind_of("case.comment_added", "A case answers a comment.", *(id_of("case"), id_of("comment"))),
    kind_of(
        "case.comment_removed",
        "A comment was taken out of a case that it had been added to.",
        *(id_of("case"), id_of("comment")),
    ),
    kind_of(
        "case.closed",
        "A case was closed.",
        id_of("case"),
        one_of("outcome", "answered", "resolved", "no_action", "passed_on", "withdrawn", "duplicate"),
    ),
    kind_of("case.reopened", "A closed case was opened again.", id_of("case")),
    kind_of(
        "case.contact_removed",
        "How to answer whoever asked was removed from closed cases.",
        count("removed"),
        about_person=True,
    ),
    kind_of("team.made", "A team was made.", id_of("team")),
    kind_of("team.changed", "A team was changed.", *(id_of("team"), count("members"))),
    kind_of("team.closed", "A team takes no more cases.", id_of("team")),
    kind_of("team.opened", "A closed team takes cases again.", id_of("team")),
    kind_of(
        "calendar.changed",
        "By which nation's bank holidays working days are counted was changed.",
        one_of("nation", "england-and-wales", "scotland", "northern-ireland"),
    ),
    kind_of(
        "calendar.day_changed",
        "A day of the working calendar was changed.",
        one_of("change", "off", "worked", "as_usual"),
    ),
)
