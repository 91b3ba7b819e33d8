"""UK person fields: find their meaning, standardise and validate them; names by sound and nickname."""

from joinedup.people.display import for_display
from joinedup.people.evidence import Evidence, evidence, needs_evidence, settled
from joinedup.people.full_name import NameParts, split_name, split_names
from joinedup.people.kinds import FieldKind, FieldOptions, StandardisedField, Standing
from joinedup.people.meanings import Meaning, find_meanings
from joinedup.people.nicknames import formal_names, may_be_one_name, nickname_source, nickname_table
from joinedup.people.sound import sound_keys, sound_keys_of, soundex, soundex_of
from joinedup.people.standardise import find_standing, standardise, standardise_table
from joinedup.values.judged import FieldStatus
from joinedup.values.reasons import REASONS, reason_words

__all__ = [
    "REASONS",
    "Evidence",
    "FieldKind",
    "FieldOptions",
    "FieldStatus",
    "Meaning",
    "NameParts",
    "StandardisedField",
    "Standing",
    "evidence",
    "find_meanings",
    "find_standing",
    "for_display",
    "formal_names",
    "may_be_one_name",
    "needs_evidence",
    "nickname_source",
    "nickname_table",
    "reason_words",
    "settled",
    "sound_keys",
    "sound_keys_of",
    "soundex",
    "soundex_of",
    "split_name",
    "split_names",
    "standardise",
    "standardise_table",
]
