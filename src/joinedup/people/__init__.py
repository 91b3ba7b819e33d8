"""UK person fields: find their meaning, standardise and validate them; names by sound and nickname."""

from joinedup.people.kinds import FieldKind, FieldOptions, StandardisedField
from joinedup.people.meanings import Meaning, find_meanings
from joinedup.people.standardise import standardise, standardise_table
from joinedup.values.judged import FieldStatus

__all__ = [
    "FieldKind",
    "FieldOptions",
    "FieldStatus",
    "Meaning",
    "StandardisedField",
    "find_meanings",
    "standardise",
    "standardise_table",
]
