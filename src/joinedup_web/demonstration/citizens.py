"""Fictional citizens of the demonstration, each to try something: names that changed, proof that fails, codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from joinedup.identity import LevelOfConfidence, Name
from joinedup.identity.demonstration import DemonstrationPerson


@dataclass(frozen=True)
class Citizen:
    """A fictional citizen. what: what happens when one signs in as them."""

    person: DemonstrationPerson
    what: str

    @property
    def name(self) -> str:
        """Their present name."""
        return self.person.names[0].full


def _citizen(identifier: str, *names: Name, what: str, **more: object) -> Citizen:
    email = f"{identifier}@fernshire.example"
    return Citizen(DemonstrationPerson(id=identifier, email=email, names=names, **more), what)  # type: ignore[arg-type]


CITIZENS = (
    _citizen(
        "bronwen",
        Name(given=("Bronwen", "Mair"), family=("Pritchard",)),
        birth_date="1984-06-21",
        what="signs in, and can prove who she is",
    ),
    _citizen(
        "marcus",
        Name(given=("Marcus",), family=("Adeyemi-Hughes",), valid_from=date(2019, 8, 3)),
        Name(given=("Marcus",), family=("Adeyemi",), valid_until=date(2019, 8, 3)),
        birth_date="1991-02-09",
        what="had another name before he married",
    ),
    _citizen(
        "saoirse",
        Name(given=("Saoirse",), family=("O'Malley",)),
        birth_date="1957-11-30",
        return_codes=("A", "N"),
        what="can prove who she is, and One Login adds return codes",
    ),
    _citizen(
        "tomasz",
        Name(given=("Tomasz",), family=("Zieliński",)),
        birth_date="2004-04-17",
        confidence=LevelOfConfidence.P0,
        return_codes=("X",),
        what="signs in, but cannot prove who he is, and is told a return code",
    ),
    _citizen(
        "grace",
        Name(given=("Grace",), family=("Okonkwo",)),
        birth_date="1948-12-01",
        confidence=LevelOfConfidence.P1,
        what="can prove who she is, but less surely than we ask",
    ),
)


def citizen_of(identifier: str) -> Citizen | None:
    """The fictional citizen of an id; None for anybody else."""
    return next((each for each in CITIZENS if each.person.id == identifier), None)
