"""Tables of staff pages as CSV: the cells that the page shows, under the page's own rule, and none about a person."""

from __future__ import annotations

import csv
import re
from html import unescape

import pytest
from django.urls import reverse

from joinedup_web.audit.models import Event
from joinedup_web.linkage import files
from joinedup_web.linkage.models import ReviewPair
from support.main_job import write_errors_by_group
from support.pages import body, heading
from support.table_downloads import links_in, table_faults
from support.web_people import organisation

pytestmark = [pytest.mark.web, pytest.mark.django_db]


def downloaded(browser, address):
    """The rows of a CSV, headings first."""
    answer = browser.get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/csv")
    return list(csv.reader(body(answer).decode().splitlines()))


def seen(page, caption):
    """The cells of the table with a caption, row by row, as they stand between their tags."""
    table = page[page.index(caption) :].partition("</table>")[0]
    rows = [re.findall(r"<t[hd]\b.*?>(.*?)</t[hd]>", row, re.DOTALL) for row in table.split("<tr")[1:]]
    return [[" ".join(unescape(re.sub(r"<[^>]+>", "", cell)).split()) for cell in row] for row in rows]


def plain(rows):
    """Numbers without their commas, as a spreadsheet takes them."""
    return [[re.sub(r"^(\d{1,3}),(\d{3})$", r"\1\2", cell) for cell in row] for row in rows]


def test_each_table_of_a_run_is_a_file_with_the_cells_of_the_page(browser, run):
    address = reverse("linkage:run", args=[run.id])
    page = browser.get(address).content.decode()

    assert table_faults(page, address) == []
    assert downloaded(browser, f"{address}?table=estimates-of-precision-and-recall") == plain(
        seen(page, "Estimates of precision and recall")
    )
    assert len(links_in(page)) == page.count("<table") >= 5


def test_each_of_the_tables_behind_the_pictures_of_fairness_is_a_file(browser, run, linked_work):
    work = files.results(run)
    (work.parent / "out").symlink_to(work)
    write_errors_by_group(work.parent, people=400)
    address = reverse("linkage:fairness", args=[run.id])
    page = browser.get(address).content.decode()
    links = links_in(page)

    assert table_faults(page, address) == []
    assert len(links) == len(set(links)) == page.count("<table") >= 10
    for link in links:
        rows = downloaded(browser, link)
        assert len({len(row) for row in rows}) == 1
        assert len(rows) > 1
    assert downloaded(browser, f"{address}?table=missed-links-area") == plain(
        seen(page, ">Missed links: area</caption>")
    )


def test_a_source_has_its_dimensions_and_columns_as_files(browser, run):
    source = run.project.sources.get()
    address = reverse("linkage:source", args=[source.id])
    page = browser.get(address).content.decode()

    assert table_faults(page, address) == []
    caption = "What each column means and how good it is"
    headings, *rows = downloaded(browser, f"{address}?table=what-each-column-means-and-how-good-it-is")
    assert [headings, *rows] == plain(seen(page, caption))
    assert "surname" in {row[0] for row in rows}


def test_a_choice_in_a_table_is_what_is_chosen(browser, run):
    source = run.project.sources.get()
    address = reverse("linkage:meanings", args=[source.id])

    headings, *rows = downloaded(browser, f"{address}?table=what-each-column-means")

    assert headings == ["Column", "Found", "Meaning"]
    assert {row[0]: row[2] for row in rows}["surname"] == "Surname"


def test_the_file_is_named_for_the_table_and_kept_by_no_browser(browser, run):
    answer = browser.get(f"{reverse('linkage:project', args=[run.project.id])}?table=sources-of-residents")

    assert answer["Content-Disposition"] == 'attachment; filename="sources-of-residents.csv"'
    assert answer["Cache-Control"] == "no-store"


def test_the_link_keeps_what_else_the_address_asks(browser, run):
    address = reverse("linkage:project", args=[run.project.id])
    links = links_in(browser.get(f'{address}?q=a%26b"><i>&lang=en').content.decode())

    assert links[0] == f"{address}?q=a%26b%22%3E%3Ci%3E&lang=en&table=sources-of-residents"
    assert downloaded(browser, links[0])[0][0] == "Source"


def test_the_link_says_which_table_and_stands_outside_the_region_that_scrolls(browser, run):
    page = browser.get(reverse("linkage:project", args=[run.project.id])).content.decode()

    assert (
        "</table>\n</div>\n"
        not in page.partition("Sources of Residents</caption>")[2].partition("app-table-csv")[0][:-200]
    )
    said = re.sub(r"<[^>]+>", "", page[page.index("Download this table") :].partition("</p>")[0])
    assert said == "Download this table (CSV): Sources of Residents"


def test_a_table_that_is_not_there_is_a_page_not_found(browser, run):
    for slug in ("nothing", "", "sources-of-residents-2"):
        answer = browser.get(f"{reverse('linkage:project', args=[run.project.id])}?table={slug}")

        assert answer.status_code == 404
        assert heading(answer) == "Page not found"


def test_what_may_not_be_seen_may_not_be_downloaded(browser, run, stranger, client_of, client):
    address = f"{reverse('linkage:run', args=[run.id])}?table=estimates-of-precision-and-recall"

    assert stranger.get(address).status_code == 404
    refused = client_of("caseworker").get(address)
    assert refused.status_code == 403
    assert refused.content == b"" or "You cannot see this page" in refused.content.decode()
    assert client.get(address)["Location"].startswith("/staff/sign-in?")
    assert browser.get(address).status_code == 200


def test_a_list_has_its_whole_csv_and_no_second_one(browser, run):
    page = browser.get(reverse("linkage:projects")).content.decode()

    assert "format=csv" in page
    assert links_in(page) == []
    assert browser.get(f"{reverse('linkage:projects')}?table=projects-page-1-of-1").status_code == 404


def test_downloads_of_other_kinds_are_as_they_were(browser, run):
    answer = browser.get(reverse("linkage:report", args=[run.id]) + "?table=x")

    assert answer.status_code == 200
    assert b"app-table-csv" not in body(answer)


def test_the_overview_of_reviews_has_a_file_and_a_pair_has_none(joined, client_of):
    clerk = client_of("clerk")
    project, _, _ = joined

    assert downloaded(clerk, "/staff/review?table=projects-with-pairs-to-review")[1][0] == project.name
    pair = clerk.get(f"/staff/review/projects/{project.id}/next", follow=True)
    page, address = pair.content.decode(), pair.request["PATH_INFO"]
    assert "The two records, field by field" in page
    assert links_in(page) == []
    assert clerk.get(f"{address}?table=the-two-records-field-by-field").status_code == 404
    assert ReviewPair.objects.filter(project=project).exists()


def test_a_persons_record_has_no_files_and_looking_is_recorded_all_the_same(joined, client_of):
    project, _, _ = joined
    client = client_of("caseworker")
    client.post(f"/staff/people/purpose/{project.id}", {"purpose": "casework", "reference": "HB-2026-0142"})
    people = client.post(
        "/staff/people/search", {"by": "identifier", "identifier": "C00000"}, follow=True
    ).content.decode()
    address = re.search(r"/staff/people/P\d+", people).group(0)

    page = client.get(address).content.decode()

    assert page.count("<table") >= 2
    assert links_in(people + page) == []
    refused = client.get(f"{address}?table=the-records-as-their-sources-wrote-them")
    assert refused.status_code == 404
    assert Event.objects.filter(kind="record.viewed").count() == 2


def test_public_pages_have_no_links(client):
    organisation()
    page = client.get(reverse("public:cookies")).content.decode()

    assert "<table" in page
    assert "app-table-csv" not in page
    assert "<table" in client.get(f"{reverse('public:cookies')}?table=cookies").content.decode()
