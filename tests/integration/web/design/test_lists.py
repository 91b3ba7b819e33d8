"""Lists: filters, order, pages and CSV in the address, harmless in a spreadsheet, quick at 100,000 rows."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from joinedup_web.accounts.models import StaffUser
from joinedup_web.design import lists
from joinedup_web.design.csv_file import csv_cell
from joinedup_web.design.lists import Column, Export, ListPage
from joinedup_web.design.rows import rows_of
from support.design_pages import PEOPLE, make_people

pytestmark = [pytest.mark.web, pytest.mark.django_db, pytest.mark.urls("support.design_pages")]


def lines_of(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))


def listing(rf, address, declared=PEOPLE, source=None):
    return declared.listing(rf.get(address), StaffUser.objects.all() if source is None else source)


def test_the_address_says_what_is_shown(rf):
    make_people(120)

    shown = listing(rf, "/try/list?q=person&is_active=False&sort=-email&created_from=2026-01-02")

    assert [row.email for row in shown.rows][:2] == ["person000110@example.test", "person000100@example.test"]
    assert shown.total == 9  # 30, 40 … 110: disabled, and created from hour 24 on
    assert shown.amount == "9 accounts"
    assert [tag.words for _, tag, _ in shown.tags] == ["person", "Disabled", "Created from 2 January 2026"]


def test_taking_a_filter_away_keeps_the_others_and_the_order(rf):
    make_people(5)
    shown = listing(rf, "/try/list?q=person&is_active=True&is_active=False&sort=-name&page=1")

    without_active = next(href for _, tag, href in shown.tags if tag.words == "Active")

    assert parse_qs(urlsplit(without_active).query) == {
        "q": ["person"],
        "is_active": ["False"],
        "sort": ["-name"],
    }
    assert shown.clear_address == "/try/list?sort=-name"


def test_days_are_london_days_and_both_ends_count(rf):
    make_people(72)

    shown = listing(rf, "/try/list?created_from=2/1/2026&created_to=2026-01-02")

    assert shown.total == 24


def test_a_day_that_is_none_is_said_and_filters_nothing(rf, client):
    make_people(3)

    shown = listing(rf, "/try/list?created_from=31/2/2026")
    page = client.get("/try/list?created_from=31/2/2026").content.decode()

    assert shown.total == 3
    assert shown.errors == [{"text": "Created: Enter a real date, like 27/3/2026", "href": "#created_from"}]
    assert "There is a problem" in page
    assert "<title>Error: Accounts" in page


@pytest.mark.parametrize(
    "address", ["?page=0", "?page=99999999999", "?page=x", "?sort=password", "?is_active=maybe"]
)
def test_nonsense_in_the_address_still_opens_the_list(client, address):
    make_people(60)

    assert client.get(f"/try/list{address}").status_code == 200


def test_a_page_past_the_end_is_the_last(rf):
    make_people(120)

    shown = listing(rf, "/try/list?page=9")

    assert (shown.page, shown.span) == (3, "Showing 101 to 120 of 120 accounts")


def test_missing_values_come_last_in_both_orders(rf):
    make_people(3)
    first = StaffUser.objects.first()
    StaffUser.objects.filter(pk=first.pk).update(expires_at=first.created_at)

    for sort in ("expires_at", "-expires_at"):
        assert listing(rf, f"/try/list?sort={sort}").rows[0].pk == first.pk


def test_equal_rows_fall_the_same_way_so_that_pages_neither_repeat_nor_lose_one(rf):
    make_people(130)
    seen = [row.pk for page in (1, 2, 3) for row in listing(rf, f"/try/list?sort=is_active&page={page}").rows]

    assert len(seen) == len(set(seen)) == 130


@pytest.mark.parametrize("sort", ["expires_at", "-expires_at", "email", "-is_active"])
def test_far_pages_are_the_same_pages_whichever_end_they_are_reached_from(rf, monkeypatch, sort):
    make_people(130)
    late = list(StaffUser.objects.order_by("email"))[::3]
    for user in late:
        user.expires_at = user.created_at
    StaffUser.objects.bulk_update(late, ["expires_at"])
    plain = [[row.pk for row in listing(rf, f"/try/list?sort={sort}&page={page}").rows] for page in (1, 2, 3)]
    small = replace(PEOPLE, page_size=10)
    monkeypatch.setattr(lists, "FAR", 20)

    pages = [listing(rf, f"/try/list?sort={sort}&page={page}", declared=small) for page in range(1, 15)]

    assert [row.pk for page in pages[:13] for row in page.rows] == [key for page in plain for key in page]
    assert [(page.total, page.pages) for page in pages] == [(130, 13)] * 14
    assert [row.pk for row in pages[13].rows] == [row.pk for row in pages[12].rows]  # past the end: the last
    with CaptureQueriesContext(connection) as queries:
        listing(rf, f"/try/list?sort={sort}&page=13", declared=small)
    assert len(queries) == 3


def test_headings_tell_the_order_and_turn_it_round(client):
    make_people(2)

    page = client.get("/try/list?sort=name").content.decode()

    assert (
        'aria-sort="ascending"><a class="app-sort app-sort--ascending" href="/try/list?sort=-name">Name'
        in page
    )
    assert page.count('aria-sort="none"') == 4


def test_an_empty_list_says_what_to_do(client):
    page = client.get("/try/list").content.decode()

    assert "Nobody has an account yet." in page
    assert "Invite somebody" in page
    assert "Filters" not in page


def test_nothing_found_is_not_nothing_there(client):
    make_people(2)

    page = client.get("/try/list?q=zebra").content.decode()

    assert "Nothing matches these filters" in page
    assert 'href="/try/list"' in page


def test_the_file_holds_the_whole_filtered_table_in_its_order(client):
    make_people(120)

    answer = client.get("/try/list?is_active=False&sort=-email&page=2&format=csv")
    lines = lines_of(answer)

    assert answer["Content-Disposition"] == 'attachment; filename="accounts.csv"'
    assert lines[0] == ["E-mail", "Name", "Active", "Created", "Expires"]
    assert len(lines) == 1 + 12
    assert lines[1][0] == "person000110@example.test"
    assert lines[-1][3] == "2026-01-01T00:00:00+00:00"


def test_who_exports_is_told_before_the_first_row_leaves(rf):
    make_people(30)
    told: list[Export] = []

    PEOPLE.answer(rf.get("/?q=person&format=csv"), StaffUser.objects.all(), on_export=told.append)

    assert told == [Export(rows=30, filters=("q",))]


def test_what_the_export_hook_raises_stops_the_file(rf):
    def refuse(export: Export) -> None:
        raise PermissionError

    with pytest.raises(PermissionError):
        PEOPLE.answer(rf.get("/?format=csv"), StaffUser.objects.all(), on_export=refuse)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("=1+1", "'=1+1"),
        ("+44 20 7946 0000", "'+44 20 7946 0000"),
        ("-cmd", "'-cmd"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        (" =1", "' =1"),
        ("＝1", "'＝1"),
        ("-5", "-5"),
        (-5, -5),
        ("O'Neil", "O'Neil"),
        ("a=b", "a=b"),
        (None, ""),
        (True, "yes"),
        (date(2026, 3, 1), "2026-03-01"),
    ],
)
def test_no_cell_is_a_formula(given, kept):
    assert csv_cell(given) == kept


def test_a_long_count_stops_at_its_limit(rf):
    make_people(30)
    small = ListPage(
        "Accounts", ("account", "accounts"), (Column("email", "E"),), count_limit=20, page_size=5
    )

    shown = listing(rf, "/?page=4", declared=small)

    assert (shown.amount, shown.pages) == ("More than 20 accounts", 4)


def test_tables_in_memory_are_lists_too(client):
    page = client.get("/try/table?sort=-rows&page=3").content.decode()

    assert "Showing 101 to 120 of 120 sources" in page
    assert "source 20<" in page
    assert "1,000" in page


def test_words_are_words_and_no_pattern(rf):
    make_people(3)

    assert rows_of(StaffUser.objects.all()).search(("name",), "100%").count() == 0
    assert rows_of([{"name": "a.c"}, {"name": "abc"}]).search(("name",), "A.C").count() == 1


def test_what_a_cell_holds_is_text(client):
    StaffUser.objects.create_user("x@example.test", "<script>alert(1)</script>")

    page = client.get("/try/list").content.decode()

    assert "&lt;script&gt;alert(1)" in page


HUNDRED_THOUSAND = 100_000
ADDRESSES = [
    "/try/list",
    "/try/list?page=1000",
    "/try/list?sort=-name&page=700",
    "/try/list?q=person+0999&sort=name",
    "/try/list?is_active=False&sort=-created_at&page=100",
    "/try/list?created_from=2030-01-01&created_to=2033-12-31&is_active=True&sort=-email&page=300",
    "/try/list?q=person00&is_active=True&sort=expires_at&page=50",
]


@pytest.mark.slow
def test_a_hundred_thousand_rows_take_no_more_queries_than_three(client):
    """How long they take is measured by bench/staff_list.py: machines differ too much to be asked here."""
    make_people(HUNDRED_THOUSAND)
    with connection.cursor() as cursor:  # what is sorted by has an index: the rule for every long list
        cursor.execute("CREATE INDEX try_by_name ON accounts_staffuser (name, email, id)")
        cursor.execute("CREATE INDEX try_by_created ON accounts_staffuser (created_at, id)")
        cursor.execute("ANALYZE accounts_staffuser")
    for address in ADDRESSES:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) <= 3, address
