"""Numbers: each run of digits is read as the identifier that its check digit, form and neighbours speak for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from joinedup.text.redact.candidate import Candidate
from joinedup.text.redact.identifier import Identifier
from joinedup.values.nhs_number import is_nhs_number

_TEN = re.compile(r"(?<![\w])\d{3}[ -]?\d{3}[ -]?\d{4}(?!\w)")
_PHONE = re.compile(r"(?<![\w])(?:\+44 ?(?:\(0\) ?)?|\(?0)(?:[ ()-]{0,2}\d){9,10}(?!\w)")


def candidates(text: str) -> Iterator[Candidate]:
    """Numbers that tell who somebody is, in a plain reading."""
    for found in _TEN.finditer(text):
        if is_nhs_number(re.sub(r"\D", "", found.group())):
            yield Candidate(
                *found.span(), Identifier.NHS_NUMBER, 8, "the check digit of an NHS number agrees"
            )
    for found in _PHONE.finditer(text):
        yield Candidate(*found.span(), Identifier.PHONE, 8, "a telephone number")
