"""Report sections about pairs and people: blocking, weights, clusters and explained examples."""

from __future__ import annotations

from collections.abc import Sequence

from joinedup.charts import (
    Bar,
    Block,
    Heading,
    Section,
    Step,
    Table,
    Threshold,
    bar_chart,
    column_chart,
    histogram,
    percent,
    plain,
    signed,
    waterfall,
)
from joinedup.linkage.explain import Example, Part, explain_blocking
from joinedup.linkage.run import Run

_LARGEST_SIZE = 10


def blocking_section(run: Run) -> Section:
    """The pairs that each rule lets through, alone and beyond the rules before it."""
    if not run.rules:
        return Section("Which pairs were compared")
    rows = explain_blocking(run.rules)
    chart = bar_chart(
        title="New pairs a blocking rule",
        bars=[Bar(row.rule, float(row.new), remark=f"{plain(row.raw)} alone") for row in rows],
        value_name="New pairs",
        label_name="Rule",
        note="A pair counts under the first rule that finds it.",
    )
    cells = [(row.rule, row.raw, row.new, percent(row.share), row.so_far) for row in rows]
    columns = ("Records agree on", "Pairs", "New pairs", "Share", "So far")
    words = (
        "Only pairs that agree on all of one rule were compared; a match that agrees on none cannot be found."
    )
    return Section("Which pairs were compared", [words, chart, Table("Blocking rules", columns, cells)])


def weights_section(run: Run) -> Section:
    """How the weights of the compared pairs spread, with the threshold."""
    found = run.weights
    if found is None or not any(found.counts):
        return Section("Match weights")
    edges = [found.low + found.width * i for i in range(len(found.counts) + 1)]
    lines = [Threshold(run.threshold_weight, "linked from here")] if run.threshold_weight is not None else []
    chart = histogram(
        title="Match weights of the compared pairs",
        edges=edges,
        layers=[("pairs", [float(count) for count in found.counts])],
        x_name="Match weight (bits)",
        y_name="Pairs (each step is ten times more)",
        thresholds=lines,
        log_counts=True,
        note="Two hills with a valley between are easy to part; pairs in the valley are the doubtful ones.",
    )
    return Section("Match weights", [chart])


def people_section(run: Run) -> Section:
    """How many records a person has, what was broken apart, and who hangs together badly."""
    found = run.clusters
    if found is None or not found.sizes:
        return Section("People")
    sizes = {size: n for size, n in sorted(found.sizes.items()) if size <= _LARGEST_SIZE}
    beyond = sum(n for size, n in found.sizes.items() if size > _LARGEST_SIZE)
    bars = [Bar(str(size), float(n)) for size, n in sizes.items()]
    bars += [Bar(f"over {_LARGEST_SIZE}", float(beyond))] if beyond else []
    blocks: list[Block] = [
        column_chart(title="Records a person has", bars=bars, value_name="People", label_name="Records")
    ]
    rows: list[tuple[str, str]] = [("Largest number of records", plain(max(found.sizes)))]
    if found.mean_density is not None:
        rows.append(
            ("Links present among those possible (three records or more)", percent(found.mean_density))
        )
    rows += [
        (
            "Links refused for two values of an identifier",
            "no identifier declared" if found.contradictions is None else plain(found.contradictions),
        ),
        ("Links taken out", plain(found.links_cut)),
    ]
    rows += [(f"Links refused: {reason}", plain(count)) for reason, count in found.refused.items()]
    blocks.append(Table("How the records hang together", ("What", "Value"), rows))
    if found.doubtful:
        cells = [
            (d.person_id, d.records, signed(d.weakest_weight), percent(d.density), d.bridges, d.why or "–")
            for d in found.doubtful
        ]
        columns = (
            "Person",
            "Records",
            "Weakest link (bits)",
            "Links present",
            "Single links holding it",
            "Why",
        )
        blocks.append(Table("Most doubtful: worth a clerk's look", columns, cells))
    return Section("People", blocks)


def examples_section(examples: Sequence[Example], threshold: float | None, *, show_values: bool) -> Section:
    """Each example pair with its waterfall; its records' identifiers and values only where asked for."""
    blocks: list[Block] = []
    if examples and not show_values:
        blocks.append("Values are left out, since reports travel: each pair is shown by its levels alone.")
    for number, example in enumerate(examples, 1):
        blocks.append(Heading(f"Pair {number}: {example.kind}"))
        about = _about(example, show_values=show_values)
        note = example.note.rstrip(".")
        why = f"{note[:1].upper()}{note[1:]}." if note else ""
        blocks.append(f"{about} {example.explanation.in_words} {why}".strip())
        if show_values and example.values:
            cells = [(column, left, right) for column, (left, right) in example.values.items()]
            blocks.append(Table(f"Pair {number}: the two records", ("Column", "One", "Other"), cells))
        steps = [Step(step.label, step.bits, step.found) for step in example.explanation.steps]
        first = steps[0] if example.explanation.steps[0].part is Part.PRIOR else Step("Start", 0.0)
        blocks.append(
            waterfall(
                title=f"Pair {number}: what adds up to {signed(example.explanation.weight)} bits",
                prior=first,
                steps=steps[1:] if first is steps[0] else steps,
                total_label=f"Total: probability {percent(example.explanation.probability)}",
                threshold=threshold,
            )
        )
    return Section("Pairs explained", blocks)


def _about(example: Example, *, show_values: bool) -> str:
    """Which records the pair is of: their sources, and their identifiers where these may be shown."""
    one, other = example.sources
    if show_values and all(example.ids):
        return f"Record {example.ids[0]} of {one} and record {example.ids[1]} of {other}."
    if not one:
        return ""
    return f"Two records of {one}." if one == other else f"A record of {one} and one of {other}."
