"""How flags, responses and masks are put on pages: where they stand, who was told, a masked text."""

from __future__ import annotations

from datetime import datetime

from markupsafe import Markup, escape

from joinedup_web.design.words import clock, count
from joinedup_web.feedback.masking import parts_of
from joinedup_web.feedback.models import Flag, FlagKind, Response, ResponseState
from joinedup_web.feedback.queries.protect_responses import MOST_TO_CHECK
from joinedup_web.linkage.views.shown import tag

FLAG_STANDINGS = (
    ("waiting", "To acknowledge"),
    ("acknowledged", "In hand"),
    ("closed", "Closed"),
)
HELD_REASONS = {
    "honeypot": "A field that people do not see was filled in",
    "decoy": "A field that people do not see was filled in",
    "no_token": "It did not come from the form’s own page",
    "too_quick": "It came sooner than anybody can read the form",
    "links": "It is full of links",
    "repeated_text": "The same words came many times",
    "too_many": "Many came from the same place",
    "blocked_text": "A moderator blocked these words",
    "blocked_sender": "A moderator blocked this sender",
}
SENTIMENTS = (("negative", "Negative"), ("neutral", "Neither or both"), ("positive", "Positive"))
MOST_OF_A_TEXT = 200


def flag_tag(flag: Flag, *, now: datetime) -> Markup:
    """Where a flag stands; one that nobody acknowledged in time is late."""
    if flag.closed_at is not None:
        return tag("Closed", "good")
    if flag.acknowledged_at is not None:
        return tag("In hand", "working")
    return tag("Late", "bad") if flag.due_at < now else tag("To acknowledge", "attention")


def response_tag(response: Response) -> Markup:
    """Where a response stands."""
    standing = {ResponseState.OPEN: "good", ResponseState.HELD: "waiting", ResponseState.HIDDEN: "neutral"}
    state = ResponseState(response.state)
    return tag(str(state.label), standing[state])


def who_was_told(flag: Flag) -> str:
    """Whom the last message about a flag went to, in words."""
    if flag.everybody_told_at is not None:
        return f"Everybody who may acknowledge it, {clock(flag.everybody_told_at)}"
    if flag.told is None or flag.told_at is None:
        return "Nobody could be reached yet" if flag.untold else "Nobody yet"
    part = "deputy" if flag.escalated_at is not None else "duty person"
    return f"{flag.told.name}, {part}, {clock(flag.told_at)}"


def what_next(flag: Flag) -> str:
    """What happens where nobody acknowledges a flag in time; empty where the clock stands still."""
    if flag.acknowledged_at is not None or flag.closed_at is not None:
        return ""
    if flag.kind == FlagKind.UNREADABLE:
        return f"If nobody has read it by {clock(flag.due_at)}, the duty person is told."
    if flag.everybody_told_at is not None:
        return "Everybody who may acknowledge it has been told. Somebody must act now."
    if flag.escalated_at is not None:
        return "If nobody acknowledges it soon, everybody who may is told."
    return f"If nobody acknowledges it by {clock(flag.due_at)}, the deputy is told, and then everybody who may act."


def reasons_of(flag: Flag) -> str:
    """Why it was raised: the rules that spoke, or a person."""
    if flag.kind == FlagKind.UNREADABLE:
        return "It is in a language, or written in a way, that no model here can read"
    words = ["a colleague raised it" if each == "person" else each for each in flag.reasons]
    text = "; ".join(words)
    return text[:1].upper() + text[1:]


def masked_html(text: str) -> Markup:
    """A masked text with its masks marked; its own line breaks are kept by the class around it."""
    return Markup("").join(
        Markup('<mark class="app-mask">{}</mark>').format(piece) if is_mask else escape(piece)
        for piece, is_mask in parts_of(text)
    )


def beginning(text: str) -> str:
    """As much of a text as a list shows."""
    words = " ".join(text.split())
    return words if len(words) <= MOST_OF_A_TEXT else words[: MOST_OF_A_TEXT - 1].rstrip() + "…"


def to_check_words(number: int) -> str:
    """12 responses wait; more than 2,000 responses wait."""
    if number > MOST_TO_CHECK:
        return f"more than {count(MOST_TO_CHECK)} responses wait"
    return f"{count(number)} {'response waits' if number == 1 else 'responses wait'}"


def flag_history(flag: Flag) -> list[tuple[datetime, str]]:
    """What happened to a flag, the oldest first."""
    by = f" by {flag.raised_by.name}" if flag.raised_by is not None else " by the rules that look for danger"
    told = [(flag.raised_at, f"Raised{by if flag.kind != FlagKind.UNREADABLE else ''}")]
    if flag.told_at is not None and flag.told is not None and flag.everybody_told_at is None:
        told.append((flag.told_at, f"{flag.told.name} was told"))
    if flag.escalated_at is not None:
        told.append((flag.escalated_at, "Passed on, because nobody acknowledged it or could be reached"))
    if flag.everybody_told_at is not None:
        told.append((flag.everybody_told_at, "Everybody who may acknowledge it was told"))
    if flag.acknowledged_at is not None and flag.acknowledged_by is not None:
        late = ", late" if flag.acknowledged_at > flag.due_at else ""
        told.append((flag.acknowledged_at, f"Acknowledged by {flag.acknowledged_by.name}{late}"))
    if flag.closed_at is not None and flag.closed_by is not None:
        outcome = flag.get_outcome_display()
        told.append((flag.closed_at, f"Closed by {flag.closed_by.name}: {outcome[:1].lower()}{outcome[1:]}"))
    return sorted(told, key=lambda each: each[0])
