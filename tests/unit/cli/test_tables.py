"""Figures in the terminal say neither more nor less than was measured."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from joinedup.cli.tables import duration, figure, share, table


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1234567, "1,234,567"), (0.12345, "0.123"), (None, "–"), (True, "yes"), ("[b]", "[b]")],
)
def test_a_figure_is_shown_for_people(value, shown):
    assert figure(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(1.0, "100%"), (0.99999, "99.99%"), (0.00001, "0.01%"), (0.0, "0%"), (0.5, "50.00%")]
)
def test_almost_all_is_never_shown_as_all_nor_almost_none_as_none(value, shown):
    assert share(value) == shown


@pytest.mark.parametrize(("seconds", "shown"), [(0.04, "0.0 s"), (59.9, "59.9 s"), (75, "1 min 15 s")])
def test_a_duration_is_shown_in_the_units_people_use(seconds, shown):
    assert duration(seconds) == shown


def test_text_in_a_table_is_never_taken_for_markup():
    console = Console(file=io.StringIO(), width=80)

    console.print(table(["column"], [["[red]forged[/red]"]]))

    assert "[red]forged[/red]" in console.file.getvalue()


def test_text_of_a_file_does_not_steer_the_terminal():
    console = Console(file=io.StringIO(), width=80)

    console.print(
        table(["\x1b[31mred"], [["bell\x07", "\x9b2J"], ["back\x08", "\u202eturned"]], title="\x1b]0;t")
    )

    drawn = console.file.getvalue()
    assert not {"\x1b", "\x07", "\x9b", "\x08", "\u202e"} & set(drawn)
    assert "\\x1b[31mred" in drawn
    assert figure("Zoë\tAnn") == "Zoë\tAnn"
