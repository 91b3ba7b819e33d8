"""Flags: raised as a comment is kept or by a person, acknowledged against a clock, closed with what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Any

from joinedup_web.audit.deed import Deed, action
from joinedup_web.feedback import flag_messages
from joinedup_web.feedback.models import Comment, Flag, FlagKind, FlagOutcome

READ_WITHIN = timedelta(hours=24)
"""How long a text that no model can read may wait before the duty person is told."""
DANGERS = (FlagKind.THREAT_TO_LIFE, FlagKind.SAFEGUARDING)


def raise_flags(deed: Deed, *, comment: Comment, dangers: Iterable[Any], is_readable: bool) -> list[Flag]:
    """Keep that somebody may be in danger, or that no model can read the text; part of the deed that keeps a comment.

    dangers: joinedup.text's Danger (kind, reasons: codes of rules). The comment must be saved. After the commit the
    duty person is told by a job; upkeep tells them where that job was lost. Returns the flags.
    """
    flags = [_raised(deed, comment, FlagKind(danger.kind), list(danger.reasons)) for danger in dangers]
    if not is_readable:
        flags.append(_raised(deed, comment, FlagKind.UNREADABLE, []))
    return flags


@action("feedback.view")
def raise_by_hand(deed: Deed, *, comment: Comment, kind: str) -> Flag:
    """Somebody who read a comment fears for a person."""
    word = FlagKind(kind)
    if word not in DANGERS:
        raise deed.refuse("no_danger", "say whether a life is in danger or somebody may be harmed")
    if Flag.objects.filter(comment=comment, kind=word).exists():
        raise deed.refuse("raised_already", "this comment bears that flag already")
    return _raised(deed, comment, word, ["person"], by_person=True)


@action("flag.acknowledge")
def acknowledge_flag(deed: Deed, *, flag: Flag) -> Flag:
    """Say that one has it in hand: the clock stops, and nobody else is told."""
    locked = Flag.objects.select_for_update().get(id=flag.id)
    if locked.acknowledged_at is not None:
        raise deed.refuse("acknowledged_already", "a colleague acknowledged this flag in the meantime")
    locked.acknowledged_by_id, locked.acknowledged_at = deed.by.id, deed.at
    locked.save(update_fields=["acknowledged_by", "acknowledged_at"])
    late = deed.at > locked.due_at
    deed.record("flag.acknowledged", flag=locked.id, late=late)
    return locked


@action("flag.acknowledge")
def note_on_flag(deed: Deed, *, flag: Flag, note: str) -> None:
    """Keep what was done so far."""
    if not Flag.objects.filter(id=flag.id, closed_at=None).update(note=note.strip()):
        raise deed.refuse("closed", "this flag is closed; open it again first")
    deed.record("flag.noted", flag=flag.id)


@action("flag.acknowledge")
def change_flag(deed: Deed, *, flag: Flag, kind: str) -> Flag:
    """Raise a flag to a threat to life, or lower it to a risk of harm. A raised one is told about again."""
    locked = Flag.objects.select_for_update().select_related("service").get(id=flag.id)
    word = FlagKind(kind)
    if locked.closed_at is not None:
        raise deed.refuse("closed", "this flag is closed; open it again first")
    if word not in DANGERS or word == locked.kind:
        raise deed.refuse("same_kind", "choose another kind than the flag has")
    if Flag.objects.filter(comment_id=locked.comment_id, kind=word).exists():
        raise deed.refuse("raised_already", "this comment bears that flag already")
    was, locked.kind = locked.kind, word
    if word == FlagKind.THREAT_TO_LIFE or was == FlagKind.UNREADABLE:
        _start_clock(deed, locked)
        locked.acknowledged_at, locked.acknowledged_by = None, None
    locked.save()
    deed.record("flag.changed", flag=locked.id, was=was, now=word.value)
    if locked.told_at is None:
        deed.after_commit(partial(flag_messages.tell_later, str(locked.id)))
    return locked


@action("flag.acknowledge")
def close_flag(deed: Deed, *, flag: Flag, outcome: str, note: str) -> Flag:
    """End a flag with what came of it. Closing one that nobody acknowledged acknowledges it."""
    locked = Flag.objects.select_for_update().get(id=flag.id)
    if locked.closed_at is not None:
        raise deed.refuse("closed_already", "a colleague closed this flag in the meantime")
    if not note.strip():
        raise deed.refuse("no_note", "say what was done")
    if locked.acknowledged_at is None:
        locked.acknowledged_by_id, locked.acknowledged_at = deed.by.id, deed.at
    locked.outcome, locked.note = FlagOutcome(outcome), note.strip()
    locked.closed_by_id, locked.closed_at = deed.by.id, deed.at
    locked.save()
    deed.record("flag.closed", flag=locked.id, outcome=locked.outcome)
    return locked


@action("flag.acknowledge")
def reopen_flag(deed: Deed, *, flag: Flag) -> Flag:
    """A closed flag was closed wrongly: its clock begins anew, and the duty person is told again."""
    locked = Flag.objects.select_for_update().select_related("service").get(id=flag.id)
    if locked.closed_at is None:
        raise deed.refuse("open", "this flag is open")
    locked.closed_at, locked.closed_by, locked.outcome = None, None, ""
    locked.acknowledged_at, locked.acknowledged_by = None, None
    _start_clock(deed, locked)
    locked.save()
    deed.record("flag.reopened", flag=locked.id)
    deed.after_commit(partial(flag_messages.tell_later, str(locked.id)))
    return locked


@action("flag.acknowledge")
def export_flags(deed: Deed, *, rows: int, is_filtered: bool) -> None:
    """Somebody downloads the list of flags, which holds nothing of what anybody wrote."""
    deed.record("table.exported", table="flags", rows=rows, filtered=is_filtered)


def _raised(
    deed: Deed, comment: Comment, kind: FlagKind, reasons: list[str], *, by_person: bool = False
) -> Flag:
    flag = Flag(
        organisation_id=comment.organisation_id,
        service=comment.service,
        comment=comment,
        kind=kind,
        reasons=reasons,
        raised_at=deed.at,
        raised_by_id=deed.by.id if by_person else None,
    )
    _start_clock(deed, flag)
    flag.save(force_insert=True)
    deed.record(
        "flag.raised",
        organisation_id=comment.organisation_id,
        flag=flag.id,
        service=comment.service_id,
        reason=kind.value,
        by_person=by_person,
    )
    if kind in DANGERS:
        deed.after_commit(partial(flag_messages.tell_later, str(flag.id)))
    return flag


def _start_clock(deed: Deed, flag: Flag) -> None:
    minutes = timedelta(minutes=flag.service.acknowledge_minutes)
    flag.due_at = deed.at + (minutes if flag.kind in DANGERS else READ_WITHIN)
    flag.told, flag.told_at, flag.escalated_at, flag.everybody_told_at = None, None, None, None
    flag.untold = 0
