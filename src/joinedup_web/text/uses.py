"""Every use of a model, kept: which model, what for, how many texts, how it ended. Nothing of any text."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from joinedup.text.features import FEATURES
from joinedup_web.text.models import ModelUse

OUTCOMES = ("done", "abstained", "refused", "invalid", "failed")


def keep_use(
    *,
    organisation_id: UUID,
    feature: str,
    model: str,
    version: str,
    items: int,
    purpose: str = "",
    prompt: str = "",
    outcome: str = "done",
    seconds: float | None = None,
    tokens_in: int | None = None,
    tokens_out: int | None = None,
) -> ModelUse:
    """Keep one use and return its row. It joins the transaction under way, so it may be called within a deed.

    items: how many texts were read; keep one use for a batch, never one for each text. purpose: that of the
    feature unless the use serves another. outcome: one of OUTCOMES. KeyError for a feature that is not listed.
    """
    if outcome not in OUTCOMES:
        raise ValueError(f"{outcome!r} is no outcome of a use")
    known = FEATURES[feature]
    return ModelUse.objects.create(
        organisation_id=organisation_id,
        feature=feature,
        purpose=(purpose or known.purpose)[:100],
        model=model[:100],
        version=version[:100],
        prompt=prompt[:100],
        items=items,
        outcome=outcome,
        seconds=seconds,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        started_at=timezone.now() - timedelta(seconds=seconds or 0.0),
    )
