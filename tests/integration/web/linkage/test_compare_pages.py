"""Two runs side by side in the website: settings, figures, and the people whom they make differently."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest
from django.urls import reverse

from joinedup_web.linkage import files
from joinedup_web.linkage.models import Run
from support.main_job import MARKED, another_run
from support.pages import heading, problems, words

pytestmark = [pytest.mark.web, pytest.mark.django_db, pytest.mark.usefixtures("in_this_process")]


@pytest.fixture
def address(project):
    return reverse("linkage:compare", args=[project.id])


def people_of(run):
    """Person -> their records, in the order of the file."""
    found = {}
    for row in pq.read_table(files.results(run) / "people.parquet").to_pylist():
        found.setdefault(row["person_id"], []).append(row["record_id"])
    return found


@pytest.fixture
def pair_of_runs(run):
    """A second run that parts one couple of records and joins two people who were alone: counted by hand."""
    people = people_of(run)
    couple = next(person for person, records in people.items() if len(records) == 2)
    one, other = [person for person, records in people.items() if len(records) == 1][:2]
    moved = {people[couple][1]: "P999999", people[other][0]: one}
    return run, another_run(run, moved=moved), couple, one, other


def test_two_runs_are_needed(browser, address, run):
    told = words(browser.get(address))

    assert "Two finished runs are needed to compare them; there is 1 so far." in told


def test_people_split_and_merged_are_counted_and_named_by_id(browser, address, pair_of_runs, events):
    first, second, couple, one, other = pair_of_runs
    people = people_of(first)
    joined = sum(len(records) * (len(records) - 1) // 2 for records in people.values())

    answer = browser.get(f"{address}?first=1&second=2")

    told = words(answer)
    assert heading(answer) == "Compare two runs"
    assert "Records that both runs have 500" in told
    assert f"Pairs of records joined by both {joined - 1}" in told
    assert "Pairs joined by run 1 alone 1" in told
    assert "Pairs joined by run 2 alone 1" in told
    assert f"People made of the same records in both {len(people) - 3}" in told
    assert f"Person in run 1 People in run 2 {couple} {couple} , P999999" in told
    assert f"Person in run 2 People in run 1 {one} {' , '.join(sorted([one, other]))}" in told
    assert events("run.compared") == [{"run": str(first.id), "with_run": str(second.id)}]
    assert MARKED not in told


def test_settings_and_figures_stand_side_by_side(browser, address, pair_of_runs):
    told = words(browser.get(f"{address}?first=1&second=2"))

    assert "Threshold chosen by the run probability 90.0% Yes" in told
    assert "Records 500 500 No" in told


def test_records_of_one_run_alone_are_counted_apart(browser, address, run):
    another_run(run, without=20)

    told = words(browser.get(f"{address}?first=1&second=2"))

    assert "Records that both runs have 480" in told
    assert "Records of run 1 alone 20" in told


def test_the_newest_two_are_offered_and_nothing_is_recorded_before_one_asks(
    browser, address, pair_of_runs, events
):
    answer = browser.get(address)

    assert "Settings and figures" in words(answer)
    assert "Records and people" not in words(answer)
    assert events("run.compared") == []


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ("first=1&second=1", "Choose two different runs"),
        ("first=1&second=7", "Choose a finished run"),
        ("first=x&second=2", "Choose a finished run"),
    ],
)
def test_what_cannot_be_compared_is_said(browser, address, pair_of_runs, asked, problem, events):
    assert problems(browser.get(f"{address}?{asked}")) == [problem]
    assert events("run.compared") == []


def test_what_was_compared_once_is_kept(browser, address, pair_of_runs):
    first = pair_of_runs[0]
    before = words(browser.get(f"{address}?first=1&second=2"))
    (files.results(first) / "people.parquet").unlink()

    assert words(browser.get(f"{address}?first=1&second=2")) == before


def test_who_sees_runs_may_compare_them_and_strangers_may_not(
    client_of, stranger, address, pair_of_runs, events
):
    assert client_of("leader").get(f"{address}?first=1&second=2").status_code == 200
    assert client_of("caseworker").get(f"{address}?first=1&second=2").status_code == 403
    assert stranger.get(f"{address}?first=1&second=2").status_code == 404
    assert len(events("run.compared")) == 1


def test_the_page_needs_few_queries(browser, address, pair_of_runs, django_assert_max_num_queries):
    for number in range(3, 8):
        Run.objects.create(project=pair_of_runs[0].project, number=number, kind="dedupe", state="finished")
    with django_assert_max_num_queries(12):
        browser.get(address)
    browser.get(f"{address}?first=1&second=2")
    with django_assert_max_num_queries(16):  # four of them write the audit event
        browser.get(f"{address}?first=1&second=2")
