"""Earlier runs: one JSON line each, for trends and for changes of the table's shape."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from joinedup.errors import SourceError

HISTORY_FILE = "quality-history.jsonl"


@dataclass(frozen=True)
class Run:
    """One earlier run: when, how many rows, each measure by name, and the columns with kind and type."""

    on: str
    dataset: str
    rows: int
    measures: Mapping[str, float | None]
    columns: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Drift:
    """How the table's shape differs from the run before."""

    since: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    reordered: bool = False
    changed: tuple[str, ...] = ()
    rows_before: int = 0

    @property
    def any(self) -> bool:
        """Whether anything but the number of rows has changed."""
        return bool(self.added or self.removed or self.reordered or self.changed)


def read_history(path: str | Path, *, dataset: str) -> tuple[Run, ...]:
    """Earlier runs of the dataset, oldest first; none where the file does not exist yet."""
    place = Path(path)
    if place.is_dir():
        place = place / HISTORY_FILE
    if not place.exists():
        return ()
    runs = []
    for number, line in enumerate(place.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            columns = tuple((str(n), str(k), str(t)) for n, k, t in entry["columns"])
            measures = {str(k): None if v is None else float(v) for k, v in entry["measures"].items()}
            run = Run(
                date.fromisoformat(entry["on"]).isoformat(),
                entry["dataset"],
                int(entry["rows"]),
                measures,
                columns,
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SourceError(
                what="a line is not an earlier run",
                where=f"{place.name}, line {number}",
                mend="remove the line, or move the file away to start a new history",
            ) from error
        if run.dataset == dataset:
            runs.append(run)
    return tuple(sorted(runs, key=lambda r: r.on))


def append_run(path: Path, run: Run) -> None:
    """Add the run at the end, unless the same run is there already."""
    line = json.dumps(asdict(run), ensure_ascii=False, sort_keys=True)
    before = path.read_text("utf-8").splitlines() if path.exists() else []
    if line not in before:
        with path.open("a", encoding="utf-8") as out:
            out.write(line + "\n")


def drift(columns: Sequence[tuple[str, str, str]], earlier: Sequence[Run], *, rows: int) -> Drift | None:
    """How the columns (name, kind, type) differ from the latest earlier run; None without one."""
    if not earlier:
        return None
    last = earlier[-1]
    before = {name: (kind, stored) for name, kind, stored in last.columns}
    now = {name: (kind, stored) for name, kind, stored in columns}
    common = [name for name, _, _ in columns if name in before]
    order_before = [name for name, _, _ in last.columns if name in now]
    return Drift(
        since=last.on,
        added=tuple(n for n in now if n not in before),
        removed=tuple(n for n in before if n not in now),
        reordered=common != order_before,
        changed=tuple(
            f"{n}: {' '.join(before[n])} → {' '.join(now[n])}" for n in common if before[n] != now[n]
        ),
        rows_before=last.rows,
    )
