"""Splink beside us: it scores, its model is saved and imported, and every candidate pair is scored again by ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from splink import DuckDBAPI, Linker, SettingsCreator

from joinedup.linkage.block import blocking
from joinedup.linkage.compare import ComparePlan
from joinedup.linkage.encode import Records, encode
from joinedup.linkage.estimate import rule_filters
from joinedup.linkage.score import Scorer
from joinedup.linkage.splink_import import model_from_splink

TO_1E6 = 1e-6


@dataclass(frozen=True)
class Both:
    """The pairs that Splink scored, with its weight and ours, and how many pairs our rules let through.

    unseen: levels in which no pair falls, so that nothing was shown about them.
    """

    splink: np.ndarray
    ours: np.ndarray
    our_candidates: int
    unseen: list[str]

    @property
    def largest_difference(self) -> float:
        return float(np.abs(self.splink - self.ours).max())


def score_with_both(
    table: pa.Table,
    settings: SettingsCreator | dict[str, Any],
    train: Callable[[Linker], None],
    folder: Path,
    *,
    identifier: str = "unique_id",
    ours: pa.Table | None = None,
) -> Both:
    linker = linker_of(table, settings)
    train(linker)
    linker.misc.save_model_to_json(str(folder / "model.json"), overwrite=True)
    saved = json.loads((folder / "model.json").read_text())
    # Scored by the model as saved: a level that training never saw has other values in memory than on file.
    again = linker_of(table, saved)
    scored = again.inference.predict().as_pyarrow_table()

    model = model_from_splink(folder / "model.json")
    records = encode(
        {"it": table if ours is None else ours}, id_columns={"it": identifier}, columns=model.columns()
    )
    plan = ComparePlan(records, model.comparisons)
    left, right = (places(records, scored[f"{identifier}_{side}"]) for side in "lr")
    patterns = plan(left, right)
    weights = Scorer(model, records, plan)(left, right, patterns)
    seen = plan.levels_of(np.unique(patterns))
    unseen = [
        f"{comparison.name}: {level.when}"
        for c, comparison in enumerate(model.comparisons)
        for number, level in enumerate(comparison.levels)
        if number not in seen[:, c]
    ]

    found = blocking(records, model.blocking_rules, across_only=False)
    counts = found.stream(lambda rule, left, right: len(left), rule_filters(records, found.rules))
    return Both(scored["match_weight"].to_numpy(), weights, sum(counts), unseen)


def linker_of(table: pa.Table, settings: Any) -> Linker:
    connection = duckdb.connect()
    connection.execute(
        "SET lambda_syntax = 'ENABLE_SINGLE_ARROW'"
    )  # as Splink writes what it does with lists
    database = DuckDBAPI(connection=connection)
    return Linker(database.register(table), settings)


def places(records: Records, ids: pa.ChunkedArray) -> np.ndarray:
    found = pc.index_in(ids.combine_chunks().cast(pa.string()), value_set=records.ids.cast(pa.string()))
    return found.to_numpy(zero_copy_only=False).astype(np.int32)


def text_table(file: Path) -> pa.Table:
    """A file's columns as ASCII text; empty is missing."""
    if file.suffix == ".parquet":
        table = pq.read_table(file)
    else:
        names = pa_csv.open_csv(file).schema.names
        options = pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
        )
        table = pa_csv.read_csv(file, convert_options=options)
    columns = {}
    for name in table.column_names:
        column = table[name].cast(pa.string()).combine_chunks()
        ascii_only = pc.replace_substring_regex(pc.utf8_trim_whitespace(column), r"[^\x00-\x7f]", "")
        columns[name.strip()] = pc.if_else(pc.equal(ascii_only, ""), None, ascii_only)
    return pa.table(columns)


def trained_by(
    *sessions: Any, prior: tuple[list[Any], float], pairs: float = 1e6
) -> Callable[[Linker], None]:
    def train(linker: Linker) -> None:
        rules, recall = prior
        linker.training.estimate_probability_two_random_records_match(rules, recall=recall)
        linker.training.estimate_u_using_random_sampling(max_pairs=pairs, seed=1)
        for session in sessions:
            linker.training.estimate_parameters_using_expectation_maximisation(
                session, estimate_without_term_frequencies=True
            )

    return train
