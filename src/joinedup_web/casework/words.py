"""What pages say of cases: states, origins, outcomes, what happened, and the clock in words."""

from __future__ import annotations

from datetime import datetime

from joinedup.casework import Entry, Origin, Outcome, WorkingCalendar, days_left, is_overdue
from joinedup_web.casework.models import Case, CaseState
from joinedup_web.design.words import clock, count

STANDING = {
    CaseState.OPEN.value: "working",
    CaseState.WAITING.value: "waiting",
    CaseState.ANSWERED.value: "good",
    CaseState.CLOSED.value: "neutral",
}
ORIGINS = {
    Origin.FEEDBACK.value: "Feedback",
    Origin.TELEPHONE.value: "Telephone call",
    Origin.LETTER.value: "Letter",
    Origin.EMAIL.value: "Email",
    Origin.VISIT.value: "Visit",
    Origin.OTHER.value: "Something else",
}
OUTCOMES = {
    Outcome.ANSWERED.value: "Answered",
    Outcome.RESOLVED.value: "Put right",
    Outcome.NO_ACTION.value: "Nothing to be done",
    Outcome.PASSED_ON.value: "Passed to somebody else",
    Outcome.WITHDRAWN.value: "Withdrawn by whoever asked",
    Outcome.DUPLICATE.value: "Answered together with another case",
}
CHOSEN_OUTCOMES = [(code, words) for code, words in OUTCOMES.items() if code != Outcome.DUPLICATE.value]
HAPPENED = {
    Entry.OPENED.value: "Opened",
    Entry.TAKEN.value: "Taken",
    Entry.GIVEN.value: "Given to somebody",
    Entry.NOTE.value: "Note",
    Entry.WAITING.value: "Waits for somebody else",
    Entry.RESUMED.value: "Goes on",
    Entry.ESCALATED.value: "Escalated",
    Entry.REPLY.value: "Reply written",
    Entry.REPLY_SENT.value: "Reply sent",
    Entry.REPLY_FAILED.value: "Reply not sent",
    Entry.LINKED.value: "Linked",
    Entry.PARTED.value: "No longer linked",
    Entry.CLOSED.value: "Closed",
    Entry.REOPENED.value: "Opened again",
}
CHANNELS = {"email": "email address", "sms": "mobile number"}


def is_late(case: Case, *, now: datetime) -> bool:
    """Whether an open case is past its time."""
    return case.state == CaseState.OPEN and is_overdue(case.due_at, now=now)


def due_words(case: Case, *, now: datetime, calendar: WorkingCalendar) -> str:
    """By when a case must be answered, told so that nobody has to count; the day beside it is another matter."""
    if case.state == CaseState.CLOSED:
        return f"Closed {clock(case.closed_at)}"
    if case.state == CaseState.ANSWERED:
        return f"Answered {clock(case.answered_at)}"
    if case.state == CaseState.WAITING:
        return f"The clock has stood still since {clock(case.paused_at)}"
    days = days_left(case.due_at, now=now, calendar=calendar)
    if is_overdue(case.due_at, now=now):
        return f"Overdue by {_working_days(-days)}" if days < 0 else "Overdue since 5pm today"
    if days <= 0:
        return "Due today by 5pm"
    return f"Due in {_working_days(days)}"


def _working_days(number: int) -> str:
    return f"{count(number)} working {'day' if number == 1 else 'days'}"
