"""Two known attacks on encodings, in a small form: how many people the linking party can name, by hardening.

    python bench/private_attack.py [--records 10000] [--known 300] [--seed 1] [--only TEXT]

The attacker is the linking party: it holds the encodings, the agreement and a public list of how frequent names are
(here of another generated county), never the secret.

frequency: equal filters, or with noise those that lie close together, are put in groups; the largest groups are given
the most frequent names, rank by rank (after Kuzu, Kantarcioglu, Durham and Malin 2011; Christen, Schnell, Vatsalan and
Ranbaduge 2017). With noise, the nearness that names most people is taken, as if the attacker had guessed it; with
salted filters the attacker is told everybody's salt (year of birth, or initial) besides.
patterns: the attacker has learnt by other means who some of the records are. From these it learns which bits each two
letters set, and gives every other record the listed surname whose bits fit best.

A rate is the share of records named rightly; "guess" is what naming everybody by the commonest name gets right, and
"listed" the share whose name is on the list at all. Cleverer attackers do better: low rates show that these simple
ones fail, and no more. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import platform
from collections import Counter
from dataclasses import dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit, prange

from county_data import county
from joinedup.linkage import Source
from joinedup.linkage.expression import parse_key
from joinedup.linkage.kernels import filters
from joinedup.linkage.private import Filter, LinkageAgreement, Secret, starting_agreement
from joinedup.linkage.private.encode import standardised
from joinedup.linkage.private.filters import encode_filter
from joinedup.linkage.private.harden import harden, noise_nonces
from private_job import salted_throughout, varied
from processes import load

GROUPS, LISTED = 100, 1000
CLOSE = (0.5, 0.65, 0.8)  # between strangers (0) and two encodings of one name (1)
SECRET = Secret(bytes(range(32)))
DEFAULT = "names together, folded, salted, noise epsilon 30"


@dataclass(frozen=True)
class People:
    """What is encoded, a record each: first name, surname, both, date and year of birth."""

    first: list[str]
    surname: list[str]
    whole: list[str]
    born: list[str]
    year: list[str]


@dataclass(frozen=True)
class Attacked:
    """An encoding: what it is of (a field of People), what the attacker wants to know of it, and how it is hardened."""

    label: str
    held: LinkageAgreement
    filter: str
    of: str
    wanted: str


@njit(cache=True, parallel=True)
def _near(words, counts, one, least, out):
    """Whether each row is at least so alike (Dice) to row ``one``."""
    for v in prange(len(words)):
        shared = 0
        for w in range(words.shape[1]):
            x = words[v, w] & words[one, w]
            while x:
                x &= x - np.uint64(1)
                shared += 1
        together = counts[v] + counts[one]
        out[v] = together > 0 and 2.0 * shared >= least * together


def group_close(words: np.ndarray, least: float) -> np.ndarray:
    """Groups of filters near a leader: the largest of some drawn at random first. -1: in no group."""
    counts = np.empty(len(words), np.int64)
    filters.bit_counts(words, counts)
    found = np.full(len(words), -1)
    near = np.empty(len(words), np.bool_)
    drawn = np.random.default_rng(1).permutation(len(words))[:1500]
    sizes = np.zeros(len(drawn), np.int64)
    for n, leader in enumerate(drawn):
        _near(words, counts, leader, least, near)
        sizes[n] = near.sum()
    group = 0
    for n in np.argsort(-sizes, kind="stable"):
        if found[drawn[n]] < 0 and group < GROUPS:
            _near(words, counts, drawn[n], least, near)
            found[near & (found < 0)] = group
            group += 1
    return found


def named_by_rank(groups: np.ndarray, names: list[str], public: Counter[str], most: int = GROUPS) -> int:
    """How many records get their own name when groups and names are paired by rank."""
    sizes = Counter(groups[groups >= 0].tolist())
    guess = {
        g: name for (g, _), (name, _) in zip(sizes.most_common(most), public.most_common(most), strict=False)
    }
    return sum(guess.get(int(g)) == name for g, name in zip(groups, names, strict=True))


def frequency(words: np.ndarray, filter_: Filter, attacked: Attacked, own: People, public: People) -> float:
    names, listed = getattr(own, attacked.of), getattr(public, attacked.of)
    held = attacked.held
    chance = held.hardening.flip(filter_)
    if chance == 0:
        cuts = [np.unique(words, axis=0, return_inverse=True)[1].ravel()]
    else:
        same = _expected(words, chance, held.hardening.balance)
        strangers = _expected_strangers(words)
        cuts = [group_close(words, strangers + share * (same - strangers)) for share in CLOSE]
    right = []
    for groups in cuts:
        if filter_.salt is None:
            right.append(named_by_rank(groups, names, Counter(listed)))
            continue
        total = 0
        mine, theirs = (
            (own.year, public.year)
            if "year" in str(filter_.salt)
            else ([name[0] for name in own.first], [name[0] for name in public.first])
        )
        for salt in sorted(set(mine)):
            at = [n for n, s in enumerate(mine) if s == salt]
            there = Counter(name for name, s in zip(listed, theirs, strict=True) if s == salt)
            total += named_by_rank(groups[at], [names[n] for n in at], there)
        right.append(total)
    return max(right) / len(names)


def _expected(words: np.ndarray, chance: float, balanced: bool) -> float:
    if balanced:
        return 1 - 2 * chance * (1 - chance)
    counts = np.empty(len(words), np.int64)
    filters.bit_counts(words, counts)
    bits = words.shape[1] * 64
    true = (counts.mean() - bits * chance) / (1 - 2 * chance)
    return float((true * (1 - chance) ** 2 + (bits - true) * chance**2) / counts.mean())


def _expected_strangers(words: np.ndarray) -> float:
    counts = np.empty(len(words), np.int64)
    filters.bit_counts(words, counts)
    out = np.empty(len(words), np.float64)
    order = np.random.default_rng(2).permutation(len(words)).astype(np.int32)
    filters.dice_values(np.arange(len(words), dtype=np.int32), order, words, counts, out)
    return float(out.mean())


def patterns_by_salt(
    words: np.ndarray, filter_: Filter, attacked: Attacked, own: People, public: People, known: int
) -> float:
    """The same within each salt, which the attacker is told with everybody's year of birth or initial."""
    if filter_.salt is None:
        return patterns(words, attacked, own, public, known)
    salts = own.year if "year" in str(filter_.salt) else [name[0] for name in own.first]
    right = 0.0
    for salt in sorted(set(salts)):
        at = np.array([n for n, s in enumerate(salts) if s == salt])
        share = round(known * len(at) / len(salts))
        if share >= 1 and len(at) > share:
            part = People(*([getattr(own, f.name)[n] for n in at] for f in fields(People)))
            right += len(at) * patterns(words[at], attacked, part, public, share)
    return right / len(salts)


def patterns(words: np.ndarray, attacked: Attacked, own: People, public: People, known: int) -> float:
    """The share of the other records whose value is found from what the known records teach."""
    bits = np.unpackbits(words.view(np.uint8), axis=1, bitorder="little").astype(np.float32)
    encoded, wanted = getattr(own, attacked.of), getattr(own, attacked.wanted)
    known_at = np.random.default_rng(3).permutation(len(bits))[:known]
    pieces = sorted({piece for n in known_at for piece in _pieces(encoded[n])})
    place = {piece: n for n, piece in enumerate(pieces)}
    has = np.zeros((known, len(pieces)), np.float32)
    for row, n in enumerate(known_at):
        has[row, [place[piece] for piece in _pieces(encoded[n])]] = 1
    # Ridge regression of each bit on the pieces: what each of them adds to it.
    centred = has - has.mean(axis=0)
    taught = bits[known_at] - bits[known_at].mean(axis=0)
    effect = np.linalg.solve(
        centred.T @ centred + 2 * np.eye(len(pieces), dtype=np.float32), centred.T @ taught
    )
    listed = [value for value, _ in Counter(getattr(public, attacked.wanted)).most_common(_listed(attacked))]
    made = np.zeros((len(listed), len(pieces)), np.float32)
    for row, value in enumerate(listed):
        made[row, [place[piece] for piece in _pieces(value) if piece in place]] = 1
    likely = made @ effect
    likely -= likely.mean(axis=0)
    likely /= np.linalg.norm(likely, axis=1, keepdims=True) + np.float32(1e-9)
    middle = bits.mean(axis=0)
    others = np.setdiff1d(np.arange(len(bits)), known_at)
    right = 0
    for begin in range(0, len(others), 500):
        part = others[begin : begin + 500]
        best = np.argmax((bits[part] - middle) @ likely.T, axis=1)
        right += sum(listed[b] == wanted[n] for b, n in zip(best, part, strict=True))
    return right / len(others)


def _listed(attacked: Attacked) -> int | None:
    return None if attacked.wanted == "born" else LISTED


def _pieces(text: str) -> set[str]:
    """Two letters in a row of each word; of a date, its digits with their places, and its parts."""
    if text[:4].isdigit():
        return {f"{k}{c}" for k, c in enumerate(text)} | {text[:4], f"other {text[5:7]}", f"other {text[8:]}"}
    return {f"^{word}$"[k : k + 2] for word in text.split() for k in range(len(word) + 1)}


def _people(path: Path, most: int | None) -> tuple[People, Any]:
    """Those of a table who have both names and a date of birth; and the records."""
    records, _ = standardised(Source(str(path), path.stem, "record_id"), starting_agreement("county"))
    keys = [
        records.key(parse_key(k)) for k in ("first_name", "surname", "date_of_birth", "year(date_of_birth)")
    ]
    at = np.flatnonzero(np.logical_and.reduce([key.codes >= 0 for key in keys]))[:most]
    first, last, born, year = (key.values.take(key.codes[at]).to_pylist() for key in keys)
    return People(first, last, [f"{a} {b}" for a, b in zip(first, last, strict=True)], born, year), (
        records,
        at,
    )


def _attacked() -> list[Attacked]:
    def start(**hardening: Any) -> LinkageAgreement:
        return starting_agreement("county", **{"fold": 0, "epsilon": None, "salted": False, **hardening})

    hardened = {
        "none": start(),
        "balanced": start(balance=True),
        "folded, noise epsilon 30": start(fold=1, epsilon=30.0),
        "folded, noise epsilon 10": start(fold=1, epsilon=10.0),
        "folded, salted": salted_throughout(start(fold=1)),
        "folded, salted, noise epsilon 30": salted_throughout(start(fold=1, epsilon=30.0)),
    }
    found = []
    for what, filter_, field in (
        ("first name", "own_first_name", "first"),
        ("surname", "own_surname", "surname"),
    ):
        found += [
            Attacked(f"{what}, {h}", varied(a, apart=True), filter_, field, field)
            for h, a in hardened.items()
        ]
    found += [Attacked(f"names together, {h}", a, "names", "whole", "surname") for h, a in hardened.items()]
    found += [Attacked(f"date of birth, {h}", a, "born", "born", "born") for h, a in hardened.items()]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=10_000, help="records that are attacked")
    parser.add_argument("--known", type=int, default=300, help="records that the attacker knows already")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="only the encodings whose label holds this text")
    options = parser.parse_args()
    own, (records, at) = _people(
        county(records=50_000, link=True, seed=options.seed).inputs[0], options.records
    )
    public, _ = _people(county(records=50_000, link=True, seed=options.seed + 1).inputs[1], None)
    nonces = noise_nonces(records.ids, key=bytes(32))
    rows = []
    for attacked in (one for one in _attacked() if options.only in one.label):
        held = attacked.held
        filter_ = next(f for f in held.filters if f.name == attacked.filter)
        place, words = encode_filter(records, filter_, secret=SECRET, digest=held.digest)
        place, words = harden(
            place, words, nonces, filter_=filter_, hardening=held.hardening, secret=SECRET, digest=held.digest
        )
        seen = np.ascontiguousarray(words[place[at]])
        values, there = getattr(own, attacked.wanted), Counter(getattr(public, attacked.wanted))
        listed = {value for value, _ in there.most_common(_listed(attacked))}
        row = {
            "encoding": attacked.label,
            "guess": round(values.count(there.most_common(1)[0][0]) / len(values), 4),
            "frequency": round(frequency(seen, filter_, attacked, own, public), 4),
            "patterns": round(patterns_by_salt(seen, filter_, attacked, own, public, options.known), 4),
            "listed": round(sum(value in listed for value in values) / len(values), 4),
        }
        rows.append(row)
        print(" | ".join(str(value) for value in row.values()), flush=True)
    told = {row["encoding"]: row for row in rows}
    print(
        json.dumps(
            {
                "claim": "surnames found by simple attacks: bare, and as the agreement to start from has them",
                "bare": told["surname, none"]["patterns"] if "surname, none" in told else None,
                "value": told[DEFAULT]["patterns"] if DEFAULT in told else None,
                "rows": rows,
                "records": len(own.surname),
                "known": options.known,
                "load": load(),
                "seed": options.seed,
                "versions": {"python": platform.python_version(), "joinedup": version("joinedup")},
            }
        )
    )


if __name__ == "__main__":
    main()
