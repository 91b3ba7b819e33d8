"""An evaluation in a process of its own, so that models leave the worker's memory with it.

`python -m joinedup_web.text.child`; see joinedup_web.linkage.child for what it answers.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from joinedup.text import best_embedder, run_suite
from joinedup_web.linkage.child import carry_out


def evaluate(order: dict[str, Any]) -> dict[str, Any]:
    """Run the suite of a feature."""
    folder = Path(order["models"]) if order["models"] else None
    return asdict(run_suite(order["feature"], embedder=best_embedder(folder)))


if __name__ == "__main__":
    sys.exit(carry_out({"evaluate": evaluate}))
