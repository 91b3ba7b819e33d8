"""Splink 5's `predict_between`: one person against a table, with a trained model and its term frequencies loaded."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from splink_recipe import run_splink

_RARE = ("full_name", "first_name", "surname", "email")
_COLUMNS = ("record_id", "first_name", "surname", "date_of_birth", "gender", "postcode", "email", "town")


def splink_seconds(
    table: Path, training: Sequence[Path], rows: Sequence[dict[str, str | None]], folder: Path
) -> tuple[list[float], float]:
    """The seconds of each call, one a row, and how many pairs a call gave on average.

    training: what the documented recipe is trained on; a call does not hang on it. Timed: registering the one-row
    table, ``predict_between`` at Splink's default threshold of the recipe, and reading the result.
    """
    import duckdb
    from splink import DuckDBAPI, Linker

    run_splink(training, folder, em_cap=1_000_000)
    connection = duckdb.connect()
    connection.execute("set threads = 2")
    names = ", ".join(_COLUMNS)
    full = "first_name || ' ' || surname as full_name"
    connection.execute(f"create table held as select {names}, {full} from read_parquet(?)", [str(table)])
    api = DuckDBAPI(connection=connection)
    held = api.register("held", dataset_display_name="held")
    linker = Linker(held, str(folder / "model.json"), log_level=None)
    for column in _RARE:
        linker.table_management.compute_tf_table(column)
    seconds, pairs = [], 0
    for number, row in enumerate(rows):
        values: list[Any] = [row[name] for name in _COLUMNS]
        places = ", ".join(f"?::varchar as {name}" for name in _COLUMNS)
        started = time.perf_counter()
        connection.execute(f"create table asked_{number} as select *, {full} from (select {places})", values)
        asked = api.register(f"asked_{number}")
        found = linker.inference.predict_between(held, asked, threshold_match_probability=0.01)
        pairs += len(connection.execute(f"select * from {found.physical_name}").fetchall())
        seconds.append(time.perf_counter() - started)
    return seconds[2:], pairs / len(rows)
