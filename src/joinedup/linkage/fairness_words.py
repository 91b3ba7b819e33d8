"""What a fairness record says in plain sentences, the same in the terminal, the report and the website."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from joinedup.linkage.fairness_result import (
    COMPARED,
    FEWEST,
    LEVEL,
    Causes,
    Fairness,
    Gap,
    GroupError,
    Grouping,
    Measure,
    Verdict,
    in_two,
)

TITLES = {
    Measure.MISSED: "Missed links",
    Measure.WRONG: "Wrong links",
    Measure.TORN: "People torn apart",
    Measure.MIXED: "People mixed together",
}
MEANINGS = {
    Measure.MISSED: "of the pairs of records that are one person, those that were not joined (1 − recall)",
    Measure.WRONG: "of the records that a person's records were joined with, those of somebody else (1 − precision)",
    Measure.TORN: "of the people with two records and more, those whose records ended in several people",
    Measure.MIXED: "of all people, those whose records were joined with somebody else's",
}
_MORE = {Measure.MISSED: "missed", Measure.WRONG: "wrong"}


def share(value: float) -> str:
    """A share as a percentage, to two figures where it is small.

    >>> share(0.0412), share(0.5), share(0.0), share(0.00031)
    ('4.1%', '50.0%', '0%', '0.031%')
    """
    if value == 0:
        return "0%"
    return f"{value:.1%}" if abs(value) >= 0.001 else f"{100 * value:.2g}%"


def points(value: float) -> str:
    """A difference of two shares in percentage points.

    >>> points(0.019), points(-0.0004)
    ('+1.9', '−0.04')
    """
    size = 100 * value
    text = f"{size:+.1f}" if abs(size) >= 0.1 or size == 0 else f"{size:+.1g}"
    return text.replace("-", "−")


def verdict_words(gap: Gap, measure: Measure, *, comparisons: int) -> str:
    """One sentence on one difference: how large, how sure."""
    more = "more" if gap.gap.value > 0 else "less"
    rates = f"{share(gap.group)} against {share(gap.rest)}"
    span = f"{points(gap.gap.low)} to {points(gap.gap.high)} points"
    if gap.verdict is Verdict.CLEAR:
        times = ""
        if gap.times is not None and (gap.times >= 1.15 or gap.times <= 0.87):
            times = (
                f", {gap.times:.1f} times as often"
                if gap.times >= 1
                else f", {1 / gap.times:.1f} times less often"
            )
        return (
            f"links are {more} often {_MORE[measure]}: {rates}{times} ({span}); a difference that chance hardly "
            "explains"
        )
    if gap.verdict is Verdict.MAYBE:
        return (
            f"links may be {more} often {_MORE[measure]}: {rates} ({span}); among {comparisons} comparisons such a "
            "difference also turns up by chance"
        )
    hidden = max(abs(gap.gap.low), abs(gap.gap.high))
    return (
        f"no clear difference in {_MORE[measure]} links: {rates}; one of up to {100 * hidden:.1f} points could be "
        "hidden by chance"
    )


def fairness_document(found: Fairness) -> dict[str, Any]:
    """The record as plain values, with its findings and notes in words."""
    return {**found.as_dict(), "findings": list(findings(found)), "notes": list(notes(found))}


def findings(found: Fairness) -> Iterator[str]:
    """The sentences to read first: every clear difference, the widest first; then what was not found or known."""
    clear: list[tuple[float, str]] = []
    for grouping, group, measure, gap in comparisons(found):
        if gap.verdict is Verdict.CLEAR:
            words = verdict_words(gap, measure, comparisons=found.comparisons)
            clear.append((-abs(gap.gap.value), f"{grouping.title}, {group.name}: {words}."))
    yield from (words for _, words in sorted(clear))
    if not found.comparisons:
        yield "No two groups are large enough to compare: whether the linkage treats people alike is not known."
    elif not clear:
        yield (
            f"In {found.comparisons} comparisons of groups no difference was found that chance does not explain. "
            "That is not proof of equal treatment: see how large a difference could have been hidden."
        )


def comparisons(found: Fairness) -> Iterator[tuple[Grouping, GroupError, Measure, Gap]]:
    """Each comparison once: of two groups that are all there is, the one that fares worse is told."""
    for grouping in found.groupings:
        two = in_two(grouping)
        for group in grouping.groups:
            for measure in COMPARED:
                gap = group.gaps.get(measure)
                if gap is None or (group.name in two and gap.gap.value < 0):
                    continue
                if group.name in two and gap.gap.value == 0 and group.name == two[1]:
                    continue
                yield grouping, group, measure, gap


def notes(found: Fairness) -> tuple[str, ...]:
    """What a reader of the figures should know."""
    said = [
        f"Each group is compared with everybody else whose group is known. {found.comparisons} differences are looked "
        f"at together; where all people were treated alike, at most one report in {round(1 / LEVEL)} would call any "
        "of them clear (Holm's method). Intervals are of 95% each, and allow for one person's pairs going wrong "
        "together.",
        f"Groups of fewer than {FEWEST} people are not shown, nor rates that rest on fewer.",
        "A clear difference is not always a large one, and its cause may lie in the data rather than in the program: "
        "see where the errors arise.",
        "A wrong link counts once for each of the two people it mixes.",
    ]
    if found.across_only:
        said.append("Only pairs across sources count: the run linked, it did not deduplicate.")
    if found.records_without_truth:
        said.append(f"{found.records_without_truth:,} records have no truth and are left out.")
    return tuple(said)


def missed_because(causes: Causes) -> list[tuple[str, int, str]]:
    """Why pairs were missed: the cause, how many, and what mends it."""
    rows = []
    if causes.not_compared is not None and causes.too_low is not None:
        rows.append(("never compared", causes.not_compared, "a blocking rule that these records can meet"))
        rows.append(
            ("scored too low to be kept", causes.too_low, "better fields, or training on more of them")
        )
    else:
        rows.append(
            (
                "never compared, or scored too low to be kept",
                causes.not_kept,
                "blocking rules, or better fields",
            )
        )
    rows.append(
        ("scored below the threshold", causes.below, "clerical review near the threshold, or a lower one")
    )
    rows.append(
        (
            "parted by a rule or a decision",
            causes.parted,
            "the rules for people, or the decision",
        )
    )
    return rows


def wrong_because(causes: Causes) -> list[tuple[str, int, str]]:
    """Why people were mixed: the cause, how many link ends, and what mends it."""
    return [
        (
            "linked by a pair of their own",
            causes.direct,
            "fields that tell them apart, or a higher threshold",
        ),
        (
            "joined by way of other records",
            causes.chained,
            "the rules for people, or clerical review of large ones",
        ),
    ]
