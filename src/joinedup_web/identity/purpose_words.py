"""What a citizen reads of the purpose for which their data were used, in the page's language."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_noop

WORDS = {
    "casework": gettext_noop("Work on your case"),
    "safeguarding": gettext_noop("Safeguarding"),
    "correction": gettext_noop("Correct what is held about you"),
    "subject_access": gettext_noop("Answer your request for your data"),
    "complaint": gettext_noop("Answer a complaint or an appeal"),
    "linkage_quality": gettext_noop("Check how records were joined"),
    "fraud": gettext_noop("Look into fraud or error"),
}


def purpose_words(code: str) -> str:
    """A purpose in words; empty for a code that has none here."""
    return gettext(WORDS[code]) if code in WORDS else ""
