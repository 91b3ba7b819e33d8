"""What a linkage run found, for the terminal and for machines, the same for every command that links."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from joinedup.cli.tables import duration, figure, share, table

if TYPE_CHECKING:
    from rich.console import Console

    from joinedup.linkage import Run


TOLD = (
    "kind", "seed", "counts", "threshold_weight", "threshold_probability", "threshold_basis",
    "precision", "recall", "blocking_recall", "confidence", "warnings", "clusters",
)  # fmt: skip


def run_document(run: Run, folder: Path) -> dict[str, Any]:
    """The run's counts, decision, sureness and warnings, and where the files are; `run.json` has the rest."""
    told = run.as_dict()
    return {
        "folder": str(folder),
        "files": sorted(file.name for file in folder.iterdir() if file.is_file()),
        "records": run.records,
        "seconds": round(run.seconds, 3),
        "peak_memory_mb": run.peak_memory_mb,
        "memory_budget_mb": run.memory_budget_mb,
        "pairs_on_disk_mb": run.pairs_on_disk_mb,
        **{name: told.get(name) for name in TOLD},
    }


def draw_run(console: Console, run: Run, folder: Path) -> None:
    """A short report a person can read in half a minute."""
    rows = [(source.name, source.records, source.aside or None) for source in run.sources]
    console.print(table(("source", "records", "kept aside"), rows, right=(1, 2)))
    for name, count in run.counts.items():
        console.print(f"{name.replace('_', ' ')}: {figure(count)}", markup=False)
    if run.threshold_weight is not None:
        chance = f" (a chance of {share(run.threshold_probability)})" if run.threshold_probability else ""
        console.print(
            f"linked from {run.threshold_weight:.2f} bits up{chance} {run.threshold_basis}".rstrip()
        )
    for name, estimate in (("precision", run.precision), ("recall", run.recall)):
        if estimate is not None:
            console.print(f"{name}, estimated: {_estimate(estimate)}", markup=False)
    for sentence in run.confidence:
        console.print(sentence, markup=False)
    if run.confidence:
        console.print(f"A sample of pairs is drawn by: joinedup sample {folder}", markup=False)
    for advice in run.warnings:
        place = f" ({advice.place})" if advice.place else ""
        console.print(f"Warning: {advice.what}{place}: {advice.mend}", markup=False)
    budget = f" of a budget of {run.memory_budget_mb:,.0f}" if run.memory_budget_mb else ""
    disk = f", with scored pairs of {run.pairs_on_disk_mb:,.0f} MB on disk" if run.pairs_on_disk_mb else ""
    console.print(
        f"\n{duration(run.seconds)}, {run.peak_memory_mb:,.0f} MB at most{budget}{disk}. Written to {folder}:",
        markup=False,
    )
    console.print(", ".join(sorted(file.name for file in folder.iterdir() if file.is_file())), markup=False)


def _estimate(estimate: Any) -> str:
    interval = ""
    if estimate.low is not None and estimate.high is not None:
        interval = f", between {share(estimate.low)} and {share(estimate.high)}"
    return f"{share(estimate.value)}{interval}" + (f" ({estimate.basis})" if estimate.basis else "")
