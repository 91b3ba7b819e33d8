"""`joinedup link` and `joinedup dedupe`: which records are the same person."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from joinedup.cli.frame import command
from joinedup.cli.linkage_report import draw_run, run_document
from joinedup.cli.output import Output
from joinedup.cli.progress import stage_bar
from joinedup.cli.source_options import NAMES_A_TABLE
from joinedup.errors import UsageError

if TYPE_CHECKING:
    from joinedup.linkage import LinkResult, Progress, Spec

USUAL_FOLDER = Path("linked")
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help=f"Where the outputs go; made if absent. Without it: {USUAL_FOLDER}, in the current folder.",
    ),
]
DecisionsOption = Annotated[
    Path | None,
    typer.Option("--decisions", metavar="FILE", help="Clerical decisions, obeyed as constraints."),
]
IdOption = Annotated[
    str | None,
    typer.Option(
        "--id",
        metavar="COLUMN",
        help="The column of each record's own id; else it is found, or rows numbered.",
    ),
]
SeedOption = Annotated[
    int, typer.Option("--seed", metavar="NUMBER", help="Same input and seed, same output.")
]
ThreadsOption = Annotated[
    int,
    typer.Option(
        "--threads", min=1, metavar="NUMBER", help="Cores to use; the output does not depend on it."
    ),
]
MemoryOption = Annotated[
    float | None,
    typer.Option(
        "--memory-gb",
        metavar="NUMBER",
        help="Memory the job may take, in place of the spec's (4); scored pairs beyond it lie on disk.",
    ),
]


class Engine(StrEnum):
    """Where the work is done."""

    LOCAL = "local"
    SPARK = "spark"


EngineOption = Annotated[
    Engine,
    typer.Option("--engine", help="On this machine, or on Apache Spark with the same answers."),
]
MasterOption = Annotated[
    str | None,
    typer.Option(
        "--master",
        metavar="MASTER",
        help="Of Spark, such as local[2]; else what the platform set up, or without --staging this machine.",
    ),
]
StagingOption = Annotated[
    str | None,
    typer.Option(
        "--staging",
        metavar="FOLDER",
        help="Of Spark: a folder that all its machines see. It will hold people's data: remove it afterwards.",
    ),
]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""

    @command(app, "link")
    def link(
        out: Output,
        inputs: Annotated[
            list[str],
            typer.Argument(
                metavar="SPEC.toml | FILE FILE…", help=f"A job spec, or the files to link ({NAMES_A_TABLE})."
            ),
        ],
        to: OutOption = None,
        decisions: DecisionsOption = None,
        model: Annotated[
            Path | None,
            typer.Option("--model", metavar="FILE", help="Use this model in place of the spec's."),
        ] = None,
        also_dedupe: Annotated[
            bool, typer.Option("--also-dedupe", help="With files: find repeats within each file too.")
        ] = False,
        id_column: IdOption = None,
        seed: Annotated[
            int | None,
            typer.Option("--seed", metavar="NUMBER", help="In place of the spec's; without a spec, 1."),
        ] = None,
        threads: ThreadsOption = 2,
        memory: MemoryOption = None,
        engine: EngineOption = Engine.LOCAL,
        master: MasterOption = None,
        staging: StagingOption = None,
    ) -> None:
        """Link records about the same person: by a spec, or two and more files with no configuration.

        Writes pairs.parquet, people.parquet, joined.parquet, model.json, run.json, report.html and review.csv
        into DIR; without a model, also the spec.toml that was chosen.
        """
        from joinedup.linkage import JobKind, load_model, load_spec, spec_of_files

        by_spec = len(inputs) == 1 and inputs[0].lower().endswith(".toml")
        _refuse_what_does_not_fit(
            inputs, by_spec=by_spec, model=model, files_only=also_dedupe or id_column is not None
        )
        _refuse_spark_without_it(engine, master, staging)
        folder = _folder(to)
        with stage_bar(out, "read and standardise") as progress:
            if by_spec:
                spec = load_spec(inputs[0])
                if seed is not None:
                    spec = replace(spec, seed=seed)
                if model is not None:
                    spec = replace(spec, model=load_model(model), model_file=None, splink_file=None)
            else:
                spec = spec_of_files(
                    inputs,
                    kind=JobKind.LINK_AND_DEDUPE if also_dedupe else JobKind.LINK,
                    id_column=id_column,
                    seed=1 if seed is None else seed,
                )
            result = _run(
                _limited(spec, memory), folder, decisions, progress, threads, engine, master, staging
            )
        _answer(out, result)

    @command(app, "dedupe")
    def dedupe(
        out: Output,
        source: Annotated[
            str, typer.Argument(metavar="FILE", help=f"The file to find repeats in ({NAMES_A_TABLE}).")
        ],
        to: OutOption = None,
        decisions: DecisionsOption = None,
        id_column: IdOption = None,
        seed: SeedOption = 1,
        threads: ThreadsOption = 2,
        memory: MemoryOption = None,
        engine: EngineOption = Engine.LOCAL,
        master: MasterOption = None,
        staging: StagingOption = None,
    ) -> None:
        """Find the records of FILE that are the same person, with no configuration.

        Writes the same files as link, and the spec.toml that was chosen.
        """
        from joinedup.linkage import JobKind, spec_of_files

        _refuse_spark_without_it(engine, master, staging)
        folder = _folder(to)
        spec = spec_of_files([source], kind=JobKind.DEDUPE, id_column=id_column, seed=seed)
        with stage_bar(out, "read and standardise") as progress:
            result = _run(
                _limited(spec, memory), folder, decisions, progress, threads, engine, master, staging
            )
        _answer(out, result)


def _folder(to: Path | None) -> Path:
    """Where the outputs go; a run that lies in the usual folder is not overwritten unless that folder is named."""
    if to is None and (USUAL_FOLDER / "run.json").exists():
        raise UsageError(
            what="it holds the outputs of an earlier run",
            where=f"the folder '{USUAL_FOLDER}', where outputs go without --out",
            mend=f"name a folder with --out DIR; --out {USUAL_FOLDER} replaces that run",
        )
    return to or USUAL_FOLDER


def _limited(spec: Spec, memory: float | None) -> Spec:
    """The job with the memory that was asked for."""
    if memory is None:
        return spec
    if not memory > 0:
        raise UsageError(
            what="--memory-gb is not a number above 0", where="--memory-gb", mend="say how many GB"
        )
    return replace(spec, limits=replace(spec.limits, memory_gb=memory))


def _run(
    spec: Spec,
    folder: Path,
    decisions: Path | None,
    progress: Progress | None,
    threads: int,
    engine: Engine,
    master: str | None,
    staging: str | None,
) -> LinkResult:
    from joinedup.linkage import SparkOptions, link, link_on_spark

    if engine is Engine.LOCAL:
        return link(spec, folder, decisions=decisions, progress=progress, threads=threads)
    here = f"local[{threads}]" if staging is None else None
    options = SparkOptions(master=master or here, staging=staging)
    return link_on_spark(
        spec, folder, options=options, decisions=decisions, progress=progress, threads=threads
    )


def _refuse_spark_without_it(engine: Engine, master: str | None, staging: str | None) -> None:
    if engine is not Engine.SPARK and (master or staging):
        raise UsageError(what="--master and --staging go with --engine spark", mend="add --engine spark")


def _refuse_what_does_not_fit(
    inputs: list[str], *, by_spec: bool, model: Path | None, files_only: bool
) -> None:
    if by_spec and files_only:
        raise UsageError(
            what="--id and --also-dedupe go with files", where=inputs[0], mend="say it in the spec: id, kind"
        )
    if not by_spec and len(inputs) < 2:
        raise UsageError(
            what="one file cannot be linked", where=inputs[0], mend="name two files or a spec, or use dedupe"
        )
    if not by_spec and model is not None:
        raise UsageError(
            what="--model goes with a spec", mend="run without it once, then use DIR/spec.toml with --model"
        )


def _answer(out: Output, result: LinkResult) -> None:
    out.answer(
        run_document(result.run, result.directory),
        draw=lambda console: draw_run(console, result.run, result.directory),
    )
