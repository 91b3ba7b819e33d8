"""Which fields a person has one value of, where nobody said so: numbers that the state gives to one person alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from joinedup.linkage.run import FieldCount
from joinedup.linkage.spec import FieldSpec
from joinedup.people import FieldKind

UNIQUE_TO_A_PERSON = (FieldKind.NHS_NUMBER, FieldKind.NINO, FieldKind.UPN, FieldKind.UTR)
_LEAST_VALID = 0.9  # of a field's values, at least so many must be valid, by form and check digit


def personal_identifiers(kinds: Mapping[str, FieldSpec], counts: Sequence[FieldCount]) -> tuple[str, ...]:
    """The fields of which two valid values are two people, in their order.

    kinds: what each field is. counts: how the values of each source's columns stand. Of several fields of one kind
    none is taken, unless one bears the kind's own name: the others may be of a partner or an old number.
    """
    found = []
    for kind in UNIQUE_TO_A_PERSON:
        names = [name for name, spec in kinds.items() if spec.kind is kind]
        name = kind.value if kind.value in names else names[0] if len(names) == 1 else None
        own = [count for count in counts if count.field == name]
        valid = sum(count.valid + count.mended for count in own)
        if valid and valid >= _LEAST_VALID * (valid + sum(count.invalid for count in own)):
            found.append(str(name))
    return tuple(found)
