"""Charts of anything: always well-formed, always the same, nothing unescaped."""

import math
import xml.etree.ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from joinedup.charts import (
    Bar,
    Interval,
    Line,
    Step,
    bar_chart,
    interval_plot,
    line_chart,
    sparkline,
    waterfall,
)
from joinedup.charts.scale import percent, ticks

words = st.text(max_size=30)
numbers = st.floats(allow_nan=True, allow_infinity=True, width=64)


@given(st.lists(st.tuples(words, st.none() | numbers), max_size=8), words)
@settings(max_examples=60, deadline=None)
def test_any_bars_make_well_formed_svg(pairs, title):
    chart = bar_chart(title=title, bars=[Bar(label, value) for label, value in pairs])
    ET.fromstring(chart.svg())
    assert len(chart.rows) == len(pairs)


@given(st.lists(st.tuples(numbers, numbers), max_size=12), words)
@settings(max_examples=60, deadline=None)
def test_any_line_makes_well_formed_svg(points, name):
    drawn = line_chart(title="t", lines=[Line(name, tuple(points))], x_name="x", y_name="y").svg()
    ET.fromstring(drawn)
    assert "nan" not in drawn.replace(name, "")


@given(st.lists(st.tuples(words, st.floats(-1e6, 1e6)), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_a_waterfall_s_total_is_the_sum_of_its_steps(steps):
    total = waterfall(
        title="t",
        prior=Step("Prior", -3.0),
        steps=[Step(label, value) for label, value in steps],
        value_format=lambda v: f"{v:.6f}",
    ).rows[-1][3]
    expected = -3.0
    for _, value in steps:
        expected += value
    assert total == f"{expected:.6f}"


@given(st.lists(st.none() | numbers, max_size=20))
@settings(max_examples=40, deadline=None)
def test_any_values_make_a_sparkline_and_intervals(values):
    ET.fromstring(sparkline(title="t", values=values).svg())
    finite = [v for v in values if v is not None and math.isfinite(v) and abs(v) < 1e100]
    ET.fromstring(interval_plot(title="t", items=[Interval("i", v, v, v) for v in finite]).svg())


@given(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12))
def test_ticks_cover_their_range(low, high):
    low, high = sorted((low, high))
    steps = ticks(low, high)
    tolerance = (high - low) * 1e-6 + abs(high) * 1e-9 + 1e-9
    assert steps[0] <= low + tolerance
    assert steps[-1] >= high - tolerance
    assert steps == sorted(steps)


@given(st.floats(0, 1))
def test_only_one_is_a_hundred_per_cent(share):
    assert (percent(share) == "100%") == (share == 1)
    assert (percent(share) == "0%") == (share == 0)
