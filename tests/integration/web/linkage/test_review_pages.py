"""Reviewing pairs: what clerks see, decide, skip and undo, and what is refused and why."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from joinedup_web.audit.models import Event
from joinedup_web.gate.decide import Refused
from joinedup_web.linkage import review
from joinedup_web.linkage.models import Decision, PairState, ReviewPair
from support.joined_people import MARK, take_in
from support.web_people import acting, organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]


def a_clerk(*, roles=("clerk",), where=None):
    user = staff(*roles, where=where)
    client = Client()
    sign_in(client, user, where)
    return client, user


def start(client, project):
    """The pair that a clerk is led to."""
    answer = client.get(f"/staff/review/projects/{project.id}/next", follow=True)
    return answer, shown(answer)


def shown(answer):
    """The pair whose page this is."""
    return ReviewPair.objects.get(id=answer.request["PATH_INFO"].rsplit("/", 1)[1])


def test_the_overview_says_how_far_each_project_is_and_where_to_begin(joined):
    project, _, _ = joined
    client, _ = a_clerk()
    pairs = ReviewPair.objects.filter(project=project).count()

    page = client.get("/staff/review").content.decode()

    assert f"0 of {pairs} pairs done" in page
    assert "Start reviewing" in page
    assert f"/staff/review/projects/{project.id}/next" in page


def test_without_a_run_the_overview_says_where_pairs_come_from():
    client, _ = a_clerk()

    page = client.get("/staff/review").content.decode()

    assert "There are no pairs to review yet." in page
    assert "<progress" not in page


def test_a_pair_shows_both_records_by_meaning_and_the_explanation(joined):
    project, _, _ = joined
    pair = ReviewPair.objects.filter(project=project, left_source="council", right_source="surgery").first()
    client, _ = a_clerk()

    page = client.get(f"/staff/review/pairs/{pair.id}").content.decode()

    assert "Full name" in page  # one source has a full name, the other first name and surname
    assert "written: " in page  # 09/07/1931 and 1931-07-09 are shown as one form, with how each is written
    assert pair.left_id in page
    assert pair.right_id in page
    assert "How the evidence adds up" in page
    assert "Why you are asked:" in page
    assert "<title>Are these the same person?" in page


def test_a_decision_is_kept_and_leads_to_the_next_pair_with_an_undo(joined):
    project, _, _ = joined
    client, user = a_clerk()
    _, pair = start(client, project)

    answer = client.post(
        f"/staff/review/pairs/{pair.id}", {"verdict": "different", "reason": "two houses"}, follow=True
    )

    assert shown(answer).id != pair.id
    assert "You decided “Different people” on the last pair." in answer.content.decode()
    decision = Decision.objects.get()
    assert (decision.verdict, decision.reason, decision.decided_by_id) == ("different", "two houses", user.id)
    kinds = list(Event.objects.filter(actor_kind="staff").order_by("number").values_list("kind", flat=True))
    assert kinds[-3:] == ["pair.viewed", "pair.decided", "pair.viewed"]

    back = client.post(f"/staff/review/decisions/{decision.id}/undo", follow=True)

    assert shown(back).id == pair.id
    pair.refresh_from_db()
    assert pair.state == PairState.OPEN
    decision.refresh_from_db()
    assert decision.undone_at is not None
    assert "on the last pair" not in back.content.decode()


def test_no_answer_is_told_at_the_form_and_nothing_is_kept(joined):
    project, _, _ = joined
    client, _ = a_clerk()
    _, pair = start(client, project)

    answer = client.post(f"/staff/review/pairs/{pair.id}", {"verdict": "perhaps"})

    assert answer.status_code == 422
    assert "Say whether they are the same person" in answer.content.decode()
    assert not Decision.objects.exists()


def test_two_clerks_are_not_led_to_one_pair_until_ten_minutes_have_gone(joined):
    project, _, _ = joined
    one, _ = a_clerk()
    other, _ = a_clerk()
    _, first = start(one, project)
    _, second = start(other, project)
    assert first.id != second.id

    taken = other.get(f"/staff/review/pairs/{first.id}", follow=True)
    assert "A colleague is looking at this pair" in taken.content.decode()
    assert shown(taken).id == second.id

    ReviewPair.objects.filter(id=first.id).update(held_until=timezone.now() - timedelta(seconds=1))
    assert other.get(f"/staff/review/pairs/{first.id}").status_code == 200


def test_a_skipped_pair_goes_to_somebody_else_and_comes_back_at_the_end(joined):
    project, _, _ = joined
    client, _ = a_clerk()
    other, _ = a_clerk()
    _, pair = start(client, project)

    answer = client.post(f"/staff/review/pairs/{pair.id}/skip", follow=True)

    assert shown(answer).id != pair.id
    assert start(other, project)[1].id == pair.id
    assert Event.objects.filter(kind="pair.skipped").count() == 1
    ReviewPair.objects.filter(project=project).exclude(id=pair.id).update(state=PairState.SETTLED)
    ReviewPair.objects.filter(id=pair.id).update(held_by=None, held_until=None)
    done = client.get(f"/staff/review/projects/{project.id}/next", follow=True).content.decode()
    assert "pair that you skipped is still there" in done
    assert start(client, project)[1].id == pair.id


def test_when_nothing_is_left_the_clerk_is_told(joined):
    project, _, _ = joined
    ReviewPair.objects.filter(project=project).update(state=PairState.SETTLED)
    client, _ = a_clerk()

    page = client.get(f"/staff/review/projects/{project.id}/next", follow=True).content.decode()

    assert "There is no pair left for you to review in Residents." in page
    assert "Nothing left for you" in page


def test_one_pair_in_ten_is_read_by_a_second_clerk_who_does_not_know_of_the_first(joined):
    project, _, _ = joined
    pairs = ReviewPair.objects.filter(project=project)
    twice = pairs.filter(readings_wanted=2)
    assert 0 < twice.count() < pairs.count() / 2
    pair = twice.first()
    one, other, third = (acting(staff("clerk")) for _ in range(3))
    pairs.exclude(id=pair.id).update(state=PairState.SETTLED)
    review.decide_pair(by=one, pair=pair, verdict="same", reason="the first has a reason")

    assert review.next_pair(by=one, project=project) is None
    assert review.next_pair(by=other, project=project) == pair
    client = Client()
    user = staff("clerk")
    sign_in(client, user)
    page = client.get(f"/staff/review/pairs/{pair.id}").content.decode()
    assert "the first has a reason" not in page
    ReviewPair.objects.filter(id=pair.id).update(held_by=None, held_until=None)
    review.decide_pair(by=other, pair=pair, verdict="same")
    assert review.next_pair(by=third, project=project) is None


def test_the_shortcuts_can_be_switched_off_and_on(joined):
    project, _, _ = joined
    client, _ = a_clerk()
    answer, pair = start(client, project)
    assert "review.js" in answer.content.decode()

    off = client.post(
        "/staff/review/shortcuts", {"shortcuts": "off", "pair": pair.id}, follow=True
    ).content.decode()

    assert "review.js" not in off
    assert "aria-keyshortcuts" not in off
    assert "They are switched off." in off
    on = client.post("/staff/review/shortcuts", {"shortcuts": "on", "pair": pair.id}, follow=True)
    assert "review.js" in on.content.decode()


def test_a_clerk_sees_own_decisions_alone_and_may_take_one_back_from_the_list(joined):
    project, _, _ = joined
    client, user = a_clerk()
    pairs = list(ReviewPair.objects.filter(project=project)[:2])
    mine = review.decide_pair(by=acting(user), pair=pairs[0], verdict="same", reason="mine")
    review.decide_pair(by=acting(staff("clerk")), pair=pairs[1], verdict="different", reason="theirs")

    page = client.get("/staff/review/decisions").content.decode()

    assert "mine" in page
    assert "theirs" not in page
    assert f"/staff/review/decisions/{mine.id}/undo" in page
    senior, _ = a_clerk(roles=("senior_clerk",))
    both = senior.get("/staff/review/decisions").content.decode()
    assert "mine" in both
    assert "theirs" in both
    assert "/undo" not in both
    assert "theirs" not in senior.get("/staff/review/decisions?verdict=same").content.decode()
    assert (
        "mine"
        not in senior.get(f"/staff/review/decisions?clerk={pairs[0].id}&verdict=different").content.decode()
    )


def test_decisions_as_csv_are_audited(joined):
    project, _, _ = joined
    client, user = a_clerk()
    pair = ReviewPair.objects.filter(project=project).first()
    review.decide_pair(by=acting(user), pair=pair, verdict="same")

    table = b"".join(client.get("/staff/review/decisions?format=csv")).decode()

    assert "Same person" in table
    event = Event.objects.get(kind="table.exported")
    assert event.fields == {"table": "decisions", "rows": 1, "filtered": False}


def test_only_who_decided_may_undo(joined):
    project, _, _ = joined
    pair = ReviewPair.objects.filter(project=project).first()
    decision = review.decide_pair(by=acting(staff("clerk")), pair=pair, verdict="same")
    client, _ = a_clerk()

    answer = client.post(f"/staff/review/decisions/{decision.id}/undo")

    assert answer.status_code == 403
    assert "nly whoever decided may undo it" in answer.content.decode()
    decision.refresh_from_db()
    assert decision.undone_at is None
    assert Event.objects.filter(kind="access.refused").count() == 1


@pytest.mark.parametrize("role", ["analyst", "caseworker", "leader", "auditor"])
def test_who_reviews_nothing_is_refused_with_the_reason(joined, role):
    project, _, _ = joined
    pair = ReviewPair.objects.filter(project=project).first()
    client, _ = a_clerk(roles=(role,))

    for answer in (
        client.get("/staff/review"),
        client.get(f"/staff/review/pairs/{pair.id}"),
        client.post(f"/staff/review/pairs/{pair.id}", {"verdict": "same"}),
        client.get("/staff/review/decisions"),
    ):
        assert answer.status_code == 403
        assert "Decide whether two records are the same person" in answer.content.decode()
        assert MARK not in answer.content.decode()
    assert not Decision.objects.exists()


def test_another_organisations_pairs_are_not_found_and_none_of_their_values_shown(joined, joined_work):
    project, _, _ = joined
    pair = ReviewPair.objects.filter(project=project).first()
    decision = review.decide_pair(by=acting(staff("clerk")), pair=pair, verdict="same", reason=f"seen {MARK}")
    place = organisation("Southshire")
    client, _ = a_clerk(roles=("senior_clerk", "analyst"), where=place)

    for answer in (
        client.get(f"/staff/review/pairs/{pair.id}"),
        client.post(f"/staff/review/pairs/{pair.id}", {"verdict": "same"}),
        client.post(f"/staff/review/pairs/{pair.id}/skip"),
        client.get(f"/staff/review/projects/{project.id}/next"),
        client.post(f"/staff/review/decisions/{decision.id}/undo"),
        client.get(f"/staff/review/second-opinions/{pair.id}"),
        client.get(f"/staff/projects/{project.id}/evaluation"),
        client.post(f"/staff/projects/{project.id}/evaluation/sample", {"size": "50"}),
        client.post(f"/staff/projects/{project.id}/evaluation/retrain"),
    ):
        assert answer.status_code == 404
        assert MARK not in answer.content.decode()
    for address in ("/staff/review", "/staff/review/decisions", "/staff/review/second-opinions"):
        page = client.get(address).content.decode()
        assert "Residents" not in page
        assert MARK not in page
    with pytest.raises(Refused, match="another organisation"):
        review.decide_pair(
            by=acting(staff("clerk", where=place), place),
            organisation_id=project.organisation_id,
            pair=pair,
            verdict="same",
        )


def test_no_address_log_line_or_event_holds_a_persons_data(joined, caplog):
    project, _, _ = joined
    client, _ = a_clerk(roles=("senior_clerk",))
    addresses = []
    with caplog.at_level(logging.DEBUG):
        for _ in range(4):
            answer, pair = start(client, project)
            addresses += [address for address, _ in answer.redirect_chain]
            client.post(f"/staff/review/pairs/{pair.id}", {"verdict": "not_sure", "reason": f"like {MARK}"})
        client.get("/staff/review/decisions")
    assert addresses
    assert MARK not in " ".join(addresses)
    assert MARK not in caplog.text
    assert all(MARK not in str(event.fields) for event in Event.objects.all())


def test_pages_ask_the_database_a_settled_number_of_times(joined, django_assert_max_num_queries, joined_work):
    project, _, _ = joined
    client, _ = a_clerk(roles=("senior_clerk",))
    client.get("/staff/review")
    with django_assert_max_num_queries(12):
        client.get("/staff/review")
    _, pair = start(client, project)
    with django_assert_max_num_queries(24):  # the deed and its event are among them
        client.get(f"/staff/review/pairs/{pair.id}")
    with django_assert_max_num_queries(14):
        client.get("/staff/review/decisions")
    with django_assert_max_num_queries(14):
        client.get("/staff/review/second-opinions")


def test_a_sampled_pair_is_read_without_its_weight(joined):
    from joinedup_web.linkage.models import Sample, SamplePair, SampleState

    project, run, _ = joined
    pair = ReviewPair.objects.filter(project=project).first()
    sample = Sample.objects.create(run=run, size=20, state=SampleState.READY)
    SamplePair.objects.create(sample=sample, pair=pair, stratum=0)
    client, _ = a_clerk()

    page = client.get(f"/staff/review/pairs/{pair.id}").content.decode()

    assert "you are not shown how the computer weighed it" in page
    assert "How the evidence adds up" not in page
    assert "Why you are asked" not in page


def test_two_organisations_may_have_projects_of_one_name(joined, joined_work):
    _, _, _ = joined
    other, _, _ = take_in(joined_work, where="Southshire")
    client, _ = a_clerk(where=organisation("Southshire"))

    page = client.get("/staff/review").content.decode()

    assert str(other.id) in page
    assert str(joined[0].id) not in page
