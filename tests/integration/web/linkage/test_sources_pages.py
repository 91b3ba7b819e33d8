"""Sources in the website: upload, quality, columns, reading otherwise, replacing, removing, downloads; for whom."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from joinedup_web.linkage import actions, files, jobs
from joinedup_web.linkage.forms import sources as source_forms
from joinedup_web.linkage.models import Run, Source, SourceState
from support.main_job import MARKED, people_csv, upload
from support.pages import body, heading, problems, words
from support.web_people import sign_in

pytestmark = [pytest.mark.web, pytest.mark.django_db, pytest.mark.usefixtures("in_this_process")]

LAYOUT = b"""[[column]]
name = "id"
start = 1
width = 4
[[column]]
name = "surname"
start = 5
width = 10
"""
FIXED = b"".join(b"%04dMorgan    \n" % number for number in range(40))


def to(name, thing):
    return reverse(f"linkage:{name}", args=[thing.id])


def a_file(name="people.csv", data=None):
    return SimpleUploadedFile(name, people_csv(40) if data is None else data)


def a_workbook():
    import openpyxl

    book = openpyxl.Workbook()
    notes = book.active
    notes.title = "Read me"
    notes.append(["These are", "notes"])
    for name, first in (("North", 0), ("South", 50)):
        sheet = book.create_sheet(name)
        sheet.append(["ref", "surname", "date of birth"])
        for number in range(first, first + 50):
            sheet.append([f"T{number}", "Morgan", f"{1 + number % 28:02d}/03/1980"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# Uploading


def test_an_upload_is_kept_and_shown_while_it_waits(browser, project, events):
    answer = browser.post(to("upload", project), {"file": a_file("Council Tax.csv")}, follow=True)

    kept = Source.objects.get()
    assert (kept.name, kept.state, kept.project_id) == ("council_tax", SourceState.UPLOADED, project.id)
    assert files.source_file(kept).read_bytes() == people_csv(40)
    assert heading(answer) == "council_tax"
    assert "Waiting for its turn to be measured." in words(answer)
    assert events("source.uploaded") == [{"source": str(kept.id), "content": kept.sha256}]


def test_a_chosen_name_is_made_fit_for_outputs(browser, project):
    browser.post(to("upload", project), {"file": a_file(), "name": "Council Tax (North)"})

    assert Source.objects.get().name == "council_tax_north"


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({}, "Choose a file"),
        ({"file": a_file(data=b"")}, "The file is empty; choose a file with rows in it"),
        (
            {"file": a_file("people.exe")},
            "The file must be CSV, Excel, OpenDocument, JSON, XML, Parquet, SQLite or fixed-width text",
        ),
        (
            {"file": a_file("a" * 200 + ".csv")},
            "The file’s name must be 200 characters or less; give it a shorter one",
        ),
    ],
)
def test_a_file_that_cannot_be_a_source_is_refused_with_what_to_do(browser, project, told, problem):
    answer = browser.post(to("upload", project), told)

    assert problems(answer) == [problem]
    assert not Source.objects.exists()
    assert not any((files.project_folder(project) / "sources").glob("*"))


def test_a_file_beyond_the_limit_is_refused_and_not_kept(browser, project, settings):
    settings.JOINEDUP = settings.JOINEDUP.__class__(**{**vars(settings.JOINEDUP), "upload_limit": 1000})

    answer = browser.post(to("upload", project), {"file": a_file()})

    assert problems(answer) == ["The file must be smaller than 1.0 KB; split it, or pack it as .gz"]
    assert not Source.objects.exists()


def test_scans_need_the_packages_that_read_them(browser, project, monkeypatch):
    scan = SimpleUploadedFile("form.png", b"\x89PNG\r\n\x1a\n")
    monkeypatch.setattr(source_forms, "paper_can_be_read", lambda: False)
    assert "Scans cannot be read here" in problems(browser.post(to("upload", project), {"file": scan}))[0]

    scan.seek(0)
    monkeypatch.setattr(source_forms, "paper_can_be_read", lambda: True)
    answer = browser.post(to("upload", project), {"file": scan})
    assert problems(answer) == ["Choose a layout file that says where the fields of the form are"]


def test_a_fixed_width_file_comes_with_its_layout(browser, project):
    told = {"file": a_file("claims.txt", FIXED), "layout": SimpleUploadedFile("claims.toml", LAYOUT)}
    browser.post(to("upload", project), told)

    kept = Source.objects.get()
    jobs.measure_source.func(str(kept.id))
    kept.refresh_from_db()
    assert (kept.format, kept.rows_good, [name for name, _ in kept.columns]) == (
        "fixed",
        40,
        ["id", "surname"],
    )


def test_a_layout_that_is_no_layout_is_said_at_once(browser, project):
    told = {"file": a_file("claims.txt", FIXED), "layout": SimpleUploadedFile("claims.toml", b"start: 1\n")}

    assert problems(browser.post(to("upload", project), told))[0].startswith("The layout file is not TOML (")


def test_a_name_in_use_is_not_taken_over_silently(browser, project, source):
    answer = browser.post(to("upload", project), {"file": a_file("council_tax_2026.csv")})

    assert "This project has a source called council_tax_2026" in problems(answer)[0]
    assert Source.objects.count() == 1


def test_who_may_not_upload_is_refused_before_the_file_is_read(client_of, project, monkeypatch):
    from joinedup_web.linkage.uploads import LimitedUpload

    monkeypatch.setattr(LimitedUpload, "new_file", lambda *a, **k: pytest.fail("the file was read"))
    for role in ("leader", "clerk"):
        assert client_of(role).post(to("upload", project), {"file": a_file()}).status_code == 403
    assert not Source.objects.exists()


def test_a_forged_upload_is_refused(analyst_user, project):
    careful = Client(enforce_csrf_checks=True)
    sign_in(careful, analyst_user)

    answer = careful.post(to("upload", project), {"file": a_file()})

    assert answer.status_code == 403
    assert not Source.objects.exists()


# Looking


def test_measuring_is_told_to_the_progress_bar(browser, analyst, project):
    waiting = upload(analyst, project, measured=False)
    told = browser.get(to("source_progress", waiting)).json()
    assert (told["finished"], told["words"]) == (False, "Waiting for its turn to be measured.")

    jobs.measure_source.func(str(waiting.id))

    assert browser.get(to("source_progress", waiting)).json()["finished"] is True


def test_the_page_loads_again_by_itself_only_where_that_was_asked_for(browser, analyst, project):
    waiting = upload(analyst, project, measured=False)

    assert "Refresh" not in browser.get(to("source", waiting))
    assert browser.get(f"{to('source', waiting)}?again=yes")["Refresh"] == "10"


def test_a_file_that_cannot_be_read_says_what_where_and_what_to_do(browser, analyst, project):
    broken = upload(analyst, project, name="people.parquet", data=b"PAR1 no Parquet at all PAR1")

    answer = browser.get(to("source", broken))

    told = words(answer)
    assert "people.parquet could not be read" in told
    assert "What was wrong" in told
    assert "What to do" in told
    assert str(files.source_folder(broken)) not in told
    assert to("reading", broken) in answer.content.decode()


def test_the_quality_page_shows_dimensions_columns_and_pictures(browser, run):
    people = run.sources.get()

    told = words(browser.get(to("source", people)))

    assert "Completeness 100.0% How much is filled in" in told
    assert "Accuracy Not measured" in told
    assert "surname Surname" in told
    assert "The six dimensions of quality" in told
    assert "1 row could not be read and was kept aside" in told
    assert MARKED not in told


def test_downloads_of_quality_are_recorded(browser, run, events):
    people = run.sources.get()

    for name in ("quality_report", "action_plan"):
        browser.get(to(name, people))

    told = events("source.report_downloaded")
    assert {each["source"] for each in told} == {str(people.id)}
    assert sorted(each["part"] for each in told) == ["action_plan", "quality"]


def test_no_download_of_quality_names_a_place_on_the_machine(browser, run, linked_work):
    people = run.sources.get()

    for name in ("quality_report", "action_plan"):
        answer = browser.get(to(name, people))
        assert answer["Content-Disposition"].startswith("attachment; filename=")
        assert str(linked_work).encode() not in body(answer)


def test_rows_aside_are_downloaded_by_those_who_may_and_that_is_recorded(browser, client_of, run, events):
    people = run.sources.get()
    # Made by the command line, whose folder of quality holds no rows; measured here, they are there.
    Source.objects.filter(id=people.id).update(state=SourceState.UPLOADED)
    jobs.measure_source.func(str(people.id))

    assert client_of("leader").get(to("rows_aside", people)).status_code == 403
    answer = browser.get(to("rows_aside", people))

    assert MARKED in body(answer).decode()
    assert answer["Content-Disposition"] == 'attachment; filename="residents-people-rows-aside.csv"'
    assert events("table.exported") == [{"table": "rows_aside", "rows": 1, "filtered": False}]


def test_a_source_without_rows_aside_has_none_to_download(browser, source, events):
    assert browser.get(to("rows_aside", source)).status_code == 404
    assert events("table.exported") == []


# Columns


def test_a_correction_is_kept_and_compared_by(browser, source, events):
    page = browser.get(to("meanings", source))
    assert "Meaning of surname" in words(page)
    fields = {f"column_{at}": found["kind"] for at, (_, found) in enumerate(source.columns)}
    fields |= {"column_2": "text", "id_column": "0", "one_record_per_person": "on"}

    answer = browser.post(to("meanings", source), fields, follow=True)

    source.refresh_from_db()
    assert heading(answer) == "Residents"
    assert source.meanings["surname"]["corrected"] == "text"
    assert (source.id_column, source.one_record_per_person) == ("record_id", True)
    assert source.checked_at is not None
    assert {"source": str(source.id), "column": 3, "meaning": "text"} in events("source.meaning_corrected")
    assert "Corrected by hand (found: surname)" in words(browser.get(to("source", source)))


def test_saying_that_all_is_right_takes_the_source_off_the_list_to_check(browser, source, events):
    fields = {f"column_{at}": found["kind"] for at, (_, found) in enumerate(source.columns)}

    browser.post(to("meanings", source), fields | {"id_column": "0"})

    assert events("source.meanings_checked") == [{"source": str(source.id)}]
    assert events("source.meaning_corrected") == []
    assert "Nobody has checked yet" not in words(browser.get(to("source", source)))


def test_a_meaning_that_does_not_exist_is_refused(browser, source):
    fields = {f"column_{at}": found["kind"] for at, (_, found) in enumerate(source.columns)}

    answer = browser.post(to("meanings", source), fields | {"column_2": "soul", "id_column": "0"})

    assert problems(answer) == ["Choose what surname means from the list"]
    source.refresh_from_db()
    assert source.checked_at is None


# Reading otherwise, replacing, removing


def test_other_sheets_can_be_chosen_and_read_as_one(browser, analyst, project, events):
    book = upload(analyst, project, name="housing.xlsx", data=a_workbook())
    assert (book.read["table"], book.rows_good) == ("North", 50)
    assert "Read me North South" in words(browser.get(to("reading", book)))

    browser.post(to("reading", book), {"tables": ["North", "South"], "header_row": ""})
    jobs.measure_source.func(str(book.id))

    book.refresh_from_db()
    assert (book.tables, book.rows_good, book.state) == (["North", "South"], 100, SourceState.READY)
    assert "table" not in book.read
    assert events("source.reading_changed") == [{"source": str(book.id), "parts": ["table"]}]


def test_another_header_row_and_encoding_are_what_the_file_is_read_by(browser, analyst, project):
    data = b"Report of May\nof the office\nsurname;dob\n" + "Môrgan;1/2/1980\n".encode("cp1252") * 30
    odd = upload(analyst, project, name="odd.csv", data=data)

    browser.post(to("reading", odd), {"header_row": "3", "encoding": "cp1252", "delimiter": ";"})
    jobs.measure_source.func(str(odd.id))

    odd.refresh_from_db()
    assert odd.read == {"header_row": 3, "encoding": "cp1252", "delimiter": ";"}
    assert [name for name, _ in odd.columns] == ["surname", "dob"]


def test_corrections_stay_when_a_source_is_measured_again(browser, analyst, source):
    actions.correct_source(
        by=analyst,
        source=source,
        kinds={"surname": "town"},
        id_column="record_id",
        one_record_per_person=False,
    )

    browser.post(to("reading", source), {"header_row": "1", "encoding": "", "delimiter": ""})
    jobs.measure_source.func(str(source.id))

    source.refresh_from_db()
    assert source.meanings["surname"]["corrected"] == "town"
    assert source.checked_at is not None


def test_a_wrong_header_row_is_said(browser, source):
    answer = browser.post(to("reading", source), {"header_row": "first"})

    assert problems(answer) == ["The row of the column names must be a whole number, like 3"]


def test_a_newer_file_takes_the_place_and_the_corrections(
    browser, analyst, source, django_capture_on_commit_callbacks
):
    actions.correct_source(
        by=analyst,
        source=source,
        kinds={"surname": "town"},
        id_column="record_id",
        one_record_per_person=True,
    )

    with django_capture_on_commit_callbacks(execute=True):
        browser.post(to("replace_source", source), {"file": a_file("Council Tax 2027.csv")})

    newer = Source.objects.get(state=SourceState.UPLOADED)
    jobs.measure_source.func(str(newer.id))
    newer.refresh_from_db()
    source.refresh_from_db()
    assert (newer.name, newer.file_name) == (source.name, "Council Tax 2027.csv")
    assert newer.meanings["surname"]["corrected"] == "town"
    assert (newer.one_record_per_person, newer.checked_at) == (True, source.checked_at)
    assert source.state == SourceState.REMOVED
    assert not files.source_folder(source).exists()
    assert "A newer file took its place" in words(browser.get(to("source", source)))


def test_a_source_that_a_run_uses_is_neither_replaced_nor_removed(browser, project, source):
    busy = Run.objects.create(project=project, number=1, kind="dedupe", state="running")
    busy.sources.add(source)

    answer = browser.post(to("replace_source", source), {"file": a_file()})
    assert "A run is using the earlier file" in problems(answer)[0]
    answer = browser.post(to("remove_source", source), follow=True)
    assert "A run is using this source" in words(answer)

    source.refresh_from_db()
    assert source.state == SourceState.READY
    assert files.source_file(source).exists()


def test_removing_is_asked_first_and_deletes_the_file(
    browser, source, events, django_capture_on_commit_callbacks
):
    answer = browser.get(to("remove_source", source))
    assert heading(answer) == "Remove council_tax_2026 from Residents?"
    assert "This cannot be undone" in words(answer)

    with django_capture_on_commit_callbacks(execute=True):
        browser.post(to("remove_source", source))

    source.refresh_from_db()
    assert source.state == SourceState.REMOVED
    assert not files.source_folder(source).exists()
    assert events("source.removed") == [{"source": str(source.id)}]


# For whom


WAYS = ["meanings", "reading", "replace_source", "remove_source"]
SHOWN = ["source", "source_progress", "rows_aside", "quality_report", "action_plan"]


@pytest.mark.parametrize("name", [*WAYS, *SHOWN])
def test_another_organisations_source_is_not_found(stranger, run, name):
    people = run.sources.get()

    answers = [stranger.get(to(name, people)), stranger.post(to(name, people), {"file": a_file()})]
    assert [answer.status_code for answer in answers] == [404, 405 if name in SHOWN else 404]
    for answer in answers:
        assert b"people.csv" not in answer.content
    people.refresh_from_db()
    assert people.state == SourceState.READY


@pytest.mark.parametrize("name", ["meanings", "reading", "replace_source", "remove_source"])
def test_who_may_only_look_changes_nothing(client_of, source, name, events):
    leader = client_of("leader")

    assert leader.get(to("source", source)).status_code == 200
    assert to(name, source) not in leader.get(to("source", source)).content.decode()
    assert leader.post(to(name, source), {}).status_code == 403
    assert len(events("access.refused")) == 1


def test_a_clerk_sees_no_source(client_of, source):
    clerk = client_of("clerk")

    assert clerk.get("/staff/sources").status_code == 403
    assert clerk.get(to("source", source)).status_code == 403


def test_the_list_is_empty_filtered_and_downloaded(browser, stranger, source, events):
    assert "There is no source yet" in words(stranger.get("/staff/sources"))
    assert "1 source waits for somebody to check" in words(browser.get("/staff/sources"))
    assert "council_tax_2026" not in words(browser.get("/staff/sources?state=failed"))

    answer = browser.get("/staff/sources?format=csv&q=council")

    rows = body(answer).decode().splitlines()
    assert rows[0] == "Source,Project,State,Rows,Rows kept aside,Format,Size,Uploaded"
    assert rows[1].startswith("council_tax_2026,Residents,Ready,75,0,CSV or other delimited text,")
    assert events("table.exported") == [{"table": "sources", "rows": 1, "filtered": True}]


def test_pages_need_few_queries(browser, run, django_assert_max_num_queries):
    people = run.sources.get()
    for name in ("source", "meanings", "reading", "replace_source", "remove_source", "source_progress"):
        with django_assert_max_num_queries(12):
            browser.get(to(name, people))
    with django_assert_max_num_queries(12):
        browser.get("/staff/sources")
