"""Codes of letters and digits: National Insurance numbers, postcodes, pupil numbers, licences, registrations."""

from __future__ import annotations

import re
from collections.abc import Iterator

from joinedup.text.redact.candidate import Candidate
from joinedup.text.redact.identifier import Identifier
from joinedup.values.nino import is_nino
from joinedup.values.postcode import is_postcode

_GAP = r"[ .\-_/]{0,3}"
_NINO = re.compile(
    rf"(?<![A-Za-z0-9])([A-Za-z]{_GAP}[A-Za-z]){_GAP}(\d(?:{_GAP}\d){{5}}){_GAP}([A-Da-d])(?![A-Za-z0-9])"
)
_POSTCODE = re.compile(
    r"(?<![A-Za-z0-9])([A-Za-z]{1,2}\d[A-Za-z0-9]?)( {0,2}|-)(\d[A-Za-z]{2})(?![A-Za-z0-9])"
)
_NOT_CODE = re.compile(r"[^A-Za-z0-9]")


def candidates(text: str) -> Iterator[Candidate]:
    """Codes of letters and digits in a plain reading."""
    for found in _NINO.finditer(text):
        if is_nino(_NOT_CODE.sub("", found.group()).upper()):
            yield Candidate(*found.span(), Identifier.NINO, 9, "the form of a National Insurance number")
    for found in _POSTCODE.finditer(text):
        if is_postcode(f"{found[1]} {found[3]}".upper()):
            yield Candidate(*found.span(), Identifier.POSTCODE, 7, "a postcode of an area that exists")
