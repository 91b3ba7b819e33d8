"""`joinedup index`: a person index that lives: made once, then fed, asked, corrected and looked after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from joinedup.cli.frame import command
from joinedup.cli.index_care import add_care
from joinedup.cli.index_options import ByOption, DirOption, ReasonOption, ThreadsOption, now, who
from joinedup.cli.index_report import (
    counted,
    draw_built,
    draw_changed,
    draw_decided,
    draw_events,
    draw_matches,
    draw_person,
    draw_versions,
    people_told,
)
from joinedup.cli.output import Output
from joinedup.cli.progress import stage_bar
from joinedup.cli.table_file import check_ending, write_table
from joinedup.errors import SourceError, UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from joinedup.linkage.index import Decided

_HELP = "Keep an index of people: index build, add, match, history…"


def add_to(app: typer.Typer) -> None:
    """Register the group of commands."""
    group = typer.Typer(no_args_is_help=True)
    app.add_typer(group, name="index", help=_HELP)

    @group.callback()
    def _group() -> None:
        """Keep an index of people: index build, add, match, history…"""

    _add_build(group)
    _add_records(group)
    _add_questions(group)
    _add_decisions(group)
    add_care(group)


def _add_build(group: typer.Typer) -> None:
    @command(group, "build")
    def build_index(
        out: Output,
        folder: DirOption,
        spec: Annotated[
            Path | None, typer.Argument(metavar="SPEC.toml", help="A job spec, as for link.")
        ] = None,
        run: Annotated[
            Path | None,
            typer.Option(
                "--run", metavar="DIR", help="A finished run of the job: its model and people are taken."
            ),
        ] = None,
        decisions: Annotated[
            Path | None,
            typer.Option("--decisions", metavar="FILE", help="Clerical decisions, obeyed from now on."),
        ] = None,
        by: ByOption = None,
        reason: ReasonOption = "first build",
        threads: ThreadsOption = 2,
    ) -> None:
        """Link the sources of SPEC.toml, freeze the model, and keep the people in INDEX.

        A run without a model in its spec (zero configuration) wrote its own spec: then --run DIR alone is enough.
        """
        from joinedup.linkage import load_spec
        from joinedup.linkage.index import build

        with stage_bar(out, "read and standardise") as progress:
            built = build(
                folder,
                load_spec(spec) if spec is not None else None,
                run=run,
                decisions=decisions,
                at=now(),
                by=who(by),
                reason=reason,
                threads=threads,
                progress=progress,
            )
        out.answer(asdict(built), draw=lambda console: draw_built(console, built, folder))


def _add_records(group: typer.Typer) -> None:
    @command(group, "add")
    def add_extract(
        out: Output,
        extract: Annotated[
            str, typer.Argument(metavar="FILE", help="An extract, or the address of a database table.")
        ],
        folder: DirOption,
        source: Annotated[
            str, typer.Option("--source", metavar="NAME", help="The source of the index that it is from.")
        ],
        complete: Annotated[
            bool,
            typer.Option("--complete", help="It holds the whole source: records that it lacks are removed."),
        ] = False,
        shrinks: Annotated[
            bool,
            typer.Option("--shrinks", help="With --complete: more than half of the records may be removed."),
        ] = False,
        aside: Annotated[
            Path | None,
            typer.Option("--aside", metavar="FILE", help="Write the rows that could not be read there."),
        ] = None,
        by: ByOption = None,
        reason: ReasonOption = "",
        threads: ThreadsOption = 2,
    ) -> None:
        """Bring an extract of a source in: new records are added, changed ones replaced, the same ones stay.

        The cost is in proportion to the extract, and the people are those that a full rebuild would give.
        """
        from joinedup.linkage.index import add

        if shrinks and not complete:
            raise UsageError(what="--shrinks says nothing without --complete", mend="give both, or neither")
        if aside is not None:
            check_ending(aside)
        written: list[Path] = []

        def keep_aside(rows: pa.Table) -> None:
            if aside is not None:
                write_table(rows, aside)
                written.append(aside)

        with _told_if_refused(out, written), stage_bar(out, "read and standardise") as progress:
            changed = add(
                folder,
                extract,
                source,
                at=now(),
                by=who(by),
                reason=reason,
                complete=complete,
                may_shrink=shrinks,
                keep_aside=keep_aside,
                threads=threads,
                progress=progress,
            )
        out.answer(changed.as_dict(), draw=lambda console: draw_changed(console, changed, aside_file=aside))

    @command(group, "remove")
    def remove_records(
        out: Output,
        folder: DirOption,
        source: Annotated[str, typer.Option("--source", metavar="NAME", help="Whose records they are.")],
        ids: Annotated[
            list[str] | None, typer.Argument(metavar="ID…", help="The source's own ids of the records.")
        ] = None,
        ids_file: Annotated[
            Path | None, typer.Option("--ids", metavar="FILE", help="A text file of ids, one a line.")
        ] = None,
        erase: Annotated[
            bool, typer.Option("--erase", help="Leave nothing of them, in no file and no history.")
        ] = False,
        by: ByOption = None,
        reason: ReasonOption = "",
    ) -> None:
        """Take records out of the index. Their history stays, unless they are erased."""
        from joinedup.linkage.index import remove

        wanted = [*(ids or ()), *_lines(ids_file)]
        if not wanted:
            raise UsageError(what="no record is named", mend="give ids, or --ids FILE")
        with stage_bar(out, "remove records") as progress:
            changed = remove(
                folder,
                source,
                wanted,
                at=now(),
                by=who(by),
                reason=reason,
                erase=erase,
                progress=progress,
            )
        if not changed.removed and not changed.erased:
            ids_told = counted(changed.unknown, "id that was given names no", "ids that were given name no")
            raise UsageError(
                what=f"nothing was removed: the {ids_told} record of the source",
                where=source,
                mend="check the ids and the source; nothing has changed",
            )
        out.answer(changed.as_dict(), draw=lambda console: draw_changed(console, changed))


def _add_questions(group: typer.Typer) -> None:
    @command(group, "match")
    def match(
        out: Output,
        details: Annotated[
            list[str],
            typer.Argument(
                metavar="FIELD=VALUE…", help='What is known, as it is written: surname="O\'Neil".'
            ),
        ],
        folder: DirOption,
        top: Annotated[
            int, typer.Option("--top", min=1, metavar="NUMBER", help="Most matches to show.")
        ] = 10,
        least: Annotated[
            float | None,
            typer.Option("--least-probability", metavar="SHARE", help="Leave out what is less likely."),
        ] = None,
        source: Annotated[
            str | None,
            typer.Option("--source", metavar="NAME", help="The source that the details are from, if any."),
        ] = None,
    ) -> None:
        """Say who somebody may be: the best matches, with weights and what they are made of."""
        from joinedup.linkage.index import open_index

        with open_index(folder) as index:
            answer = index.ask(_details(details), source=source, top=top, least_probability=least)
        document = {
            "matches": [asdict(match) for match in answer.matches],
            "candidates": answer.candidates,
            "unused": dict(answer.unused),
        }
        out.answer(document, draw=lambda console: draw_matches(console, answer))

    @command(group, "person")
    def person(
        out: Output,
        folder: DirOption,
        name: Annotated[
            str | None, typer.Argument(metavar="PERSON", help="A person's name, such as P000123.")
        ] = None,
        record: Annotated[
            tuple[str, str] | None,
            typer.Option("--record", metavar="SOURCE ID", help="The person that this record belongs to."),
        ] = None,
        at: Annotated[
            str | None,
            typer.Option("--at", metavar="DAY", help="As it was at the end of that day (UTC), or moment."),
        ] = None,
    ) -> None:
        """Show a person's records, now or on a day in the past; and, of a name that is gone, where it went."""
        from joinedup.linkage.index import read_ledger

        if name is not None and record is not None:
            raise UsageError(
                what="a person and a record are both named", mend="give a name, or --record SOURCE ID"
            )
        moment = _moment(at)
        with read_ledger(folder) as ledger, ledger.reading():
            if record is not None:
                name = ledger.person_of(*record, at=moment)
                if name is None:
                    raise UsageError(
                        what="no such record at that time",
                        where=str(folder),
                        mend="check source, id and --at",
                    )
            if name is None:
                raise UsageError(what="no person is named", mend="give a name, or --record SOURCE ID")
            found = ledger.person(name, at=moment)
            followed = ledger.followed(name)
        if followed is None:
            raise UsageError(what="there never was a person of that name", where=str(folder), mend="check it")
        document = {
            "person": name,
            "at": moment,
            "members": [] if found is None else [asdict(member) for member in found.members],
            "is_live": followed.is_live,
            "merged": followed.merged,
            "now": followed.now,
        }
        out.answer(document, draw=lambda console: draw_person(console, name, found, followed, moment))

    @command(group, "history")
    def history(
        out: Output,
        folder: DirOption,
        name: Annotated[
            str | None, typer.Argument(metavar="PERSON", help="Whose; without it, the index's versions.")
        ] = None,
    ) -> None:
        """Tell what happened to a person, with reasons, or list the versions of the index."""
        from joinedup.linkage.index import read_ledger

        with read_ledger(folder) as ledger, ledger.reading():
            versions = ledger.versions()
            events = () if name is None else ledger.events(name)
            named = {event.decision for event in events}
            decisions = [held for held in ledger.decisions(also_withdrawn=True) if held.number in named]
        if name is None:
            document: dict[str, Any] = {"versions": [asdict(version) for version in versions]}
            out.answer(document, draw=lambda console: draw_versions(console, versions))
            return
        if not events:
            raise UsageError(
                what="nothing is known of a person of that name", where=str(folder), mend="check it"
            )
        document = {
            "person": name,
            "events": [asdict(event) for event in events],
            "decisions": [asdict(held) for held in decisions],
        }
        out.answer(document, draw=lambda console: draw_events(console, events, versions, decisions))


def _add_decisions(group: typer.Typer) -> None:
    @command(group, "decide")
    def decide_pair(
        out: Output,
        folder: DirOption,
        words: Annotated[
            list[str] | None,
            typer.Argument(
                metavar="same|different SOURCE ID SOURCE ID", help="What is said of which two records."
            ),
        ] = None,
        file: Annotated[
            Path | None,
            typer.Option("--file", metavar="FILE", help="A decision file; those that hold are passed over."),
        ] = None,
        withdraw: Annotated[
            int | None,
            typer.Option("--withdraw", metavar="NUMBER", help="Let that decision hold no longer."),
        ] = None,
        by: ByOption = None,
        reason: ReasonOption = "",
    ) -> None:
        """Say that two records are the same person or different people; every later version obeys it."""
        from joinedup.linkage.index import decide, import_decisions, withdraw_decision

        if sum(given is not None and given != [] for given in (words, file, withdraw)) != 1:
            raise UsageError(
                what="give one pair, one --file or one --withdraw",
                mend="joinedup index decide same SOURCE ID SOURCE ID --dir INDEX --reason TEXT",
            )
        told: dict[str, Any] = {"at": now(), "by": who(by), "reason": reason}
        if file is not None:
            decided = import_decisions(folder, file, **told)
        elif withdraw is not None:
            decided = withdraw_decision(folder, withdraw, **told)
        else:
            decided = decide(folder, [_decision(words or [], told["by"], reason)], **told)
        _answer_decided(out, decided)

    @command(group, "undo")
    def undo_event(
        out: Output,
        event: Annotated[
            int, typer.Argument(metavar="EVENT", help="The number of a merge or split, as history shows it.")
        ],
        folder: DirOption,
        by: ByOption = None,
        reason: ReasonOption = "",
    ) -> None:
        """Undo a merge or a split, by a decision that keeps it undone."""
        from joinedup.linkage.index import undo

        _answer_decided(out, undo(folder, event, at=now(), by=who(by), reason=reason))


@contextmanager
def _told_if_refused(out: Output, written: Sequence[Path]) -> Iterator[None]:
    """Where an extract is refused, say all the same where its rows that were kept aside are."""
    try:
        yield
    except SourceError:
        for path in written:
            out.say(f"The rows that could not be read are in {path}.")
        raise


def _answer_decided(out: Output, decided: Decided) -> None:
    document = {**asdict(decided), "people": people_told(decided.people)}
    out.answer(document, draw=lambda console: draw_decided(console, decided))


def _decision(words: list[str], by: str, reason: str) -> Any:
    from joinedup.linkage.index import one_decision

    if len(words) != 5:
        raise UsageError(
            what="a decision needs five words",
            mend="same SOURCE ID SOURCE ID, or different SOURCE ID SOURCE ID",
        )
    return one_decision(
        words[0], (words[1], words[2]), (words[3], words[4]), by=by, on=now().date(), reason=reason
    )


def _details(pairs: list[str]) -> dict[str, str]:
    details = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise UsageError(
                what="a detail is not of the form FIELD=VALUE",
                mend="write for example surname=Jones date_of_birth=1971-03-01",
            )
        if name in details:
            raise UsageError(
                what=f"'{name}' is given twice", mend="give each field once, as it is written in one place"
            )
        details[name] = value
    return details


def _lines(path: Path | None) -> list[str]:
    if path is None:
        return []
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SourceError(what="not text in UTF-8", where=str(path), mend="save it as UTF-8") from None
    return [line for line in text.splitlines() if line]


def _moment(text: str | None) -> datetime | None:
    """A day (its end) or a moment, in UTC."""
    if text is None:
        return None
    try:
        if len(text) == 10:
            moment = datetime.combine(date.fromisoformat(text), time.max, UTC)
            begins = datetime.combine(moment.date(), time.min, UTC)
        else:
            moment = datetime.fromisoformat(text)
            begins = moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:
        raise UsageError(
            what="--at is no day and no moment", mend="write 2026-03-01, or 2026-03-01T12:00+00:00"
        ) from None
    if begins > now():
        raise UsageError(
            what="--at has not come yet", mend="give today or an earlier day; without --at it is now"
        )
    return moment
