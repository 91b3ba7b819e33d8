"""Report sections about the model: what each level weighs, and how training went."""

from __future__ import annotations

import math

from joinedup.charts import (
    Block,
    Details,
    Heading,
    Line,
    Notice,
    Section,
    Table,
    WeightGroup,
    line_chart,
    percent,
    plain,
    signed,
    weight_bars,
)
from joinedup.linkage.explain import explain_model, odds_in_words, short_label
from joinedup.linkage.model import Model
from joinedup.linkage.run import Run, Session

_MOST_NOTICES = 3
_MOST_LINES = 6  # as many as differ in colour, dash and marker; the slowest sessions are shown


def model_section(model: Model) -> Section:
    """The weight of every level, drawn; m, u and the conditions in a table."""
    rows = explain_model(model)
    groups = []
    for comparison in model.comparisons:
        own = [
            row
            for row in rows
            if row.comparison == comparison.name and not row.missing and row.weight is not None
        ]
        if own:
            groups.append(
                WeightGroup(
                    comparison.name,
                    tuple(
                        (short_label(r.label, r.comparison), r.weight or 0.0, odds_in_words(r.weight or 0.0))
                        for r in own
                    ),
                )
            )
    blocks: list[Block] = [
        "A pair falls into one level of each comparison, whose weight is added: to the right it speaks for a "
        "match, to the left against. A missing value adds nothing."
    ]
    if groups:
        blocks.append(weight_bars(title="What each level weighs", groups=groups))
    cells = [
        (
            row.comparison,
            row.label,
            "–" if row.m is None else _share(row.m),
            "–" if row.u is None else _share(row.u),
            "–" if row.weight is None else signed(row.weight),
            row.term_frequency or "–",
            row.when,
        )
        for row in rows
    ]
    columns = (
        "Comparison",
        "Level",
        "m (among matches)",
        "u (among others)",
        "Weight",
        "Adjusted by",
        "Condition",
    )
    blocks.append(Details("m, u and the condition of every level", [Table("The model", columns, cells)]))
    return Section("The model", blocks)


def training_section(run: Run) -> Section:
    """How EM converged in each session, with its warnings."""
    if not run.sessions:
        return Section("Training")
    rows = [
        (
            session.rule,
            session.pairs,
            session.iterations,
            "yes" if session.converged else "no",
            ", ".join(session.trained) or "–",
        )
        for session in run.sessions
    ]
    columns = ("Pairs that agree on", "Pairs", "Iterations", "Converged", "Comparisons trained")
    blocks: list[Block] = [
        "The chance of each level among matches (m) is estimated by expectation maximisation, once for each "
        "set of pairs below. A comparison that reads what chose the pairs is left to another session.",
        Table("Sessions", columns, rows),
    ]
    notes = [(session.rule, warning) for session in run.sessions for warning in session.warnings]
    if 0 < len(notes) <= _MOST_NOTICES:
        blocks += [Notice(f"Session '{rule}': {warning}", warning=True) for rule, warning in notes]
    elif notes:
        table = Table("What the sessions remarked", ("Session", "Remark"), notes)
        blocks.append(Details(f"{len(notes)} remarks on the sessions", [table]))
    slowest = sorted(run.sessions, key=lambda session: -len(session.history))[:_MOST_LINES]
    moving = [session for session in run.sessions if session in slowest and len(session.history) > 1]
    if moving:
        if len(moving) < len(run.sessions):
            blocks.append(f"Drawn are the {len(moving)} sessions with the most iterations.")
        blocks.append(_change_chart(moving))
        blocks.append(
            line_chart(
                title="The share of matches, iteration by iteration",
                lines=[
                    Line(s.rule, tuple((float(i), step.prior) for i, step in enumerate(s.history, 1)))
                    for s in moving
                ],
                x_name="Iteration",
                y_name="Share of matches",
                y_format=percent,
            )
        )
        blocks.append(
            Details("m of every level, iteration by iteration", [b for s in moving for b in _m_charts(s)])
        )
    return Section("Training", blocks)


def _change_chart(sessions: list[Session]) -> Block:
    lines = [
        Line(
            s.rule,
            tuple(
                (float(i), math.log10(step.largest_change))
                for i, step in enumerate(s.history, 1)
                if step.largest_change > 0
            ),
        )
        for s in sessions
    ]
    return line_chart(
        title="How much still changed, iteration by iteration",
        lines=lines,
        x_name="Iteration",
        y_name="Largest change (powers of ten)",
        note="A line that falls steadily has converged; one that stays level has not.",
    )


def _m_charts(session: Session) -> list[Block]:
    blocks: list[Block] = [Heading(f"Session '{session.rule}'")]
    for name in session.history[-1].m:
        paths = list(zip(*(step.m[name] for step in session.history if name in step.m), strict=False))
        lines = [
            Line(f"level {number}", tuple((float(i), m) for i, m in enumerate(path, 1)))
            for number, path in enumerate(paths)
        ]
        blocks.append(
            line_chart(
                title=f"{name}: m, iteration by iteration",
                lines=lines,
                x_name="Iteration",
                y_name="m",
                y_range=(0.0, 1.0),
            )
        )
    return blocks if len(blocks) > 1 else []


def _share(value: float) -> str:
    return percent(value) if value >= 0.001 else plain(value)
