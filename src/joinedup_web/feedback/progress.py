"""How far somebody is in a form: sealed in the form itself, so that nothing is kept here until they send it.

Whoever holds it can neither read nor change it, and it is good for the form alone for which it was given out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from joinedup.ports import KeyStoreError
from joinedup_web.identity.sealing import opened, sealed

CONTEXT = "feedback.progress"
LASTS_SECONDS = 24 * 3600
"""After a day a form must be begun again: a browser in a library should not hold somebody's answers for longer."""


class Spoilt(ValueError):
    """What came back is not what was given out."""


class Overdue(Spoilt):
    """It was given out too long ago."""


@dataclass
class Progress:
    """form, point, version: for which it was given out; no point with an invitation. started: seconds since 1970.
    page: the number of the one that was shown, from 0; behind the last comes the check of all answers. reviewed: all
    answers were shown once. trap, decoy: what stood in fields that people do not see.
    """

    form: UUID
    version: int
    point: UUID | None = None
    submission: UUID = field(default_factory=uuid4)
    started: float = 0.0
    page: int = 0
    answers: dict[str, Any] = field(default_factory=dict, repr=False)
    reviewed: bool = False
    trap: str = ""
    decoy: str = ""

    def sealed(self) -> str:
        """As it stands in the form."""
        told = [
            self.form.hex,
            self.point.hex if self.point else "",
            self.version,
            self.submission.hex,
            self.started,
            self.page,
            self.answers,
            self.reviewed,
            self.trap[:20],
            self.decoy[:20],
        ]
        return sealed(json.dumps(told, ensure_ascii=False, separators=(",", ":")), context=CONTEXT)


def open_progress(text: str, *, at: datetime) -> Progress:
    """Return what was given out with a form. Raises Spoilt, and Overdue after a day."""
    try:
        form, point, version, submission, started, page, answers, reviewed, trap, decoy = json.loads(
            opened(text, context=CONTEXT)
        )
    except (KeyStoreError, ValueError) as problem:
        raise Spoilt("this is not what was given out") from problem
    if at.timestamp() - started > LASTS_SECONDS:
        raise Overdue("it was given out too long ago")
    return Progress(
        form=UUID(form),
        version=version,
        point=UUID(point) if point else None,
        submission=UUID(submission),
        started=started,
        page=page,
        answers=answers,
        reviewed=reviewed,
        trap=trap,
        decoy=decoy,
    )
