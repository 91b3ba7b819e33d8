"""The heavy work of one job, in a process of its own: measuring a source, or linking.

`python -m joinedup_web.linkage.child` reads one order as JSON from stdin and writes JSON lines to stdout: progress,
then one of `finished`, `problem` (a JoinedupError's three parts) or `fault` (its kind alone). It knows no Django and no
database, so it can be killed at any moment, and takes down nobody when it runs out of memory.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from joinedup import __version__
from joinedup.errors import JoinedupError, LimitError

SECONDS_BETWEEN_WORDS = 0.3


class _Teller:
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


def main() -> int:
    """Carry out the order."""
    order = json.load(sys.stdin)
    try:
        tell({"finished": {"measure": measure, "link": link}[order["do"]](order)})
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
    """Read and measure one file; return its report, columns with their meanings, dimensions and sheets."""
    from joinedup.quality import profile, write_quality
    from joinedup.sources import ReadOptions, read, tables_in

    path, folder = Path(order["path"]), Path(order["out"])
    teller = _Teller()
    options = ReadOptions(**order["read"])
    sheets = tables_in(path) if path.suffix.lower() in _CONTAINERS else []
    if len(sheets) > 1 and options.table is None:
        # The sheet with most rows is the data; notes and look-ups are short.
        chosen = max(sheets, key=lambda name: read(path, options=ReadOptions(table=name)).table().num_rows)
        options = ReadOptions(**{**order["read"], "table": chosen})
    reading = read(path, options=options, progress=lambda done, total: teller("measuring", done, total))
    result = profile(reading, on=date.fromisoformat(order["on"]))
    write_quality(result, folder, version=__version__)
    aside = reading.aside
    if aside.num_rows:
        from joinedup.sources import write_csv

        write_csv(aside, folder / "aside.csv")
    report = result.source
    return {
        "format": report.format,
        "encoding": report.encoding,
        "delimiter": report.delimiter,
        "header_row": report.header_row,
        "notes": list(report.notes),
        "rows_in": report.rows_in,
        "rows_good": report.rows_good,
        "rows_aside": report.rows_aside,
        "table": options.table,
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


_CONTAINERS = {".xlsx", ".xls", ".xlsb", ".ods", ".sqlite", ".db", ".sqlite3"}


def link(order: dict[str, Any]) -> dict[str, Any]:
    """Link by a spec; the outputs appear whole or not at all."""
    from joinedup import linkage

    out, draft = Path(order["out"]), Path(order["out"] + ".draft")
    shutil.rmtree(draft, ignore_errors=True)
    teller = _Teller()
    spec = linkage.load_spec(order["spec"])
    result = linkage.link(spec, draft, decisions=order.get("decisions"), progress=teller)
    teller("gathering pairs to review", 0, 0)
    ran = linkage.load_spec(draft / "spec.toml") if (draft / "spec.toml").exists() else spec
    pairs = linkage.write_review_material(draft / "review.jsonl", linkage.review_material(draft, ran))
    shutil.rmtree(out, ignore_errors=True)
    draft.rename(out)
    return {"pairs": pairs, "records": result.run.records}


if __name__ == "__main__":
    sys.exit(main())
