"""Whether data have moved away from what a model was trained on, so that its weights no longer say what they did.

Shares are compared by the population stability index, PSI = sum of (now - then) ln(now / then), which is the
symmetrised divergence of Kullback and Leibler (Jeffreys 1946; as a monitor of scores: Siddiqi 2006, Credit Risk
Scorecards, ch. 8). Its usual reading is kept as the least worth a word: below 0.1 nothing of note, from 0.25 a great
change. Where both samples come from one population, PSI is about chi-square with k - 1 degrees of freedom times
(1/n + 1/m) (Yurdakul 2018), so a sign must also stand above what chance would give once in a hundred reports.
Counts are made effective by the records a person has, as one person's records share their values.

A sign is an alarm only if it is both: beyond chance, and large enough to matter. Every threshold is below with its
reason. No alarm is no proof that links are right: see ``evaluate`` and ``fairness`` for that.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any

from joinedup.linkage.seen import (
    FEWEST,
    LEAST_TOLD,
    NEAR,
    OTHERS,
    FieldSeen,
    PairsSeen,
    Seen,
    SourceSeen,
    StandingSeen,
)

REPORTS = 0.01  # the share of reports that may alarm on a fresh sample of the same population, by chance
MISSING = 0.02  # two records in a hundred: as much as may cost two links in a hundred, which runs commonly differ by
INVALID = 0.01  # one in a hundred: sources check less than people do, and a changed format shows here first
MENDED = 0.10  # one in ten: what is mended still compares, so only a changed habit is worth a word
SHAPE = 0.10  # PSI: the usual reading's "some change"
GREAT = 0.25  # PSI: the usual reading's "great change"
FORM = 0.05  # of values written in another form: one in twenty no longer compares character by character
FALL = 0.02  # of expected precision or recall: the same two links in a hundred
DOUBT = 0.05  # more doubtful pairs a link: one clerical look more for every twenty links
LEAST_SHARE = 1e-4  # stands in for a share of 0, so that PSI is finite


@dataclass(frozen=True)
class Sign:
    """One thing compared. what: its kind (missing, values, …). place: the field, comparison or source. then, now: what
    was measured. size: how far apart they are, in the measure's own unit; least: from which size on, and beyond
    chance, it is an alarm. words: the same for people, with what to do."""

    what: str
    place: str
    then: float
    now: float
    size: float
    least: float
    alarm: bool
    words: str


@dataclass(frozen=True)
class Drift:
    """What was compared with what, and every sign, alarms first. records, records_then: of the two."""

    of: str
    against: str
    records: int
    records_then: int
    signs: tuple[Sign, ...]
    notes: tuple[str, ...]

    @property
    def alarms(self) -> tuple[Sign, ...]:
        """The signs that are both beyond chance and large enough to matter."""
        return tuple(sign for sign in self.signs if sign.alarm)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**asdict(self), "drifted": bool(self.alarms), "summary": summary(self)}


def summary(found: Drift) -> str:
    """One sentence: whether there is drift, and where."""
    if not found.alarms:
        return (
            f"No drift was found in {len(found.signs)} comparisons: {found.of} looks like {found.against}. That is no "
            "proof that its links are right."
        )
    places = dict.fromkeys(f"'{sign.place}'" for sign in found.alarms)
    return (
        f"{found.of} has drifted from {found.against}: {len(found.alarms)} of {len(found.signs)} comparisons say so, "
        f"in {', '.join(places)}."
    )


def drift(now: Seen, then: Seen, *, of: str, against: str) -> Drift:
    """Return how far what is seen now lies from what was seen then. of, against: what the two are called."""
    made: list[_Measured] = list(_sources(now, then))
    if now.pairs is not None and then.pairs is not None:
        made += _pairs(now, then, now.pairs, then.pairs)
    tested = sum(1 for each in made if each.chance is not None)
    allowed = REPORTS / max(1, tested)
    signs = [
        Sign(
            what=each.what,
            place=each.place,
            then=round(each.then, 6),
            now=round(each.now, 6),
            size=round(each.size, 6),
            least=each.least,
            alarm=each.size >= each.least and (each.chance is None or each.chance <= allowed),
            words=each.words,
        )
        for each in made
    ]
    notes = []
    if now.pairs is None:
        notes.append(
            "An extract has no pairs by itself: link it to see whether levels, weights and expectations hold."
        )
    if then.records and not 0.5 <= now.records / then.records <= 2:
        notes.append(
            f"{now.records:,} records against {then.records:,}: how many doubtful pairs there are for each link "
            "depends on that by itself."
        )
    return Drift(
        of,
        against,
        now.records,
        then.records,
        tuple(sorted(signs, key=lambda s: (not s.alarm, -_grave(s)))),
        tuple(notes),
    )


def _grave(sign: Sign) -> float:
    return sign.size / sign.least if sign.least else math.inf


@dataclass(frozen=True)
class _Measured:
    """chance: of a size like this on a fresh sample of the same population; None where chance has no part in it."""

    what: str
    place: str
    then: float
    now: float
    size: float
    least: float
    chance: float | None
    words: str


def _sources(now: Seen, then: Seen) -> Iterator[_Measured]:
    """Standing and values, source by source where both have the same sources, else all of them together."""
    alike = set(now.sources) == set(then.sources)
    one_each = (
        [(now.sources[name], then.sources[name], name) for name in sorted(now.sources)] if alike else []
    )
    for own, before, name in one_each or [(_together(now), _together(then), "")]:
        of = f" of '{name}'" if len(now.sources) > 1 and name else ""
        yield from _standings(own, before, of)
        yield from _values(own, before, of, now, then)


def _standings(now: SourceSeen, then: SourceSeen, of: str) -> Iterator[_Measured]:
    """What is missing, invalid and mended."""
    own, before = now.standing, then.standing
    for name in before:
        if name not in own:
            words = (
                f"'{name}'{of} is not there any more; the model was trained with it: find out where it went"
            )
            yield _Measured("gone", name, 1.0, 0.0, 1.0, 1.0, None, words)
        else:
            yield from _standing(own[name], before[name], name, of)


def _standing(own: StandingSeen, before: StandingSeen, name: str, of: str) -> Iterator[_Measured]:
    filled, filled_then = own.records - own.missing, before.records - before.missing
    for what, share, n, share_then, m, least, told in (
        ("missing", own.missing, own.records, before.missing, before.records, MISSING, "is missing from"),
        ("invalid", own.invalid, filled, before.invalid, filled_then, INVALID, "is invalid in"),
        ("mended", own.mended, filled, before.mended, filled_then, MENDED, "had to be mended in"),
    ):
        if not n or not m:
            continue
        a, b = share / n, share_then / m
        words = (
            f"'{name}'{of} {told} {_percent(a)} of records, against {_percent(b)} then (a word is said from "
            f"{100 * least:.0f} points up): ask who supplies it what changed"
        )
        yield _Measured(what, name, b, a, abs(a - b), least, _two_shares(a, n, b, m), words)


def _together(seen: Seen) -> SourceSeen:
    """All sources as one: counts added, shares weighed by the records that have a value."""
    standing: dict[str, StandingSeen] = {}
    fields: dict[str, FieldSeen] = {}
    for source in seen.sources.values():
        for name, one in source.standing.items():
            other = standing.get(name, StandingSeen(0, 0, 0, 0))
            standing[name] = StandingSeen(
                one.valid + other.valid,
                one.mended + other.mended,
                one.invalid + other.invalid,
                one.missing + other.missing,
            )
        for name, field in source.fields.items():
            fields[name] = _mixed(fields[name], field) if name in fields else field
    return SourceSeen(standing, fields)


def _mixed(one: FieldSeen, other: FieldSeen) -> FieldSeen:
    part = one.filled / (one.filled + other.filled)

    def mixed(x: Mapping[str, float], y: Mapping[str, float]) -> dict[str, float]:
        return {n: part * x.get(n, 0.0) + (1 - part) * y.get(n, 0.0) for n in dict.fromkeys([*x, *y])}

    sized = _same_size(one.buckets, other.buckets)
    buckets = tuple(part * x + (1 - part) * y for x, y in zip(*sized, strict=True))
    return FieldSeen(
        one.filled + other.filled, buckets, mixed(one.endings, other.endings), mixed(one.forms, other.forms)
    )


def _values(
    now_source: SourceSeen, then_source: SourceSeen, of: str, now: Seen, then: Seen
) -> Iterator[_Measured]:
    """Which values there are, by hash buckets and endings, and how they are written."""
    for name in sorted(set(now_source.fields) & set(then_source.fields)):
        own, before = now_source.fields[name], then_source.fields[name]
        n, m = _effective(own, now), _effective(before, then)
        if n < 1 or m < 1:
            continue
        fewest = max(LEAST_TOLD, FEWEST / min(own.filled, before.filled))
        for what, shares, shares_then, told in (
            ("values", *_same_size(own.buckets, before.buckets), "other values are common"),
            (
                "endings",
                *_same_names(own.endings, before.endings, fewest=fewest),
                "the values end with other letters",
            ),
        ):
            if len(shares) < 2:
                continue
            size = psi(shares, shares_then)
            words = (
                f"'{name}'{of}: {told} than then (PSI {size:.2f}; {SHAPE} is some change, {GREAT} a great one): "
                "what is rare has changed, so train anew"
            )
            chance = chi_square_tail(size / (1 / n + 1 / m), len(shares) - 1)
            yield _Measured(what, name, 0.0, size, size, SHAPE, chance, words)
        a, b = _same_names(own.forms, before.forms, fewest=fewest)
        apart = sum(abs(x - y) for x, y in zip(a, b, strict=True)) / 2
        words = (
            f"'{name}'{of} is written in another form in {_percent(apart)} of values (a word is said from "
            f"{100 * FORM:.0f} points up): standardise it alike, or train anew"
        )
        chance = chi_square_tail(psi(a, b) / (1 / n + 1 / m), len(a) - 1) if len(a) > 1 else 1.0
        yield _Measured("form", name, 0.0, apart, apart, FORM, chance, words)


def _pairs(now: Seen, then: Seen, own: PairsSeen, before: PairsSeen) -> Iterator[_Measured]:
    """The levels and weights of likely matches, the doubtful pairs, and what the model expects of itself."""
    n, m = min(own.matches, now.people), min(before.matches, then.people)
    if n >= 1 and m >= 1:
        for name in sorted(set(own.levels) & set(before.levels)):
            a, b = _same_names(own.levels[name], before.levels[name])
            size = psi(a, b)
            words = (
                f"likely matches agree otherwise in '{name}' than then (PSI {size:.2f}; {SHAPE} is some change, "
                f"{GREAT} a great one): its weights are no longer right, so train anew"
            )
            chance = chi_square_tail(size / (1 / n + 1 / m), max(1, len(a) - 1))
            yield _Measured("levels", name, 0.0, size, size, SHAPE, chance, words)
    n, m = min(own.links, now.people), min(before.links, then.people)
    if n >= 1 and m >= 1:
        size = psi(own.bands, before.bands)
        words = (
            f"links are of other weights than then (PSI {size:.2f}): see which levels changed, and train anew"
        )
        chance = chi_square_tail(size / (1 / n + 1 / m), len(own.bands) - 1)
        yield _Measured("weights", "links", 0.0, size, size, SHAPE, chance, words)
        near, near_then = own.near / own.links, before.near / before.links
        words = (
            f"{_percent(near)} doubtful pairs (within {NEAR:.0f} bits of the threshold) for each link, against "
            f"{_percent(near_then)} then: have more pairs reviewed, or choose the threshold anew"
        )
        error = math.sqrt(near * (1 + near) / n + near_then * (1 + near_then) / m)
        yield _Measured(
            "doubtful",
            "threshold",
            near_then,
            near,
            max(0.0, near - near_then),
            DOUBT,
            _beyond(near - near_then, error),
            words,
        )
    for what, x, y in (("precision", own.precision, before.precision), ("recall", own.recall, before.recall)):
        if x is not None and y is not None:
            words = (
                f"the model expects a {what} of {_percent(x)}, against {_percent(y)} then: draw a sample, have it "
                "labelled, and train anew"
            )
            chance = _two_shares(x, max(1, n), y, max(1, m))
            yield _Measured(what, "the model", y, x, max(0.0, y - x), FALL, chance, words)


def psi(now: Sequence[float], then: Sequence[float]) -> float:
    """Return the population stability index of two lists of shares of the same categories, each made to sum to 1.

    >>> round(psi([0.5, 0.5], [0.6, 0.4]), 4)  # 0.1 * ln(0.6 / 0.5) + 0.1 * ln(0.5 / 0.4)
    0.0405
    """
    a, b = ([max(share, LEAST_SHARE) for share in shares] for shares in (now, then))
    whole, whole_then = sum(a), sum(b)
    return sum(
        (x / whole - y / whole_then) * math.log((x / whole) / (y / whole_then))
        for x, y in zip(a, b, strict=True)
    )


def chi_square_tail(value: float, freedom: int) -> float:
    """Return the chance of a chi-square of at least this value, by the cube root of Wilson and Hilferty (1931).

    >>> round(chi_square_tail(82.53, 63), 3)  # tables give 0.05
    0.05
    """
    if value <= 0:
        return 1.0
    spread = 2 / (9 * freedom)
    return 1 - NormalDist().cdf(((value / freedom) ** (1 / 3) - (1 - spread)) / math.sqrt(spread))


def _two_shares(a: float, n: float, b: float, m: float) -> float:
    """The chance of two shares so far apart, by the pooled normal test; shares of 0 and 1 count half a record."""
    pooled = (a * n + b * m + 0.5) / (n + m + 1)
    return _beyond(abs(a - b), math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m)))


def _beyond(gap: float, error: float) -> float:
    return 2 * (1 - NormalDist().cdf(gap / error)) if error > 0 else 0.0


def _effective(field: FieldSeen, whole: Seen) -> float:
    """How many records count by themselves: a person's share their values, and a household's names and addresses."""
    return field.filled * min(1.0, whole.people / max(1, whole.records)) / 2


def _same_size(a: Sequence[float], b: Sequence[float]) -> tuple[list[float], list[float]]:
    """Buckets of two samples of unlike size: both are powers of two, so the larger folds onto the smaller."""
    size = min(len(a), len(b))
    one, other = ([sum(shares[at::size]) for at in range(size)] for shares in (a, b))
    return one, other


def _same_names(
    a: Mapping[str, float], b: Mapping[str, float], *, fewest: float = 0.0
) -> tuple[list[float], list[float]]:
    """The shares by name, the others last. fewest: the share from which a name is told: one that only one of the two
    tells, with less than twice that, may be among the other's others, and so counts as one of those in both."""
    told = [
        name
        for name in dict.fromkeys([*a, *b])
        if name != OTHERS
        and ((name in a and name in b) or max(a.get(name, 0.0), b.get(name, 0.0)) >= 2 * fewest)
    ]
    x, y = [a.get(name, 0.0) for name in told], [b.get(name, 0.0) for name in told]
    return [*x, max(0.0, 1 - sum(x))], [*y, max(0.0, 1 - sum(y))]


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%" if share == 0 or share >= 0.001 else f"{100 * share:.2g}%"
