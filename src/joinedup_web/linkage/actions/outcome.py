"""How a job's child process ended, as pages and the audit record tell it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def problem_of(answer: Mapping[str, Any]) -> dict[str, str]:
    """What, where and mend of a job that failed; a fault of ours says its kind alone."""
    told = answer.get("problem")
    if told is not None:
        return {"what": told["what"], "where": told.get("where", ""), "mend": told.get("mend", "")}
    what = f"a fault in Joinedup ({answer.get('fault', 'unknown')})"
    return {"what": what, "where": "", "mend": "tell whoever keeps the service; nothing was lost"}


def fault_of(answer: Mapping[str, Any]) -> str:
    """The kind of fault, as the audit record names it."""
    kinds = {
        "SourceError": "source",
        "ModelError": "model",
        "LimitError": "limit",
        "MissingExtraError": "missing_extra",
    }
    return kinds.get(answer.get("problem", {}).get("error", ""), "fault")
