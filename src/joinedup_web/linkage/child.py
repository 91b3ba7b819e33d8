"""The heavy work of one job, in a process of its own: measuring a source, or linking.

`python -m joinedup_web.linkage.child` reads one order as JSON from stdin and writes JSON lines to stdout: progress,
then one of `finished`, `problem` (a JoinedupError's three parts) or `fault` (its kind alone). It knows no Django and no
database, so it can be killed at any moment, and takes down nobody when it runs out of memory.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from joinedup import __version__
from joinedup.errors import JoinedupError, LimitError

if TYPE_CHECKING:
    import pyarrow as pa

    from joinedup.quality import QualityResult
    from joinedup.sources import ReadOptions

SECONDS_BETWEEN_WORDS = 0.3


class Teller:
    """Progress to the parent, not oftener than it can be of use."""

    def __init__(self) -> None:
        self._stage, self._next = "", 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage != self._stage or now >= self._next:
            self._stage, self._next = stage, now + SECONDS_BETWEEN_WORDS
            tell({"stage": stage, "done": done, "total": total})


def tell(document: dict[str, Any]) -> None:
    """Write one line to the parent."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def carry_out(deeds: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]]) -> int:
    """Read an order, carry out the deed that it names, and say how it ended; return the exit code."""
    order = json.load(sys.stdin)
    try:
        tell({"finished": deeds[order["do"]](order)})
    except JoinedupError as error:
        tell({"problem": {**error.as_dict(), "where": _without_folder(error.where, order)}})
        return 1
    except MemoryError:
        problem = LimitError(
            what="the job needs more memory than there is",
            mend="use fewer or smaller sources, or a larger machine",
        )
        tell({"problem": problem.as_dict()})
        return 1
    except Exception as error:  # the door: its message may quote a value, so its kind alone goes on
        tell({"fault": type(error).__name__})
        return 1
    return 0


def _without_folder(where: str, order: dict[str, Any]) -> str:
    """Errors name files as people know them, not where they lie on this machine."""
    for place, name in order.get("known_as", {}).items():
        where = where.replace(place, name)
    return where


def measure(order: dict[str, Any]) -> dict[str, Any]:
    """Read and measure one file; return its report, columns with their meanings, dimensions and sheets.

    What is written names the file as people know it, not where it lies on this machine.
    """
    import pyarrow as pa

    from joinedup.quality import profile, write_quality
    from joinedup.sources import ReadOptions, read, tables_in, write_csv

    path, folder = Path(order["path"]), Path(order["out"])
    teller = Teller()
    options = ReadOptions(**order["read"])
    sheets = tables_in(path, options=replace(options, table=None)) if _may_hold_several(path) else []
    together = order.get("tables") or []
    if len(sheets) > 1 and not together and options.table is None:
        options = replace(options, table=_longest(path, sheets, options))
    on = date.fromisoformat(order["on"])
    if len(together) > 1:
        result, aside = _measure_together(path, options, together, on=on)
    else:
        reading = read(path, options=options, progress=lambda done, total: teller("measuring", done, total))
        result, aside = profile(reading, on=on), reading.aside
    report = replace(result.source, file=order["file_name"], name=order["name"])
    write_quality(replace(result, dataset=order["name"], source=report), folder, version=__version__)
    if aside.num_rows:
        names = pa.array([order["file_name"]] * aside.num_rows, pa.string())
        aside = aside.set_column(aside.schema.get_field_index("file"), "file", names)
        write_csv(aside, folder / "aside.csv")
    else:
        (folder / "aside.csv").unlink(missing_ok=True)
    return {
        "format": report.format,
        "encoding": report.encoding,
        "delimiter": report.delimiter,
        "header_row": report.header_row,
        "notes": list(report.notes),
        "rows_in": report.rows_in,
        "rows_good": report.rows_good,
        "rows_aside": report.rows_aside,
        "table": None if len(together) > 1 else options.table,
        "sheets": sheets,
        "columns": [
            {
                "name": column.name,
                "kind": column.kind,
                "confidence": round(column.confidence, 3),
                "why": column.why,
            }
            for column in result.columns
        ],
        "dimensions": {each.dimension.value: each.measured for each in result.dimensions},
        "issues": len(result.issues),
    }


_CONTAINERS = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".sqlite", ".db", ".sqlite3", ".zip"}


def _may_hold_several(path: Path) -> bool:
    return path.suffix.lower() in _CONTAINERS


def _longest(path: Path, sheets: list[str], options: ReadOptions) -> str:
    """The sheet with most rows is the data; notes and look-ups are short, and some sheets cannot be read at all."""
    from joinedup.sources import read

    best, most = sheets[0], -1
    for name in sheets:
        try:
            rows = sum(batch.num_rows for batch in read(path, options=replace(options, table=name)).batches())
        except JoinedupError:
            continue
        if rows > most:
            best, most = name, rows
    return best


def _measure_together(
    path: Path, options: ReadOptions, names: list[str], *, on: date
) -> tuple[QualityResult, pa.Table]:
    """Several sheets as one table: its measures, and the rows of all of them that could not be read."""
    import pyarrow as pa

    from joinedup.quality import profile
    from joinedup.sources import read, write_parquet

    readings = [read(path, options=replace(options, table=name)) for name in names]
    tables = [reading.table() for reading in readings]
    kinds: dict[str, set[pa.DataType]] = {}
    for column in (column for table in tables for column in table.schema):
        kinds.setdefault(column.name, set()).add(column.type)
    several = {name for name, types in kinds.items() if len(types) > 1}
    alike = [
        table.cast(pa.schema([c.with_type(pa.string()) if c.name in several else c for c in table.schema]))
        for table in tables
    ]
    with tempfile.TemporaryDirectory() as spare:
        file = Path(spare) / "together.parquet"
        write_parquet(pa.concat_tables(alike, promote_options="default"), file)
        result = profile(read(file), on=on)
    reports = [reading.report for reading in readings]
    report = replace(
        reports[0],
        columns=result.source.columns,
        rows_in=sum(each.rows_in for each in reports),
        rows_good=sum(each.rows_good for each in reports),
        rows_aside=sum(each.rows_aside for each in reports),
        notes=tuple(dict.fromkeys(note for each in reports for note in each.notes)),
        seconds=sum(each.seconds for each in reports),
    )
    return replace(result, source=report), pa.concat_tables([reading.aside for reading in readings])


def link(order: dict[str, Any]) -> dict[str, Any]:
    """Link by a spec; the outputs appear whole or not at all."""
    from joinedup import linkage

    out, draft = Path(order["out"]), Path(order["out"] + ".draft")
    shutil.rmtree(draft, ignore_errors=True)
    teller = Teller()
    spec = linkage.load_spec(order["spec"])
    result = linkage.link(spec, draft, decisions=order.get("decisions"), progress=teller)
    teller("gathering pairs to review", 0, 0)
    ran = linkage.load_spec(draft / "spec.toml") if (draft / "spec.toml").exists() else spec
    pairs = linkage.write_review_material(draft / "review.jsonl", linkage.review_material(draft, ran))
    linkage.write_person_index(draft, ran)
    shutil.rmtree(out, ignore_errors=True)
    draft.rename(out)
    return {"pairs": pairs, "records": result.run.records}


def people(order: dict[str, Any]) -> dict[str, Any]:
    """List the people of a finished run; see child_records.py."""
    from joinedup_web.linkage.child_records import list_people

    return list_people(order, Teller())


def sample(order: dict[str, Any]) -> dict[str, Any]:
    """Draw pairs of a finished run; see child_records.py."""
    from joinedup_web.linkage.child_records import draw_sample

    return draw_sample(order, Teller())


DO = {"measure": measure, "link": link, "people": people, "sample": sample}


if __name__ == "__main__":
    sys.exit(carry_out(DO))
