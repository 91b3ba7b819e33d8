"""A survey's percentages are brought in, and taken away."""

from __future__ import annotations

from collections.abc import Sequence

from joinedup.feedback.benchmark import BenchmarkRow
from joinedup_web.audit.deed import Deed, action
from joinedup_web.feedback.models import Benchmark


@action("measure.note")
def bring_in_benchmark(deed: Deed, *, name: str, terms: str, rows: Sequence[BenchmarkRow]) -> Benchmark:
    """Keep a survey's percentages, in the place of what was kept under its name."""
    if not rows:
        raise deed.refuse("no_rows", "there is no row in it")
    if not terms.strip():
        raise deed.refuse("no_terms", "say under which licence or permission it may be used")
    made, _ = Benchmark.objects.update_or_create(
        organisation_id=deed.organisation_id,
        name=name.strip(),
        defaults={
            "terms": terms.strip(),
            "rows": [_kept(row) for row in rows],
            "brought_by_id": deed.by.id,
            "brought_at": deed.at,
        },
    )
    deed.record("benchmark.brought_in", benchmark=made.id, rows=len(rows))
    return made


@action("measure.note")
def remove_benchmark(deed: Deed, *, benchmark: Benchmark) -> None:
    """Take a survey's percentages away."""
    deed.record("benchmark.removed", benchmark=benchmark.id)
    if not Benchmark.objects.filter(id=benchmark.id).delete()[0]:
        raise deed.refuse("gone_already", "it was taken away already")


def _kept(row: BenchmarkRow) -> dict[str, str | None]:
    return {
        "question": row.question,
        "option": row.option,
        "share": None if row.share is None else str(row.share),
        "group": row.group,
        "year": row.year,
        "source": row.source,
        "note": row.note,
    }
