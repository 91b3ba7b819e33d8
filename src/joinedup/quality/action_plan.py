"""The data quality action plan: the seven steps of the government's guide, filled in from a run.

Steps as in "Data quality action plan: implementation guide" (11 November 2025). What only people can say
(owner, root cause, date) is left as a marked gap, never made up.
"""

from __future__ import annotations

from dataclasses import dataclass

from joinedup.charts import percent

from .measure import RuleResult, Standing
from .result import QualityResult

GAP = "to be filled in"


@dataclass(frozen=True)
class PlanStep:
    """One step: its number and name, sentences, and optionally a table (columns, rows)."""

    number: int
    name: str
    sentences: tuple[str, ...]
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def action_plan(result: QualityResult) -> tuple[PlanStep, ...]:
    """The seven steps, in order."""
    return (
        _identify(result), _standards(result), _assess(result), _prioritise(result), _causes(result),
        _communicate(result), _monitor(result),
    )  # fmt: skip


def action_plan_markdown(result: QualityResult) -> str:
    """The plan as a Markdown document."""
    lines = [f"# Data quality action plan: {_md(result.dataset)}", "", f"As measured on {_day(result)}."]
    for step in action_plan(result):
        lines += ["", f"## {step.number}. {step.name}", ""]
        lines += [f"{_md(sentence)}\n" for sentence in step.sentences]
        if step.rows:
            lines.append("| " + " | ".join(_md(c) for c in step.columns) + " |")
            lines.append("|" + " --- |" * len(step.columns))
            lines += ["| " + " | ".join(_md(c) for c in row) + " |" for row in step.rows]
        while lines[-1].endswith("\n"):
            lines[-1] = lines[-1].rstrip("\n")
            lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def goal(result: RuleResult) -> str:
    """What has to happen for the rule to be met, in numbers."""
    if result.measured is None:
        return "measure it"
    short = max(-(-(result.rule.target * result.total - result.passed) // 1), 0)
    if result.total <= 1:
        return f"from {percent(result.measured)} to {percent(result.rule.target)}"
    aim = f"from {percent(result.measured)} to {percent(result.rule.target)}"
    return f"{aim}: put right {int(short):,} of {result.total:,}"


def _identify(result: QualityResult) -> PlanStep:
    rules = result.rules
    return PlanStep(
        1,
        "Identify critical data",
        (
            f"This plan is about {result.dataset}: {result.rows:,} records of {len(result.columns)} fields.",
            f"Purpose: {(rules.purpose if rules else '') or GAP}.",
            f"Owner: {(rules.owner if rules else '') or GAP}.",
        ),
        ("Field", "What it means", "Critical because"),
        tuple(
            (c.name, c.kind.replace("_", " "), _highest(result, c.name))
            for c in result.columns
            if not result.results or _highest(result, c.name) != "no rule"
        ),
    )


def _standards(result: QualityResult) -> PlanStep:
    if not result.results:
        return PlanStep(
            2,
            "Set data quality standards and rules",
            (
                f"No rules were given. {len(result.suggested)} are suggested in suggested-rules.toml: "
                "decide on purpose, importance and targets with those who use the data, then measure again.",
            ),
            ("Suggested rule", "Dimension", "Target"),
            tuple((r.requirement or r.id, r.dimension.value, percent(r.target)) for r in result.suggested),
        )
    return PlanStep(
        2,
        "Set data quality standards and rules",
        (f"{len(result.results)} rules are in force.",),
        ("Rule", "Requirement", "Dimension", "Importance", "Measurement", "Target"),
        tuple(
            (
                r.rule.id, r.rule.requirement or GAP, r.rule.dimension.value, r.rule.importance.value,
                r.rule.measurement, percent(r.rule.target),
            )
            for r in result.results
        ),
    )  # fmt: skip


def _assess(result: QualityResult) -> PlanStep:
    rows = tuple(
        (
            d.dimension.value,
            "not measured" if d.measured is None else percent(d.measured),
            d.standing.value if d.standing else "no target",
            d.basis,
        )
        for d in result.dimensions
    )
    unknown = [d.dimension.value for d in result.dimensions if d.measured is None]
    told = (f"Not measured, therefore not known to be good: {', '.join(unknown)}.",) if unknown else ()
    return PlanStep(
        3, "Assess current data quality", told, ("Dimension", "Measured", "Against target", "How"), rows
    )


def _prioritise(result: QualityResult) -> PlanStep:
    if not result.issues:
        text = "No rule is below its target." if result.results else "Without rules no issue can be told."
        return PlanStep(4, "Prioritise improvements and set goals", (text,))
    return PlanStep(
        4,
        "Prioritise improvements and set goals",
        (f"{len(result.issues)} rules are below target; the most important come first.",),
        ("Order", "Issue", "Importance", "Goal"),
        tuple(
            (str(at), i.rule.requirement or i.rule.id, i.rule.importance.value, goal(i))
            for at, i in enumerate(result.issues, 1)
        ),
    )


def _causes(result: QualityResult) -> PlanStep:
    rows = tuple(
        (
            i.rule.requirement or i.rule.id,
            ", ".join(f"{row:,}" for row in i.failing_rows[:5]) or "–",
            clue(result, i) or "–",
            GAP,
            GAP,
        )
        for i in result.issues
    )
    text = "Look at the rows named here at their source; the clues say what was found, not why it happened."
    return PlanStep(
        5,
        "Identify root causes and take action",
        (text,) if rows else ("There is no issue to act on.",),
        ("Issue", "First rows", "Clues", "Root cause", "Action, by whom, by when"),
        rows,
    )


def _communicate(result: QualityResult) -> PlanStep:
    met = sum(r.standing is Standing.MET for r in result.results)
    known = sum(r.measured is not None for r in result.results)
    if result.results:
        below = len(result.issues)
        text = f"On {_day(result)}, {met} of {known} measured rules were met; {below} were below target."
        text += (
            f" {len(result.results) - known} could not be measured." if known < len(result.results) else ""
        )
    else:
        text = f"On {_day(result)} the data were profiled; no rules were set yet."
    return PlanStep(
        6, "Communicate and report results", (text, "Send quality.html to owner and users of the data.")
    )


def _monitor(result: QualityResult) -> PlanStep:
    if not result.earlier:
        text = "This is the first run. Measure again at each delivery into the same folder to see the trend."
        return PlanStep(7, "Monitor", (text,))
    last, now = result.earlier[-1], result.measures()
    rows = []
    for name, value in now.items():
        before = last.measures.get(name)
        if name.startswith(("rule:", "dimension:")) and value is not None and before is not None:
            rows.append((name.partition(":")[2], percent(before), percent(value), _change(value - before)))
    return PlanStep(
        7,
        "Monitor",
        (f"Compared with the run of {last.on} ({len(result.earlier)} earlier runs are known).",),
        ("Measure", "Then", "Now", "Change"),
        tuple(rows),
    )


def clue(result: QualityResult, issue: RuleResult) -> str:
    """What the profile knows about an issue's field that may help to find its cause."""
    column = next((c for c in result.columns if issue.rule.fields and c.name == issue.rule.fields[0]), None)
    if column is None:
        return issue.note
    parts = []
    if issue.rule.metric == "valid" and column.validity is not None:
        parts += [
            f"{reason.replace('_', ' ')} ({n:,})" for reason, n in list(column.validity.reasons.items())[:3]
        ]
    if issue.rule.metric == "present":
        counted = (
            (column.missing, "empty"),
            (column.blank, "only spaces"),
            (column.placeholders, "placeholder words"),
        )
        parts += [f"{n:,} {word}" for n, word in counted if n]
    if issue.rule.metric in {"pattern", "one_of", "length"}:
        parts += [f"shape {shape} ({n:,})" for shape, n in column.shapes[:3]]
    return ", ".join(parts) or issue.note


def _highest(result: QualityResult, name: str) -> str:
    own = [r.rule for r in result.results if name in r.rule.fields]
    if not own:
        return "no rule" if result.results else GAP
    first = max(own, key=lambda r: r.importance.weight)
    return f"{first.importance.value}: {first.purpose or first.requirement or first.id}"


def _change(points: float) -> str:
    if abs(points) < 0.0005:
        return "same"
    return f"{'up' if points > 0 else 'down'} {abs(points) * 100:.1f} points"


def _day(result: QualityResult) -> str:
    return f"{result.on.day} {result.on:%B %Y}"


def _md(text: str) -> str:
    """Text that Markdown takes literally, on one line."""
    flat = " ".join(text.split())
    return "".join("\\" + c if c in "\\`*_[]<>|#" else c for c in flat)
