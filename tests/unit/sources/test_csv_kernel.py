"""The compiled cut of plain CSV, against Python's own reader, and what it must not take on."""

from __future__ import annotations

import csv
import io
import random

import pytest

from joinedup.sources.csv_kernel import columns_of, cut
from joinedup.sources.records import Dialect

PLAIN = Dialect()
CELLS = ["", "a", "Anne-Marie", "12 Long Street, Leeds", 'say "yes"', "é" * 9, "two\nlines", "\t", "x" * 300]


def cut_of(text: bytes, *, columns: int = 3, at_end: bool = True, limit: int = 1 << 20, utf8: bool = True):
    return cut(text, columns=columns, dialect=PLAIN, utf8=utf8, at_end=at_end, limit=limit)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_cells_are_those_of_pythons_reader(line_end, quoting):
    chance = random.Random(5)
    rows = [[chance.choice(CELLS) for _ in range(3)] for _ in range(2_000)]
    text = io.StringIO()
    csv.writer(text, lineterminator=line_end, quoting=quoting).writerows(rows)
    written = text.getvalue().encode()

    found = cut_of(written)
    arrays = columns_of(written, found, dialect=PLAIN)

    assert (found.end, found.records, found.lines) == (len(written), 2_000, written.count(b"\n"))
    for at, array in enumerate(arrays):
        array.validate(full=True)
        assert array.to_pylist() == [row[at] or None for row in rows]


@pytest.mark.parametrize(
    "text",
    [
        b"a,b\n", b"a,b,c,d\n", b"\na,b,c\n", b"a,b,c\n\nd,e,f\n", b'a,"b"x,c\n', b'a,b"b,c\n', b'a,b,"c\n',
        b"a,b,c\rd,e,f\n", b"a,\0,c\n", b"a,\xff,c\n", b"\xef\xbb\xbfa,b,c\n", b"a,b,c\r", b"",
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_the_others(text):
    assert cut_of(text) is None


def test_the_last_record_waits_for_its_end():
    for tail in (b"d,e", b"d,e,f", b'd,e,"f"', b'd,e,"f\n', b"d,e,f\r", "d,e,é".encode()[:-1], b""):
        found = cut_of(b"a,b,c\n" + tail, at_end=False)

        assert (found.end, found.records, found.lines) == (6, 1, 1)


def test_a_record_above_the_limit_or_in_another_encoding_is_left_to_the_others():
    assert cut_of(b"abc,def,ghi\n", limit=11) is not None
    assert cut_of(b"abc,def,ghi\n", limit=10) is None
    assert cut_of("a,é,c\n".encode(), utf8=False) is None


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("tail", ["", "d,e", "d,e,f"])
@pytest.mark.parametrize("at_end", [True, False])
def test_without_quotes_the_cells_are_the_same_as_with_one_that_comes_later(line_end, tail, at_end):
    """The quicker cut, for bytes without quotes, tells what the other one tells."""
    chance = random.Random(11)
    for records in [*range(1, 40), 3_000]:
        rows = [[chance.choice(["", "a", "é", "\t" * 7, "x" * chance.randrange(99)]) for _ in range(3)]]
        rows += [[chance.choice(CELLS[:3]) for _ in range(3)] for _ in range(records - 1)]
        text = "".join(",".join(row) + line_end for row in rows)

        quick = cut_of((text + tail).encode(), at_end=at_end)
        other = cut_of((text + '"","",""\n').encode())

        if at_end and tail == "d,e":
            assert quick is None
            continue
        whole = records + (at_end and tail == "d,e,f")
        assert (quick.records, quick.lines) == (whole, whole)
        assert other.records == records + 1
        assert quick.stops[: 3 * records].tolist() == other.stops[: 3 * records].tolist()
        assert quick.end == len(text.encode()) + (len(tail) if whole > records else 0)
        if whole == records:
            cells = columns_of((text + tail).encode(), quick, dialect=PLAIN)
            assert [array.to_pylist() for array in cells] == [
                [row[at] or None for row in rows] for at in range(3)
            ]


@pytest.mark.parametrize("before", range(0, 130, 13))
@pytest.mark.parametrize("wrong", ["a,b\n", "a,b,c,d\n", "\n"])
def test_a_record_out_of_the_ordinary_is_found_wherever_it_stands(before, wrong):
    good = "abc,de,f\n"

    assert cut_of((good * before + wrong + good * 3).encode()) is None
    assert cut_of((good * before + good * 3).encode()).records == before + 3
