"""The fast and the careful path of the CSV reader give the same, whatever the text and wherever it is cut."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from joinedup.errors import JoinedupError
from joinedup.sources import ReadOptions, read

PIECES = [
    *[
        "a",
        "1",
        "Smith",
        "é",
        "£",
        "’",
        "x y",
        ",",
        ",",
        ",",
        '"',
        '""',
        '","',
        '"\n',
        ',"',
        '",',
        "\n",
        "\n",
    ],
    *["\r\n", "\r", "\0", "\ufeff", "\\", '\\"', ";", "\t", "'", " ", "\n\n", "\r\n\r\n", ",,", "0123"],
]
BYTES = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=60).map(lambda parts: "".join(parts).encode()),
    st.lists(st.sampled_from([*PIECES, "\xe9"]), max_size=60).map(
        lambda parts: "".join(parts).encode("cp1252", "replace")
    ),
    st.lists(
        st.one_of(st.sampled_from([p.encode() for p in PIECES]), st.binary(max_size=3)), max_size=40
    ).map(b"".join),
)
HEADER = b"id,name,dob\n"
quick = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def outcome(path: Path, **options: object) -> tuple[object, ...]:
    """Everything that reading gives, or the error."""
    try:
        reading = read(path, options=ReadOptions(**options))  # type: ignore[arg-type]
        table, report = reading.table(), reading.report
    except JoinedupError as error:
        return (type(error), str(error))
    assert report.rows_in == report.rows_good + report.rows_aside
    assert report.rows_good == table.num_rows
    assert report.rows_aside == reading.aside.num_rows
    return table.to_pydict(), reading.aside.to_pydict(), report.notes, report.rows_in


@pytest.mark.parametrize("fixed", [{}, {"delimiter": ",", "quote": '"', "header_row": 1}])
@quick
@given(body=BYTES, chunk=st.integers(1, 40), ragged=st.sampled_from(["aside", "pad"]))
@example(body=b'1,"Smith\n2,"Jones"\n', chunk=7, ragged="aside")
@example(body=b'"a\n\n"\n\n\n1,2,3', chunk=1, ragged="aside")
@example(body=b'1,2,"3"\r', chunk=3, ragged="aside")
@example(body=b'1,"a\nb",2,3\n5,"6",7\n', chunk=100, ragged="pad")
@example(body=b"\xef\xbb\xbfx,y,z\n", chunk=12, ragged="aside")
def test_both_paths_and_any_chunk_give_the_same(tmp_path, body, chunk, ragged, fixed):
    path = tmp_path / "people.csv"
    path.write_bytes(HEADER + body)

    careful = outcome(path, careful=True, ragged=ragged, **fixed)

    assert outcome(path, ragged=ragged, **fixed) == careful
    assert outcome(path, ragged=ragged, chunk_bytes=chunk, **fixed) == careful
    assert outcome(path, ragged=ragged, chunk_bytes=chunk, careful=True, **fixed) == careful


@quick
@given(body=BYTES, limit=st.integers(1, 30), chunk=st.integers(1, 40))
def test_both_paths_agree_about_rows_that_are_too_long(tmp_path, body, limit, chunk):
    path = tmp_path / "people.csv"
    path.write_bytes(HEADER + body)
    fixed = {"delimiter": ",", "quote": '"', "header_row": 1, "max_record_bytes": limit}

    assert outcome(path, chunk_bytes=chunk, **fixed) == outcome(path, careful=True, **fixed)


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\ufeff"), max_size=8)


@quick
@given(
    rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=12),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_was_written_well_comes_back_whole(tmp_path, rows, encoding, line_end, delimiter, quoting):
    if line_end == "\r":
        quoting = csv.QUOTE_ALL  # Python's writer would leave a line feed unquoted there
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
    writer.writerows([["id", "full name", "date of birth"], *rows])
    path = tmp_path / "people.csv"
    path.write_bytes(text.getvalue().encode(encoding))

    reading = read(path, options=ReadOptions(delimiter=delimiter, quote='"', header_row=1, escape=""))

    expected = [tuple(cell or None for cell in row) for row in rows]
    assert [tuple(row.values()) for row in reading.table().to_pylist()] == expected
    assert reading.schema.names == ["id", "full name", "date of birth"]
    assert reading.aside.num_rows == 0
