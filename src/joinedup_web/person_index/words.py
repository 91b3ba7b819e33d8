"""How pages tell what happened to people of an index."""

from __future__ import annotations

from collections.abc import Mapping

from joinedup.linkage.explain import match_probability, probability_in_words
from joinedup.linkage.index import Event, EventKind, Why
from joinedup_web.design.words import count
from joinedup_web.person_index.models import ChangeState

CHANGE_STANDING: Mapping[str, str] = {
    ChangeState.WAITING: "waiting",
    ChangeState.RUNNING: "working",
    ChangeState.DONE: "good",
    ChangeState.FAILED: "bad",
}

KINDS: Mapping[EventKind, str] = {
    EventKind.CREATED: "Found for the first time",
    EventKind.JOINED: "A record came",
    EventKind.LEFT: "A record was taken out",
    EventKind.MOVED: "A record came from another person",
    EventKind.MERGED: "Merged",
    EventKind.SPLIT: "Split",
    EventKind.RETIRED: "No record left",
    EventKind.REVIVED: "Back again",
}

REASONS: Mapping[Why, str] = {
    Why.LINK: "a link between their records",
    Why.DECISION: "a decision by a member of staff",
    Why.ONE_TO_ONE: "a source that lists each person once would have had two of their records",
    Why.CONTRADICTION: "two different identifiers",
    Why.THIN: "too little evidence on the whole",
    Why.REMOVED: "records were taken out",
    Why.NO_LINK: "no link is left between their records",
    Why.CAME_BACK: "records came back",
    Why.PARTED: "they were parted again",
    Why.CHANGED: "a record changed",
    Why.MERGE: "a merge",
    Why.SPLIT: "a split",
}


def event_sentence(event: Event, about: str) -> str:
    """What happened to a person, as a sentence. about: the person whose history is told."""
    other = event.other if event.person == about else event.person
    if event.kind is EventKind.MERGED:
        words = (
            f"Merged into {other}; this number is not used any more"
            if event.person == about
            else f"{other} was merged into this person"
        )
    elif event.kind is EventKind.SPLIT:
        words = (
            f"Split off from {other}" if event.person == about else f"{other} was split off from this person"
        )
    elif event.kind is EventKind.MOVED:
        words = f"A record came from {other}" if event.person == about else f"A record went to {other}"
    else:
        words = KINDS[event.kind]
    return f"{words}{reason_words(event)}."


def reason_words(event: Event) -> str:
    """Why it happened, to be put behind what happened; empty where nothing is known."""
    reason = REASONS.get(event.why)
    if reason is None or event.why is Why.NEW:
        return ""
    if event.weight is not None:
        chance = probability_in_words(match_probability(event.weight))
        return f", because of {reason} ({chance} the same person)"
    return (
        f", because of {reason}"
        if not reason.startswith(("no ", "they ", "records ", "a record "))
        else f": {reason}"
    )


def counts_words(counts: Mapping[str, int]) -> str:
    """What a change did, in a few words."""
    parts = []
    for name, one, several in (
        ("added", "record came", "records came"),
        ("changed", "record changed", "records changed"),
        ("removed", "record left", "records left"),
        ("unchanged", "record was as before", "records were as before"),
        ("rows_aside", "row could not be read", "rows could not be read"),
        ("created", "person is new", "people are new"),
        ("merged", "person was merged into another", "people were merged into others"),
        ("split", "person was split off", "people were split off"),
        ("decided", "decision was taken in", "decisions were taken in"),
        ("withdrawn", "decision was taken back", "decisions were taken back"),
    ):
        number = counts.get(name, 0)
        if number:
            parts.append(f"{count(number)} {one if number == 1 else several}")
    return ", ".join(parts) or "Nothing had to change"
