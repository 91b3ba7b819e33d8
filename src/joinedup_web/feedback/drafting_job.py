"""Drafting themes with the language model that the installation is set up with; every question is kept on record."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from joinedup.llm import Budget
from joinedup.text.drafting import Asked, write_themes
from joinedup_web.feedback.models import Analysis, Comment
from joinedup_web.feedback.reader.engine import Stopped
from joinedup_web.linkage.jobs import is_leaving
from joinedup_web.text import models_here
from joinedup_web.text.switches import is_on

TOKENS_A_COMMENT = 400
LEAST_TOKENS = 200_000
SECONDS = 3_600.0


def by_language_model(
    analysis: Analysis, comments: list[Comment], beat: Callable[[str, int, int], None]
) -> dict[str, Any]:
    """Return draft themes as finish_analysis keeps them, or why there are none. Raises Stopped."""
    organisation = analysis.service.organisation_id
    model = models_here.language_model()
    if model is None:
        return _problem("no language model is set up here", "ask for clusters, or have one set up")
    steps = _steps(len(comments))
    uses: list[dict[str, Any]] = []

    def keep(asked: Asked) -> None:
        answer = asked.answer
        uses.append(
            {
                "feature": "theme_drafts",
                "model": answer.model or model.name,
                "version": model.version,
                "prompt": asked.prompt,
                "items": asked.items,
                "outcome": answer.outcome.value,
                "seconds": answer.seconds,
                "tokens_in": answer.tokens_in,
                "tokens_out": answer.tokens_out,
            }
        )
        beat("asking the language model", len(uses), max(steps, len(uses)))

    written = write_themes(
        model,
        [comment.text for comment in comments],
        budget=Budget(
            tokens=max(LEAST_TOKENS, TOKENS_A_COMMENT * len(comments)), seconds=SECONDS, calls=5_000
        ),
        word=lambda: secrets.token_hex(8),
        seed=analysis.seed,
        more=models_here.recognisers(),
        may_go_on=lambda: not is_leaving() and is_on(organisation, "theme_drafts"),
        on_asked=keep,
    )
    if is_leaving():
        raise Stopped
    if not written.themes:
        what = "the language model gave no theme that a comment shows"
        return _problem(what, "look at Models for how its answers ended, or ask for clusters") | {
            "uses": uses
        }
    version = f"{model.name} {uses[-1]['prompt'] if uses else ''}".strip()
    themes = [
        {
            "title": each.title,
            "description": each.description,
            "terms": [],
            "quotes": [comments[at].id for at in each.quotes],
            "stance": each.stance,
            "members": [(comments[mark.index].id, None, mark.stance) for mark in each.marks],
        }
        for each in written.themes
    ]
    finished = {
        "themes": themes,
        "made_by": version,
        "counts": {
            "noise": len(written.unthemed),
            "unread": len(written.unread),
            "is_complete": written.is_complete,
        },
        "variance": {"agreement": written.agreement, "runs": 2},
        "models": {
            "language_model": [model.name, model.version],
            "prompts": sorted({use["prompt"] for use in uses}),
        },
    }
    return {"finished": finished, "uses": uses}


def _steps(comments: int) -> int:
    """About how many questions there will be: for the progress bar alone."""
    return -(-min(comments, 1_500) // 60) + 1 + -(-comments // 40) + 2


def _problem(what: str, mend: str) -> dict[str, Any]:
    return {"problem": {"what": what, "where": "", "mend": mend, "error": "ServiceError"}}
