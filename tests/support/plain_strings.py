"""String measures as the textbooks write them: slow, obvious, and made from nothing of ours."""

from __future__ import annotations


def jaro(one: str, other: str) -> float:
    """Jaro (1989): shared characters within half the longer length, and how many of them stand in order."""
    if not one or not other:
        return 1.0 if one == other else 0.0
    reach = max(max(len(one), len(other)) // 2 - 1, 0)
    taken: list[int] = []
    from_one: list[str] = []
    for i, character in enumerate(one):
        for k in range(max(0, i - reach), min(len(other), i + reach + 1)):
            if k not in taken and other[k] == character:
                taken.append(k)
                from_one.append(character)
                break
    matches = len(taken)
    if matches == 0:
        return 0.0
    from_other = [other[k] for k in sorted(taken)]
    transpositions = sum(a != b for a, b in zip(from_one, from_other, strict=True)) // 2
    return (matches / len(one) + matches / len(other) + (matches - transpositions) / matches) / 3


def jaro_winkler(one: str, other: str) -> float:
    """Winkler (1990): above 0.7, a tenth of what lacks for each of up to four first characters shared."""
    value = jaro(one, other)
    if value <= 0.7:
        return value
    prefix = 0
    while prefix < min(4, len(one), len(other)) and one[prefix] == other[prefix]:
        prefix += 1
    return value + prefix * 0.1 * (1 - value)


def levenshtein(one: str, other: str) -> int:
    """Fewest insertions, deletions and substitutions (Wagner and Fischer 1974)."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        above, row = row, [i]
        for k, b in enumerate(other, 1):
            row.append(min(above[k] + 1, row[k - 1] + 1, above[k - 1] + (a != b)))
    return row[-1]


def damerau_levenshtein(one: str, other: str) -> int:
    """The same with swaps of neighbours, between which there may be edits (Lowrance and Wagner 1975)."""
    cost: dict[tuple[int, int], int] = {}
    for i in range(len(one) + 1):
        for k in range(len(other) + 1):
            if i == 0 or k == 0:
                cost[i, k] = i + k
                continue
            best = min(cost[i - 1, k], cost[i, k - 1]) + 1
            best = min(best, cost[i - 1, k - 1] + (one[i - 1] != other[k - 1]))
            for p in range(1, i):
                for q in range(1, k):
                    if one[p - 1] == other[k - 1] and one[i - 1] == other[q - 1]:
                        between = (i - p - 1) + (k - q - 1)
                        best = min(best, cost[p - 1, q - 1] + between + 1)
            cost[i, k] = best
    return cost[len(one), len(other)]


def jaccard(one: str, other: str) -> float:
    """Of all different characters in either text, the share that is in both."""
    a, b = set(one), set(other)
    return len(a & b) / len(a | b) if a | b else 0.0
