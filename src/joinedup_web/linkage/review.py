"""What clerks do about pairs: decide, skip, undo, ask for and give a second opinion. Deeds, one transaction each.

Two clerks who differ, or one who is not sure, send a pair to a third who decided nothing on it: that word settles it.
One pair in ten is read by two clerks who do not know of each other, so that their agreement can be measured.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from joinedup_web.audit.deed import Deed, action
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import keep_apart
from joinedup_web.linkage.contradictions import weigh
from joinedup_web.linkage.decisions import standing
from joinedup_web.linkage.models import Decision, PairKind, PairState, Project, ReviewPair, Run, Verdict

HELD_FOR = timedelta(minutes=10)
AUDIT_WORD = {Verdict.SAME: "same", Verdict.DIFFERENT: "different", Verdict.NOT_SURE: "unsure"}
MOST_PAIRS = 5_000
READ_TWICE = 10  # one pair in so many


def take_in_pairs(run: Run, path: Path) -> int:
    """Bring a run's doubtful pairs into the project's queue; return how many are open after it.

    A pair that is there already gets this run's weight, values and explanation and keeps its decisions. Open pairs
    that the run no longer doubts leave the queue, unless they belong to a sample.
    """
    known = {
        (pair.left_source, pair.left_id, pair.right_source, pair.right_id): pair
        for pair in ReviewPair.objects.filter(project=run.project)
    }
    fresh, changed, seen = [], [], set()
    with path.open(encoding="utf-8") as file:
        for rank, line in enumerate(file):
            if rank >= MOST_PAIRS:
                break
            told = json.loads(line)
            (left, left_values), (right, right_values) = sorted(
                ((tuple(told[side]), told[f"{side}_values"]) for side in ("left", "right")),
                key=lambda end: end[0],
            )
            if left == right:
                continue
            pair = known.get((*left, *right))
            if pair is None:
                pair = ReviewPair(
                    project=run.project,
                    left_source=left[0], left_id=left[1], right_source=right[0], right_id=right[1],
                    readings_wanted=readings_wanted(left, right),
                )  # fmt: skip
                fresh.append(pair)
            else:
                changed.append(pair)
            seen.add((*left, *right))
            pair.run, pair.rank, pair.kind = run, rank, PairKind.DOUBTFUL
            pair.weight, pair.probability = told["weight"], told["probability"]
            pair.why, pair.levels = told["why"], told["steps"]
            pair.values = {"left": left_values, "right": right_values}
    ReviewPair.objects.bulk_create(fresh, batch_size=500)
    ReviewPair.objects.bulk_update(
        changed, ["run", "rank", "kind", "weight", "probability", "why", "levels", "values"], batch_size=200
    )
    stale = [pair.id for key, pair in known.items() if key not in seen and pair.state == PairState.OPEN]
    for begin in range(0, len(stale), 500):
        ReviewPair.objects.filter(id__in=stale[begin : begin + 500], decisions=None, samples=None).delete()
    return ReviewPair.objects.filter(project=run.project, state=PairState.OPEN).count()


def readings_wanted(left: tuple[str, str], right: tuple[str, str]) -> int:
    """How many clerks should read a pair: two for one in ten, chosen by the pair itself, else one."""
    digest = hashlib.sha256("\x1f".join((*left, *right)).encode()).digest()
    return 2 if digest[0] % READ_TWICE == 0 else 1


def waiting(*, by: Actor, project: Project) -> tuple[QuerySet[ReviewPair], QuerySet[ReviewPair]]:
    """The pairs that this clerk may be asked for, each in order: open ones, and those that want a second reading.

    They are apart because each has an index of its own; one query for both would look at every pair.
    """
    mine = Decision.objects.filter(pair=OuterRef("pk"), decided_by_id=by.id, undone_at=None)
    own = ReviewPair.objects.filter(~Exists(mine), project=project)
    return (
        own.filter(state=PairState.OPEN),
        own.filter(state=PairState.DECIDED, readings=1, readings_wanted=2),
    )


def count_waiting(*, by: Actor, project: Project) -> int:
    """How many pairs this clerk may still be asked for."""
    return sum(pairs.count() for pairs in waiting(by=by, project=project))


def next_pair(*, by: Actor, project: Project, skip: Iterable[UUID] = ()) -> ReviewPair | None:
    """The next pair for this clerk: not decided by them, not held by another. See `open_pair`."""
    free = Q(held_until=None) | Q(held_until__lt=timezone.now()) | Q(held_by_id=by.id)
    left = [
        pairs.exclude(id__in=list(skip)).filter(free).order_by("rank", "id").first()
        for pairs in waiting(by=by, project=project)
    ]
    return min((pair for pair in left if pair is not None), key=lambda pair: pair.rank, default=None)


@action("pair.review")
def open_pair(
    deed: Deed, *, pair: ReviewPair, purpose: str = "linkage_review", hold: bool = True
) -> ReviewPair:
    """Show a pair's values to a clerk, and hold the pair for them for ten minutes, so that two clerks do not work
    on one. Reading the two records is audited under its purpose. hold: False for looking at it again."""
    locked = ReviewPair.objects.select_for_update().get(id=pair.id)
    if hold:
        _refuse_if_held(deed, locked)
        locked.held_by_id, locked.held_until = deed.by.id, deed.at + HELD_FOR
        locked.save(update_fields=["held_by", "held_until"])
    deed.record("pair.viewed", pair=pair.id, purpose=purpose)
    return locked


def _refuse_if_held(deed: Deed, pair: ReviewPair) -> None:
    if pair.held_by_id not in (None, deed.by.id) and pair.held_until and pair.held_until > deed.at:
        raise deed.refuse("held", "a colleague is looking at this pair; take the next one")


@action("pair.review")
def skip_pair(deed: Deed, *, pair: ReviewPair) -> None:
    """Leave a pair to somebody else, who may take it up at once."""
    ReviewPair.objects.filter(id=pair.id, held_by_id=deed.by.id).update(held_by=None, held_until=None)
    deed.record("pair.skipped", pair=pair.id)


@action("pair.review")
def decide_pair(deed: Deed, *, pair: ReviewPair, verdict: str, reason: str = "") -> Decision:
    """Keep a clerk's word on a pair, and say where the pair stands then."""
    locked = ReviewPair.objects.select_for_update().get(id=pair.id)
    if locked.state == PairState.SETTLED:
        raise deed.refuse("settled", "a second opinion has settled this pair")
    if locked.state == PairState.DISAGREED:
        raise deed.refuse("disagreed", "this pair waits for a second opinion")
    _refuse_if_held(deed, locked)
    if locked.decisions.filter(decided_by_id=deed.by.id, undone_at=None).exists():
        raise deed.refuse("decided_already", "you have decided this pair already; undo that first")
    word = Verdict(verdict)
    decision = Decision.objects.create(
        pair=locked, verdict=word, reason=reason.strip(), decided_by_id=deed.by.id, decided_at=deed.at
    )
    deed.record("pair.decided", pair=pair.id, decision=AUDIT_WORD[word])
    _say_where_it_stands(deed, locked)
    return decision


@action("pair.review")
def undo_decision(deed: Deed, *, decision: Decision) -> None:
    """Take one's own decision back; it stays on record as undone."""
    if decision.decided_by_id != deed.by.id:
        raise deed.refuse("not_yours", "only whoever decided may undo it")
    locked = ReviewPair.objects.select_for_update().get(id=decision.pair_id)
    if not Decision.objects.filter(id=decision.id, undone_at=None).update(undone_at=deed.at):
        raise deed.refuse("undone_already", "this decision was undone already")
    if locked.state == PairState.SETTLED and not decision.settles:
        Decision.objects.filter(id=decision.id).update(undone_at=None)
        raise deed.refuse("settled", "a second opinion has settled this pair")
    deed.record("pair.decision_undone", pair=locked.id)
    _say_where_it_stands(deed, locked)


@action("pair.second_opinion")
def open_disagreement(deed: Deed, *, pair: ReviewPair, purpose: str = "second_opinion") -> ReviewPair:
    """Show a pair on which clerks differ to somebody who did not decide on it, and hold it for them."""
    locked = ReviewPair.objects.select_for_update().get(id=pair.id)
    _keep_apart(deed, locked)
    _refuse_if_held(deed, locked)
    locked.held_by_id, locked.held_until = deed.by.id, deed.at + HELD_FOR
    locked.save(update_fields=["held_by", "held_until"])
    deed.record("pair.viewed", pair=pair.id, purpose=purpose)
    return locked


def _keep_apart(deed: Deed, pair: ReviewPair) -> list[Decision]:
    """The decisions that stand; raises Refused where the actor made one of them."""
    earlier = list(pair.decisions.filter(undone_at=None))
    for decision in earlier:
        keep_apart(
            deed.by,
            "pair.second_opinion",
            earlier=decision.decided_by_id,
            earlier_permission="pair.review",
        )
    return earlier


@action("pair.second_opinion")
def give_second_opinion(deed: Deed, *, pair: ReviewPair, verdict: str, reason: str) -> Decision:
    """Settle a pair on which clerks differ. Whoever decided on it may not settle it, and a reason is needed."""
    locked = ReviewPair.objects.select_for_update().get(id=pair.id)
    earlier = _keep_apart(deed, locked)
    if locked.state != PairState.DISAGREED:
        raise deed.refuse("no_disagreement", "clerks do not differ on this pair")
    word = Verdict(verdict)
    if word is Verdict.NOT_SURE:
        raise deed.refuse(
            "must_settle", "a second opinion says same or different; leave the pair if you cannot"
        )
    if not reason.strip():
        raise deed.refuse("no_reason", "a second opinion needs its reason")
    decision = Decision.objects.create(
        pair=locked,
        verdict=word,
        reason=reason.strip(),
        decided_by_id=deed.by.id,
        decided_at=deed.at,
        settles=True,
    )
    agrees = any(other.verdict == word for other in earlier)
    deed.record("pair.second_opinion_given", pair=pair.id, decision=AUDIT_WORD[word], agrees=agrees)
    _say_where_it_stands(deed, locked)
    return decision


def _say_where_it_stands(deed: Deed, pair: ReviewPair) -> None:
    """Keep where a pair stands after a decision, and others whose decisions it contradicts, or no longer does."""
    was = pair.state
    decisions = list(pair.decisions.filter(undone_at=None).order_by("decided_at"))
    if any(decision.settles for decision in decisions):
        pair.state = PairState.SETTLED
    elif not decisions:
        pair.state = PairState.OPEN
    elif standing(decisions) is None:
        pair.state = PairState.DISAGREED
    else:
        pair.state = PairState.DECIDED
    pair.readings = sum(not decision.settles for decision in decisions)
    pair.contradicted = False
    pair.held_by, pair.held_until = None, None
    pair.save(update_fields=["state", "readings", "contradicted", "held_by", "held_until"])
    weighed = weigh(pair)
    if weighed.is_hopeless:
        raise deed.refuse(
            "contradicts",
            "this contradicts second opinions on other pairs of these records; take one of them back",
        )
    ReviewPair.objects.bulk_update(weighed.changed, ["state", "contradicted"])
    pair.refresh_from_db(fields=["state", "contradicted"])
    asked = {each.id for each in weighed.newly}
    if pair.state == PairState.DISAGREED and was != PairState.DISAGREED:
        asked.add(pair.id)
    for pair_id in sorted(asked, key=str):
        deed.record("pair.second_opinion_asked", pair=pair_id)


@action("pair.review")
def export_decisions(deed: Deed, *, rows: int, filtered: bool) -> None:
    """Keep that the list of decisions is downloaded."""
    deed.record("table.exported", table="decisions", rows=rows, filtered=filtered)


@action("pair.second_opinion")
def export_disagreements(deed: Deed, *, rows: int, filtered: bool) -> None:
    """Keep that the list of pairs on which clerks differ is downloaded."""
    deed.record("table.exported", table="second_opinions", rows=rows, filtered=filtered)
