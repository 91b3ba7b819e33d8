"""The few figures of a run that lists and comparisons show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def headline(record: Mapping[str, Any]) -> dict[str, Any]:
    """The few figures of a run that lists show; None where the run does not know."""
    counts = record["counts"]
    return {
        "records": sum(source["records"] for source in record["sources"]),
        "people": counts.get("people"),
        "links": counts.get("links"),
        "pairs": counts.get("scored_pairs"),
        "precision": (record.get("precision") or {}).get("value"),
        "recall": (record.get("recall") or {}).get("value"),
    }
