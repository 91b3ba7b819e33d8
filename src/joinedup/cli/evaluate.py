"""`joinedup evaluate` and `joinedup sample`: how good a finished linkage is, with the truth or without."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from joinedup.cli.frame import command
from joinedup.cli.output import Output
from joinedup.cli.progress import progress_bar
from joinedup.cli.tables import figure, share, table
from joinedup.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from joinedup.linkage import Evaluation

RunArgument = Annotated[Path, typer.Argument(metavar="DIR", help="The folder that link or dedupe wrote.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""

    @command(app, "evaluate")
    def evaluate(
        out: Output,
        folder: RunArgument,
        truth: Annotated[
            Path | None,
            typer.Option("--truth", metavar="FILE", help="CSV or Parquet: source, record_id, cluster."),
        ] = None,
        sample_file: Annotated[
            Path | None,
            typer.Option("--sample", metavar="FILE", help="A sample.csv that a clerk has labelled."),
        ] = None,
    ) -> None:
        """Hold the linkage in DIR against the truth, or against a clerk's labels: precision, recall, F1.

        pairwise: the pairs linked at the chosen threshold. best: at the threshold of the highest F1.
        cluster: all pairs that the people imply. From a sample, figures come with 95% intervals.

        By the truth, evaluation.json and evaluation.html are written into DIR: precision and recall by threshold.
        """
        from joinedup.linkage import evaluate as evaluate_run
        from joinedup.linkage import evaluate_sample

        if (truth is None) == (sample_file is None):
            raise UsageError(
                what="give the truth or a labelled sample, one of them", mend="--truth FILE or --sample FILE"
            )
        if truth is not None:
            with progress_bar(out, "Holding the pairs against the truth"):
                found = evaluate_run(folder, truth)
            written = _written(out, found, folder)
            document = {**found.as_dict(), "files": [str(path) for path in written]}
            out.answer(document, draw=lambda console: draw_evaluation(console, found, written))
        elif sample_file is not None:
            estimated = evaluate_sample(sample_file).as_dict()
            out.answer(estimated, draw=lambda console: _draw_estimate(console, estimated))

    @command(app, "sample")
    def sample(
        out: Output,
        folder: RunArgument,
        size: Annotated[
            int, typer.Option("--size", min=1, metavar="PAIRS", help="How many pairs to draw.")
        ] = 400,
        seed: Annotated[
            int, typer.Option("--seed", metavar="NUMBER", help="The same seed, the same pairs.")
        ] = 1,
        sources: Annotated[
            list[str] | None,
            typer.Option(
                "--source", metavar="FILE", help="An input, to set its fields side by side; repeatable."
            ),
        ] = None,
        id_column: Annotated[
            str | None,
            typer.Option(
                "--id",
                metavar="COLUMN",
                help="The column of those inputs' own ids; else DIR/spec.toml tells it.",
            ),
        ] = None,
    ) -> None:
        """Draw pairs of the linkage in DIR for a clerk to label, into DIR/sample.csv.

        Label them same, different or unsure; then evaluate DIR --sample DIR/sample.csv says how good it is.
        """
        from joinedup.linkage import run_sources
        from joinedup.linkage import sample as draw_sample
        from joinedup.sources import read

        if id_column is None:
            tables, ids = run_sources(folder, sources) if sources else ({}, {})
        else:
            readings = [read(source) for source in sources or ()]
            tables = {reading.name: reading.table() for reading in readings}
            ids = dict.fromkeys(tables, id_column)
        drawn = draw_sample(folder, size=size, seed=seed, tables=tables, id_columns=ids)
        strata = [(s.name, s.pairs, s.drawn) for s in drawn.strata]
        document = {
            "path": str(drawn.path),
            "pairs": drawn.pairs,
            "strata": [dict(zip(("name", "pairs", "drawn"), row, strict=True)) for row in strata],
        }

        def draw(console: Console) -> None:
            console.print(table(("how sure the model is", "pairs", "drawn"), strata, right=(1, 2)))
            console.print(f"{figure(drawn.pairs)} pairs to label are in {drawn.path}", markup=False)

        out.answer(document, draw=draw)


def _written(out: Output, found: Evaluation, folder: Path) -> tuple[Path, ...]:
    """The evaluation's files in the run's folder; none, with a remark, where nothing may be written there."""
    from joinedup import __version__
    from joinedup.linkage import write_evaluation

    try:
        return write_evaluation(found, folder, version=__version__)
    except OSError as problem:
        out.warn(f"the evaluation is not kept in {folder}: {problem.strerror}")
        return ()


def draw_evaluation(console: Console, found: Evaluation, written: tuple[Path, ...] = ()) -> None:
    """The three scores against the truth, and what a reader should know of them."""
    rows = []
    for name, score in (("pairwise", found.pairwise), ("best", found.best), ("cluster", found.cluster)):
        weight = None if score.threshold is None else f"{score.threshold:.2f}"
        rows.append(
            (name, share(score.precision), share(score.recall), f"{score.f1:.4f}", score.linked, weight)
        )
    headings = ("", "precision", "recall", "F1", "pairs", "from (bits)")
    console.print(table(headings, rows, right=(1, 2, 3, 4, 5)))
    compared = share(found.blocking_recall)
    console.print(f"{figure(found.true_pairs)} true pairs, of which {compared} were compared at all.")
    for note in found.notes():
        console.print(note, markup=False)
    if written:
        console.print(f"Precision and recall by threshold: {', '.join(map(str, written))}", markup=False)


def _draw_estimate(console: Console, estimated: dict[str, Any]) -> None:
    rows = []
    for name in ("pairwise", "people"):
        for measure, interval in estimated[name].items():
            words = measure.replace("_", " ")
            rows.append((name, words, *(share(interval[part]) for part in ("value", "low", "high"))))
    console.print(table(("", "", "estimate", "at least", "at most"), rows, right=(2, 3, 4)))
    console.print(estimated["basis"], markup=False)
