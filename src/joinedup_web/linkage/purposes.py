"""For which purposes somebody may read a joined record. A project allows some of these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from joinedup_web.linkage.models import Project

HOLDS_FOR = timedelta(minutes=15)
"""How long a stated purpose holds; then it is asked for again."""


@dataclass(frozen=True)
class Purpose:
    """words: as people choose it. what: what it covers."""

    words: str
    what: str


PURPOSES: Mapping[str, Purpose] = {
    "casework": Purpose("Work on this person’s case", "A case of theirs that you are dealing with"),
    "safeguarding": Purpose("Safeguarding", "A child or an adult may be at risk"),
    "correction": Purpose("Correct what is held", "The person or a colleague says that something is wrong"),
    "subject_access": Purpose("Answer a request for their data", "The person has asked what is held on them"),
    "complaint": Purpose("Answer a complaint or an appeal", "The person disputes a decision"),
    "linkage_quality": Purpose("Check how records were joined", "Records may have been joined wrongly"),
    "fraud": Purpose("Look into fraud or error", "There is a reason to look into this person’s claims"),
}
USUAL = ("casework", "correction", "subject_access", "linkage_quality")
"""What every project allows until somebody who answers for it settles otherwise."""


def allowed_purposes(project: Project) -> dict[str, Purpose]:
    """The purposes that a project allows, by code."""
    chosen = project.record_purposes or list(USUAL)
    return {code: purpose for code, purpose in PURPOSES.items() if code in chosen}
