"""Delimited text: what is found out, what is kept aside, and that nothing is lost."""

from __future__ import annotations

import tracemalloc

import pytest

from joinedup.errors import SourceError, UsageError
from joinedup.sources import ReadOptions, one_of_columns, read, sniff


@pytest.fixture
def file(tmp_path):
    def write(content: bytes | str, name: str = "people.csv"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def rows(reading):
    return [tuple(row.values()) for row in reading.table().to_pylist()]


def reasons(reading):
    reading.table()
    return [(row["row"], row["reason"]) for row in reading.aside.to_pylist()]


def test_all_columns_are_text_so_that_leading_zeros_live(file):
    reading = read(file("id,phone\n007,01632960001\n"))

    assert rows(reading) == [("007", "01632960001")]
    assert {str(kind) for kind in reading.schema.types} == {"string"}


def test_empty_cells_are_missing_quoted_or_not(file):
    assert rows(read(file('id,name\n1,\n2,""\n'))) == [("1", None), ("2", None)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~"])
def test_the_delimiter_is_found_out_and_told(file, delimiter):
    text = "id,name,note\n1,Ann,a b\n2,Bob,c d\n".replace(",", delimiter)

    reading = read(file(text))

    assert rows(reading) == [("1", "Ann", "a b"), ("2", "Bob", "c d")]
    assert reading.report.delimiter == delimiter


def test_commas_inside_a_semicolon_file_do_not_mislead(file):
    text = "id;address\n" + "".join(f"{n};{n} High Street, Leeds, LS1\n" for n in range(20))

    assert read(file(text)).schema.names == ["id", "address"]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("id,name\n1,Zoë\n".encode(), "utf-8"),
        ("id,name\n1,Zoë\n".encode("utf-8-sig"), "utf-8"),
        ("id,name\n1,Zoë\n".encode("utf-16"), "utf-16-le"),
        (b"\xfe\xff" + "id,name\n1,Zoë\n".encode("utf-16-be"), "utf-16-be"),
        ("id,name\n1,Zoë\n".encode("utf-16-le"), "utf-16-le"),
        ("id,name\n1,Zoë\n".encode("utf-32"), "utf-32-le"),
        ("id,name\n1,Zoë\n".encode("cp1252"), "cp1252"),
    ],
)
def test_the_encoding_is_found_out_and_told(file, content, encoding):
    reading = read(file(content))

    assert rows(reading) == [("1", "Zoë")]
    assert reading.report.encoding == encoding


def test_windows_quotes_and_pounds_are_read(file):
    reading = read(file("id,note\n1,O’Brien owes £5 – “soon”\n".encode("cp1252")))

    assert rows(reading) == [("1", "O’Brien owes £5 – “soon”")]


def test_a_declared_encoding_is_obeyed(file):
    path = file("id,name\n1,Zoë\n".encode("cp850"))

    assert rows(read(path, options=ReadOptions(encoding="cp850"))) == [("1", "Zoë")]


def test_two_encodings_in_one_file_are_told_by_line(file):
    content = "id,name\n1,Zoë\n2,René\n".encode() + "3,Chloë\n".encode("cp1252")

    reading = read(file(content))

    assert rows(reading) == [("1", "Zoë"), ("2", "René"), ("3", "Chloë")]
    assert reading.report.notes == ("1 rows were not valid utf-8 and were read as cp1252 (lines 4)",)


@pytest.mark.parametrize(("utf8", "other"), [(1, 1), (50, 50), (3000, 3000), (1, 300)])
def test_lines_of_two_encodings_are_each_read_in_their_own(file, utf8, other):
    told = [("Zoë", "utf-8")] * utf8 + [("Chloë", "cp1252")] * other
    content = b"id,name\n" + b"".join(
        f"{n},{name}\n".encode(encoding) for n, (name, encoding) in enumerate(told)
    )

    reading = read(file(content))

    assert rows(reading) == [(str(n), name) for n, (name, _) in enumerate(told)]
    assert f"{other} rows were not valid utf-8 and were read as cp1252" in reading.report.notes[-1]


def test_utf8_after_much_in_windows_1252_is_read_so_and_told(file):
    """What an encoding is judged by, the first MiB, is all Windows-1252 here."""
    first = "".join(f"{n},Chloë\n" for n in range(150_000)).encode("cp1252")
    content = b"id,name\n" + first + "x,Zoë ÁÍ\ny,“Anaïs”\nz\n".encode() + "q,René\n".encode("cp1252")

    reading = read(file(content))
    found = rows(reading)

    assert found[149_999:] == [("149999", "Chloë"), ("x", "Zoë ÁÍ"), ("y", "“Anaïs”"), ("q", "René")]
    assert reading.report.encoding == "cp1252"
    assert "2 rows were valid utf-8, unlike others, and were read so" in reading.report.notes
    declared = read(file(content), options=ReadOptions(encoding="cp1252"))
    assert rows(declared)[150_000:] == [("q", "René")], "bytes that it has no character for are kept aside"


def test_a_line_that_is_utf8_by_chance_does_not_change_another_encoding(file):
    names = ["Łukasz Żółć", "Małgorzata Gżegżółka", "Świętosława", "Zażółć gęślą jaźń"] * 20
    content = "id,name\n" + "".join(f"{n},{name}\n" for n, name in enumerate(names))

    reading = read(file(content.encode("cp1250") + b"80,\xc3\xa9\n"))

    assert reading.report.encoding == "cp1250"


def test_without_a_fallback_the_row_is_kept_aside_with_its_column(file):
    content = "id,name\n1,Zoë\n2,René\n".encode() + b"3,Chlo\xeb\n"

    reading = read(file(content), options=ReadOptions(fallback_encoding=None))

    assert rows(reading) == [("1", "Zoë"), ("2", "René")]
    (aside,) = reading.aside.to_pylist()
    assert (aside["row"], aside["column"], aside["reason"]) == (4, "name", "the bytes are not valid utf-8")
    assert aside["raw"] == "3,Chlo\\xeb"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_ends_a_line(file, end):
    assert rows(read(file(end.join(["id,name", "1,Ann", "2,Bob", ""])))) == [("1", "Ann"), ("2", "Bob")]


def test_quoted_cells_hold_delimiters_line_ends_and_doubled_quotes(file):
    reading = read(file('id,address\n1,"1 High St,\nLeeds"\n2,"the ""Old"" Mill"\n'))

    assert rows(reading) == [("1", "1 High St,\nLeeds"), ("2", 'the "Old" Mill')]


def test_a_stray_quote_costs_its_own_line_and_no_other(file):
    reading = read(file('id,name\n1,Ann\n2,"Bob\n3,"Cat"\n4,Dan\n'))

    assert rows(reading) == [("1", "Ann"), ("3", "Cat"), ("4", "Dan")]
    assert reasons_of(reading) == [(3, "a quote opened on this line is not closed as it should be")]


def test_a_quote_never_closed_costs_its_own_line_and_no_other(file):
    reading = read(file('id,name\n1,"Ann\n2,Bob\n3,Cat\n'))

    assert rows(reading) == [("2", "Bob"), ("3", "Cat")]
    assert reasons_of(reading)[0][0] == 2


def test_ragged_rows_are_kept_aside_with_line_and_text(file):
    reading = read(file("id,name,town\n1,Ann,York\n2,Bob\n3,Cat,Hull,x\n\n4,Dan,Bath\n"))

    assert rows(reading) == [("1", "Ann", "York"), ("4", "Dan", "Bath")]
    assert [(a["row"], a["reason"], a["raw"]) for a in reading.aside.to_pylist()] == [
        (3, "2 cells where 3 are expected", "2,Bob"),
        (4, "4 cells where 3 are expected", "3,Cat,Hull,x"),
    ]
    report = reading.report
    assert (report.rows_in, report.rows_good, report.rows_aside) == (4, 2, 2)
    assert report.notes == ("1 blank lines passed over",)


def test_ragged_rows_may_be_padded_but_no_cell_is_dropped(file):
    reading = read(
        file("id,name,town\n2,Bob\n3,Cat,Hull,,\n4,Dan,Bath,x\n"), options=ReadOptions(ragged="pad")
    )

    assert rows(reading) == [("2", "Bob", None), ("3", "Cat", "Hull")]
    assert reasons_of(reading) == [(4, "4 cells where 3 are expected")]


def test_nul_bytes_are_kept_aside_or_removed_as_asked(file):
    path = file(b"id,name\n1,A\0nn\n2,Bob\n")

    kept = read(path)
    assert rows(kept) == [("2", "Bob")]
    assert kept.aside.column("column").to_pylist() == ["name"]
    assert rows(read(path, options=ReadOptions(nul_bytes="remove"))) == [("1", "Ann"), ("2", "Bob")]


def test_titles_above_the_table_are_passed_over_and_told(file):
    reading = read(
        file("Housing report\nPrinted 1 May 2026\n\nid,name,dob\n1,Ann,1990-01-01\n2,Bob,1991-01-01\n")
    )

    assert reading.schema.names == ["id", "name", "dob"]
    assert reading.report.header_row == 4
    assert reading.report.notes == ("2 rows above the table passed over",)
    assert reading.table().num_rows == 2


def test_a_file_without_a_header_gets_names_by_place(file):
    reading = read(file("1,Ann,1990-01-01\n2,Bob,1991-01-01\n"))

    assert reading.schema.names == ["column_1", "column_2", "column_3"]
    assert reading.report.header_row == 0
    assert reading.table().num_rows == 2


FIXED = "SMITH ANN 19800101\nJONES BOB 19810202\nCLARK CYD 19820303\n"


@pytest.mark.parametrize("text", [FIXED, FIXED.rstrip("\n"), FIXED.replace("\n", "\r\n"), FIXED * 30_000])
@pytest.mark.parametrize("name", ["people.txt", "people.csv", "people.dat"])
def test_fixed_width_without_a_layout_is_refused_and_no_person_becomes_a_name(file, text, name):
    with pytest.raises(SourceError, match="this looks like fixed width") as caught:
        read(file(text, name))

    assert "--layout" in caught.value.mend
    assert "SMITH" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "943 476 5919\n943 476 5870\n943 476 5862\n",
        "2026-01-01 10:00:00\n2026-01-02 10:00:00\n",
        "LS1 4AB\nLS2 5CD\n",
        "AB 12 34 56 C\nAB 12 34 57 D\n",
        "surname\nAnn Smith\nBob Jones\n",
        "0123456789abcdef\n0123456789abcdee\n",
        "SMITH ANN, 19800101\nJONES BOB, 19810202\n",
    ],
)
def test_a_list_in_one_column_or_with_delimiters_is_no_fixed_width(file, text):
    read(file(text)).table()


def test_a_list_that_looks_like_fixed_width_is_read_where_it_is_said_to_be_one(file):
    assert rows(read(file(FIXED), options=ReadOptions(header_row=0)))[0] == ("SMITH ANN 19800101",)


def test_an_uncertain_header_is_told(file):
    told = "the first row was taken as names"

    assert told in read(file("SMITH,ANN,LEEDS,12 OAK\nJONES,BOB,YORK,3 ELM\n")).report.notes
    assert told not in read(file("id,surname,2024\n1,Ann,5\n")).report.notes
    assert told not in read(file("SMITH,ANN\n"), options=ReadOptions(header_row=1)).report.notes


@pytest.mark.parametrize("names", [["SMITH", "ANN"], ["id", "surname", "07700900123"], ["name", "x" * 41]])
def test_names_that_may_be_data_are_counted_and_not_told(names):
    assert one_of_columns(names).startswith(f"one of its {len(names)} columns")


def test_names_of_columns_are_told():
    assert one_of_columns(["surname", "dateOfBirth", "size_cm"]) == "one of: surname, dateOfBirth, size_cm"


def test_a_declared_header_row_and_names_are_obeyed(file):
    path = file("x,y\nid,name\n1,Ann\n")

    assert read(path, options=ReadOptions(header_row=2)).schema.names == ["id", "name"]
    assert read(path, options=ReadOptions(header_row=0)).table().num_rows == 3
    named = read(path, options=ReadOptions(header_row=2, columns=("a", "b")))
    assert named.table().to_pylist() == [{"a": "1", "b": "Ann"}]


def test_a_header_row_beyond_the_rows_is_refused(file):
    path = file("id,name\n1,Ann\n2,Bob\n")

    with pytest.raises(UsageError, match="there is no row 99"):
        read(path, options=ReadOptions(header_row=99))
    assert read(path, options=ReadOptions(header_row=3)).table().num_rows == 0


def test_repeated_and_empty_names_are_made_fit_and_told(file):
    reading = read(file("id,name,,name\n1,Ann,x,Smith\n"))

    assert reading.schema.names == ["id", "name", "column_3", "name_2"]
    assert reading.report.notes == (
        "column 3 has no name: called column_3",
        "column 4 repeats a name: called name_2",
    )


def test_excels_sep_line_is_obeyed(file):
    reading = read(file("sep=;\nid;name\n1;Ann\n"))

    assert rows(reading) == [("1", "Ann")]
    assert reading.report.header_row == 2


def test_backslash_escapes_are_found_out(file):
    text = "id,name\n" + "".join(f'{n},"the \\"Old\\" Mill"\n' for n in range(5))

    assert rows(read(file(text)))[0] == ("0", 'the "Old" Mill')


def test_single_quotes_are_found_out_but_o_brien_is_left_alone(file):
    assert rows(read(file("id,name\n'1','Ann, B'\n'2','Bob'\n")))[0] == ("1", "Ann, B")
    assert rows(read(file("id,name\n1,O'Brien\n2,'Ann\n"))) == [("1", "O'Brien"), ("2", "'Ann")]


def test_a_header_alone_is_a_table_without_rows(file):
    reading = read(file("id,name\n"))

    assert (reading.schema.names, reading.table().num_rows) == (["id", "name"], 0)


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\n\n\n", b"  \n"])
def test_an_empty_file_is_refused_in_clear_words(file, content):
    with pytest.raises(SourceError, match="the file is empty"):
        read(file(content))


def test_a_cell_of_ten_megabytes_is_read(file):
    big = "x" * 10_000_000
    reading = read(file(f'id,note\n1,{big}\n2,"{big}\n"\n3,c\n'))

    table = reading.table()
    assert [len(note) for note in table.column("note").to_pylist()] == [10_000_000, 10_000_001, 1]


def test_a_row_beyond_the_limit_is_kept_aside_and_the_next_is_read(file):
    path = file("id,note\n1," + "x" * 5000 + "\n2,b\n")

    reading = read(path, options=ReadOptions(max_record_bytes=1000, chunk_bytes=512))

    assert rows(reading) == [("2", "b")]
    assert reasons_of(reading) == [(2, "the row is longer than the limit")]


def test_reading_goes_in_batches_of_bounded_size(tmp_path):
    path = tmp_path / "big.csv"
    with path.open("w") as out:
        out.write("id,name,town\n")
        for number in range(400_000):
            out.write(f"{number},Person {number},Leeds and a little more text to fill the line\n")
    tracemalloc.start()
    largest = count = 0
    for batch in read(path, options=ReadOptions(chunk_bytes=1 << 20)).batches():
        largest = max(largest, batch.nbytes)
        count += batch.num_rows
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert count == 400_000
    assert largest < 4 << 20
    assert peak < 12 << 20  # of a file of 25 MB; Arrow's own memory is bounded by the batches


def test_rows_kept_aside_do_not_pile_up_in_memory(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("id,name\n" + "1,a\n" * 1000 + ("x" * 2000 + "\n") * 20_000)

    reading = read(path)
    reading.table()

    assert reading.report.rows_aside == 20_000
    assert reading.aside.num_rows == 20_000
    assert reading.aside.column("row")[19_999].as_py() == 21_001


def test_progress_ends_at_the_files_size(file):
    seen = []
    reading = read(file("id,name\n1,a\n"), progress=lambda done, total: seen.append((done, total)))
    reading.table()

    assert seen[-1] == (12, 12)


def test_a_reading_is_read_once(file):
    reading = read(file("id,name\n1,a\n"))
    reading.table()

    with pytest.raises(RuntimeError, match="read already"):
        reading.table()


def test_sniffing_reads_no_row(file):
    report = sniff(file("id;name\n1;a\n"))

    assert (report.delimiter, report.columns, report.rows_in, report.complete) == (
        ";",
        ("id", "name"),
        0,
        False,
    )
    assert report.describe()["columns"] == ["id", "name"]


@pytest.mark.parametrize(
    "options",
    [
        {"delimiter": ",,"},
        {"delimiter": ""},
        {"quote": "\n"},
        {"encoding": "klingon"},
        {"header_row": -1},
        {"format": "doc"},
    ],
)
def test_options_that_cannot_be_are_refused(options):
    with pytest.raises(UsageError):
        ReadOptions(**options)


def reasons_of(reading):
    return [(row["row"], row["reason"]) for row in reading.aside.to_pylist()]
