"""Find what the columns of a table mean, from their names and, above all, from their values.

Three sorts of evidence, strongest first: values that prove themselves (check digits, forms that little else
has); values that look like names, places, streets or row numbers; and the column's name. Where values and
name disagree the values win, and the reason says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pyarrow as pa

from joinedup.people.column_facts import ColumnFacts, column_facts
from joinedup.people.header_words import HeaderSense, header_sense
from joinedup.people.kinds import FieldKind, FieldOptions

PROVED = 0.6  # share of values that must pass before they prove a kind
DENIED = 0.2  # below this share the values speak against the kind that the name claims
_NAME_KINDS = frozenset({FieldKind.FULL_NAME, FieldKind.FIRST_NAME, FieldKind.MIDDLE_NAME, FieldKind.SURNAME})
_PROVABLE = frozenset(
    {FieldKind.NHS_NUMBER, FieldKind.UPN, FieldKind.UTR, FieldKind.NINO, FieldKind.POSTCODE, FieldKind.EMAIL,
     FieldKind.PHONE}
)  # fmt: skip


_BY_FORM = frozenset({FieldKind.POSTCODE, FieldKind.EMAIL, FieldKind.UPN})


@dataclass(frozen=True)
class Meaning:
    """What one column means.

    confidence: 0 to 1. why: one sentence for a person to read, without a person's data. options: for
    `standardise`. note: what the kind does not say: "shared_code" (a code that identifies a person but may
    repeat), "house_number", "place_of_birth", "birth_part", "title", "other_person" (a mother, a doctor…),
    "former" (an earlier name or address), "foreign_postcode", or "".
    """

    kind: FieldKind
    confidence: float
    why: str
    options: FieldOptions = field(default_factory=FieldOptions)
    note: str = ""


def find_meanings(table: pa.Table, *, sample_rows: int = 20_000) -> dict[str, Meaning]:
    """The meaning of every column, in the table's order.

    sample_rows: how many rows, evenly over the table, the values are judged on; distinctness is counted over
    all. At most one column is the IDENTIFIER; other unique codes are TEXT with the note "shared_code".

    >>> table = pa.table({"Ref": ["a1", "a2", "a3"], "D.O.B.": ["25/03/1980", "01/02/1975", "30/11/2001"]})
    >>> {name: str(meaning.kind) for name, meaning in find_meanings(table).items()}
    {'Ref': 'identifier', 'D.O.B.': 'date_of_birth'}
    """
    found: dict[str, Meaning] = {}
    for place, name in enumerate(table.column_names):
        column = table.column(place)
        facts = column_facts(column, sample_rows=sample_rows)
        found[name] = _meaning(facts, header_sense(name), column.type)
    return _one_identifier(found)


def _meaning(facts: ColumnFacts, header: HeaderSense | None, kind: pa.DataType) -> Meaning:
    if not facts.sampled:
        if header is None or not facts.rows:
            named = header.kind if header else FieldKind.UNKNOWN
            return Meaning(named, 0.3 if header else 0.0, "the column holds no values" + _by_name(header))
        return Meaning(header.kind, 0.3, f"the column holds no values{_by_name(header)}", note=header.note)
    if header is not None and header.note in ("other_person", "former"):
        whose = "somebody else" if header.note == "other_person" else "an earlier time"
        return Meaning(
            FieldKind.TEXT, 0.6, f"a {_words(header.kind)} of {whose}, by its name", note=header.note
        )
    return (
        _proved(facts, header)
        or _dated(facts, header, kind)
        or _sexed(facts, header)
        or _denied_or_plain(facts, header)
    )


def _proved(facts: ColumnFacts, header: HeaderSense | None) -> Meaning | None:
    shares = {one: share for one, share in facts.proofs.items() if share >= PROVED}
    if header is not None and header.kind in shares:
        share = shares[header.kind]
        return Meaning(
            header.kind, round(0.85 + 0.14 * share, 2), f"{_percent(share)} of values pass, as its name says"
        )
    if header is not None and header.kind in _PROVABLE and facts.proofs[header.kind] >= DENIED and not shares:
        share = facts.proofs[header.kind]
        return Meaning(header.kind, 0.5, f"its name says so; only {_percent(share)} of values pass")
    if facts.judged < 5:  # a few numbers pass a check digit by chance
        shares = {one: share for one, share in shares.items() if one in _BY_FORM}
    if not shares:
        return None
    best = max(sorted(shares), key=lambda one: shares[one])
    if best is FieldKind.PHONE and header is not None and header.kind is FieldKind.UPRN:
        return None
    share = shares[best]
    if header is None or header.kind in (FieldKind.TEXT, FieldKind.IDENTIFIER):
        return Meaning(
            best, round(0.6 + 0.35 * share, 2), f"{_percent(share)} of values pass as {_words(best)}"
        )
    why = f"its name says {_words(header.kind)}, but {_percent(share)} of values pass as {_words(best)}"
    return Meaning(best, round(0.4 + 0.4 * share, 2), why)


def _dated(facts: ColumnFacts, header: HeaderSense | None, kind: pa.DataType) -> Meaning | None:
    typed = pa.types.is_date(kind) or pa.types.is_timestamp(kind)
    share = 1.0 if typed else facts.dates
    named_birth = header is not None and header.kind is FieldKind.DATE_OF_BIRTH
    named_date = header is not None and header.kind is FieldKind.DATE
    if share < PROVED:
        if (named_birth or named_date) and facts.serials + facts.dates >= PROVED:
            why = f"its name says so, and {_percent(facts.serials)} of values are a spreadsheet's day numbers"
            return Meaning(FieldKind.DATE_OF_BIRTH if named_birth else FieldKind.DATE, 0.85, why)
        return None
    if named_birth:
        return Meaning(
            FieldKind.DATE_OF_BIRTH,
            round(0.8 + 0.19 * share, 2),
            f"{_percent(share)} of values are dates, as its name says",
        )
    if named_date:
        return Meaning(FieldKind.DATE, 0.9, f"{_percent(share)} of values are dates, as its name says")
    run_of_digits = facts.digits > 0.5
    if run_of_digits and (facts.rising or facts.unique or share < 0.9 or facts.judged < 5):
        return None  # row numbers may look like yyyymmdd
    if facts.year_span >= 30:
        doubt = 0.0 if header is None else 0.15
        why = f"{_percent(share)} of values are dates, spread over {facts.year_span} years as births are"
        return Meaning(FieldKind.DATE_OF_BIRTH, round(0.7 * share - doubt, 2), why)
    return Meaning(
        FieldKind.DATE, round(0.8 * share, 2), f"{_percent(share)} of values are dates, within few years"
    )


def _sexed(facts: ColumnFacts, header: HeaderSense | None) -> Meaning | None:
    named = header is not None and header.kind is FieldKind.SEX
    if named and (facts.sexes >= PROVED or facts.distinct <= 12):
        return Meaning(
            FieldKind.SEX,
            round(0.7 + 0.28 * facts.sexes, 2),
            f"{_percent(facts.sexes)} of values are ways to write a sex, as its name says",
        )
    if facts.sexes >= 0.9 and facts.distinct <= 12 and not facts.sex_codes_only and facts.distinct > 1:
        titled = header is not None and header.note == "title"
        if not titled:
            return Meaning(FieldKind.SEX, 0.8, f"{_percent(facts.sexes)} of values are ways to write a sex")
    return None


def _denied_or_plain(facts: ColumnFacts, header: HeaderSense | None) -> Meaning:
    if header is not None and header.kind in _NAME_KINDS and facts.letters >= PROVED:
        return _named(facts, header)
    if header is not None and header.kind is FieldKind.UPRN and facts.digits >= PROVED and facts.length <= 12:
        return Meaning(
            FieldKind.UPRN, 0.85, f"{_percent(facts.digits)} of values are digits, as its name says"
        )
    wordy = facts.numbers < 0.8 and (facts.letters >= 0.5 or facts.words >= 2)
    if header is not None and header.kind is FieldKind.ADDRESS_LINE and wordy:
        confidence = round(0.8 + 0.15 * facts.streets, 2)
        return Meaning(FieldKind.ADDRESS_LINE, confidence, "by its name; the values are words")
    if header is not None and header.kind is FieldKind.TOWN and facts.letters >= PROVED:
        return Meaning(
            FieldKind.TOWN,
            0.9 if not header.note else 0.8,
            "by its name; the values are words",
            note=header.note,
        )
    plain = _by_shape(facts, header)
    if header is not None and header.kind in _PROVABLE | _NAME_KINDS | {
        FieldKind.DATE_OF_BIRTH,
        FieldKind.UPRN,
    }:
        share = facts.proofs.get(header.kind, facts.dates if header.kind is FieldKind.DATE_OF_BIRTH else 0.0)
        note = "foreign_postcode" if header.kind is FieldKind.POSTCODE else plain.note
        why = f"its name says {_words(header.kind)}, but only {_percent(share)} of values are; {plain.why}"
        return replace(plain, why=why, confidence=min(plain.confidence, 0.6), note=note)
    return plain


def _named(facts: ColumnFacts, header: HeaderSense) -> Meaning:
    """A column whose name says it holds names: which part of a name do the values say?"""
    kind = header.kind
    several = facts.words >= 1.6
    if kind is FieldKind.FULL_NAME and not several:
        if facts.first_names > 1.5 * facts.surnames + 0.1:
            return Meaning(FieldKind.FIRST_NAME, 0.7, "called a name; single words, most of them first names")
        if facts.surnames > 1.5 * facts.first_names + 0.1:
            return Meaning(FieldKind.SURNAME, 0.7, "called a name; single words, most of them surnames")
        return Meaning(kind, 0.6, "by its name; the values are mostly single words")
    if kind is FieldKind.FIRST_NAME and facts.surnames > 0.3 and facts.surnames > 3 * facts.first_names:
        return Meaning(
            FieldKind.SURNAME, 0.6, f"called first name, but {_percent(facts.surnames)} are common surnames"
        )
    if kind is FieldKind.SURNAME and facts.first_names > 0.4 and facts.first_names > 3 * facts.surnames:
        why = f"called surname, but {_percent(facts.first_names)} are common first names"
        return Meaning(FieldKind.FIRST_NAME, 0.6, why)
    if kind is FieldKind.SURNAME and facts.words >= 1.9 and facts.first_names + facts.commas > 0.6:
        return Meaning(FieldKind.FULL_NAME, 0.6, "called surname, but the values are whole names")
    return Meaning(
        kind,
        0.95 if header.strength > 0.8 else 0.8,
        f"by its name; {_percent(facts.letters)} of values are words",
    )


def _by_shape(facts: ColumnFacts, header: HeaderSense | None) -> Meaning:
    named_id = header is not None and header.kind is FieldKind.IDENTIFIER
    if header is not None and header.note in ("house_number", "shared_code", "title", "birth_part"):
        return Meaning(header.kind, 0.8, "by its name", note=header.note)
    single = facts.words <= 1.2 or facts.codes >= 0.8
    if facts.unique and facts.rows > 1 and (facts.codes >= 0.8 or (named_id and facts.commas < 0.2)):
        return _unique_code(facts, named_id=named_id)
    if named_id and facts.distinct_share >= 0.995 and facts.codes >= 0.8:
        repeated = facts.filled - facts.distinct
        return Meaning(FieldKind.IDENTIFIER, 0.6, f"called an identifier; {repeated} values repeat another")
    if facts.streets >= 0.4 and facts.words >= 2:
        return Meaning(
            FieldKind.ADDRESS_LINE,
            round(0.5 + 0.4 * facts.streets, 2),
            f"{_percent(facts.streets)} of values hold a street word",
        )
    few = facts.distinct <= max(20, 0.02 * facts.filled) and facts.distinct_share < 0.5
    if header is None and facts.letters >= 0.8 and (not few or facts.distinct >= 5):
        name = _name_by_values(facts)
        if name is not None:
            return name
    if facts.decimals >= 0.3 and facts.numbers >= 0.9:
        return Meaning(FieldKind.NUMBER, 0.8, f"{_percent(facts.numbers)} of values are numbers")
    if header is not None and header.kind in (FieldKind.CATEGORY, FieldKind.NUMBER):
        fits = facts.numbers >= 0.8 if header.kind is FieldKind.NUMBER else facts.distinct_share < 0.5
        if fits:
            return Meaning(header.kind, 0.85, "by its name, which the values bear out", note=header.note)
    if few:
        return Meaning(FieldKind.CATEGORY, 0.8, f"{facts.distinct} distinct values in {facts.filled} rows")
    if (
        facts.codes >= 0.8
        and single
        and facts.distinct_share >= 0.2
        and facts.same_length >= 0.5
        and facts.length >= 4
    ):
        why = f"codes; {_percent(facts.distinct_share)} of values are distinct and some repeat"
        return Meaning(FieldKind.TEXT, 0.6, why, note="shared_code")
    if facts.numbers >= 0.9:
        return Meaning(FieldKind.NUMBER, 0.6, f"{_percent(facts.numbers)} of values are numbers")
    return Meaning(FieldKind.TEXT, 0.5, "words without a form of their own")


def _unique_code(facts: ColumnFacts, *, named_id: bool) -> Meaning:
    if facts.decimals >= 0.3 and not named_id:
        return Meaning(FieldKind.NUMBER, 0.7, "numbers with fractions, all different")
    if named_id:
        return Meaning(
            FieldKind.IDENTIFIER, 0.98, f"called an identifier, and all {facts.filled} values differ"
        )
    confidence = 0.85 if facts.rising else 0.75 if facts.same_length >= 0.5 or facts.digits < 0.5 else 0.55
    return Meaning(FieldKind.IDENTIFIER, confidence, f"codes, and all {facts.filled} values differ")


def _name_by_values(facts: ColumnFacts) -> Meaning | None:
    if facts.words >= 1.8 and facts.titled >= 0.3 and facts.streets < 0.3:
        why = f"{_percent(facts.titled)} of values begin with a title, and words follow it"
        return Meaning(FieldKind.FULL_NAME, 0.8, why)
    if (
        facts.words >= 1.8
        and facts.first_names + facts.commas >= 0.4
        and facts.last_word_surnames + facts.commas >= 0.15
    ):
        return Meaning(
            FieldKind.FULL_NAME,
            0.7,
            f"several words, {_percent(facts.first_names)} beginning with a common first name",
        )
    if facts.words > 1.6:
        return None
    candidates = [
        (facts.first_names, FieldKind.FIRST_NAME, 0.3),
        (facts.surnames, FieldKind.SURNAME, 0.2),
        (facts.towns, FieldKind.TOWN, 0.3),
    ]
    share, kind, least = max(candidates, key=lambda one: one[0])
    second = sorted(one[0] for one in candidates)[-2]
    if share < least or share < 1.3 * second:
        return None
    return Meaning(
        kind,
        round(min(0.85, 0.45 + 0.4 * share), 2),
        f"{_percent(share)} of values are a common {_words(kind)}",
    )


def _one_identifier(found: dict[str, Meaning]) -> dict[str, Meaning]:
    """Only the surest identifier stays; with equal confidence the first column."""
    names = [name for name, meaning in found.items() if meaning.kind is FieldKind.IDENTIFIER]
    if len(names) < 2:
        return found
    kept = max(names, key=lambda name: found[name].confidence)
    for name in names:
        if name != kept:
            why = f"{found[name].why}; but {kept!r} is the surer identifier"
            found[name] = Meaning(FieldKind.TEXT, 0.5, why, note="shared_code")
    return found


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _words(kind: FieldKind) -> str:
    return kind.value.replace("_", " ")


def _by_name(header: HeaderSense | None) -> str:
    return "" if header is None else f"; its name says {_words(header.kind)}"
