"""Report sections about the run itself: the data that came in, and what each stage took."""

from __future__ import annotations

from joinedup.charts import Bar, Block, Heading, Section, Stack, Status, Table, bar_chart, plain, stacked_bars
from joinedup.linkage.run import Run, SourceCount

_STATES = (Status.GOOD, Status.WARN, Status.BAD, Status.UNKNOWN)


def data_section(run: Run) -> Section:
    """Each source with its records, and how its columns stood after standardising."""
    if not run.sources:
        return Section("The data")
    rows = [
        (s.name, s.records, s.aside, "yes" if s.one_record_per_person else "no", len(s.fields))
        for s in run.sources
    ]
    columns = ("Source", "Records", "Kept aside", "One record a person", "Fields used")
    blocks: list[Block] = [Table("Sources", columns, rows)]
    for source in run.sources:
        if source.fields:
            blocks += _fields(source)
    return Section("The data", blocks)


def _fields(source: SourceCount) -> list[Block]:
    chart = stacked_bars(
        title=f"{source.name}: the columns after standardising",
        parts=("valid", "mended", "invalid", "missing"),
        stacks=[
            Stack(f.field, (float(f.valid), float(f.mended), float(f.invalid), float(f.missing)))
            for f in source.fields
        ],
        label_name="Field",
        statuses=_STATES,
        note="Invalid values count as missing: they say nothing for or against a match.",
    )
    rows = [(f.field, f.column, f.kind.replace("_", " ")) for f in source.fields]
    return [
        Heading(source.name),
        chart,
        Table(f"What the columns of {source.name} were taken for", ("Field", "Column", "Meaning"), rows),
    ]


def stages_section(run: Run) -> Section:
    """Seconds and memory of each stage, versions and seed: what is needed to run it again."""
    blocks: list[Block] = []
    if run.stages:
        blocks.append(
            bar_chart(
                title="Seconds a stage",
                bars=[
                    Bar(s.name, round(s.seconds, 3), remark=f"{s.peak_memory_mb:,.0f} MiB")
                    for s in run.stages
                ],
                value_name="Seconds",
                label_name="Stage",
                note=f"{run.seconds:,.1f} seconds in all; at most {run.peak_memory_mb:,.0f} MiB of memory"
                f"{_of_budget(run)}.",
            )
        )
    rows: list[tuple[str, str]] = [("seed", str(run.seed)), ("kind", run.kind)]
    rows += list(run.versions.items())
    rows += [(name.replace("_", " "), plain(value)) for name, value in run.counts.items()]
    blocks.append(Table("To run it again", ("What", "Value"), rows))
    return Section("Time, memory and versions", blocks)


def _of_budget(run: Run) -> str:
    """What the job was to stay within, and what it put on disk for that."""
    if not run.memory_budget_mb:
        return ""
    disk = f"; scored pairs of {run.pairs_on_disk_mb:,.0f} MiB lay on disk" if run.pairs_on_disk_mb else ""
    return f" of {run.memory_budget_mb:,.0f}{disk}"
