"""The main job on the website, from upload to decisions that a second run obeys, with real files and real linkage."""

from __future__ import annotations

import csv

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from joinedup_web.audit.models import Event
from joinedup_web.gate.decide import Refused
from joinedup_web.linkage import actions, files, jobs, review
from joinedup_web.linkage.models import PairState, ReviewPair, RunState, SourceState, Verdict
from support.web_people import acting, organisation, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]


def people_csv(rows: int) -> bytes:
    """A list with some people twice, spelt a little differently."""
    first = ["Anna", "Benjamin", "Carys", "David", "Eleri", "Farah", "George", "Harriet", "Imran", "Jane"]
    last = [
        "Morgan",
        "Okafor",
        "Patel",
        "Quinn",
        "Roberts",
        "Sanders",
        "Thomas",
        "Underhill",
        "Vaughan",
        "Walker",
    ]
    lines = ["record_id,first_name,surname,date_of_birth,postcode"]
    number = 0
    for i in range(rows):
        forename, surname = first[i % 10], last[(i // 10) % 10]
        born = f"{1950 + i % 47}-{1 + i % 12:02d}-{1 + (i * 7) % 28:02d}"
        postcode = f"SW{1 + i % 9}A {1 + i % 8}A{'ABDEFGH'[i % 7]}"
        number += 1
        lines.append(f"R{number:05d},{forename},{surname},{born},{postcode}")
        if i % 4 == 0:
            number += 1
            slip = surname if i % 8 else surname[:-1]
            lines.append(f"R{number:05d},{forename},{slip},{born},{postcode}")
    return "\n".join(lines).encode() + b"\n"


@pytest.fixture
def analyst():
    return acting(staff("analyst"))


@pytest.fixture
def project(analyst):
    return actions.create_project(by=analyst, name="Residents", purpose="Find people who are listed twice")


@pytest.fixture
def source(analyst, project):
    upload = SimpleUploadedFile("Council Tax 2026.csv", people_csv(400))
    kept = actions.upload_source(by=analyst, project=project, upload=upload)
    jobs.measure_source.func(str(kept.id))
    kept.refresh_from_db()
    return kept


def a_run(analyst, project, source):
    run = actions.queue_run(by=analyst, project=project, sources=[source], kind="dedupe", settings={})
    jobs.run_linkage.func(str(run.id))
    run.refresh_from_db()
    return run


def test_an_upload_is_measured_and_its_columns_are_understood(source):
    assert source.state == SourceState.READY
    assert source.name == "council_tax_2026"
    assert (source.rows_in, source.rows_good, source.rows_aside) == (500, 500, 0)
    assert source.meanings["surname"]["kind"] == "surname"
    assert source.id_column == "record_id"


def test_a_file_that_cannot_be_read_says_what_where_and_how_to_mend_it(analyst, project):
    upload = SimpleUploadedFile("people.parquet", b"PAR1 this is no Parquet file PAR1")
    kept = actions.upload_source(by=analyst, project=project, upload=upload)

    jobs.measure_source.func(str(kept.id))

    kept.refresh_from_db()
    assert kept.state == SourceState.FAILED
    assert kept.problem["what"]
    assert "data.parquet" not in str(kept.problem)
    assert str(files.source_folder(kept)) not in str(kept.problem)


def test_a_run_finds_the_people_who_are_there_twice(analyst, project, source):
    run = a_run(analyst, project, source)

    assert run.state == RunState.FINISHED, run.problem
    assert run.headline["records"] == 500
    assert 380 <= run.headline["people"] <= 420  # 400 people were written, 100 of them twice
    assert (files.results(run) / "report.html").exists()


def test_a_decision_holds_in_the_next_run_and_is_not_asked_again(analyst, project, source):
    clerk = acting(staff("clerk"))
    run = a_run(analyst, project, source)
    pair = ReviewPair.objects.filter(project=project).order_by("-weight").first()
    assert pair is not None, "the run doubts no pair"
    review.open_pair(by=clerk, pair=pair)
    review.decide_pair(by=clerk, pair=pair, verdict=Verdict.DIFFERENT)

    again = a_run(analyst, project, source)

    assert again.decisions_used == 1
    people = {}
    import pyarrow.parquet as pq

    for row in pq.read_table(files.results(again) / "people.parquet").to_pylist():
        people[row["source"], row["record_id"]] = row["person_id"]
    assert people[pair.left_source, pair.left_id] != people[pair.right_source, pair.right_id]
    pair.refresh_from_db()
    assert pair.state == PairState.DECIDED
    assert run.number + 1 == again.number


def test_clerks_who_differ_need_a_third(analyst, project, source):
    a_run(analyst, project, source)
    first, second, third = (
        acting(staff("clerk")),
        acting(staff("senior_clerk")),
        acting(staff("senior_clerk")),
    )
    pair = ReviewPair.objects.filter(project=project).first()
    review.decide_pair(by=first, pair=pair, verdict=Verdict.SAME)
    review.decide_pair(by=second, pair=pair, verdict=Verdict.DIFFERENT)
    pair.refresh_from_db()
    assert pair.state == PairState.DISAGREED

    with pytest.raises(Refused, match="may not settle"):
        review.give_second_opinion(by=second, pair=pair, verdict=Verdict.SAME, reason="I am sure")
    review.give_second_opinion(by=third, pair=pair, verdict=Verdict.SAME, reason="Same house, one slip")

    pair.refresh_from_db()
    assert pair.state == PairState.SETTLED
    path = files.project_folder(project) / "decisions.csv"
    from joinedup_web.linkage.decisions import write_decisions

    assert write_decisions(project, path, names={source.name}) == 1
    with path.open(encoding="utf-8") as file:
        assert [row["decision"] for row in csv.DictReader(file)] == ["same"]


def test_an_undone_decision_opens_the_pair_again_and_stays_on_record(analyst, project, source):
    a_run(analyst, project, source)
    clerk = acting(staff("clerk"))
    pair = ReviewPair.objects.filter(project=project).first()
    decision = review.decide_pair(by=clerk, pair=pair, verdict=Verdict.SAME)

    review.undo_decision(by=clerk, decision=decision)

    pair.refresh_from_db()
    assert pair.state == PairState.OPEN
    assert pair.decisions.count() == 1
    assert Event.objects.filter(kind="pair.decision_undone").count() == 1


def test_a_waiting_run_is_cancelled_at_once_and_can_be_taken_up_again(analyst, project, source):
    run = actions.queue_run(by=analyst, project=project, sources=[source], kind="dedupe", settings={})
    actions.cancel_run(by=analyst, run=run)
    jobs.run_linkage.func(str(run.id))
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED

    actions.resume_run(by=analyst, run=run)
    jobs.run_linkage.func(str(run.id))

    run.refresh_from_db()
    assert run.state == RunState.FINISHED


def test_a_run_whose_worker_was_lost_is_taken_up_again(analyst, project, source):
    from datetime import timedelta

    from django.utils import timezone

    run = actions.queue_run(by=analyst, project=project, sources=[source], kind="dedupe", settings={})
    assert actions.start_run(run)
    type(run).objects.filter(id=run.id).update(heartbeat_at=timezone.now() - timedelta(minutes=5))

    assert jobs.take_up_abandoned() == 1

    jobs.run_linkage.func(str(run.id))
    run.refresh_from_db()
    assert run.state == RunState.FINISHED


def test_a_correction_is_what_the_next_run_goes_by(analyst, project, source):
    actions.correct_source(
        by=analyst,
        source=source,
        kinds={"surname": "text"},
        id_column="record_id",
        one_record_per_person=False,
    )

    run = a_run(analyst, project, source)

    assert run.state == RunState.FINISHED, run.problem
    fields = {field["column"] for told in run.record["sources"] for field in told["fields"]}
    assert "surname" not in fields
    assert "first_name" in fields


def test_who_is_of_another_organisation_is_refused_and_nothing_changes(project):
    stranger = acting(staff("analyst", where=organisation("Southshire")), organisation("Southshire"))

    with pytest.raises(Refused, match="another organisation"):
        actions.upload_source(by=stranger, project=project, upload=SimpleUploadedFile("a.csv", b"a\n1\n"))

    assert project.sources.count() == 0
    assert not any((files.project_folder(project) / "sources").glob("*"))
    assert Event.objects.filter(kind="access.refused").count() == 1
