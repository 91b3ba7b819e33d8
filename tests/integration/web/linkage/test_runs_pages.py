"""Runs in the website: started, watched, cancelled, taken up again, failed, finished; their results; for whom."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from urllib.parse import quote

import pyarrow.parquet as pq
import pytest
from django.urls import reverse
from django.utils import timezone

from joinedup_web.linkage import actions, files, jobs
from joinedup_web.linkage.models import Run, RunState, Source, SourceState
from support.main_job import MARKED, upload
from support.pages import body, heading, problems, words
from support.web_people import sign_in

pytestmark = [pytest.mark.web, pytest.mark.django_db, pytest.mark.usefixtures("in_this_process")]


def to(name, thing, *more):
    return reverse(f"linkage:{name}", args=[thing.id, *more])


def waiting(analyst, project, source, **settings):
    return actions.queue_run(by=analyst, project=project, sources=[source], kind="dedupe", settings=settings)


# Starting


def test_a_run_is_started_with_what_was_chosen(browser, project, source, events):
    answer = browser.post(
        to("start", project),
        {"sources": [str(source.id)], "kind": "dedupe", "threshold": "95", "use_decisions": "on"},
        follow=True,
    )

    run = Run.objects.get()
    assert heading(answer) == "Run 1"
    assert "Run 1 is asked for and starts as soon as a worker is free." in words(answer)
    assert run.settings == {"use_decisions": True, "threshold_probability": 0.95}
    assert events("link_job.queued") == [{"job": str(run.id), "job_kind": "dedupe", "sources": 1}]


def test_a_run_may_pass_over_what_clerks_decided(browser, project, source):
    browser.post(to("start", project), {"sources": [str(source.id)], "kind": "dedupe"})

    assert Run.objects.get().settings == {"use_decisions": False}


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"kind": "dedupe"}, "Choose at least one source"),
        ({"sources": True}, "Choose where a person’s records may be"),
        ({"sources": True, "kind": "link"}, "To look across sources, choose at least 2 sources"),
        (
            {"sources": True, "kind": "dedupe", "threshold": "0"},
            "The probability must be above 0 and below 100",
        ),
        (
            {"sources": True, "kind": "dedupe", "threshold": "100"},
            "The probability must be above 0 and below 100",
        ),
        (
            {"sources": True, "kind": "dedupe", "threshold": "high"},
            "The probability must be a number, like 95",
        ),
        (
            {"sources": True, "kind": "dedupe", "threshold": "nan"},
            "The probability must be a number, like 95",
        ),
    ],
)
def test_settings_that_cannot_be_are_refused_with_what_to_do(browser, project, source, told, problem):
    if "sources" in told:
        told = told | {"sources": [str(source.id)]}

    assert problems(browser.post(to("start", project), told)) == [problem]
    assert not Run.objects.exists()


def test_looking_within_one_source_takes_one(browser, analyst, project, source):
    other = upload(analyst, project, name="other.csv")

    answer = browser.post(
        to("start", project), {"sources": [str(source.id), str(other.id)], "kind": "dedupe"}
    )

    assert problems(answer) == ["To look within one source, choose one source only"]


def test_without_a_measured_source_the_page_says_what_to_do(browser, analyst, project):
    assert "No source is ready yet" in words(browser.get(to("start", project)))

    upload(analyst, project, measured=False)
    assert "No source is ready yet" in words(browser.get(to("start", project)))


def test_sources_that_are_not_ready_are_not_offered_and_not_taken(browser, analyst, project, source):
    raw = upload(analyst, project, name="raw.csv", measured=False)

    assert "Not ready, so left out: raw" in words(browser.get(to("start", project)))
    answer = browser.post(to("start", project), {"sources": [str(raw.id)], "kind": "dedupe"})
    assert problems(answer) == ["Choose from the sources that are ready"]


def test_a_source_of_another_project_is_not_taken(browser, analyst, project, source):
    other = actions.create_project(by=analyst, name="Other", purpose="Something else")

    answer = browser.post(to("start", other), {"sources": [str(source.id)], "kind": "dedupe"})

    assert not Run.objects.exists()
    assert answer.status_code == 422


# Watching


def test_a_waiting_run_says_so_and_a_stuck_one_says_why(browser, analyst, project, source):
    run = waiting(analyst, project, source)

    assert "Waiting for its turn." in words(browser.get(to("run", run)))
    assert "No worker has taken it up" not in words(browser.get(to("run", run)))
    Run.objects.filter(id=run.id).update(created_at=timezone.now() - timedelta(minutes=2))
    assert "No worker has taken it up yet" in words(browser.get(to("run", run)))


def test_a_running_run_tells_its_stage_and_how_far_it_is(browser, analyst, project, source):
    run = waiting(analyst, project, source)
    Run.objects.filter(id=run.id).update(state="running", stage="compare and score", done=450, total=1000)

    told = browser.get(to("run_progress", run)).json()
    assert told["words"] == "Step 5 of 10: compare and weigh the pairs, 45% (450 of 1,000)."
    assert (told["done"], told["total"], told["finished"]) == (445, 1000, False)
    assert told["stages"] == ["done"] * 4 + ["now"] + ["to come"] * 5
    answer = browser.get(to("run", run))
    assert 'role="status">Step 5 of 10' in answer.content.decode()
    assert 'aria-current="step"' in answer.content.decode()
    assert "Refresh" not in answer
    assert browser.get(f"{to('run', run)}?again=yes")["Refresh"] == "10"


def test_a_run_is_cancelled_after_asking_and_taken_up_again(browser, analyst, project, source, events):
    run = waiting(analyst, project, source)
    assert heading(browser.get(to("cancel", run))) == "Cancel run 1 of Residents?"

    answer = browser.post(to("cancel", run), follow=True)
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    assert "The run was cancelled" in words(answer)

    answer = browser.post(to("resume", run), follow=True)
    run.refresh_from_db()
    assert run.state == RunState.QUEUED
    assert "Run 1 is taken up again." in words(answer)
    assert len(events("link_job.cancelled")) == len(events("link_job.resumed")) == 1


def test_a_run_under_way_is_being_cancelled(browser, analyst, project, source):
    run = waiting(analyst, project, source)
    Run.objects.filter(id=run.id).update(state="running", stage="train")

    assert "Being cancelled" in words(browser.post(to("cancel", run), follow=True))


def test_what_has_ended_is_not_cancelled_again(browser, run):
    assert browser.get(to("cancel", run)).status_code == 302
    answer = browser.post(to("cancel", run), follow=True)

    assert "The run is not running any more" in words(answer)
    run.refresh_from_db()
    assert run.state == RunState.FINISHED


def test_a_link_alone_takes_nothing_up_again(browser, analyst, project, source):
    run = waiting(analyst, project, source)
    actions.cancel_run(by=analyst, run=run)

    assert browser.get(to("resume", run)).status_code == 405


def test_a_run_whose_source_is_gone_says_so_and_is_not_taken_up(browser, analyst, project, source):
    run = waiting(analyst, project, source)
    actions.cancel_run(by=analyst, run=run)
    Source.objects.filter(id=source.id).update(state=SourceState.REMOVED)

    assert "cannot be taken up again as it was, since council_tax_2026 was removed" in words(
        browser.get(to("run", run))
    )
    assert "was removed or replaced since" in words(browser.post(to("resume", run), follow=True))


def test_a_failed_run_says_what_where_and_what_to_do(browser, analyst, project):
    empty = upload(analyst, project, name="words.csv", data=b"a,b\n" + b"x,y\n" * 30)
    run = waiting(analyst, project, empty)

    jobs.run_linkage.func(str(run.id))

    run.refresh_from_db()
    assert run.state == RunState.FAILED
    told = words(browser.get(to("run", run)))
    assert "The run did not finish, and left no results" in told
    assert "What to do" in told
    assert str(files.run_folder(run)) not in told
    assert "Take the run up again" in told


# Results


def test_the_result_page_tells_the_answer_first(browser, run):
    told = words(browser.get(to("run", run)))

    assert f"Records {run.headline['records']} People {run.headline['people']}" in told
    assert "How sure we are" in told
    for picture in (
        "Match weights of the compared pairs",
        "What each threshold would give, as the model sees it",
        "How many records a person has",
        "New pairs by each blocking rule",
    ):
        assert picture in told
    assert MARKED not in told


def test_settings_of_a_finished_run_are_taken_up_again(browser, project, run):
    answer = browser.get(f"{to('start', project)}?based_on=1")
    assert "The settings of run 1 are filled in" in words(answer)

    people = run.sources.get()
    browser.post(f"{to('start', project)}?based_on=1", {"sources": [str(people.id)], "kind": "dedupe"})

    assert Run.objects.get(number=2).based_on == run
    assert browser.get(f"{to('start', project)}?based_on=99").status_code == 200


@pytest.mark.parametrize("part", ["people", "joined", "pairs"])
def test_tables_are_downloaded_as_parquet_and_csv_and_that_is_recorded(browser, run, part, events):
    original = pq.read_table(files.results(run) / f"{part}.parquet")

    parquet = browser.get(to("download", run, part, "parquet"))
    text = browser.get(to("download", run, part, "csv"))

    assert pq.read_table(io.BytesIO(body(parquet))).equals(original)
    rows = list(csv.reader(io.StringIO(body(text).decode())))
    assert rows[0] == original.column_names
    assert len(rows) - 1 == original.num_rows
    assert text["Content-Disposition"] == f'attachment; filename="residents-run-1-{part}.csv"'
    assert text["Cache-Control"] == "no-store"
    told = {"run": str(run.id), "part": part, "purpose": "project", "rows": original.num_rows}
    assert events("results.downloaded") == [told, told]


def test_results_are_taken_away_by_who_proved_lately_who_they_are(client, analyst_user, run, events):
    sign_in(client, analyst_user, at=timezone.now() - timedelta(hours=1))
    page = to("run", run)

    late = client.get(to("download", run, "people", "csv"), headers={"referer": f"http://testserver{page}"})

    # Back to the page that offers the file: one that answers with a file would leave the question standing there.
    assert late["Location"] == f"/staff/confirm?next={quote(page, safe='')}"
    assert events("results.downloaded") == []


@pytest.mark.parametrize(("part", "ending"), [("model", "json"), ("run", "json"), ("review", "csv")])
def test_other_results_are_downloaded_too(browser, run, part, ending, events):
    answer = browser.get(to("download", run, part, ending))

    assert answer.status_code == 200
    assert body(answer)
    assert events("results.downloaded") == [{"run": str(run.id), "part": part, "purpose": "project"}]


def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(browser, run):
    path = files.results(run) / "joined.parquet"
    table = pq.read_table(path)
    surnames = ['=HYPERLINK("http://x","y")', *table["surname"].to_pylist()[1:]]
    place = table.schema.get_field_index("surname")
    pq.write_table(table.set_column(place, "surname", [surnames]), path)

    rows = list(csv.DictReader(io.StringIO(body(browser.get(to("download", run, "joined", "csv"))).decode())))

    assert rows[0]["surname"] == '\'=HYPERLINK("http://x","y")'


def test_csv_goes_on_over_many_stretches_of_rows(browser, run, monkeypatch):
    from joinedup_web.linkage import results

    monkeypatch.setattr(results, "ROWS_AT_ONCE", 7)
    rows = list(csv.reader(io.StringIO(body(browser.get(to("download", run, "people", "csv"))).decode())))

    assert rows[1:] == [
        list(row.values()) for row in pq.read_table(files.results(run) / "people.parquet").to_pylist()
    ]


@pytest.mark.parametrize("wrong", ["people.exe", "people.json", "spec.toml", "decisions.csv", "..csv"])
def test_nothing_else_of_the_folder_is_handed_out(browser, run, wrong):
    assert browser.get(f"/staff/linkage/{run.id}/{wrong}").status_code == 404


def test_a_run_without_results_has_none_to_download(browser, analyst, project, source, events):
    run = waiting(analyst, project, source)

    assert browser.get(to("download", run, "people", "csv")).status_code == 404
    assert browser.get(to("report", run)).status_code == 404
    assert events("results.downloaded") == []


def test_the_report_is_a_file_without_anybodys_values(client_of, run, events):
    answer = client_of("leader").get(to("report", run))

    assert answer["Content-Disposition"] == 'attachment; filename="residents-run-1-report.html"'
    assert MARKED.encode() not in body(answer)
    assert events("results.downloaded") == [{"run": str(run.id), "part": "report"}]


# For whom


@pytest.mark.parametrize("role", ["leader", "clerk", "adviser", "asset_owner"])
def test_who_may_only_look_downloads_and_changes_nothing(client_of, run, role, events):
    client = client_of(role)
    page = client.get(to("run", run)).content.decode()

    assert "Download the results" not in page
    assert "Run again" not in page
    for answer in (
        client.get(to("download", run, "people", "csv")),
        client.get(to("start", run.project)),
        client.post(to("cancel", run)),
        client.post(to("resume", run)),
    ):
        assert answer.status_code == 403
    assert len(events("access.refused")) == 4
    assert events("results.downloaded") == []


def test_another_organisations_run_is_not_found(stranger, run):
    for name in ("run", "run_progress", "cancel", "report"):
        assert stranger.get(to(name, run)).status_code == 404, name
    for name in ("cancel", "resume"):
        assert stranger.post(to(name, run)).status_code == 404, name
    assert stranger.get(to("download", run, "people", "csv")).status_code == 404
    assert "Residents" not in words(stranger.get("/staff/linkage"))


def test_the_list_is_empty_filtered_and_downloaded(browser, stranger, run, events):
    assert "No linkage has been run yet" in words(stranger.get("/staff/linkage"))
    assert "Run 1" not in words(browser.get("/staff/linkage?state=failed"))

    answer = browser.get("/staff/linkage?format=csv&state=finished")

    rows = body(answer).decode().splitlines()
    assert rows[0] == "Run,Project,State,Kind,Records,People,Precision,Asked for,By"
    assert rows[1].startswith("Run 1,Residents,Finished,Within one source,500,")
    assert events("table.exported") == [{"table": "runs", "rows": 1, "filtered": True}]


def test_pages_need_few_queries(browser, analyst, project, run, django_assert_max_num_queries):
    other = waiting(analyst, project, run.sources.get())
    for thing in (run, other):
        for name in ("run", "run_progress", "cancel"):
            with django_assert_max_num_queries(12):
                browser.get(to(name, thing))
    for address in ("/staff/linkage", to("start", project), f"{to('start', project)}?based_on=1"):
        with django_assert_max_num_queries(12):
            browser.get(address)
