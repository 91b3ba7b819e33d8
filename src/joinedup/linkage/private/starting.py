"""An agreement to start from: people by names, date of birth, postcode and e-mail, hardened as measured to stand."""

from __future__ import annotations

from joinedup.errors import UsageError
from joinedup.linkage.private.agreement import LinkageAgreement
from joinedup.linkage.private.read_agreement import agreement_from_dict

DESCRIPTION = (
    "Values are standardised by Joinedup's people room. A filter is a row of bits: each piece of a value (two letters "
    "in a row with marks at both ends; of a date, its digits with their places, its year, and its other parts) sets "
    "as many bits as 'bits' says, at places drawn from HMAC-SHA-512 under a key of the filter's own. Filters are then "
    "folded (exclusive or of both halves), noise is added (each bit turned over by chance, by a ChaCha20 keystream of "
    "the record's own), and balanced where that is agreed. A token is HMAC-SHA-256 over several keys together, cut to "
    "96 bits. All keys are HKDF-SHA-256 of the parties' secret, with this agreement's digest as salt. The party that "
    "links holds this agreement and never the secret."
)
EPSILON = 30.0
_KINDS = {
    "first_name": {"kind": "first_name"},
    "surname": {"kind": "surname"},
    "date_of_birth": {"kind": "date_of_birth", "keep_placeholders": False},
    "postcode": {"kind": "postcode"},
    "email": {"kind": "email"},
}
_FILTERS: tuple[tuple[str, bool, tuple[dict[str, object], ...]], ...] = (
    ("names", True, ({"key": "first_name", "bits": 10}, {"key": "surname", "bits": 10})),
    ("born", False, ({"key": "date_of_birth", "cut": "date", "bits": 10},)),
    ("home", False, ({"key": "postcode", "bits": 10},)),
    ("mail", False, ({"key": "email", "bits": 6},)),
)
_SALTS = {"names": "year(date_of_birth)"}
_TOKENS = {
    "surname_born": ["sound(surname)", "date_of_birth"],
    "first_name_born": ["sound(first_name)", "date_of_birth"],
    "names_year": ["sound(first_name)", "sound(surname)", "year(date_of_birth)"],
    "initials_year": ["prefix(first_name, 1)", "prefix(surname, 3)", "year(date_of_birth)"],
    "home_surname": ["postcode", "sound(surname)"],
    "home_first_name": ["postcode", "sound(first_name)"],
    "home_born": ["postcode", "date_of_birth"],
    "mail_whole": ["email"],
}


def starting_agreement(
    name: str,
    *,
    fold: int = 1,
    epsilon: float | None = EPSILON,
    balance: bool = False,
    salted: bool = True,
    email: bool = True,
) -> LinkageAgreement:
    """An agreement between organisations that hold names, date of birth and postcode, and e-mail if so said.

    fold, epsilon, balance: the hardening (see ``Hardening``); filters have 512 bits after folding. salted: whether
    names are salted by year of birth, which is what stands against learning the bits from known people.
    """
    if not 0 <= fold <= 3:
        raise UsageError(what=f"filters cannot be folded {fold} times", mend="fold them 0 to 3 times")
    without = () if email else ("email",)
    return agreement_from_dict(
        {
            "name": name,
            "description": DESCRIPTION,
            "hardening": {"fold": fold, "balance": balance, "epsilon": epsilon},
            "fields": {field: kind for field, kind in _KINDS.items() if field not in without},
            "filters": [
                {
                    "name": own,
                    "mixed": mixed,
                    "length": 512 << fold,
                    "parts": list(parts),
                    **({"salt": _SALTS[own]} if salted and own in _SALTS else {}),
                }
                for own, mixed, parts in _FILTERS
                if email or own != "mail"
            ],
            "tokens": [{"name": own, "on": on} for own, on in _TOKENS.items() if not set(on) & set(without)],
        }
    )
