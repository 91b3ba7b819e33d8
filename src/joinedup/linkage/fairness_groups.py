"""Which group each person of a run is counted in: sex, age band, naming tradition, address, or a named column.

What the truth says of the people is taken first. What it does not say is taken from the run's joined table: of each
person's records, the value that most of them carry. A group is never worked out for one person to see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from joinedup.errors import SourceError, UsageError
from joinedup.linkage.naming_traditions import NamingRules
from joinedup.linkage.run_files import RunFiles

NOT_RECORDED = "Not recorded"
SEVERAL = "Not the same on all records"
SAID, WORKED_OUT = "said by the truth", "worked out from the joined table"
AGE_BANDS = (
    (0, "0 to 15"),
    (16, "16 to 24"),
    (25, "25 to 39"),
    (40, "40 to 54"),
    (55, "55 to 69"),
    (70, "70 and over"),
)
_OLDEST = 120
_SEX = {"m": "Men and boys", "male": "Men and boys", "1": "Men and boys"}
_SEX |= {"f": "Women and girls", "female": "Women and girls", "2": "Women and girls"}
_YES, _NO = ("yes", "true", "1", "y"), ("no", "false", "0", "n")
_NO_PLACE = r"(?i)^\s*(no fixed (abode|address)|n\.?f\.?a\.?|homeless|of no fixed abode|zz99\s?3vz)\b"
_NAMES = {
    "sex": ("sex", "gender"),
    "born": ("date_of_birth", "dob", "birth_date", "born"),
    "first": ("first_name", "forename", "given_name"),
    "last": ("surname", "last_name", "family_name"),
    "postcode": ("postcode", "post_code"),
    "address": ("address_line", "address"),
}
HAS, PART, LACKS = "An address on all records", "An address on some records", "No address on any record"
FIXED, NO_FIXED = "A fixed address", "No fixed address"


@dataclass(frozen=True)
class Labels:
    """One way to divide the people. code: a group of ``names`` a person. ordered: the names have an order.

    basis: where the division comes from, in words.
    """

    key: str
    title: str
    names: tuple[str, ...]
    code: NDArray[np.int64]
    basis: str
    ordered: bool = False
    note: str = ""


class Known:
    """What is known of the people: by true person from the truth, or by record from the run's joined table."""

    def __init__(
        self, run: RunFiles, record: NDArray[np.integer], told: Mapping[str, pa.Array] | None = None
    ) -> None:
        """record: of each record of the run, the number of its person, -1 where unknown. told: columns of the truth's,
        one entry a person (null where it does not say)."""
        self.records, self.people = len(run), int(record.max(initial=-1)) + 1
        self._run, self._record, self._told = run, record, dict(told or {})
        self._joined = run.directory / "joined.parquet"
        self._fields = _columns_of(self._joined)

    def said(self, names: Sequence[str]) -> pa.Array | None:
        """The first of these columns that the truth has, one entry a true person."""
        return next((self._told[name] for name in names if name in self._told), None)

    def field(self, names: Sequence[str]) -> pa.Array | None:
        """The first of these fields of the joined table, as text, one entry a record of the run."""
        name = next((name for name in names if name in self._fields), None)
        if name is None:
            return None
        table = pq.read_table(self._joined, columns=["person_id", name])
        people = pq.read_table(self._run.directory / "people.parquet", columns=["person_id"])
        person = people["person_id"].cast(pa.string())
        at = pc.index_in(person, value_set=table["person_id"].cast(pa.string()).combine_chunks())
        found = table[name].cast(pa.string()).combine_chunks().take(at.combine_chunks())
        return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found

    def most(self, values: pa.Array) -> pa.Array:
        """Of one value a record, each true person's most frequent one; null without any, SEVERAL where two tie."""
        coded = values.dictionary_encode()
        code = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
        record = self._record
        at = np.flatnonzero((code >= 0) & (record >= 0))
        names = [*coded.dictionary.to_pylist(), SEVERAL]
        width = len(names)
        cell, often = np.unique(record[at] * width + code[at], return_counts=True)
        person, own = cell // width, cell % width
        order = np.lexsort((own, -often, person))
        person, own, often = person[order], own[order], often[order]
        first = np.flatnonzero(np.diff(person, prepend=-1))
        chosen = np.full(self.people, -1, np.int64)
        if len(first):
            after = np.minimum(first + 1, len(person) - 1)
            tied = (after != first) & (person[after] == person[first]) & (often[after] == often[first])
            chosen[person[first]] = np.where(tied, width - 1, own[first])
        return pa.array(names, pa.string()).take(pa.array(chosen, mask=chosen < 0))

    def share_with(self, has: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Of one yes or no a record, each true person's share of yes."""
        known = self._record >= 0
        yes = np.bincount(self._record[known], weights=has[known], minlength=self.people)
        held = np.bincount(self._record[known], minlength=self.people)
        return np.asarray(yes / np.maximum(1, held), np.float64)


def usual_groupings(known: Known, *, on: date, rules: NamingRules) -> list[Labels]:
    """Sex, age band at a day, naming tradition and address, as far as the truth or the joined table tell them."""
    made = (_sex(known), _age(known, on), _tradition(known, rules), _address(known))
    return [labels for labels in made if labels is not None]


def named_grouping(known: Known, column: str) -> Labels:
    """The groups of one column, of the truth or of the joined table; raises UsageError if neither has it."""
    values = known.said((column,))
    basis = SAID
    if values is None:
        field = known.field((column,))
        if field is None:
            raise UsageError(
                what=f"there is no column '{column}' in the truth, in --people or in joined.parquet",
                mend="name a column of one of them; give a column of your own in --people FILE",
            )
        values, basis = known.most(field), WORKED_OUT
    return _labels(known, column, column.replace("_", " ").capitalize(), values, basis)


def _sex(known: Known) -> Labels | None:
    found = _first(known, "sex")
    if found is None:
        return None
    values, basis = found
    return _labels(
        known, "sex", "Sex", _mapped(values, lambda text: _SEX.get(text.strip().lower(), text)), basis
    )


def _age(known: Known, on: date) -> Labels | None:
    found = _first(known, "born")
    if found is None:
        return None
    values, basis = found

    def band(text: str) -> str | None:
        try:
            born = date.fromisoformat(text[:10])
        except ValueError:
            return SEVERAL if text == SEVERAL else None
        age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
        return (
            next((name for least, name in reversed(AGE_BANDS) if age >= least), None)
            if age <= _OLDEST
            else None
        )

    title = f"Age on {on.day} {on:%B %Y}"
    order = [name for _, name in AGE_BANDS]
    return _labels(known, "age", title, _mapped(values, band), basis, order=order)


def _tradition(known: Known, rules: NamingRules) -> Labels | None:
    values = known.said(("naming_tradition",))
    if values is not None:
        return _labels(known, "naming_tradition", "Naming tradition", values, SAID)
    first, last = known.field(_NAMES["first"]), known.field(_NAMES["last"])
    if last is None:
        return None
    firsts = first.to_pylist() if first is not None else [None] * len(last)
    found = known.most(pa.array(rules.of_names(firsts, last.to_pylist()), pa.string()))
    note = (
        f"Guessed from names by rules of {rules.dated:%-d %B %Y} ({rules.basis}). They are wrong about many people, "
        "and say nothing about one of them."
    )
    return _labels(
        known, "naming_tradition", "Naming tradition", found, f"{WORKED_OUT}, by naming rules", note=note
    )


def _address(known: Known) -> Labels | None:
    values = known.said(("no_fixed_address", "no_fixed_abode"))
    if values is not None:
        words = _mapped(values, lambda text: _fixed(text.strip().lower()))
        return _labels(known, "address", "Fixed address", words, SAID, order=[FIXED, NO_FIXED])
    postcode, address = known.field(_NAMES["postcode"]), known.field(_NAMES["address"])
    if postcode is None and address is None:
        return None
    has = np.zeros(known.records, bool)
    nowhere = np.zeros(known.records, bool)
    for column in (postcode, address):
        if column is not None:
            text = pc.fill_null(column, "")
            placeholder = pc.match_substring_regex(text, _NO_PLACE).to_numpy(zero_copy_only=False)
            nowhere |= placeholder
            has |= pc.not_equal(text, "").to_numpy(zero_copy_only=False) & ~placeholder
    share = known.share_with(has & ~nowhere)
    code = np.where(share >= 1, 0, np.where(share > 0, 1, 2))
    note = "Missing or a placeholder (such as ZZ99 3VZ): not everybody without an address on record has none."
    return Labels(
        "address", "Address on record", (HAS, PART, LACKS), code, WORKED_OUT, ordered=True, note=note
    )


def _fixed(text: str) -> str | None:
    return NO_FIXED if text in _YES else FIXED if text in _NO else None


def _first(known: Known, what: str) -> tuple[pa.Array, str] | None:
    said = known.said(_NAMES[what])
    if said is not None:
        return said, SAID
    field = known.field(_NAMES[what])
    return None if field is None else (known.most(field), WORKED_OUT)


def _mapped(values: pa.Array, change: Callable[[str], str | None]) -> pa.Array:
    """Each distinct value changed once."""
    coded = values.dictionary_encode()
    changed = pa.array([change(value) for value in coded.dictionary.to_pylist()], pa.string())
    return changed.take(coded.indices)


def _labels(
    known: Known,
    key: str,
    title: str,
    values: pa.Array,
    basis: str,
    *,
    order: Sequence[str] = (),
    note: str = "",
) -> Labels:
    coded = pc.fill_null(values, NOT_RECORDED).dictionary_encode()
    names = coded.dictionary.to_pylist()
    code = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    size = np.bincount(code, minlength=len(names))
    last = (SEVERAL, NOT_RECORDED)

    def place(at: int) -> tuple[int, int, str]:
        name = names[at]
        if name in last:
            return 1 + last.index(name), 0, name
        return 0, order.index(name) if name in order else -int(size[at]), name

    ranked = sorted(range(len(names)), key=place)
    rank = np.empty(len(names), np.int64)
    rank[ranked] = np.arange(len(names))
    return Labels(key, title, tuple(names[at] for at in ranked), rank[code], basis, bool(order), note)


def _columns_of(path: Path) -> list[str]:
    try:
        return [name for name in pq.read_schema(path).names if "__" not in name]
    except FileNotFoundError:
        return []
    except (OSError, pa.ArrowInvalid):
        raise SourceError(
            what="cannot be read as Parquet", where=str(path), mend="run the linkage again"
        ) from None
