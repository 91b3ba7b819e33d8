"""What clerks' decisions come to: the word that holds on a pair, and the file that a run obeys."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from joinedup_web.linkage.models import Decision, Project, ReviewPair, Verdict


def write_decisions(project: Project, path: Path, *, names: set[str]) -> int:
    """Write the decisions that hold for a project as the file that a run obeys; return how many.

    A pair's standing word is its settling decision, else the one all clerks agree on. Left out are pairs on which
    clerks differ, whose word contradicts others', or of sources that the run does not have. No clerk is named in the
    file, only a token.
    """
    held: dict[str, list[Decision]] = {}
    chosen = Decision.objects.filter(pair__project=project, pair__contradicted=False, undone_at=None)
    chosen = chosen.select_related("pair")
    chosen = chosen.defer("pair__values", "pair__levels")
    for decision in chosen.order_by("decided_at"):
        held.setdefault(str(decision.pair_id), []).append(decision)
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            [
                "left_source",
                "left_id",
                "right_source",
                "right_id",
                "decision",
                "decided_by",
                "decided_on",
                "reason",
            ]
        )
        for decisions in held.values():
            word = standing(decisions)
            pair: ReviewPair = decisions[0].pair
            if word is None or not {pair.left_source, pair.right_source} <= names:
                continue
            last = decisions[-1]
            writer.writerow([
                pair.left_source, pair.left_id, pair.right_source, pair.right_id,
                word, str(last.decided_by_id), last.decided_at.date().isoformat(), "",
            ])  # fmt: skip
            count += 1
    if not count:
        path.unlink()
    return count


@dataclass(frozen=True)
class Word:
    """What one clerk said, and whether it settled a disagreement."""

    verdict: str
    settles: bool


def words_of(project: Project) -> dict[UUID, list[Word]]:
    """What clerks said of each pair of a project, in the order in which they said it; nothing that was undone."""
    rows = Decision.objects.filter(pair__project=project, undone_at=None).order_by("decided_at")
    held: dict[UUID, list[Word]] = {}
    for pair, verdict, settles in rows.values_list("pair_id", "verdict", "settles").iterator(2000):
        held.setdefault(pair, []).append(Word(verdict, settles))
    return held


def standing_words(project: Project) -> dict[UUID, str]:
    """The word that holds on each pair of a project that has one, by the pair's id."""
    words = {pair: standing(said) for pair, said in words_of(project).items()}
    return {pair: word for pair, word in words.items() if word is not None}


def standing(decisions: Iterable[Decision | Word]) -> str | None:
    """The word that holds on one pair: 'same' or 'different'; None while there is none, or clerks differ."""
    decisions = list(decisions)
    settled = [decision for decision in decisions if decision.settles]
    words = {decision.verdict for decision in (settled[-1:] or decisions)}
    if len(words) != 1 or words == {Verdict.NOT_SURE.value}:
        return None
    return str(words.pop())
