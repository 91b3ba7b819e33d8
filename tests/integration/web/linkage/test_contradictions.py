"""Decisions that cannot all be true wait for a second opinion, and never stop a run."""

from __future__ import annotations

import csv

import pytest

from joinedup_web.audit.models import Event
from joinedup_web.gate.decide import Refused
from joinedup_web.linkage import review
from joinedup_web.linkage.decisions import write_decisions
from joinedup_web.linkage.models import Decision, PairState, ReviewPair
from support.web_people import acting, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]


@pytest.fixture
def triangle(joined):
    """Three pairs of three records: a-b, b-c, a-c."""
    project, run, _ = joined
    ends = [("a", "b"), ("b", "c"), ("a", "c")]
    return [
        ReviewPair.objects.create(
            project=project, run=run, weight=1.0, probability=0.5, rank=1000 + number,
            left_source="council", left_id=f"T{one}", right_source="surgery", right_id=f"T{other}",
        )
        if (one, other) != ("b", "c")
        else ReviewPair.objects.create(
            project=project, run=run, weight=1.0, probability=0.5, rank=1000 + number,
            left_source="surgery", left_id="Tb", right_source="surgery", right_id="Tc",
        )
        for number, (one, other) in enumerate(ends)
    ]  # fmt: skip


def states(pairs):
    return [ReviewPair.objects.get(id=pair.id).state for pair in pairs]


def obeyed(project, tmp_path):
    path = tmp_path / "decisions.csv"
    count = write_decisions(project, path, names={"council", "surgery"})
    if not count:
        return set()
    with path.open() as file:
        return {(row["left_id"], row["right_id"], row["decision"]) for row in csv.DictReader(file)}


def contradict(pairs):
    clerk = acting(staff("clerk"))
    for pair, word in zip(pairs, ("same", "same", "different"), strict=True):
        review.decide_pair(by=clerk, pair=pair, verdict=word)


def test_all_pairs_of_the_circle_wait_and_none_is_obeyed(joined, triangle, tmp_path):
    project, _, _ = joined
    clerk = acting(staff("clerk"))
    review.decide_pair(by=clerk, pair=triangle[0], verdict="same")
    review.decide_pair(by=clerk, pair=triangle[1], verdict="same")
    assert states(triangle) == [PairState.DECIDED, PairState.DECIDED, PairState.OPEN]

    review.decide_pair(by=clerk, pair=triangle[2], verdict="different")

    assert states(triangle) == [PairState.DISAGREED] * 3
    assert obeyed(project, tmp_path) == set()
    assert Event.objects.filter(kind="pair.second_opinion_asked").count() == 3


def test_the_second_opinion_that_breaks_the_circle_lets_the_others_hold_again(joined, triangle, tmp_path):
    project, _, _ = joined
    contradict(triangle)
    senior = acting(staff("senior_clerk"))

    review.give_second_opinion(by=senior, pair=triangle[2], verdict="same", reason="one slip")

    assert states(triangle) == [PairState.DECIDED, PairState.DECIDED, PairState.SETTLED]
    assert obeyed(project, tmp_path) == {("Ta", "Tb", "same"), ("Tb", "Tc", "same"), ("Ta", "Tc", "same")}


def test_one_that_upholds_it_leaves_the_others_waiting_and_the_last_may_not_close_it(
    joined, triangle, tmp_path
):
    project, _, _ = joined
    contradict(triangle)
    senior = acting(staff("senior_clerk"))
    review.give_second_opinion(by=senior, pair=triangle[2], verdict="different", reason="two birthdays")
    assert states(triangle) == [PairState.DISAGREED, PairState.DISAGREED, PairState.SETTLED]
    assert obeyed(project, tmp_path) == {("Ta", "Tc", "different")}
    review.give_second_opinion(by=senior, pair=triangle[0], verdict="same", reason="one house")

    with pytest.raises(Refused, match="contradicts second opinions"):
        review.give_second_opinion(by=senior, pair=triangle[1], verdict="same", reason="so it seems")

    assert states(triangle)[1] == PairState.DISAGREED
    assert Decision.objects.filter(settles=True).count() == 2
    review.give_second_opinion(by=senior, pair=triangle[1], verdict="different", reason="two people then")
    assert states(triangle) == [PairState.SETTLED] * 3
    assert len(obeyed(project, tmp_path)) == 3


def test_taking_back_the_wrong_one_is_enough(triangle):
    contradict(triangle)
    wrong = Decision.objects.get(pair=triangle[0])

    review.undo_decision(by=acting(wrong.decided_by), decision=wrong)

    assert states(triangle) == [PairState.OPEN, PairState.DECIDED, PairState.DECIDED]


def test_a_chain_over_many_records_is_found(joined):
    project, run, _ = joined
    clerk = acting(staff("clerk"))
    links = [
        ReviewPair.objects.create(
            project=project, run=run, weight=1.0, probability=0.5, rank=2000 + number,
            left_source="council", left_id=f"L{number}", right_source="council", right_id=f"L{number + 1}",
        )
        for number in range(6)
    ]  # fmt: skip
    ends = ReviewPair.objects.create(
        project=project, run=run, weight=1.0, probability=0.5, rank=3000,
        left_source="council", left_id="L0", right_source="council", right_id="L6",
    )  # fmt: skip
    review.decide_pair(by=clerk, pair=ends, verdict="different")
    for pair in links[:-1]:
        review.decide_pair(by=clerk, pair=pair, verdict="same")
    assert set(states([*links[:-1], ends])) == {PairState.DECIDED}

    review.decide_pair(by=clerk, pair=links[-1], verdict="same")

    assert set(states([*links, ends])) == {PairState.DISAGREED}


def test_the_page_names_the_other_pairs_and_the_clerk_is_told(joined, triangle, client_of):
    clerk = staff("clerk")
    client = client_of(user=clerk)
    for pair, word in zip(triangle[:2], ("same", "same"), strict=True):
        review.decide_pair(by=acting(clerk), pair=pair, verdict=word)
    answer = client.post(f"/staff/review/pairs/{triangle[2].id}", {"verdict": "different"}, follow=True)
    assert "It contradicts earlier decisions on other pairs" in answer.content.decode()
    senior = client_of("senior_clerk")

    listed = senior.get("/staff/review/second-opinions").content.decode()
    page = senior.get(f"/staff/review/second-opinions/{triangle[2].id}").content.decode()

    assert "Contradicts other decisions" in listed
    assert "cannot all be true" in page
    for pair in triangle[:2]:
        assert f"/staff/review/second-opinions/{pair.id}" in page
    closing = {"verdict": "different", "reason": "sure"}
    senior.post(f"/staff/review/second-opinions/{triangle[2].id}", closing)
    senior.post(f"/staff/review/second-opinions/{triangle[0].id}", {"verdict": "same", "reason": "sure"})
    refused = senior.post(
        f"/staff/review/second-opinions/{triangle[1].id}", {"verdict": "same", "reason": "sure"}
    )
    assert refused.status_code == 422
    assert "This contradicts second opinions on other pairs of these records" in refused.content.decode()
