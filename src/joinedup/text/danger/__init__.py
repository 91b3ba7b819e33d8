"""Words that say somebody may be in danger, in English and Welsh.

`look` asks the phrases, at once and of every text; `look_again` asks a small model, where a text has its vector.
"""

from __future__ import annotations

from joinedup.text.danger.again import DangerModel, danger_model, look_again
from joinedup.text.danger.look import SAFEGUARDING, THREAT_TO_LIFE, Danger, look

__all__ = ["SAFEGUARDING", "THREAT_TO_LIFE", "Danger", "DangerModel", "danger_model", "look", "look_again"]
