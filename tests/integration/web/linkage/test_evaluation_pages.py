"""How good it is: what is told, what is told as not known, samples, and training anew."""

from __future__ import annotations

import pytest

from joinedup_web.audit.models import Event
from joinedup_web.gate.decide import Refused
from joinedup_web.linkage import evaluation, jobs, review, review_jobs, sampling
from joinedup_web.linkage.models import PairKind, ReviewPair, Run, RunState, Sample, SampleState
from joinedup_web.linkage.pair_page import REASONS
from support.joined_people import MARK, make_work, take_in
from support.web_people import acting, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]


def is_true(pair):
    """In the made sources, records of one person have one number: C00012 and G00012."""
    return pair.left_id[1:] == pair.right_id[1:]


@pytest.fixture(scope="module")
def larger_work(tmp_path_factory):
    return make_work(tmp_path_factory.mktemp("larger"), people=400)


@pytest.fixture
def doubting(larger_work):
    """A project whose run doubts enough pairs to say something of them: project, run, analyst."""
    return take_in(larger_work)


def decide_all(pairs, clerk):
    for pair in pairs:
        review.decide_pair(by=clerk, pair=pair, verdict="same" if is_true(pair) else "different")


def test_nothing_is_claimed_before_there_is_enough_to_go_by(joined, client_of):
    project, _, _ = joined
    page = client_of("leader").get(f"/staff/projects/{project.id}/evaluation").content.decode()

    assert page.count("Not known yet.") == 3
    assert "0 of at least 30 pairs have been read by two clerks" in page
    assert "This is not the precision of the linkage." in page
    assert "Not possible yet." in page
    assert "%" not in page.split("<main")[1].split("</main>")[0].replace("95%", "")


def test_agreement_is_cohens_kappa_of_pairs_that_two_clerks_read(doubting, client_of):
    project, _, analyst = doubting
    one, other = acting(staff("clerk")), acting(staff("clerk"))
    pairs = list(ReviewPair.objects.filter(project=project)[:40])
    words = [("same", "same")] * 16 + [("same", "different")] * 4 + [("different", "same")] * 8
    words += [("different", "different")] * 12
    assert len(pairs) == 40, "the made run doubts too few pairs for this test"
    for pair, (first, second) in zip(pairs, words, strict=True):
        review.decide_pair(by=one, pair=pair, verdict=first)
        review.decide_pair(by=other, pair=pair, verdict=second)

    found = evaluation.evaluation(analyst, project)

    assert found.read_twice == 40
    assert found.agreed.agreed == pytest.approx(
        0.7
    )  # in the shares of the worked example of kappa in many text books
    assert found.agreed.kappa.value == pytest.approx(0.4)
    page = client_of("leader").get(f"/staff/projects/{project.id}/evaluation").content.decode()
    assert "70.0%" in page
    assert "0.40" in page


def test_reviewed_links_are_told_with_an_interval_and_with_what_they_are_not(doubting):
    project, run, analyst = doubting
    threshold = run.record["threshold_weight"]
    pairs = list(ReviewPair.objects.filter(project=project, weight__gte=threshold)[:40])
    assert len(pairs) >= 30
    decide_all(pairs, acting(staff("clerk")))

    found = evaluation.evaluation(analyst, project)

    right = sum(is_true(pair) for pair in pairs)
    assert (found.links, found.links_same) == (len(pairs), right)
    assert found.links_share.value == pytest.approx(right / len(pairs))
    assert found.links_share.low < found.links_share.value <= found.links_share.high


def test_a_sample_is_drawn_read_blindly_and_gives_precision_and_recall(joined, client_of):
    project, run, analyst = joined
    browser = client_of("analyst")
    asked = browser.post(f"/staff/projects/{project.id}/evaluation/sample", {"size": "120"}, follow=True)
    assert "The pairs are being drawn." in asked.content.decode()
    sample = Sample.objects.get()
    review_jobs.draw_sample.func(str(sample.id))
    sample.refresh_from_db()

    assert sample.state == SampleState.READY, sample.problem
    drawn = [each.pair for each in sample.drawn.select_related("pair")]
    assert len(drawn) == 120
    assert any(pair.kind == PairKind.SAMPLE for pair in drawn)
    assert not list((review_jobs.files.run_folder(run)).glob("sample-*"))  # people's data do not lie about
    page = browser.get(f"/staff/projects/{project.id}/evaluation").content.decode()
    assert "0 of 120 pairs decided" in page
    decide_all(drawn, acting(staff("clerk")))

    found = evaluation.evaluation(analyst, project).samples[0]

    assert found.labelled == 120
    assert found.result is not None
    assert found.result.people.precision.low <= found.result.people.precision.value
    page = browser.get(f"/staff/projects/{project.id}/evaluation").content.decode()
    assert "Precision: of the people found" in page
    assert "95% interval" in page
    kinds = set(Event.objects.values_list("kind", flat=True))
    assert {"sample.asked", "sample.drawn"} <= kinds
    assert MARK not in page


def test_sampled_pairs_stay_when_a_later_run_does_not_doubt_them(joined):
    project, run, analyst = joined
    sample = sampling.ask_for_sample(by=analyst, run=run, size=60)
    review_jobs.draw_sample.func(str(sample.id))
    before = ReviewPair.objects.filter(project=project).count()
    from joinedup_web.linkage import files

    review.take_in_pairs(run, files.results(run) / "review.jsonl")

    assert ReviewPair.objects.filter(project=project).count() == before


@pytest.mark.parametrize(
    ("size", "words"), [("5", "Draw at least 20 pairs"), ("many", "in figures"), ("", "Enter")]
)
def test_a_size_that_makes_no_sense_is_told_at_the_field(joined, client_of, size, words):
    project, _, _ = joined
    answer = client_of("analyst").post(f"/staff/projects/{project.id}/evaluation/sample", {"size": size})

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Sample.objects.exists()


def test_a_second_sample_waits_for_the_first(joined):
    _, run, analyst = joined
    sampling.ask_for_sample(by=analyst, run=run, size=50)

    with pytest.raises(Refused, match="being drawn already"):
        sampling.ask_for_sample(by=analyst, run=run, size=50)


def test_only_who_may_run_linkage_draws_and_only_who_may_retrain_retrains(joined, client_of):
    project, _, _ = joined
    leader = client_of("leader")

    page = leader.get(f"/staff/projects/{project.id}/evaluation").content.decode()
    drawn = leader.post(f"/staff/projects/{project.id}/evaluation/sample", {"size": "50"})
    trained = leader.post(f"/staff/projects/{project.id}/evaluation/retrain")

    assert "Draw a sample" not in page
    assert drawn.status_code == trained.status_code == 403
    assert "Train the model again with clerks&#39; decisions" in trained.content.decode()
    assert not Sample.objects.exists()


def test_training_with_too_few_decisions_is_refused_with_the_count(joined, client_of):
    project, _, _ = joined
    answer = client_of("analyst").post(f"/staff/projects/{project.id}/evaluation/retrain", follow=True)

    assert "raining needs 10 decisions “same person” at least; there are 0" in answer.content.decode()
    assert Run.objects.count() == 1


def test_a_run_learns_from_the_decisions_obeys_them_and_says_so(joined, client_of):
    project, run, _ = joined
    pairs = [pair for pair in ReviewPair.objects.filter(project=project) if is_true(pair)][:12]
    assert len(pairs) >= 10
    decide_all(pairs, acting(staff("clerk")))

    answer = client_of("analyst").post(f"/staff/projects/{project.id}/evaluation/retrain")

    again = Run.objects.get(number=2)
    assert answer["Location"] == f"/staff/linkage/{again.id}"
    jobs.run_linkage.func(str(again.id))
    again.refresh_from_db()
    assert again.state == RunState.FINISHED, again.problem
    assert again.decisions_used == len(pairs)
    event = Event.objects.get(kind="model.retrained")
    assert event.fields["model"] == str(again.id)
    assert event.fields["decisions"] == len(pairs)
    from joinedup_web.linkage import files

    models = [(files.results(each) / "model.json").read_text() for each in (run, again)]
    assert models[0] != models[1]
    assert (files.results(again) / "index" / "index.json").exists()


def test_the_page_takes_a_settled_number_of_queries(joined, client_of, django_assert_max_num_queries):
    project, run, analyst = joined
    sample = sampling.ask_for_sample(by=analyst, run=run, size=60)
    review_jobs.draw_sample.func(str(sample.id))
    decide_all(list(ReviewPair.objects.filter(project=project)[:20]), acting(staff("clerk")))
    client = client_of("analyst")
    client.get(f"/staff/projects/{project.id}/evaluation")
    with django_assert_max_num_queries(12):
        client.get(f"/staff/projects/{project.id}/evaluation")


def test_every_reason_of_the_library_has_its_sentence():
    from joinedup.linkage.review import Reason

    assert {reason.value for reason in Reason} == set(REASONS)
