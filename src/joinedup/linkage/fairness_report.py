"""The pictures and the page of a fairness record: a dot and an interval for each group, each with its table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from joinedup.charts import (
    Block,
    Bullets,
    Card,
    Chart,
    Details,
    Interval,
    Notice,
    Section,
    Status,
    Table,
    html_report,
    interval_plot,
    plain,
)
from joinedup.charts.chart import Cell
from joinedup.linkage.fairness_result import (
    COMPARED,
    FEWEST,
    Causes,
    Fairness,
    GroupError,
    Grouping,
    Measure,
    Verdict,
)
from joinedup.linkage.fairness_words import (
    MEANINGS,
    TITLES,
    comparisons,
    findings,
    missed_because,
    notes,
    points,
    share,
    verdict_words,
    wrong_because,
)

_STATUS = {Verdict.CLEAR: Status.WARN}


def fairness_html(found: Fairness, *, generated_on: date | None = None, version: str = "") -> str:
    """Return the record as one HTML page (write it as UTF-8)."""
    return html_report(
        title="Who does the linkage fail?",
        lede="Linkage errors by group: unequal error becomes unequal service.",
        cards=fairness_cards(found),
        sections=[
            Section("What was found", [Bullets(tuple(findings(found)))]),
            *(Section(part.title, list(_blocks(part))) for part in fairness_parts(found)),
            Section("What would mend it", [Bullets(tuple(fairness_mends()))]),
            Section("How to read this", [Bullets(tuple(_meanings())), Bullets(notes(found))]),
        ],
        generated_on=generated_on,
        version=version,
    )


def fairness_cards(found: Fairness) -> list[Card]:
    """The figures of everybody together, and how many differences are clear."""
    made = [Card("People", plain(found.everybody.people), f"{plain(found.everybody.records)} records")]
    for measure in Measure:
        interval = found.everybody.share(measure)
        if interval is not None:
            made.append(
                Card(
                    TITLES[measure], share(interval.value), f"{share(interval.low)} to {share(interval.high)}"
                )
            )
    return made


@dataclass(frozen=True)
class FairnessPart:
    """What is shown of one division of the people. about: where it comes from. kept_back: a remark on small groups,
    empty where there are none."""

    title: str
    about: str
    pictures: tuple[Chart, ...]
    verdicts: tuple[str, ...]
    figures: Table
    differences: Table
    causes: Table
    kept_back: str


def fairness_parts(found: Fairness) -> tuple[FairnessPart, ...]:
    """Return what is shown, division by division; pictures, verdicts and rows are empty where no group can be."""
    return tuple(
        FairnessPart(
            title=grouping.title,
            about=f"Who is in which group is {grouping.basis}. {grouping.note}".strip(),
            pictures=tuple(picture(grouping, measure, found) for measure in COMPARED)
            if grouping.groups
            else (),
            verdicts=tuple(verdicts(grouping, found)),
            figures=figures(grouping),
            differences=differences(grouping),
            causes=causes(grouping),
            kept_back=_kept_back(grouping),
        )
        for grouping in found.groupings
    )


def _blocks(part: FairnessPart) -> Iterable[Block]:
    yield part.about
    yield from part.pictures
    if part.verdicts:
        yield Bullets(part.verdicts)
    if part.figures.rows:
        yield part.figures
        yield Details("The differences in figures", [part.differences])
        yield part.causes
    if part.kept_back:
        yield Notice(part.kept_back)


def _kept_back(grouping: Grouping) -> str:
    if not grouping.groups:
        return f"No group can be shown without telling of fewer than {FEWEST} people."
    count = grouping.kept_back
    if not count:
        return ""
    return (
        f"{count} group{'s are' if count > 1 else ' is'} not shown by {'themselves' if count > 1 else 'itself'}, as "
        f"that would tell of fewer than {FEWEST} people."
    )


def verdicts(grouping: Grouping, found: Fairness) -> Iterable[str]:
    """A sentence for each comparison; where two groups are all there is, for the one that fares worse."""
    for own, group, measure, gap in comparisons(found):
        if own == grouping:
            yield f"{group.name}: {verdict_words(gap, measure, comparisons=found.comparisons)}."


def picture(grouping: Grouping, measure: Measure, found: Fairness) -> Chart:
    """A dot with its 95% interval for each group, and everybody's rate as an upright tick."""
    everybody = found.everybody.share(measure)
    items = []
    for group in grouping.groups:
        interval, gap = group.share(measure), group.gaps.get(measure)
        items.append(
            Interval(
                group.name,
                None if interval is None else interval.value,
                None if interval is None else interval.low,
                None if interval is None else interval.high,
                target=None if everybody is None else everybody.value,
                status=None if gap is None or gap.gap.value <= 0 else _STATUS.get(gap.verdict),
            )
        )
    return interval_plot(
        title=f"{TITLES[measure]}: {grouping.title.lower()}",
        items=items,
        value_name=f"{TITLES[measure]}, share",
        value_format=share,
        x_range=(0.0, max([i.high for i in items if i.high is not None], default=1.0) or 1.0),
        note=f"{MEANINGS[measure][:1].upper()}{MEANINGS[measure][1:]}. The dashed tick is everybody's rate. A group "
        "with the sign of a warning is clearly worse than the others.",
    )


def figures(grouping: Grouping) -> Table:
    """Every group's people, records and rates with their intervals."""
    columns = ("Group", "People", "Records", *(TITLES[measure] for measure in Measure))
    rows: list[tuple[Cell, ...]] = []
    for group in grouping.groups:
        rows.append(
            (group.name, group.people, group.records, *(_rate(group, measure) for measure in Measure))
        )
    return Table(f"Figures: {grouping.title.lower()}", columns, rows)


def differences(grouping: Grouping) -> Table:
    """Every comparison's difference in percentage points, its interval and its chance."""
    rows = []
    for group in grouping.groups:
        for measure, gap in group.gaps.items():
            span = f"{points(gap.gap.low)} to {points(gap.gap.high)}"
            rows.append((group.name, TITLES[measure], points(gap.gap.value), span, _chance(gap.adjusted)))
    columns = (
        "Group",
        "Measure",
        "Points above the others",
        "95% interval",
        "Chance, all comparisons counted",
    )
    return Table(f"Differences: {grouping.title.lower()}", columns, rows)


def causes(grouping: Grouping) -> Table:
    """Where each group's errors arose: how many, and which part of its missed or wrong links that is."""
    rows: list[tuple[Cell, ...]] = []
    columns: tuple[str, ...] = ("Group",)
    for group in grouping.groups:
        if group.causes is None:
            continue
        cells: list[Cell] = [group.name]
        columns = ("Group",)
        for kind, told in (("Missed", missed_because(group.causes)), ("Wrong", wrong_because(group.causes))):
            whole = sum(count for _, count, _ in told)
            columns += tuple(f"{kind}: {cause}" for cause, _, _ in told)
            cells += [f"{plain(count)} ({share(count / whole)})" if count else "0" for _, count, _ in told]
        rows.append(tuple(cells))
    return Table(f"Where the errors arose: {grouping.title.lower()}", columns, rows)


def fairness_mends() -> Iterable[str]:
    """What would mend each kind of error."""
    nothing = Causes(0, 0, 0, 0, 0, 0, 0)
    for kind, told in (("Missed", missed_because(nothing)), ("Wrong", wrong_because(nothing))):
        for cause, _, mend in told:
            yield f"{kind}, {cause}: {mend}."


def _meanings() -> Iterable[str]:
    for measure in Measure:
        yield f"{TITLES[measure]}: {MEANINGS[measure]}."


def _rate(group: GroupError, measure: Measure) -> str:
    found = group.share(measure)
    if found is None:
        return "too few"
    return f"{share(found.value)} ({share(found.low)} to {share(found.high)})"


def _chance(value: float) -> str:
    return "under 0.001" if value < 0.001 else f"{value:.3f}"
