"""Tables read from a page's HTML: what they are called, where a link to each may stand, and every cell's words."""

from __future__ import annotations

import pytest

from joinedup_web.design.csv_file import csv_lines
from joinedup_web.design.tables import read_table, tables_in


def table(*rows, head="<th>A</th><th>B</th>"):
    lines = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"


def cell(html):
    return read_table(table(f"<td>x</td><td>{html}</td>")).rows[0][1]


def test_headings_come_from_the_head_and_one_line_from_each_row():
    found = read_table(table('<th scope="row">x</th><td>1</td>', "<th>y</th><td>2</td>"))

    assert found.headings == ("A", "B")
    assert found.rows == (("x", "1"), ("y", "2"))


def test_without_a_head_the_first_row_is_one():
    found = read_table("<table><tr><th>A</th><td>1</td></tr><tr><th>B</th><td>2</td></tr></table>")

    assert (found.headings, found.rows) == (("A", "1"), (("B", "2"),))


def test_a_foot_is_rows_like_others():
    found = read_table(
        "<table><thead><tr><th>A</th></tr></thead><tbody><tr><td>1</td></tr></tbody>"
        "<tfoot><tr><td>All</td></tr></tfoot></table>"
    )

    assert found.rows == (("1",), ("All",))


def test_a_cell_over_several_columns_is_followed_by_empty_ones():
    found = read_table(
        table(
            '<td>x</td><td colspan="2">Too few to show</td><td>9</td>', "<td>y</td><td>1</td><td>2</td><td>3</td>",
            head="<th>A</th><th>B</th><th>C</th><th>D</th>",
        )
    )  # fmt: skip

    assert found.rows == (("x", "Too few to show", "", "9"), ("y", "1", "2", "3"))


def test_a_cell_over_several_rows_is_in_each_of_them():
    found = read_table(table('<td rowspan="2">x</td><td>1</td>', "<td>2</td>", "<td>y</td><td>3</td>"))

    assert found.rows == (("x", "1"), ("x", "2"), ("y", "3"))


def test_a_cell_down_to_the_end_beyond_a_short_row_stays_in_its_column():
    found = read_table(table('<td>x</td><td rowspan="0">all</td>', "", "<td>z</td>"))

    assert found.rows == (("x", "all"), ("", "all"), ("z", "all"))


def test_headings_above_headings_are_told_together():
    found = read_table(
        '<table><thead><tr><th rowspan="2">Group</th><th colspan="2">Errors</th></tr>'
        "<tr><th>Missed</th><th>False</th></tr></thead><tr><td>a</td><td>1</td><td>2</td></tr></table>"
    )

    assert found.headings == ("Group", "Errors: Missed", "Errors: False")
    assert found.rows == (("a", "1", "2"),)


def test_ragged_rows_are_filled_and_columns_of_nothing_left_out():
    found = read_table(
        table("<td>x</td><td>1</td><td></td>", "<td>y</td>", head="<th>A</th><th>B</th><td></td>")
    )

    assert (found.headings, found.rows) == (("A", "B"), (("x", "1"), ("y", "")))


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ('<strong class="govuk-tag">  Being\n read </strong>', "Being read"),
        ('<a href="/x">Run <b>7</b></a>, 3 May', "Run 7, 3 May"),
        ("Fish &amp; chips &lt;hot&gt; &pound;2 caf&#233;", "Fish & chips <hot> £2 café"),
        ('Clerk<br><a data-csv="none">How <b>good</b>?</a>', "Clerk"),
        ('<a class="govuk-link">CSV</a><a class="govuk-link">Parquet</a>', "CSV; Parquet"),
        ("<a>One</a>, <a>two</a> and <a>three</a>", "One, two and three"),
        ("Clerk<br>by <span>Ana</span>", "Clerk; by Ana"),
        ("Why:<br>because", "Why: because"),
        ("<ul>\n<li>one</li>\n<li>two</li></ul>and 3 more", "one; two; and 3 more"),
        ('<a>Change<span class="govuk-visually-hidden"> the role Clerk</span></a>', "Change"),
        ('<span class="govuk-visually-hidden">Not known</span>', "Not known"),
        (
            '<span aria-hidden="true">SM<mark>I</mark>TH</span><span class="govuk-visually-hidden">SMITH</span>',
            "SMITH",
        ),
        ('<span aria-hidden="true">–</span>', "–"),
        ("<svg><title>Rising</title><path d='M0'/></svg>", "Rising"),
        ("5 of 9<progress value='5' max='9'>5 of 9</progress>", "5 of 9"),
        ('<span hidden>secret</span><form method="post"><input type="hidden" name="t" value="t">'
         "<button>End</button></form>", ""),
        (
            '<label class="govuk-visually-hidden">Meaning</label><select><option value="a">Name'
            '<option value="b" selected>Surname</option></select>',
            "Surname",
        ),
        ("<select><option>First</option><option>Second</option></select>", "First"),
        ("<select></select>after", "after"),
        ('<input name="n" value="12"> days', "12 days"),
        ("1,234,567", "1234567"),
        ("−1,200.50", "-1200.50"),
        ("12,5", "12,5"),
        ("1,200 (3%)", "1,200 (3%)"),
        ("<table><tr><td>in</td><td>ner</td></tr></table>", "in; ner"),
    ],
)  # fmt: skip
def test_a_cell_is_its_words(html, words):
    assert cell(html) == words


def test_cells_left_open_end_where_the_next_begins():
    found = read_table("<table><tr><th>A<th>B<tr><td>1<td><b>2</table>")

    assert (found.headings, found.rows) == (("A", "B"), (("1", "2"),))


def test_nothing_of_a_table_runs_in_a_spreadsheet():
    found = read_table(
        table("<td>=cmd|&#39; /C calc&#39;!A0</td><td>−5</td>", "<td> @SUM(1)</td><td>+a</td>")
    )
    lines = "".join(csv_lines(found.headings, found.rows)).split("\r\n")

    assert lines == ["A,B", "'=cmd|' /C calc'!A0,-5", "'@SUM(1),'+a", ""]


def test_tables_are_called_by_caption_then_label_then_region():
    region = '<div class="app-scroll x" role="region" aria-label="Estimates &amp; more" tabindex="0">\n'
    page = (
        '<main><table class="t"><caption class="h">Keys <b>in</b>\n use<br><i>now</i></caption></table>'
        f'<table aria-label="The &quot;six&quot;"></table>{region}<table><tr></tr></table></div><table></table>'
    )

    assert [(one.name, one.slug) for one in tables_in(page)] == [
        ("Keys in use; now", "keys-in-use-now"),
        ('The "six"', "the-six"),
        ("Estimates & more", "estimates-more"),
        ("Table", "table"),
    ]


def test_tables_of_one_caption_have_their_own_slugs():
    captions = ("Runs", "Runs", "Runs 2", "Runs", "ŵ" * 70, "ŵ" * 71)
    found = tables_in("".join(f"<table><caption>{name}</caption></table>" for name in captions))

    assert [one.slug for one in found] == ["runs", "runs-2", "runs-2-2", "runs-3", "w" * 60, "w" * 60 + "-2"]
    assert [one.name for one in found[:4]] == ["Runs", "Runs, 2", "Runs 2, 2", "Runs, 3"]


def test_a_link_stands_outside_the_region_that_scrolls_and_a_table_within_a_table_is_none():
    page = (
        '<div class="app-scroll"><table><tr><td><table></table></td></tr></table>\n</div>|'
        "<div><table></table>|</div>"
    )

    assert [page[one.after] for one in tables_in(page)] == ["|", "|"]


def test_a_table_whose_page_has_its_csv_says_so():
    assert [one.has_csv for one in tables_in('<table data-csv="own"></table><table></table>')] == [
        True,
        False,
    ]
