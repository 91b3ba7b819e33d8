"""Pictures without a browser: accessible SVG charts, each with its table, and self-contained pages."""

from __future__ import annotations

from .bars import Bar, Stack, WeightGroup, bar_chart, column_chart, stacked_bars, weight_bars
from .chart import Chart
from .grid import Interval, heat_matrix, interval_plot
from .histogram import histogram
from .lines import Line, Spot, Threshold, line_chart
from .page import (
    Block,
    Bullets,
    Card,
    Cards,
    Code,
    Details,
    Heading,
    Markup,
    Notice,
    Section,
    Table,
    Tag,
    html_report,
)
from .palette import Status
from .scale import percent, plain, short, signed
from .small import Edge, Node, network, sparkline
from .waterfall import Step, waterfall

__all__ = [
    "Bar",
    "Block",
    "Bullets",
    "Card",
    "Cards",
    "Chart",
    "Code",
    "Details",
    "Edge",
    "Heading",
    "Interval",
    "Line",
    "Markup",
    "Node",
    "Notice",
    "Section",
    "Spot",
    "Stack",
    "Status",
    "Step",
    "Table",
    "Tag",
    "Threshold",
    "WeightGroup",
    "bar_chart",
    "column_chart",
    "heat_matrix",
    "histogram",
    "html_report",
    "interval_plot",
    "line_chart",
    "network",
    "percent",
    "plain",
    "short",
    "signed",
    "sparkline",
    "stacked_bars",
    "waterfall",
    "weight_bars",
]
