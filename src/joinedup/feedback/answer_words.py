"""What is said of an answer that cannot be taken, and how to mend it, in English and in Welsh.

The Welsh is for translator review, like that of the pages.
"""

from __future__ import annotations

SAID: dict[str, dict[str, tuple[str, str]]] = {
    "missing": {
        "en": ("Answer the question “{question}”", "Select or enter an answer"),
        "cy": ("Atebwch y cwestiwn “{question}”", "Dewiswch neu rhowch ateb"),
    },
    "not_offered": {
        "en": ("Select one of the answers to “{question}”", "Select from the list"),
        "cy": ("Dewiswch un o’r atebion i “{question}”", "Dewiswch o’r rhestr"),
    },
    "too_long": {
        "en": ("Your answer must be {most} characters or fewer", "Remove {over} characters"),
        "cy": ("Rhaid i’ch ateb fod yn {most} nod neu lai", "Tynnwch {over} nod"),
    },
    "number": {
        "en": ("Enter a number", "Use digits, like 12 or 12.5"),
        "cy": ("Rhowch rif", "Defnyddiwch ddigidau, fel 12 neu 12.5"),
    },
    "too_low": {
        "en": ("Enter a number that is {least} or more", "Check the number"),
        "cy": ("Rhowch rif sy’n {least} neu fwy", "Gwiriwch y rhif"),
    },
    "too_high": {
        "en": ("Enter a number that is {most} or less", "Check the number"),
        "cy": ("Rhowch rif sy’n {most} neu lai", "Gwiriwch y rhif"),
    },
    "email": {
        "en": (
            "Enter an email address in the correct format, like name@example.com",
            "Check the address for spaces and missing parts",
        ),
        "cy": (
            "Rhowch gyfeiriad e-bost yn y fformat cywir, fel enw@enghraifft.com",
            "Gwiriwch y cyfeiriad am fylchau a rhannau coll",
        ),
    },
    "phone": {
        "en": (
            "Enter a phone number, like 01632 960 001, 07700 900 982 or +44 808 157 0192",
            "Use digits and spaces",
        ),
        "cy": (
            "Rhowch rif ffôn, fel 01632 960 001, 07700 900 982 neu +44 808 157 0192",
            "Defnyddiwch ddigidau a bylchau",
        ),
    },
}

SATISFACTION = {
    5: ("Very satisfied", "Bodlon iawn"),
    4: ("Satisfied", "Bodlon"),
    3: ("Neither satisfied nor dissatisfied", "Ddim yn fodlon nac yn anfodlon"),
    2: ("Dissatisfied", "Anfodlon"),
    1: ("Very dissatisfied", "Anfodlon iawn"),
}
YES_NO = {"yes": ("Yes", "Ydw / Oes / Ie"), "no": ("No", "Nac ydw / Nac oes / Na")}
DO_YOU = ("Ydych chi ", {"yes": ("Yes", "Ydw"), "no": ("No", "Nac ydw")})
"""Welsh answers with the verb of the question; one that begins so is answered by these alone."""
PERMISSION = {
    "yes": ("Yes, you can quote my words", "Iawn, cewch ddyfynnu fy ngeiriau"),
    "no": ("No, do not quote me", "Na, peidiwch â’m dyfynnu"),
}


def said(code: str, language: str, **values: object) -> tuple[str, str]:
    """What is wrong, and how to mend it; in English for a language that has no words here."""
    texts = SAID[code]
    what, mend = texts.get(language, texts["en"])
    return what.format(**values), mend.format(**values)
