"""The keys that a model compares, as columns of a segment: codes of the rows, and facts of each distinct value.

Values are numbered in the order of their 64-bit hashes, so that the code of any text is found without a search,
and equality of two texts is equality of codes. What a question reads of a value beyond that (its characters,
its date as a number, the sets that it stands for, how rare it is) is worked out when the segment is written.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.errors import SourceError
from joinedup.linkage.encode import Records
from joinedup.linkage.index.mapped import Arrays, ArraysWriter
from joinedup.linkage.index.plan import Need, Plan, stored_keys
from joinedup.linkage.index.shares import Shares, text_hashes
from joinedup.linkage.kernels import lookup, strings
from joinedup.linkage.kernels import match_states as kernel
from joinedup.linkage.model import Model
from joinedup.linkage.readings import members_of, numbers_of
from joinedup.linkage.transform import iso_days, iso_swapped

Hashes = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]

# The arrays of a key and the columns of the layout that tell where they begin.
_PLACES = {
    "codes": kernel.CODES,
    "hashes": kernel.HASHES,
    "directory": kernel.DIRECTORY,
    "facts": kernel.FACTS,
    "chars": kernel.CHARS,
    "alphabet": kernel.ALPHABET,
    "days": kernel.DAY_NUMBERS,
    "numbers": kernel.NUMBERS,
    "exchanged": kernel.EXCHANGED,
    "name_offsets": kernel.NAME_OFFSETS,
    "name_members": kernel.NAME_MEMBERS,
    "set_offsets": kernel.SET_OFFSETS,
    "set_members": kernel.SET_MEMBERS,
    "shares": kernel.SHARES,
}
_NEEDED = {
    Need.TEXT: ("facts", "chars", "alphabet"),
    Need.DAYS: ("days",),
    Need.NUMBER: ("numbers",),
    Need.EXCHANGED: ("exchanged",),
    Need.NICKNAME: ("name_offsets", "name_members"),
    Need.OVERLAP: ("set_offsets", "set_members"),
    Need.SHARE: ("shares",),
}


def value_hashes(values: pa.Array) -> Hashes:
    """A 64-bit hash of each text, never 0, which stands for a missing value."""
    hashes = text_hashes(values)
    hashes[hashes == 0] = 1
    return hashes


def write_key_columns(arrays: ArraysWriter, model: Model, records: Records) -> dict[str, int]:
    """Write every key that the model compares; returns by how many high bits each key's directory goes."""
    bits = {}
    for key, needs in stored_keys(model).items():
        found = records.key(key)
        hashes = value_hashes(found.values)
        order = np.argsort(hashes, kind="stable")
        values, hashes = found.values.take(pa.array(order)), hashes[order]
        code = np.full(len(values) + 1, -1, np.int32)
        code[order] = np.arange(len(values), dtype=np.int32)
        arrays.add(f"{key} codes", code[found.codes])
        bits[str(key)] = write_hashes(arrays, str(key), hashes)
        for need in sorted(needs):
            for name, array in _facts(need, values, model.term_frequencies.get(str(key))).items():
                arrays.add(f"{key} {name}", array)
    return bits


def write_hashes(arrays: ArraysWriter, name: str, hashes: Hashes) -> int:
    """Write ascending hashes and their directory; returns how many high bits it goes by."""
    bits = max(1, len(hashes).bit_length() - 1)
    directory = np.empty((1 << bits) + 1, np.int32)
    lookup.fill_directory(hashes, bits, directory)
    arrays.add(f"{name} hashes", hashes)
    arrays.add(f"{name} directory", directory)
    return bits


def layout_of(arrays: Arrays, bits: Mapping[str, int], plan: Plan) -> Ints:
    """Where each stored key's arrays begin, a row a key of the plan (see ``kernels.match_states``).

    Raises SourceError where the segment was written for another frame.
    """
    out = np.full((plan.stored, kernel.LAYOUT), -1, np.int64)
    for row, key in enumerate(plan.keys[: plan.stored]):
        wanted = {"codes", "hashes", "directory", *(n for need in plan.needs[row] for n in _NEEDED[need])}
        for name in wanted:
            if f"{key} {name}" not in arrays:
                raise SourceError(
                    what=f"a segment has no column of {key}",
                    where="the index",
                    mend="run 'joinedup index refresh', or restore the index from a copy",
                )
            out[row, _PLACES[name]], count = arrays.place(f"{key} {name}")
            if name == "hashes":
                out[row, kernel.VALUES] = count
            elif name == "alphabet":
                out[row, kernel.LETTERS] = count
        out[row, kernel.BITS] = bits[str(key)]
    return out


def _facts(
    need: Need, values: pa.Array, frequencies: Mapping[str, float] | None
) -> dict[str, npt.NDArray[np.generic]]:
    if need is Need.TEXT:
        return _characters(values)
    if need is Need.DAYS:
        return {"days": iso_days(values)}
    if need is Need.NUMBER:
        return {"numbers": numbers_of(values)}
    if need is Need.EXCHANGED:
        exchanged = iso_swapped(values)
        there = pc.is_valid(exchanged).to_numpy(zero_copy_only=False)
        hashes = value_hashes(pc.fill_null(exchanged, ""))
        return {"exchanged": np.where(there, hashes, np.uint64(0))}
    if need is Need.NICKNAME:
        offsets, members = _members(values, nicknames=True)
        return {"name_offsets": offsets, "name_members": members}
    if need is Need.OVERLAP:
        offsets, members = _members(values, nicknames=False)
        return {"set_offsets": offsets, "set_members": members}
    return {"shares": log_shares(values, frequencies)}


def log_shares(values: pa.Array, frequencies: Mapping[str, float] | None) -> npt.NDArray[np.float64]:
    """log2 of the frozen share of each text; NaN for one that has none."""
    if isinstance(frequencies, Shares):
        shares = frequencies.of(values)
    else:
        known = frequencies or {}
        shares = np.array([known.get(text, np.nan) for text in values.to_pylist()], np.float64)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log2(shares), np.float64)


def _characters(values: pa.Array) -> dict[str, npt.NDArray[np.generic]]:
    """Texts as numbers of the characters that occur, ascending by code point."""
    values = values.cast(pa.string())
    offsets = np.zeros(len(values) + 1, np.int64)
    np.cumsum(pc.utf8_length(values).to_numpy(zero_copy_only=False), out=offsets[1:])
    points = np.frombuffer("".join(values.to_pylist()).encode("utf-32-le"), np.uint32)
    occurs = np.flatnonzero(np.bincount(points)) if len(points) else np.zeros(0, np.int64)
    number = np.zeros(int(occurs[-1]) + 1 if len(occurs) else 1, np.uint16)
    number[occurs] = np.minimum(np.arange(len(occurs)), 65535)
    chars = number[points]
    facts = np.empty((len(values), 4), np.uint64)
    strings.character_tallies(chars, offsets, facts)
    return {"facts": facts.reshape(-1), "chars": chars, "alphabet": occurs.astype(np.int32)}


def _members(values: pa.Array, *, nicknames: bool) -> tuple[npt.NDArray[np.int32], Hashes]:
    """Where each value's members begin, and their hashes, ascending within a value."""
    sets = [sorted(members_of(text, nicknames=nicknames)) for text in values.to_pylist()]
    offsets = np.cumsum([0, *map(len, sets)]).astype(np.int32)
    hashes = value_hashes(pa.array([member for one in sets for member in one], pa.string()))
    owner = np.repeat(np.arange(len(sets)), np.diff(offsets))
    return offsets, hashes[np.lexsort((hashes, owner))]
