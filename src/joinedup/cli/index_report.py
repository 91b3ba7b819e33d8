"""How the person index is shown in a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from joinedup.cli.tables import figure, share, table

if TYPE_CHECKING:
    from rich.console import Console

    from joinedup.linkage.index import (
        Answer,
        Built,
        Changed,
        Checked,
        Decided,
        Event,
        Followed,
        Held,
        Person,
        Settled,
        Status,
        Version,
    )

_PEOPLE = (
    ("created", "new people"),
    ("merged", "merged into others"),
    ("split", "parted from others"),
    ("moved", "records that changed person"),
    ("retired", "left without a record"),
    ("revived", "names back in use"),
)


def counted(count: int, one: str, several: str) -> str:
    """A count with its noun."""
    return f"{figure(count)} {one if count == 1 else several}"


def people_told(settled: Settled) -> dict[str, int]:
    """What became of people, as plain counts."""
    return {name: int(count) for name, count in asdict(settled).items()}


def draw_built(console: Console, built: Built, folder: Path) -> None:
    """A first build, or a refresh."""
    console.print(
        f"{counted(built.records, 'record is', 'records are')} {counted(built.people, 'person', 'people')} in "
        f"{folder}, version {built.version}.",
        markup=False,
    )
    kept = counted(built.pairs, "pair is", "pairs are")
    console.print(f"{kept} kept; linked from {built.threshold:.2f} bits.")
    if built.rows_aside:
        rows = counted(built.rows_aside, "row", "rows")
        console.print(f"{rows} could not be read and stayed out.")
    if built.unknown_decisions:
        waiting = counted(built.unknown_decisions, "decision waits", "decisions wait")
        console.print(f"{waiting} for records that are not there yet.")


def draw_changed(console: Console, changed: Changed, *, aside_file: Path | None = None) -> None:
    """An extract that was added, or records that were removed."""
    if not changed.is_published:
        console.print(f"Nothing changed: version {changed.version} stands.")
    else:
        rows = [
            (words, getattr(changed, name))
            for name, words in (
                ("added", "records added"),
                ("changed", "records changed"),
                ("unchanged", "records unchanged"),
                ("removed", "records removed"),
                ("erased", "records erased"),
            )
            if getattr(changed, name)
        ]
        rows += [(words, n) for name, words in _PEOPLE if (n := getattr(changed.people, name))]
        console.print(table((f"version {changed.version}", ""), rows, right=(1,)))
        if changed.compared:
            console.print(
                f"{counted(changed.compared, 'pair was', 'pairs were')} compared, {figure(changed.kept)} kept."
            )
    if changed.unknown:
        console.print(f"{counted(changed.unknown, 'id names', 'ids name')} no record of the index.")
    if changed.rows_aside:
        rows_told = counted(changed.rows_aside, "row", "rows")
        where = f"written to {aside_file}" if aside_file is not None else "--aside FILE writes them down"
        console.print(f"{rows_told} could not be read and stayed out; {where}.", markup=False)


def draw_decided(console: Console, decided: Decided) -> None:
    """Decisions made or withdrawn."""
    if not decided.is_published:
        all_told = "it holds" if decided.already == 1 else f"all {figure(decided.already)} hold"
        console.print(f"Nothing changed: {all_told} already.")
        return
    numbers = ", ".join(map(str, decided.decisions[:10]))
    console.print(f"Version {decided.version}, decision {numbers}.")
    rows = [(words, n) for name, words in _PEOPLE if (n := getattr(decided.people, name))]
    if rows:
        console.print(table(("", ""), rows, right=(1,)))
    else:
        console.print("Nobody's records moved.")


def draw_matches(console: Console, answer: Answer) -> None:
    """Who somebody may be, and why the best is thought to be; first, which details could not be used."""
    for name, why in answer.unused.items():
        console.print(f"Not used: {name} ({why})", markup=False)
    matches = answer.matches
    if not matches:
        console.print("Nobody in the index fits these details.")
        return
    rows = [
        (match.person, match.source, match.record_id, f"{match.weight:.2f}", share(match.probability))
        for match in matches
    ]
    console.print(table(("person", "source", "record", "bits", "chance"), rows, right=(3, 4)))
    best = matches[0]
    told = [(step.label, step.found, f"{step.bits:+.2f}") for step in best.steps]
    console.print(
        table((f"why {best.person}", "", "bits"), told, right=(2,), title="The best match is made of")
    )


def draw_person(
    console: Console, name: str, found: Person | None, followed: Followed, at: datetime | None
) -> None:
    """A person's records at a moment, and what became of the name."""
    when = "now" if at is None else f"on {at:%Y-%m-%d %H:%M} UTC"
    if found is None:
        console.print(f"{name} had no records {when}." if at is not None else f"{name} has no records now.")
    else:
        rows = [(m.source, m.id, m.since) for m in found.members]
        console.print(table(("source", "record", "since version"), rows, right=(2,), title=f"{name}, {when}"))
    for version, into in followed.merged:
        console.print(f"Merged into {into} in version {version}.")
    if not followed.is_live and followed.now:
        told = ", ".join(f"{other} ({count})" for other, count in followed.now)
        console.print(f"Its records are now of {told}.")


_HAPPENED = {
    "created": "{person} is new",
    "joined": "{records} came to {person}",
    "left": "{records} left {person}",
    "moved": "{records} moved from {person} to {other}",
    "merged": "{person} merged into {other}",
    "split": "{person} split from {other}",
    "retired": "{person} has no record left",
    "revived": "{person} is back in use",
}


def draw_events(
    console: Console, events: Sequence[Event], versions: Sequence[Version], decisions: Sequence[Held] = ()
) -> None:
    """What happened to a person; like events of one version in one line. decisions: those behind the events."""
    at = {version.number: version.at for version in versions}
    held = {decision.number: decision for decision in decisions}
    told = Counter(
        (event.number, f"{at[event.version]:%Y-%m-%d}", event.version, event.kind.value, event.person,
         event.other, _why(event, held))
        for event in events
    )  # fmt: skip
    rows = [
        (
            number,
            day,
            version,
            _HAPPENED[kind].format(
                person=person, other=other or "another person", records=counted(count, "record", "records")
            ),
            why,
        )
        for (number, day, version, kind, person, other, why), count in told.items()
    ]
    drawn = table(("event", "day", "version", "what happened", "why"), rows, right=(0, 2))
    for column in drawn.columns[:3]:
        column.no_wrap = True
    console.print(drawn)


def _why(event: Event, decisions: Mapping[int, Held]) -> str | None:
    """What brought it about: the link with its two records, or the decision with what the clerk wrote."""
    why: str = event.why.value
    if event.left_place is not None and event.right_place is not None and event.weight is not None:
        link = f"{event.weight:.2f} bits between {_named(event.left_place)} and {_named(event.right_place)}"
        why = f"link of {link}" if why == "link" else f"{why}; link of {link}"
    if event.decision is not None:
        said = decisions.get(event.decision)
        why = f"{why} {event.decision}" if why == "decision" else f"{why}; decision {event.decision}"
        if said is not None and said.undoes is not None:
            why += f", undoing event {said.undoes}"
        if said is not None and said.reason:
            why += f": {said.reason}"
    return why or None


def _named(place: tuple[str, str | None]) -> str:
    source, identifier = place
    return f"{source} {'(erased)' if identifier is None else identifier}"


def draw_versions(console: Console, versions: Sequence[Version]) -> None:
    """The versions of an index, the last one at the end."""
    rows = [
        (
            version.number,
            f"{version.at:%Y-%m-%d}",
            version.kind,
            version.by,
            version.counts.get("joined"),
            version.counts.get("left"),
            version.counts.get("merged"),
            version.counts.get("split"),
            version.reason or None,
        )
        for version in versions
    ]
    headings = ("version", "day", "what", "by", "came", "left", "merged", "split", "why")
    console.print(table(headings, rows, right=(0, 4, 5, 6, 7)))


def draw_status(console: Console, status: Status) -> None:
    """How large and how old an index is."""
    rows = [
        ("version", status.version),
        ("changed", f"{status.at:%Y-%m-%d %H:%M} UTC"),
        ("records", status.records),
        ("people", status.people),
        ("pairs kept", status.pairs),
        ("decisions", status.decisions),
        ("segments", status.segments),
        ("removed records still in files", status.removed_in_files),
        ("size on disk, MB", f"{status.bytes / 1e6:,.1f}"),
        ("model trained", f"{status.trained_at:%Y-%m-%d %H:%M} UTC, version {status.trained_in}"),
        ("records added since", status.added_since),
    ]
    console.print(table(("", ""), rows, right=(1,)))
    for name, count in status.sources.items():
        console.print(f"{name}: {counted(count, 'record', 'records')}", markup=False)
    for advice in status.advice:
        console.print(advice, markup=False)


def draw_checked(console: Console, checked: Checked) -> None:
    """What a check found."""
    console.print(
        f"Version {checked.version}: {counted(checked.records, 'record', 'records')}, "
        f"{counted(checked.people, 'person', 'people')}, {counted(checked.pairs, 'pair', 'pairs')}, "
        f"{counted(checked.segments, 'segment', 'segments')}."
    )
    if checked.uncovered:
        console.print(
            f"{counted(checked.uncovered, 'segment was', 'segments were')} written before sums of files were kept, "
            "so a changed byte may go unseen there; 'joinedup index refresh' writes anew.",
            markup=False,
        )
    if checked.is_whole:
        console.print("The index is whole.")
    for problem in checked.problems:
        console.print(problem, markup=False)
