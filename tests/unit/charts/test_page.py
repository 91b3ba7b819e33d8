"""The page: one h1, unique ids, nothing loaded, everything escaped."""

import base64
import hashlib
import re
from datetime import date
from html.parser import HTMLParser

from joinedup import charts
from joinedup.charts import (
    Bar,
    Bullets,
    Card,
    Code,
    Details,
    Heading,
    Markup,
    Notice,
    Section,
    Status,
    Table,
    Tag,
    bar_chart,
    html_report,
    sparkline,
)
from joinedup.charts.palette import DARK, HEAT_DARK, HEAT_LIGHT, LIGHT, SERIES, contrast


def a_page():
    chart = bar_chart(title="Same chart", bars=[Bar("a", 1)])
    table = Table("T", ["f", "s"], [["x<i>", Tag(Status.GOOD)], ["y", sparkline(title="s", values=[1, 2])]])
    return html_report(
        title="A & B <script>",
        lede="L <script>alert(1)</script>",
        cards=[Card("c<", "9", "r>", Status.BAD)],
        sections=[
            Section("Results", ["p <script>", chart, chart, table, Heading("h"), Bullets(["<li>"])]),
            Section(
                "Results", [Notice("n", warning=True), Details("d", [Code("<pre>")]), Markup("<em>e</em>")]
            ),
        ],
        generated_on=date(2026, 5, 1),
        version="1.2",
    )


class Outline(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.ids, self.tags, self.links = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append(tag)
        if "id" in attributes:
            self.ids.append(attributes["id"])
        self.links += [v for k, v in attrs if k in {"href", "src", "srcset", "action"}]
        assert "style" not in attributes, "the content security policy forbids style attributes"


def test_the_page_has_one_heading_and_unique_ids_and_loads_nothing():
    outline = Outline(a_page())
    assert outline.tags.count("h1") == 1
    assert len(outline.ids) == len(set(outline.ids))
    assert "script" not in outline.tags
    assert all(link.startswith("#") for link in outline.links)
    assert {link[1:] for link in outline.links} <= set(outline.ids)
    assert "url(" not in re.sub(r"url\(#chart-\d+-hatch\)", "", a_page())


def test_the_policy_allows_exactly_the_page_s_own_style():
    page = a_page()
    css = re.search(r"<style>(.*?)</style>", page, re.S)[1]
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in page


def test_the_date_and_version_are_those_that_were_given():
    assert 'Made by Joinedup 1.2 on <time datetime="2026-05-01">1 May 2026</time>' in a_page()
    assert a_page() == a_page()


def test_status_carries_a_sign_and_a_word():
    assert '<span aria-hidden="true">✕</span> below target' in a_page()


def test_a_table_without_rows_says_so():
    page = html_report(title="t", sections=[Section("s", [Table("c", ["a"], [], empty="No issues.")])])
    assert "No issues." in page
    assert "<table" not in page


def test_black_on_white_is_21_and_the_palette_meets_aa():
    assert contrast("#ffffff", "#000000") == 21
    assert round(contrast("#ffffff", "#767676"), 2) == 4.54  # the published edge of AA grey
    for theme in (LIGHT, DARK):
        for name in ("ink", "muted", "link", "good", "warn", "bad", "unknown"):
            assert contrast(theme[name], theme["ground"]) >= 4.5, name
        for name in ("ink", "muted"):
            assert contrast(theme[name], theme["panel"]) >= 4.5, name
        for name in (*SERIES, "accent", "axis"):
            assert contrast(theme[name], theme["ground"]) >= 3, name
    for ground, ink in HEAT_LIGHT + HEAT_DARK:
        assert contrast(ground, ink) >= 4.5


def test_front_door_names_exist():
    assert all(hasattr(charts, name) for name in charts.__all__)
