"""The quality report: one page that tells the answer first, then each dimension, rule and field."""

from __future__ import annotations

from collections.abc import Sequence

from joinedup.charts import (
    Bar,
    Block,
    Bullets,
    Card,
    Cards,
    Chart,
    Code,
    Details,
    Heading,
    Interval,
    Line,
    Notice,
    Section,
    Stack,
    Status,
    Table,
    Tag,
    bar_chart,
    histogram,
    html_report,
    interval_plot,
    line_chart,
    percent,
    plain,
    sparkline,
    stacked_bars,
)

from .action_plan import GAP, action_plan, goal
from .column import ColumnProfile
from .measure import Standing
from .result import DimensionScore, QualityResult
from .suggest import rules_toml

_STATUS = {
    Standing.MET: Status.GOOD,
    Standing.NEAR: Status.WARN,
    Standing.BELOW: Status.BAD,
    Standing.NOT_MEASURED: Status.UNKNOWN,
}


def quality_report_html(result: QualityResult, *, version: str = "") -> str:
    """The whole page; it holds no person's data."""
    sections = [
        Section("The six dimensions", _dimensions(result)),
        Section("Issues", _issues(result)),
        *([Section("Rules", _rules(result))] if result.results else []),
        Section("Fields at a glance", _glance(result)),
        Section("Field by field", [b for c in result.columns for b in _field(c)]),
        Section("Trend and changes", _trend(result)),
        Section("How the file was read", _source(result)),
        Section("Action plan", _plan(result)),
        Section("Suggested rules", _suggested(result)),
    ]
    return html_report(
        title=f"Data quality of {result.dataset}",
        lede=_lede(result),
        cards=_cards(result),
        sections=sections,
        generated_on=result.on,
        version=version,
    )


def _lede(result: QualityResult) -> str:
    start = f"{result.rows:,} records with {len(result.columns)} fields."
    if result.issues:
        worst = result.issues[0]
        count = f"{len(result.issues)} of {len(result.results)} rules are below target"
        return f"{start} {count}; the most important: {worst.rule.requirement or worst.rule.id}."
    if result.results:
        unknown = sum(r.measured is None for r in result.results)
        return f"{start} No measured rule is below target" + (
            f"; {unknown} were not measured." if unknown else "."
        )
    return (
        f"{start} No rules were given, so this page says how the data are, not whether they are good enough."
    )


def _cards(result: QualityResult) -> list[Card]:
    aside = result.source.rows_aside
    by_name = {d.dimension.value: d for d in result.dimensions}
    repeated = result.duplicates_but_identifiers
    about = "" if result.different_but_identifiers.exact else "about "
    return [
        Card(
            "Records",
            f"{result.rows:,}",
            f"{aside:,} more could not be read" if aside else "all could be read",
        ),
        _card("Complete", by_name["completeness"]),
        _card("Valid", by_name["validity"]),
        Card("Repeated records", f"{about}{repeated:,}", "equal in all but their identifier"),
        _card("Accurate", by_name["accuracy"]),
    ]


def _card(label: str, score: DimensionScore) -> Card:
    value = "–" if score.measured is None else percent(score.measured)
    status = None if score.standing is None else _STATUS[score.standing]
    return Card(label, value, score.basis, status)


def _dimensions(result: QualityResult) -> list[Block]:
    bars = [
        Bar(
            d.dimension.value.capitalize(),
            d.measured,
            None,
            None if d.standing is None else _STATUS[d.standing],
        )
        for d in result.dimensions
    ]
    rows = [
        [
            d.dimension.value.capitalize(),
            "–" if d.measured is None else percent(d.measured),
            "no target" if d.standing is None else Tag(_STATUS[d.standing]),
            d.basis,
            d.worst or None,
        ]
        for d in result.dimensions
    ]
    return [
        "A dimension that was not measured is unknown; it is not counted as good.",
        bar_chart(
            title="Measured share of each dimension",
            bars=bars,
            maximum=1,
            value_format=percent,
            label_name="Dimension",
            value_name="Measured",
        ),
        Table("The dimensions of the Government Data Quality Framework",
              ["Dimension", "Measured", "Against target", "How it was measured", "Worst rule"], rows),
    ]  # fmt: skip


def _issues(result: QualityResult) -> list[Block]:
    if not result.results:
        return [
            Notice("An issue is a rule below its target. No rules were given: see the suggested rules below.")
        ]
    rows = [
        [
            i.rule.requirement or i.rule.id,
            Tag(_STATUS[i.standing]),
            i.rule.importance.value,
            i.rule.dimension.value,
            goal(i),
            ", ".join(f"{r:,}" for r in i.failing_rows[:8]) or None,
        ]
        for i in result.issues
    ]
    columns = ["Issue", "State", "Importance", "Dimension", "Goal", "First failing rows"]
    return [
        "Ranked by importance, then by how far they fall short. Rows are counted from the first record; "
        "their values are not shown.",
        Table("Rules below target", columns, rows, empty="No measured rule is below its target."),
    ]


def _rules(result: QualityResult) -> list[Block]:
    bars = [
        Bar(r.rule.id, r.measured, r.rule.target, _STATUS[r.standing], r.band if r.rule.bands else "")
        for r in result.results
    ]
    blocks: list[Block] = [
        bar_chart(
            title="Measured against target",
            bars=bars,
            maximum=1,
            value_format=percent,
            label_name="Rule",
            value_name="Measured",
            note="The dark tick is the target.",
        )
    ]
    sampled = [r for r in result.results if r.interval is not None]
    if sampled:
        blocks.append(
            interval_plot(
                title="Accuracy against the authoritative sample",
                items=[
                    Interval(
                        r.rule.id,
                        r.measured,
                        *(r.interval or (None, None)),
                        r.rule.target,
                        _STATUS[r.standing],
                    )
                    for r in sampled
                    if r.interval is not None
                ],
                value_name="Share that agrees, with 95% interval",
                value_format=percent,
            )
        )
    rows = [
        [
            r.rule.id,
            r.rule.purpose or GAP,
            r.rule.measurement,
            "–" if r.measured is None else percent(r.measured),
            percent(r.rule.target),
            Tag(_STATUS[r.standing], r.band if r.rule.bands else ""),
            r.note or None,
        ]
        for r in result.results
    ]
    columns = ["Rule", "Purpose", "Measurement", "Measured", "Target", "State", "Note"]
    return [*blocks, Table("All rules", columns, rows)]


def _glance(result: QualityResult) -> list[Block]:
    judged = [c for c in result.columns if c.validity is not None]
    blocks: list[Block] = [
        bar_chart(
            title="How complete each field is",
            bars=[Bar(c.name, c.completeness) for c in result.columns],
            maximum=1,
            value_format=percent,
            label_name="Field",
            value_name="Complete",
        )
    ]
    if judged:
        stacks = [
            Stack(
                c.name,
                (v.valid, v.mended, v.invalid, c.missing + c.blank + v.missing_words),
            )
            for c in judged
            if (v := c.validity) is not None
        ]
        blocks.append(
            stacked_bars(
                title="Validity of fields whose meaning is known",
                parts=["valid", "mended", "invalid", "missing"],
                statuses=[Status.GOOD, Status.WARN, Status.BAD, Status.UNKNOWN],
                stacks=stacks,
                label_name="Field",
                note="Mended: a slip that a check digit or the field's form proves, such as O for 0.",
            )
        )
    rows = [
        [
            c.name,
            c.kind.replace("_", " "),
            c.found_type,
            percent(c.completeness or 0.0),
            ("" if c.distinct_exact else "about ") + f"{c.distinct:,}",
            "–" if c.uniqueness is None else percent(c.uniqueness),
            "–" if c.validity is None or c.validity.share is None else percent(c.validity.share),
        ]
        for c in result.columns
    ]
    columns = ["Field", "Meaning", "Type found", "Complete", "Different values", "Unique", "Valid"]
    return [*blocks, Table("Fields", columns, rows)]


def _field(column: ColumnProfile) -> list[Block]:
    meaning = column.kind.replace("_", " ")
    blocks: list[Block] = [
        Heading(column.name),
        f"Meaning: {meaning}, {percent(column.confidence)} sure. {column.why.rstrip('.')}. "
        f"Stored as {column.stored_type}, reads as {column.found_type}.",
        Bullets(_facts(column)),
    ]
    if column.validity is not None and column.validity.reasons:
        rows: list[tuple[str, int]] = [
            (reason.replace("_", " "), count) for reason, count in list(column.validity.reasons.items())[:10]
        ]
        blocks.append(Table(f"{column.name}: remarks on values", ["Remark", "Records"], rows))
    if column.shapes and column.found_type != "empty":
        blocks.append(Details(f"Shapes of {column.name}", [_shapes(column)]))
    if column.numbers is not None:
        blocks.append(
            histogram(
                title=f"{column.name}: distribution",
                edges=column.numbers.edges,
                layers=[("values", column.numbers.counts)],
                x_name=column.name,
                note="The outermost bars also hold the values beyond the 1st and 99th percentile.",
            )
        )
    if column.dates is not None and len(column.dates.by_year) > 1:
        blocks.append(_years(column))
    shown = [(v.value, v.count) for v in column.top if v.value is not None]
    if shown and not column.personal:
        bars = [Bar(str(value), float(count)) for value, count in shown]
        blocks.append(
            bar_chart(
                title=f"{column.name}: most frequent values",
                bars=bars,
                label_name="Value",
                value_name="Records",
            )
        )
    return blocks


def _facts(column: ColumnProfile) -> list[str]:
    parts = [
        f"{column.values:,} of {column.rows:,} records have a value ({percent(column.completeness or 0.0)})"
    ]
    gaps = [
        f"{count:,} {word}"
        for count, word in (
            (column.missing, "empty"),
            (column.blank, "only spaces"),
            (column.placeholders, "filled with a word that stands for nothing"),
        )
        if count
    ]
    if gaps:
        parts.append("missing: " + ", ".join(gaps))
    about = "" if column.distinct_exact else "about "
    parts.append(f"{about}{column.distinct:,} different values, {about}{column.duplicates:,} repeats")
    if column.values:
        parts.append(
            f"{column.shortest:,} to {column.longest:,} characters long, "
            f"{plain(round(column.mean_length, 1))} on average"
        )
    odd = [
        f"{count:,} {word}"
        for count, word in (
            (column.padded, "with spaces around them"),
            (column.non_ascii, "with accents or other signs"),
            (column.leading_zeros, "with leading zeros"),
        )
        if count
    ]
    if odd:
        parts.append("values " + ", ".join(odd))
    if column.numbers is not None:
        n = column.numbers
        parts.append(
            f"from {plain(n.low)} to {plain(n.high)}, mean {plain(n.mean)}, "
            f"median about {plain(n.quantiles['50%'])}"
        )
    if column.dates is not None:
        d = column.dates
        parts.append(f"dates from {d.earliest} to {d.latest}, written {d.order}")
    if column.personal and column.top:
        count = column.top[0].count
        often = "once" if count == 1 else f"{count:,} times"
        parts.append(f"the most frequent value occurs {often} (values are withheld)")
    if column.validity is not None and column.validity.invalid_rows:
        rows = ", ".join(f"{r:,}" for r in column.validity.invalid_rows[:8])
        parts.append(f"{column.validity.invalid:,} invalid; first seen in rows {rows}")
    return parts


def _shapes(column: ColumnProfile) -> Table:
    rows: list[list[str | int | float | None]] = [
        [shape or "(nothing)", count, percent(count / max(column.rows - column.missing - column.blank, 1))]
        for shape, count in column.shapes[:6]
    ]
    return Table(
        f"{column.name}: shapes (A capital, a letter, 9 digit, + more)", ["Shape", "Records", "Share"], rows
    )


def _years(column: ColumnProfile) -> Chart:
    assert column.dates is not None
    years = column.dates.by_year
    low, high = min(years), max(years)
    step = max(1, -(-(high - low + 1) // 60))
    edges = [float(y) for y in range(low, high + step + 1, step)]
    counts = [sum(years.get(y, 0) for y in range(int(start), int(start) + step)) for start in edges[:-1]]
    return histogram(
        title=f"{column.name}: by year",
        edges=edges,
        layers=[("records", counts)],
        x_name="Year",
        x_format=lambda v: str(int(v)),
    )


def _trend(result: QualityResult) -> list[Block]:
    blocks: list[Block] = []
    if result.drift is not None:
        d = result.drift
        changes = [f"new field: {n}" for n in d.added] + [f"field gone: {n}" for n in d.removed]
        changes += [f"changed: {text}" for text in d.changed] + ["the order of the fields"] * d.reordered
        text = f"Since {d.since}: {d.rows_before:,} records then, {result.rows:,} now."
        blocks.append(text)
        blocks.append(
            Notice("The table's shape has changed.", warning=True) if d.any else "The fields are the same."
        )
        if changes:
            blocks.append(Bullets(changes))
    if not result.earlier:
        return [*blocks, "This is the first run in this folder: there is no trend yet."]
    now = result.measures()
    runs = [*result.earlier, result.run()]
    names = [
        n for n in now if n.startswith("dimension:") and any(r.measures.get(n) is not None for r in runs)
    ]
    if len(runs) > 1 and names:
        lines = []
        for name in names:
            pairs = [(float(at), run.measures.get(name)) for at, run in enumerate(runs)]
            points = tuple((at, value) for at, value in pairs if value is not None)
            lines.append(Line(name.partition(":")[2], points))
        blocks.append(
            line_chart(
                title="Dimensions from run to run",
                lines=lines,
                x_name="Run",
                y_name="Measured",
                y_range=(0, 1) if min(p[1] for each in lines for p in each.points) < 0.5 else None,
                x_words=[(float(at), run.on) for at, run in enumerate(runs)],
                x_range=(0, len(runs) - 1),
                y_format=percent,
            )
        )
    rows: list[Sequence[object]] = []
    for name in now:
        if name.startswith("dimension:"):
            continue
        values = [r.measures.get(name) for r in runs]
        known = [v for v in values if v is not None]
        if len(known) > 1:
            title = name.replace(":", " of ", 1)
            rows.append(
                [
                    title,
                    sparkline(title=title, values=values, value_format=percent),
                    percent(known[-2]),
                    percent(known[-1]),
                ]
            )
    table = Table("Measures from run to run", ["Measure", "Runs", "Before", "Now"], rows)  # type: ignore[arg-type]
    return [*blocks, Details("All measures", [table])] if rows else blocks


def _source(result: QualityResult) -> list[Block]:
    s = result.source
    cards = [
        Card("Rows in", f"{s.rows_in:,}"),
        Card("Read", f"{s.rows_good:,}"),
        Card("Kept aside", f"{s.rows_aside:,}"),
    ]
    facts = [f"format {s.format}"]
    facts += [f"encoding {s.encoding}"] * bool(s.encoding) + [f"delimiter {s.delimiter!r}"] * bool(
        s.delimiter
    )
    facts += [f"header in row {s.header_row}"] * bool(s.header_row)
    return [Cards(cards), Bullets(facts + list(s.notes))]


def _plan(result: QualityResult) -> list[Block]:
    blocks: list[Block] = [
        "The seven steps of the government's data quality action plan, filled in from this run."
    ]
    for step in action_plan(result):
        inside: list[Block] = list(step.sentences)
        if step.rows:
            inside.append(Table(step.name, step.columns, step.rows))
        blocks += [Heading(f"{step.number}. {step.name}"), *inside]
    return blocks


def _suggested(result: QualityResult) -> list[Block]:
    text = rules_toml(result.suggested, dataset=result.dataset)
    return [
        "A start for a rules file: targets are near what the data reach now. Decide what they should reach.",
        Details("Rules file", [Code(text)]),
    ]
