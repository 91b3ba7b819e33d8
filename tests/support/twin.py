"""The plain twin of the linkage engine: Fellegi and Sunter over dictionaries, one pair at a time.

It shares with the engine the model and the tables of names (nicknames, sounds), and not a line of how pairs
are found, compared, weighed, trained on or joined. Records are dictionaries of texts; None or "" is missing.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from joinedup.linkage.expression import (
    Alike,
    And,
    Condition,
    Equal,
    Key,
    Measure,
    Missing,
    Not,
    Or,
    Otherwise,
    Same,
    Swapped,
    Transform,
)
from joinedup.linkage.model import BlockingRule, Comparison, Level, Model
from support import plain_strings

Record = Mapping[str, str | None]
Pair = tuple[int, int]
STRING_MEASURES = {
    Measure.JARO: plain_strings.jaro,
    Measure.JARO_WINKLER: plain_strings.jaro_winkler,
    Measure.JACCARD: plain_strings.jaccard,
    Measure.LEVENSHTEIN: plain_strings.levenshtein,
    Measure.DAMERAU: plain_strings.damerau_levenshtein,
}


def twin_pairs(
    records: Sequence[Record], model: Model, *, sources: Sequence[str] | None = None
) -> dict[Pair, tuple[tuple[int, ...], float]]:
    """For each candidate pair (i < k): the level of each comparison, and the match weight in bits.

    sources: of each record, where only pairs across sources are wanted.
    """
    out = {}
    for i, k in twin_candidates(records, model.blocking_rules, sources=sources):
        levels = twin_levels(records[i], records[k], model)
        out[i, k] = levels, twin_weight(records, i, k, levels, model)
    return out


def twin_candidates(
    records: Sequence[Record], rules: Sequence[BlockingRule], *, sources: Sequence[str] | None = None
) -> dict[Pair, int]:
    """The candidate pairs (i < k), each with the number of the first rule that lets it through."""
    out = {}
    for i, k in _all_pairs(len(records)):
        if sources is not None and sources[i] == sources[k]:
            continue
        for number, rule in enumerate(rules):
            if _lets_through(rule, records[i], records[k]):
                out[i, k] = number
                break
    return out


def twin_levels(one: Record, other: Record, model: Model) -> tuple[int, ...]:
    """The first level of each comparison whose condition is true."""
    return tuple(
        next(n for n, level in enumerate(c.levels) if holds(level.when, one, other) is True)
        for c in model.comparisons
    )


def twin_weight(records: Sequence[Record], i: int, k: int, levels: Sequence[int], model: Model) -> float:
    """log2 of the prior odds, plus log2(m/u) of each level, plus what the rarity of its value adds.

    Less what the model's contexts take from it.
    """
    assert model.prior is not None
    weight = math.log2(model.prior / (1 - model.prior))
    for comparison, number in zip(model.comparisons, levels, strict=True):
        level = comparison.levels[number]
        if not level.missing:
            weight += math.log2(level.m / level.u) + _rarity(records, i, k, comparison, level, model)
    return weight + model.context_share * (
        _lowest_in_context(records[i], records[k], levels, model, weight) - weight
    )


def _lowest_in_context(
    one: Record, other: Record, levels: Sequence[int], model: Model, weight: float
) -> float:
    """The weight, or a lower one that a context gives whose keys the pair agrees on."""
    lowest = weight
    for context in model.contexts:
        if all(_equal(value_of(key, one), value_of(key, other)) for key in context.on):
            seen = math.log2(context.prior / (1 - context.prior))
            for comparison, number in zip(model.comparisons, levels, strict=True):
                if comparison.name in context.weights:
                    seen += context.weights[comparison.name][number]
            lowest = min(lowest, seen)
    return lowest


def _rarity(
    records: Sequence[Record], i: int, k: int, comparison: Comparison, level: Level, model: Model
) -> float:
    """Bits of (u of equality / the larger frequency of the two values) ** weight, as in Splink."""
    key = level.term_frequency
    if key is None:
        return 0.0
    shares = model.term_frequencies.get(str(key)) or twin_frequencies(records, key)
    own = [shares.get(str(value_of(key, records[n]))) for n in (i, k)]
    known = [share for share in own if share is not None]
    if not known:
        return 0.0
    larger = max(*known, level.term_frequency_minimum)
    return level.term_frequency_weight * math.log2(_equality_u(comparison, level, key) / larger)


def twin_frequencies(records: Sequence[Record], key: Key) -> dict[str, float]:
    """The share of each value among the records that have one."""
    counts = Counter(value for record in records if (value := value_of(key, record)) is not None)
    return {value: count / counts.total() for value, count in counts.items()}


def _equality_u(comparison: Comparison, level: Level, key: Key) -> float:
    for candidate in comparison.levels:
        if candidate.when == Equal(key):
            return candidate.u
        parts = candidate.when.parts if isinstance(candidate.when, And) else ()
        equal_to = {name for part in parts if isinstance(part, Equal) for name in part.key.columns()}
        if all(isinstance(part, Equal) for part in parts) and equal_to == set(key.columns()):
            return candidate.u
    return level.u


def twin_u(
    records: Sequence[Record], model: Model, *, sources: Sequence[str] | None = None
) -> list[list[float]]:
    """u by counting: of all pairs that are not missing a comparison, the share at each level."""
    pairs = [(i, k) for i, k in _all_pairs(len(records)) if sources is None or sources[i] != sources[k]]
    seen = [twin_levels(records[i], records[k], model) for i, k in pairs]
    out = []
    for c, comparison in enumerate(model.comparisons):
        counts = Counter(levels[c] for levels in seen if not comparison.levels[levels[c]].missing)
        out.append([counts[n] / max(1, counts.total()) for n in range(len(comparison.levels))])
    return out


def twin_em(
    seen: Sequence[Sequence[int]],
    model: Model,
    *,
    rule: BlockingRule,
    start_m: Sequence[Sequence[float]],
    start_prior: float,
    iterations: int,
    tolerance: float = 0.0,
    floor: float = 1e-9,
) -> tuple[list[list[float]], float]:
    """m by comparison and level, and the prior, by expectation maximisation over pairs taken one at a time.

    seen: the levels of each pair of the rule. Comparisons that read the rule's columns stay as they started.
    """
    m, prior = [list(values) for values in start_m], start_prior
    active = [
        c for c, comparison in enumerate(model.comparisons) if not comparison.columns() & rule.columns()
    ]
    for _ in range(iterations):
        matched = []
        for levels in seen:
            odds = prior / (1 - prior)
            for c in active:
                level = model.comparisons[c].levels[levels[c]]
                if not level.missing:
                    odds *= m[c][levels[c]] / level.u
            matched.append(odds / (1 + odds))
        before = (prior, [list(values) for values in m])
        prior = sum(matched) / len(matched)
        for c in active:
            wanted = [n for n, level in enumerate(model.comparisons[c].levels) if not level.missing]
            sums = {n: sum(x for x, lv in zip(matched, seen, strict=True) if lv[c] == n) for n in wanted}
            for n in wanted:
                if not model.comparisons[c].levels[n].fixed_m:
                    m[c][n] = (
                        max(sums[n] / sum(sums.values()), floor) if any(sums.values()) else 1 / len(wanted)
                    )
        moved = [abs(new - old) for c in active for new, old in zip(m[c], before[1][c], strict=True)]
        if max([abs(prior - before[0]), *moved]) < tolerance:
            break
    return m, prior


def twin_clusters(records: int, pairs: Mapping[Pair, float], *, threshold: float) -> list[int]:
    """For each record the smallest record number of its cluster: pairs of at least the threshold joined."""
    parent = list(range(records))

    def root(x: int) -> int:
        return x if parent[x] == x else root(parent[x])

    for (i, k), weight in pairs.items():
        if weight >= threshold:
            one, other = sorted((root(i), root(k)))
            parent[other] = one
    return [root(x) for x in range(records)]


def holds(condition: Condition, one: Record, other: Record) -> bool | None:
    """Whether a condition holds of a pair, in SQL's logic: None is unknown."""
    match condition:
        case Otherwise():
            return True
        case Not(part):
            inner = holds(part, one, other)
            return None if inner is None else not inner
        case And(parts):
            return _all(holds(part, one, other) for part in parts)
        case Or(parts):
            inner = _all(_negated(holds(part, one, other)) for part in parts)
            return None if inner is None else not inner
        case Missing(key):
            return value_of(key, one) is None or value_of(key, other) is None
        case Equal(key):
            return _equal(value_of(key, one), value_of(key, other))
        case Same(key, text, side):
            asked = {"both": (one, other), "left": (one,), "right": (other,)}[side]
            return _all(_equal(value_of(key, record), text) for record in asked)
        case Swapped(first, second, both):
            crossed = _equal(value_of(first, one), value_of(second, other))
            back = _equal(value_of(second, one), value_of(first, other))
            return _all((crossed, back)) if both else crossed
        case Alike(measure, key, threshold):
            return _alike(measure, value_of(key, one), value_of(key, other), threshold)


def _all(values: Iterator[bool | None] | tuple[bool | None, ...]) -> bool | None:
    values = tuple(values)
    return False if False in values else (None if None in values else True)


def _negated(value: bool | None) -> bool | None:
    return None if value is None else not value


def _equal(one: str | None, other: str | None) -> bool | None:
    return None if one is None or other is None else one == other


def _alike(measure: Measure, one: str | None, other: str | None, threshold: float) -> bool | None:
    if one is None or other is None:
        return None
    if measure is Measure.DAY_MONTH_SWAPPED:
        return one == _swapped_date(other)
    if measure is Measure.NICKNAME:
        return bool(_name_with_formal(one) & _name_with_formal(other))
    lists = [[part.strip() for part in text.split("|") if part.strip()] for text in (one, other)]
    shared = len(set(lists[0]) & set(lists[1]))
    fewer = min(map(len, lists))
    if measure is Measure.OVERLAP:
        return shared >= threshold
    if measure in (Measure.SUBSET, Measure.SUBSET_OR_EMPTY):
        return shared == fewer and (fewer > 0 or measure is Measure.SUBSET_OR_EMPTY)
    if measure in STRING_MEASURES:
        value = float(STRING_MEASURES[measure](one, other))
    elif measure in _OF_MEMBERS:
        every = [float(STRING_MEASURES[_OF_MEMBERS[measure]](a, b)) for a in lists[0] for b in lists[1]]
        if not every:
            return None
        value = min(every) if measure.is_distance else max(every)
    elif measure is Measure.HAMMING:
        value = sum(a != b for a, b in zip(one, other, strict=True)) if len(one) == len(other) else math.inf
    else:
        found = _of_numbers(measure, one, other, lists)
        if found is None:
            return None
        value = found
    return value <= threshold if measure.is_distance else value >= threshold


_OF_MEMBERS = {
    Measure.ANY_JARO: Measure.JARO,
    Measure.ANY_JARO_WINKLER: Measure.JARO_WINKLER,
    Measure.ANY_LEVENSHTEIN: Measure.LEVENSHTEIN,
    Measure.ANY_DAMERAU: Measure.DAMERAU,
}


def _of_numbers(measure: Measure, one: str, other: str, lists: list[list[str]]) -> float | None:
    """The value of a measure of numbers, dates, places or vectors; None where it is unknown."""
    if measure is Measure.COSINE:
        vectors = [[_number(part) for part in parts] for parts in lists]
        if any(number is None for vector in vectors for number in vector) or len(vectors[0]) != len(
            vectors[1]
        ):
            return None
        norms = [math.sqrt(sum(number * number for number in vector)) for vector in vectors]
        if not all(norms):
            return None
        return (
            1.0 if one == other else sum(a * b for a, b in zip(*vectors, strict=True)) / (norms[0] * norms[1])
        )
    if measure is Measure.KILOMETRES_APART:
        ends = [[_number(part) for part in text.split()] for text in (one, other)]
        if any(len(end) != 2 or None in end for end in ends):
            return None
        if one == other:
            return 0.0
        (lat, long), (lat_2, long_2) = ([math.radians(degrees) for degrees in end] for end in ends)
        cosine = math.sin(lat) * math.sin(lat_2) + math.cos(lat) * math.cos(lat_2) * math.cos(long_2 - long)
        return math.acos(max(-1.0, min(1.0, cosine))) * 6371
    if measure is Measure.PROPORTION_APART:
        ends = [_number(one), _number(other)]
        if None in ends:
            return None
        return abs(ends[0] - ends[1]) / max(ends) if max(ends) else math.inf
    if one == other:
        return 0.0
    number = _days if measure is Measure.DAYS_APART else _number
    ends = [number(one), number(other)]
    return None if None in ends else abs(ends[0] - ends[1])


def _days(text: str) -> float | None:
    parts = re.match(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(.*)", text, re.DOTALL)
    if parts is None:
        return None
    try:
        day = dt.date(*map(int, parts.groups()[:3])).toordinal()
    except ValueError:
        return None
    clock = re.fullmatch(r"[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)Z?", parts[4])
    if clock is None:
        return float(day)
    time = dt.time.fromisoformat(clock[1])
    return day + (time.hour * 3600 + time.minute * 60 + time.second + time.microsecond / 1e6) / 86_400


def _number(text: str) -> float | None:
    try:
        return float(text) if math.isfinite(float(text)) else None
    except ValueError:
        return None


def _swapped_date(text: str) -> str | None:
    parts = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", text)
    if parts is None or not (1 <= int(parts[2]) <= 12 and 1 <= int(parts[3]) <= 12):
        return None
    return f"{parts[1]}-{parts[3]}-{parts[2]}"


def _name_with_formal(text: str) -> set[str]:
    from joinedup.people import nickname_table

    name = (text.lower().split() or [""])[0]
    return {name, *nickname_table().get(name, ())}


def value_of(key: Key, record: Record) -> str | None:
    """The key's value in a record; None where it is missing or nothing is left of it."""
    if key.column is not None:
        return record.get(key.column) or None
    parts = [value_of(part, record) for part in key.of]
    if any(part is None for part in parts):
        return None
    texts = [str(part) for part in parts]
    if key.transform in (Transform.CONCAT, Transform.JOINED):
        return (" " if key.transform is Transform.CONCAT else "").join(texts)
    return _transformed(key.transform, texts[0], key.options) or None


def _transformed(transform: Transform, text: str, options: tuple[int | str, ...]) -> str | None:
    match transform:
        case Transform.PREFIX:
            return text[: options[0]]
        case Transform.SUFFIX:
            return text[max(0, len(text) - options[0]) :]
        case Transform.SUBSTRING:
            return text[options[0] - 1 : options[0] - 1 + options[1]]
        case Transform.LOWER:
            return text.lower()
        case Transform.UPPER:
            return text.upper()
        case Transform.SQUASHED:
            return "".join(c for c in text.lower() if unicodedata.category(c)[0] in "LN")
        case Transform.YEAR | Transform.MONTH_DAY:
            if not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
                return None
            return text[:4] if transform is Transform.YEAR else text[5:10]
        case Transform.POSTCODE_AREA | Transform.POSTCODE_DISTRICT | Transform.POSTCODE_SECTOR:
            return _postcode_part(transform, text)
        case Transform.EMAIL_USER | Transform.EMAIL_DOMAIN:
            halves = text.split("@")
            if len(halves) != 2 or not all(halves):
                return None
            return halves[0] if transform is Transform.EMAIL_USER else halves[1]
        case Transform.FIRST_WORD:
            return text.split()[0] if text.split() else None
        case Transform.LAST_WORD:
            return text.split()[-1] if text.split() else None
        case Transform.SORTED_WORDS:
            return " ".join(sorted(text.split()))
        case Transform.WITHOUT:
            return None if text == options[0] else text
        case Transform.PATTERN:
            found = re.search(str(options[0]), text)
            return found[int(options[1]) if len(options) > 1 else 0] if found else None
        case Transform.ISO_DATE:
            return _iso_date(text.strip(), str(options[0]))
        case Transform.SOUNDEX | Transform.SOUND:
            return _sound(transform, text)
    raise NotImplementedError(transform)


def _postcode_part(transform: Transform, text: str) -> str | None:
    """Of a whole postcode, or of one cut short anywhere after its district."""
    squeezed = text.strip().upper()
    area, district = r"([A-Z][A-Z]?)", r"([0-9][A-Z0-9]?)"
    whole = re.fullmatch(area + district + r"\s*([0-9])[A-Z][A-Z]", squeezed)
    whole = whole or re.fullmatch(area + district + r"\s*([0-9]?)[A-Z]?[A-Z]?", squeezed)
    if whole is None:
        return None
    area, rest, sector = whole.groups()
    if transform is Transform.POSTCODE_AREA:
        return area
    if transform is Transform.POSTCODE_DISTRICT:
        return area + rest
    return f"{area}{rest} {sector}" if sector else None


def _iso_date(text: str, form: str) -> str | None:
    try:
        return dt.datetime.strptime(text, form).date().isoformat()
    except ValueError:
        return None


def _sound(transform: Transform, text: str) -> str | None:
    import pyarrow as pa

    from joinedup.people import sound_keys, soundex

    column = pa.array([text])
    return (soundex(column) if transform is Transform.SOUNDEX else sound_keys(column)[0]).to_pylist()[0]


def _lets_through(rule: BlockingRule, one: Record, other: Record) -> bool:
    if not all(_equal(value_of(key, one), value_of(key, other)) for key in rule.on):
        return False
    return rule.where is None or holds(rule.where, one, other) is True


def _all_pairs(records: int) -> Iterator[Pair]:
    return ((i, k) for i in range(records) for k in range(i + 1, records))
