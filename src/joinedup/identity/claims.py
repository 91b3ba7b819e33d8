"""What a provider says of a person, as values: who signed in, how surely, and the identity that was proved.

A person's own data are left out of every repr, so that they do not reach a log by accident.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

VOCABULARY = "https://vocab.account.gov.uk/v1/"


class Claim(Enum):
    """What may be asked of GOV.UK One Login's userinfo. The value is the claim's name on the wire."""

    CORE_IDENTITY = f"{VOCABULARY}coreIdentityJWT"
    ADDRESS = f"{VOCABULARY}address"
    PASSPORT = f"{VOCABULARY}passport"
    DRIVING_PERMIT = f"{VOCABULARY}drivingPermit"
    RETURN_CODE = f"{VOCABULARY}returnCode"


class LevelOfConfidence(Enum):
    """How sure the provider is that the person is who they say (Good Practice Guide 45)."""

    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"

    def meets(self, wanted: LevelOfConfidence) -> bool:
        """Whether this level is at least the one wanted.

        >>> LevelOfConfidence.P2.meets(LevelOfConfidence.P1), LevelOfConfidence.P1.meets(LevelOfConfidence.P2)
        (True, False)
        """
        return int(self.value[1:]) >= int(wanted.value[1:])


class AuthenticationStrength(Enum):
    """Authentication strength: how strong the sign-in was. A password (Cl), or a second factor too (Cl.Cm)."""

    LOW = "Cl"
    MEDIUM = "Cl.Cm"


@dataclass(frozen=True)
class VectorOfTrust:
    """A vector of trust, as asked for in `vtr`: how strong a sign-in, and how sure an identity (P0: none is asked).

    >>> VectorOfTrust(AuthenticationStrength.MEDIUM, LevelOfConfidence.P2).text
    'Cl.Cm.P2'
    """

    strength: AuthenticationStrength
    confidence: LevelOfConfidence = LevelOfConfidence.P0

    @property
    def text(self) -> str:
        """As `vtr` has it. P0 is left out, as One Login asks."""
        if self.confidence is LevelOfConfidence.P0:
            return self.strength.value
        return f"{self.strength.value}.{self.confidence.value}"

    @classmethod
    def read(cls, text: str) -> VectorOfTrust:
        """The vector written as text. ValueError for any other text.

        >>> VectorOfTrust.read("Cl.Cm").confidence
        <LevelOfConfidence.P0: 'P0'>
        """
        strength, dot, confidence = text.partition(".P")
        level = LevelOfConfidence(f"P{confidence}") if dot else LevelOfConfidence.P0
        return cls(strength=AuthenticationStrength(strength), confidence=level)


@dataclass(frozen=True)
class Subject:
    """Whom an issuer means. Pairwise: another service is told another value, and a new account another again.

    So it is looked up to find our own account, and is never an account's key.
    """

    issuer: str
    value: str = field(repr=False)


@dataclass(frozen=True)
class Name:
    """One name that a person has or had. given and family: their parts in the order written.

    valid_from, valid_until: None where it is not said; a name without an end is a present one.
    """

    given: tuple[str, ...] = field(repr=False)
    family: tuple[str, ...] = field(repr=False)
    valid_from: date | None = None
    valid_until: date | None = None

    @property
    def full(self) -> str:
        """The given names, then the family names."""
        return " ".join((*self.given, *self.family))

    def is_current(self, *, on: date) -> bool:
        """Whether the person bears it on that day; the last day counts as past."""
        begun = self.valid_from is None or self.valid_from <= on
        return begun and (self.valid_until is None or on < self.valid_until)


@dataclass(frozen=True)
class BirthDate:
    """A date of birth, with the time for which it was on record (None: not said)."""

    value: date = field(repr=False)
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True)
class CoreIdentity:
    """What a core identity JWT proves, and all that may be kept of it: names and dates of birth.

    confidence: how surely; asserted_on: the day that it was issued.
    """

    names: tuple[Name, ...]
    birth_dates: tuple[BirthDate, ...]
    confidence: LevelOfConfidence
    asserted_on: date

    @property
    def name(self) -> Name:
        """The present name: the newest of those that have begun and not ended, else the newest of all."""
        current = [name for name in self.names if name.is_current(on=self.asserted_on)]
        return max(current or self.names, key=lambda name: name.valid_from or date.min)

    @property
    def former_names(self) -> tuple[Name, ...]:
        """The other names, in the order given."""
        present = self.name
        return tuple(name for name in self.names if name is not present)

    @property
    def birth_date(self) -> date:
        """The present date of birth: one without an end before any other."""
        open_ended = [each for each in self.birth_dates if each.valid_until is None]
        return max(open_ended or self.birth_dates, key=lambda each: each.valid_from or date.min).value


@dataclass(frozen=True)
class ReturnCode:
    """One letter that One Login gives about how proving went. It may come with a proved identity as well.

    The meanings are told to services on request and are not public. ValueError for what is no code.
    """

    code: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Z][A-Z0-9]{0,3}", self.code):
            raise ValueError("a return code is a capital letter")
