"""Words that say somebody may be in danger, in English and Welsh."""

from __future__ import annotations

from joinedup.text.danger.look import SAFEGUARDING, THREAT_TO_LIFE, Danger, look

__all__ = ["SAFEGUARDING", "THREAT_TO_LIFE", "Danger", "look"]
