"""What the page of a pair shows: both records, why clerks are asked, and how the weight came about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from joinedup.charts import Chart, Step, waterfall
from joinedup.people import FieldKind
from joinedup_web.design.words import bits as written_bits
from joinedup_web.linkage import review_queries
from joinedup_web.linkage.models import ReviewPair
from joinedup_web.linkage.side_by_side import SideBySide, differing, side_by_side
from joinedup_web.linkage.words import KINDS

REASONS: Mapping[str, str] = {
    "near the threshold": "The evidence is close to the point from which records are joined, so it could go "
    "either way.",
    "only link between two parts of a person": "This link alone holds two groups of records together as one person. "
    "If it is wrong, two people are mixed up.",
    "refused: one to one": "They look alike, but one of them was joined to a better match in a source that lists "
    "each person once.",
    "refused: contradiction": "They look alike, but joining them would give one person two different identifiers.",
    "refused: clerical decision": "They look alike, but an earlier decision keeps them apart.",
    "refused: thin evidence": "They look alike, but most of the other records of the two people do not.",
}

INITIALS = {"cin", "dvla", "dwp", "gp", "hmrc", "id", "nhs", "pcn", "send", "uk", "vat"}


def pair_context(pair: ReviewPair, *, blind: bool) -> dict[str, Any]:
    """Return what the templates need. blind: the weight and the reasons are left out, so that nobody is led."""
    told: dict[str, Any] = {
        "pair": pair,
        "names": (source_words(pair.left_source), source_words(pair.right_source)),
        "ids": (pair.left_id, pair.right_id),
        "both": records_of(pair),
        "source_words": source_words,
        "blind": blind,
    }
    told["differing"] = differing(told["both"].rows)
    if not blind:
        told["why"] = [REASONS.get(reason, reason) for reason in pair.why]
        told["threshold"] = review_queries.threshold(pair)
        told["steps"] = steps_of(pair.levels)
        told["picture"] = weight_chart(pair.levels, threshold=told["threshold"]) if pair.levels else None
    return told


def records_of(pair: ReviewPair) -> SideBySide:
    """The two records of a pair, aligned by what their columns mean."""
    known = review_queries.meanings(pair)
    left, right = (known.get(name, ({}, None)) for name in (pair.left_source, pair.right_source))
    return side_by_side(
        pair.values.get("left", {}),
        pair.values.get("right", {}),
        left[0],
        right[0],
        leave_out=(left[1], right[1]),
    )


def source_words(name: str) -> str:
    """How a source is called on pages: council_tax as Council tax."""
    words = [word.upper() if word in INITIALS else word for word in name.replace("_", " ").split()]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def field_words(name: str) -> str:
    """How a field or comparison is called: date_of_birth as Date of birth, nino as National Insurance number."""
    if name in set(FieldKind):
        return KINDS[FieldKind(name)]
    return source_words(name)


def steps_of(levels: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The weight's steps with their sum so far, as the table shows them."""
    made, so_far = [], 0.0
    for level in levels:
        so_far += level["bits"]
        made.append(
            {
                "label": field_words(level["label"]),
                "found": level["found"],
                "bits": signed(level["bits"]),
                "sum": signed(so_far),
            }
        )
    return made


def signed(bits: float) -> str:
    """Bits with their sign and one digit: +3.2, −1.0; 0.0 without one."""
    return written_bits(bits)


def weight_chart(levels: list[Mapping[str, Any]], *, threshold: float | None) -> Chart:
    """How the weight adds up, as a picture. Levels that add nothing are left out; the table has them."""
    first, *rest = levels
    steps = [
        Step(field_words(level["label"]), level["bits"], level["found"])
        for level in rest
        if abs(level["bits"]) >= 0.05
    ]
    return waterfall(
        title="How the evidence adds up",
        prior=Step(field_words(first["label"]), first["bits"], first["found"]),
        steps=steps,
        threshold=threshold,
        note="Each bit doubles the odds that they are the same person, or halves them.",
        description="Bars to the right speak for the same person, bars to the left against it.",
    )
