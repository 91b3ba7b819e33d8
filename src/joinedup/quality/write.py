"""The files of a run: quality.json, quality.html, action-plan.md, suggested-rules.toml and the history."""

from __future__ import annotations

import json
from pathlib import Path

from .action_plan import action_plan_markdown
from .history import HISTORY_FILE, append_run
from .report import quality_report_html
from .result import QualityResult
from .suggest import rules_toml


def write_quality(result: QualityResult, out_dir: str | Path, *, version: str = "") -> tuple[Path, ...]:
    """Write the files into the folder (made if absent) and add the run to its history; return the paths."""
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    purpose = result.rules.purpose if result.rules else ""
    texts = {
        "quality.json": json.dumps(result.as_dict(), indent=1, ensure_ascii=False, allow_nan=False) + "\n",
        "quality.html": quality_report_html(result, version=version),
        "action-plan.md": action_plan_markdown(result),
        "suggested-rules.toml": rules_toml(result.suggested, dataset=result.dataset, purpose=purpose),
    }
    written = []
    for name, text in texts.items():
        path = folder / name
        path.write_text(text, "utf-8", errors="replace")
        written.append(path)
    append_run(folder / HISTORY_FILE, result.run())
    return (*written, folder / HISTORY_FILE)
