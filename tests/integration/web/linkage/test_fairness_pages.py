"""Who does the linkage fail? From the truth, from clerks' decisions, or said to be unknown; and drift between runs."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from joinedup_web.linkage import files, review, review_jobs, sampling
from joinedup_web.linkage.models import ReviewPair, RunState, SamplePair
from support.main_job import MARKED, another_run, write_errors_by_group
from support.pages import heading, words
from support.web_people import acting, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db, pytest.mark.usefixtures("in_this_process")]


@pytest.fixture
def address(run):
    return reverse("linkage:fairness", args=[run.id])


@pytest.fixture
def told(run, linked_work):
    """The run held against the truth; its truth is known from how the file was made."""
    work = files.results(run)
    (work.parent / "out").symlink_to(work)
    write_errors_by_group(work.parent, people=400)
    return json.loads((work / "fairness.json").read_text())


def test_errors_by_group_stand_with_their_pictures_and_tables(browser, address, told):
    answer = browser.get(address)

    said = words(answer)
    assert heading(answer) == "Who does the linkage fail?"
    assert "Missed links: area" in said
    assert "Figures: area Group People Records Missed links" in said
    for group in told["groupings"][-1]["groups"]:
        assert f"{group['name']} {group['people']}" in said
    assert "In how many" not in said
    assert "at most one report in 20" in said
    assert MARKED not in said


def test_the_page_of_a_run_leads_there(browser, run, address):
    assert f'href="{address}"' in browser.get(reverse("linkage:run", args=[run.id])).content.decode()


def test_without_truth_and_decisions_it_says_that_nobody_knows(browser, address):
    said = words(browser.get(address))

    assert "Not known. Whom a linkage fails cannot be known from the linkage alone" in said
    assert "0 of at least 30 pairs" in said


def test_clerks_decisions_on_a_sample_give_estimates(browser, address, run, analyst):
    clerk = acting(staff("clerk"))
    sample = sampling.ask_for_sample(by=analyst, run=run, size=80)
    review_jobs.draw_sample.func(str(sample.id))
    for drawn in SamplePair.objects.filter(sample=sample).select_related("pair"):
        pair = ReviewPair.objects.get(id=drawn.pair_id)
        review.decide_pair(by=clerk, pair=pair, verdict="same" if pair.weight > 5 else "different")

    for _ in range(2):  # the second time from what was kept
        said = words(browser.get(address))
        assert "estimates from" in said
        assert "pairs that clerks decided on" in said
        assert "Clearly unlike the others" in said
    assert (files.run_folder(run) / "fairness-of-sample.json").exists()


def test_a_run_without_results_has_no_such_page(browser, run, address):
    type(run).objects.filter(id=run.id).update(state=RunState.RUNNING)

    assert browser.get(address).status_code == 404


def test_what_an_older_version_wrote_is_not_shown(browser, run, address):
    (files.results(run) / "fairness.json").write_text('{"format": "of old"}')

    assert "Not known." in words(browser.get(address))


def test_two_runs_of_the_same_data_have_not_drifted(browser, project, run):
    another_run(run)

    said = words(browser.get(reverse("linkage:compare", args=[project.id]) + "?first=1&second=2"))

    assert "Do the data look alike? No drift was found" in said
    assert "run 2 looks like run 1" in said
    assert (
        "/" not in said.split("Do the data look alike?")[1].split("Everything")[0]
    )  # no place on the machine


def test_a_run_whose_data_changed_says_where(browser, project, run):
    second = another_run(run)
    path = files.results(second) / "training.json"
    kept = json.loads(path.read_text())
    standing = kept["run"]["sources"]["people"]["standing"]["date_of_birth"]
    standing["missing"], standing["valid"] = standing["missing"] + 200, standing["valid"] - 200
    path.write_text(json.dumps(kept))

    said = words(browser.get(reverse("linkage:compare", args=[project.id]) + "?first=1&second=2"))

    assert "Run 2 has drifted from run 1" in said
    assert "'date_of_birth' is missing from 40" in said.replace("‘", "'").replace("’", "'")


def test_a_run_from_before_such_notes_says_that_it_is_not_known(browser, project, run):
    second = another_run(run)
    (files.results(second) / "training.json").unlink()

    said = words(browser.get(reverse("linkage:compare", args=[project.id]) + "?first=1&second=2"))

    assert "Not known: one of the runs was made before" in said
