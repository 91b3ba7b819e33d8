"""Every chart: well-formed SVG with title, description and table; nothing unescaped; the same each time."""

import xml.etree.ElementTree as ET

import pytest

from joinedup import charts
from joinedup.charts import (
    Bar,
    Edge,
    Interval,
    Line,
    Node,
    Spot,
    Stack,
    Status,
    Step,
    Threshold,
    WeightGroup,
)

NASTY = "<b>&\"'\x00</svg>"
SVG = "{http://www.w3.org/2000/svg}"


def one_of_each(label=NASTY):
    return {
        "bar": charts.bar_chart(title=label, bars=[Bar(label, 0.5, 0.9, Status.BAD, label), Bar("b", None)]),
        "column": charts.column_chart(title=label, bars=[Bar(label, 3), Bar("b", -2)]),
        "stacked": charts.stacked_bars(title=label, parts=[label, "y"], stacks=[Stack(label, (1, 3))]),
        "weights": charts.weight_bars(
            title=label, groups=[WeightGroup(label, ((label, float("-inf"), label), ("x", 2.5, "")))]
        ),
        "histogram": charts.histogram(
            title=label,
            edges=[0, 1, 2],
            layers=[(label, [5, 0]), ("z", [1, 2])],
            x_name=label,
            thresholds=[Threshold(1.5, label)],
        ),
        "line": charts.line_chart(
            title=label,
            lines=[Line(label, ((0, 1), (1, 0.5), (2, float("nan")))), Line("k", ())],
            x_name=label,
            y_name=label,
            spots=[Spot(1, 0.5, label)],
        ),
        "waterfall": charts.waterfall(
            title=label, prior=Step(label, -10.0), steps=[Step(label, 4.5, label)], threshold=1.0
        ),
        "heat": charts.heat_matrix(title=label, rows=[label], columns=[label, "q"], values=[[1.0, None]]),
        "interval": charts.interval_plot(
            title=label, items=[Interval(label, 0.5, 0.4, 0.6, 0.55, Status.WARN), Interval("u", None)]
        ),
        "sparkline": charts.sparkline(title=label, values=[1, None, 3]),
        "network": charts.network(
            title=label,
            nodes=[Node("a", label, label), Node("b", "B", "s2")],
            edges=[Edge("a", "b", 3.5, weak=True)],
        ),
    }


@pytest.mark.parametrize("kind", one_of_each())
def test_every_chart_is_accessible_and_escaped(kind):
    chart = one_of_each()[kind]

    root = ET.fromstring(chart.svg("c-1"))

    assert root.tag == f"{SVG}svg"
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"].split() == ["c-1-title", "c-1-desc"]
    ids = {e.attrib["id"]: (e.text or "") for e in root.iter() if "id" in e.attrib}
    assert ids["c-1-title"] == "<b>&\"'\ufffd</svg>"
    assert len(ids["c-1-desc"]) > 5
    assert not list(root.iter(f"{SVG}b"))
    page = chart.html("c-1")
    assert "<table>" in page
    assert 'scope="row"' in page
    assert "<b>" not in page


@pytest.mark.parametrize("kind", one_of_each())
def test_the_same_input_draws_the_same_picture(kind):
    assert one_of_each()[kind] == one_of_each()[kind]
    assert one_of_each()[kind].svg() == one_of_each()[kind].svg()


def test_a_chart_without_data_says_so():
    assert charts.bar_chart(title="t", bars=[]).description == "Bar chart with no data."
    assert (
        "no values" in charts.histogram(title="t", edges=[0, 1], layers=[("a", [0])], x_name="x").description
    )
    ET.fromstring(charts.network(title="t", nodes=[], edges=[]).svg())
    ET.fromstring(charts.line_chart(title="t", lines=[], x_name="x", y_name="y").svg())


def test_bars_are_as_long_as_their_share_of_the_maximum():
    chart = charts.bar_chart(title="t", bars=[Bar("a", 0.25), Bar("b", 1.0)], maximum=1)
    widths = [
        float(r.attrib["width"])
        for r in ET.fromstring(chart.svg()).iter(f"{SVG}rect")
        if r.attrib.get("class") == "fill-accent"
    ]
    assert widths[0] / widths[1] == pytest.approx(0.25, abs=0.001)


def test_a_waterfall_runs_from_the_prior_to_the_total():
    chart = charts.waterfall(
        title="t",
        prior=Step("Prior", -14.2),
        steps=[Step("First name", 6.8), Step("Postcode", 9.9)],
        threshold=2,
    )
    assert [row[3] for row in chart.rows] == ["−14.20", "−7.40", "+2.50", "+2.50"]
    assert chart.description.endswith("The total is +2.50. This is at or above the threshold of +2.00.")


def test_a_value_that_was_not_measured_is_never_drawn_as_a_number():
    chart = charts.bar_chart(title="t", bars=[Bar("accuracy", None, 0.9, Status.UNKNOWN)], maximum=1)
    assert "? not measured" in chart.drawing
    assert chart.rows == (("accuracy", None, "0.9", "not measured"),)


def test_places_that_have_names_are_named_wherever_a_line_chart_speaks():
    chart = charts.line_chart(
        title="Comments each week",
        lines=[Line("Comments", ((0, 11), (1, 14), (2.5, 9)))],
        spots=[charts.Spot(1, 14, "Sudden change")],
        x_name="Week from",
        y_name="Comments",
        x_words=[(0, "6 July 2026"), (1, "13 July 2026")],
    )

    picture = ET.fromstring(chart.svg())
    titles = [each.text for each in picture.iter() if each.tag.endswith("title")]
    assert "Comments: 6 July 2026, 11" in titles
    assert "Comments: 13 July 2026, 14" in titles
    assert "Comments goes from 11 (6 July 2026) to 9 at 2.5." in chart.description
    assert "Sudden change: 13 July 2026, 14." in chart.description
    assert chart.rows[0] == ("Comments", "6 July 2026", "11")
    assert chart.rows[-1] == ("Sudden change", "13 July 2026", "14")


def test_colour_is_never_the_only_difference_between_series():
    lines = [Line(str(n), ((0, n), (1, n))) for n in range(3)]
    root = ET.fromstring(charts.line_chart(title="t", lines=lines, x_name="x", y_name="y").svg())
    dashes = [p.attrib.get("stroke-dasharray") for p in root.iter(f"{SVG}polyline")]
    assert len(set(dashes)) == 3


def test_a_network_does_not_depend_on_the_order_it_is_given_in():
    nodes = [Node(k, k.upper(), "s") for k in "abcd"]
    edges = [Edge("a", "b", 1), Edge("c", "b", 2), Edge("c", "d", 3)]
    turned = [Edge(e.second, e.first, e.weight) for e in reversed(edges)]
    one = charts.network(title="t", nodes=nodes, edges=edges)
    other = charts.network(title="t", nodes=nodes[::-1], edges=turned)
    assert one.drawing == other.drawing


def test_histogram_refuses_what_cannot_be_drawn():
    with pytest.raises(ValueError, match="one more edge"):
        charts.histogram(title="t", edges=[0, 1], layers=[("a", [1, 2])], x_name="x")
    with pytest.raises(ValueError, match="stacked"):
        charts.histogram(
            title="t", edges=[0, 1], layers=[("a", [1]), ("b", [1])], x_name="x", log_counts=True
        )


def test_numbers_are_written_for_people():
    assert charts.percent(0.9999) == "99.9%"
    assert charts.percent(1) == "100%"
    assert charts.plain(1234567) == "1,234,567"
    assert charts.signed(-1.5) == "−1.50"
    assert charts.short(25_000) == "25k"
