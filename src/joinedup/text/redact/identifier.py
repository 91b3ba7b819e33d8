"""What is looked for in a text, what was found, and the words that stand in its place afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Identifier(StrEnum):
    """The kinds of personal data that are looked for in free text."""

    NINO = "nino"
    NHS_NUMBER = "nhs_number"
    UTR = "utr"
    UPN = "upn"
    POSTCODE = "postcode"
    PHONE = "phone"
    EMAIL = "email"
    CARD = "card"
    IBAN = "iban"
    SORT_CODE = "sort_code"
    ACCOUNT_NUMBER = "account_number"
    PASSPORT = "passport"
    DRIVING_LICENCE = "driving_licence"
    VEHICLE = "vehicle"
    IP_ADDRESS = "ip_address"
    DATE_OF_BIRTH = "date_of_birth"
    CASE_REFERENCE = "case_reference"
    USER_NAME = "user_name"
    NAME = "name"
    ADDRESS = "address"


WORDS: Mapping[Identifier, str] = MappingProxyType(
    {
        Identifier.NINO: "national insurance number",
        Identifier.NHS_NUMBER: "NHS number",
        Identifier.UTR: "taxpayer reference",
        Identifier.UPN: "pupil number",
        Identifier.POSTCODE: "postcode",
        Identifier.PHONE: "phone number",
        Identifier.EMAIL: "email address",
        Identifier.CARD: "card number",
        Identifier.IBAN: "bank account number",
        Identifier.SORT_CODE: "sort code",
        Identifier.ACCOUNT_NUMBER: "account number",
        Identifier.PASSPORT: "passport number",
        Identifier.DRIVING_LICENCE: "driving licence number",
        Identifier.VEHICLE: "vehicle registration",
        Identifier.IP_ADDRESS: "IP address",
        Identifier.DATE_OF_BIRTH: "date of birth",
        Identifier.CASE_REFERENCE: "reference",
        Identifier.USER_NAME: "user name",
        Identifier.NAME: "name",
        Identifier.ADDRESS: "address",
    }
)
MASKS: Mapping[Identifier, str] = MappingProxyType({kind: f"[{words}]" for kind, words in WORDS.items()})


@dataclass(frozen=True, order=True, slots=True)
class Found:
    """One span of a text that seems to tell who somebody is.

    start, end: places in the text, counted in characters, `end` not included. why: a short reason for people to
        read ("check digit agrees"); it never holds the thing itself.
    """

    start: int
    end: int
    kind: Identifier
    why: str = ""


@dataclass(frozen=True, slots=True)
class Masked:
    """A text with what was found put out of sight.

    counts: how many spans of each kind were masked, by the kind's code; kinds without any are left out.
    """

    text: str
    counts: dict[str, int]
