"""Training a model anew with what clerks decided: what it needs, and its event."""

from __future__ import annotations

import hashlib

from joinedup_web.audit.deed import Deed
from joinedup_web.linkage import files
from joinedup_web.linkage.models import Run

LEAST_SAME = 10  # words "same person" without which training anew would learn nothing


def record_training(deed: Deed, run: Run) -> None:
    """Part of finishing a run: say that its model was learnt from decisions, where it was."""
    if not run.settings.get("labels"):
        return
    content = hashlib.sha256((files.results(run) / "model.json").read_bytes()).hexdigest()
    deed.record("model.retrained", model=run.id, decisions=run.decisions_used, content=content)
