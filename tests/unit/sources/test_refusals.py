"""What cannot be read is refused in clear words; packed files are read through a guard."""

from __future__ import annotations

import gzip
import io
import random
import zipfile

import pytest

from joinedup.errors import LimitError, SourceError, UsageError
from joinedup.sources import ReadOptions, read, tables_in


def rows(reading):
    return [tuple(row.values()) for row in reading.table().to_pylist()]


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(SourceError) as caught:
        read(tmp_path / "no.csv")

    assert caught.value.as_dict() == {
        "error": "SourceError",
        "what": "no such file",
        "where": str(tmp_path / "no.csv"),
        "mend": "check the path",
    }


def test_a_folder_is_told(tmp_path):
    with pytest.raises(SourceError, match="this is a folder"):
        read(tmp_path)


def test_an_unknown_format_is_told(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(bytes(range(32)) * 10)

    with pytest.raises(SourceError, match="of no format that can be read"):
        read(path)


def test_an_address_of_another_kind_is_told_without_its_secrets():
    with pytest.raises(SourceError, match="cannot be read") as caught:
        read("https://user:secret@127.0.0.1/people.csv")

    assert "secret" not in str(caught.value)


def test_a_file_is_no_database_server(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a\n1\n")
    with pytest.raises(UsageError):
        read(path, options=ReadOptions(format="postgres"))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.parquet", b"PAR1" + bytes(50), "the Parquet file is damaged"),
        ("a.parquet", b"PARE" + bytes(50), "the Parquet file is encrypted"),
        ("a.sqlite", b"SQLite format 3\0" + bytes(50), "SQLite database cannot be read"),
        ("a.xlsx", b"PK\x03\x04" + bytes(50), "damaged or no workbook"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "damaged or no workbook"),
        ("a.csv.gz", gzip.compress(b"id,name\n1,a\n")[:-12], "compressed file is damaged"),
        ("a.xml", b"<a><b>", "not well formed"),
    ],
)
def test_each_kind_of_damage_has_its_words(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(SourceError, match=words):
        read(path).table()


@pytest.mark.parametrize("name", ["binary.csv", "binary.txt", "binary.json", "binary.csv.gz"])
@pytest.mark.parametrize("seed", range(5))
def test_bytes_at_random_are_no_table_whatever_their_name(tmp_path, name, seed):
    content = random.Random(seed).randbytes(5_000)
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)

    with pytest.raises(SourceError, match="of no format that can be read"):
        read(path)


def test_zero_bytes_alone_are_no_table(tmp_path):
    path = tmp_path / "empty.csv"
    path.write_bytes(bytes(5_000))

    with pytest.raises(SourceError, match="of no format that can be read"):
        read(path)


@pytest.mark.parametrize(
    "content",
    [
        b"id,name\n" + "".join(f"{n},Anna\0\0\0\0\0\0\0\0\n" for n in range(100)).encode(),
        b"id,name\n" + b"1,\x01\x02\x03\x04\x05\x06\x0e\x0f\n" + b"2,Anna\n" * 200,
        "id,name\n".encode("utf-16-le") + "1,Zoë\n".encode("utf-16-le") * 100,
        "номер,имя\n".encode("utf-16") + "1,Анна\n".encode("utf-16-le") * 100,
        "номер,имя\n".encode("cp1251") + "1,Анна\n".encode("cp1251") * 100,
        "番号,名前\n".encode("shift_jis") + "1,山田花子\n".encode("shift_jis") * 100,
    ],
    ids=["padded", "one odd row", "utf-16 without a mark", "utf-16", "cp1251", "shift_jis"],
)
def test_odd_text_is_text_all_the_same(tmp_path, content):
    path = tmp_path / "people.csv"
    path.write_bytes(content)

    report = read(path).report

    assert report is not None


def test_a_declared_encoding_or_format_is_believed(tmp_path):
    path = tmp_path / "people.csv"
    path.write_bytes("id,name\r\n".encode("cp500") + "1,Anna\x01\x02\r\n".encode("cp500") * 100)

    reading = read(path, options=ReadOptions(encoding="cp500"))

    assert reading.table().column_names == ["id", "name"]


def test_gzip_is_unpacked_on_the_way(tmp_path):
    path = tmp_path / "people.csv.gz"
    path.write_bytes(gzip.compress(b"id,name\n1,Ann\n") + gzip.compress(b"2,Bob\n"))

    reading = read(path)
    assert (reading.name, rows(reading)) == ("people", [("1", "Ann"), ("2", "Bob")])


def test_a_gzip_bomb_is_refused(tmp_path):
    path = tmp_path / "people.csv.gz"
    path.write_bytes(gzip.compress(b"id,name\n" + b"1,a\n" * 20_000_000))

    with pytest.raises(LimitError, match="compression bomb"):
        read(path).table()


def zipped(path, **files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    path.write_bytes(out.getvalue())
    return path


def test_a_zip_of_one_file_is_that_file(tmp_path):
    reading = read(zipped(tmp_path / "sent.zip", people_csv="id,name\n1,Ann\n"))

    assert (reading.name, rows(reading)) == ("sent", [("1", "Ann")])


def test_of_several_zipped_files_one_must_be_named(tmp_path):
    path = zipped(tmp_path / "sent.zip", people_csv="id\n1\n", cars_json='[{"plate": "A1"}]')

    assert tables_in(path) == ["people.csv", "cars.json"]
    with pytest.raises(SourceError, match="holds 2 files"):
        read(path)
    reading = read(path, options=ReadOptions(table="cars.json"))
    assert (reading.name, rows(reading)) == ("sent.cars", [("A1",)])


def test_a_zipped_binary_is_unpacked_within_its_limit(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.table({"id": [1]}), out)
    path = zipped(tmp_path / "sent.zip", a_parquet=out.getvalue())

    assert rows(read(path)) == [(1,)]
    with pytest.raises(LimitError, match="unpacks to more than 10 bytes"):
        read(path, options=ReadOptions(max_unpacked_bytes=10))


def test_an_archive_with_a_password_is_told(tmp_path):
    path = zipped(tmp_path / "sent.zip", people_csv="id\n1\n")
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1  # the flag of encryption, in the directory
    path.write_bytes(content)

    with pytest.raises(SourceError, match="protected by a password"):
        read(path)


def test_no_error_or_note_holds_what_a_cell_says(tmp_path, caplog):
    path = tmp_path / "people.csv"
    path.write_bytes(b'id,name\n1,Zo\xc3\xab\n2,MARKED\xeb\n3,"MARKED"x\n4,MARKED,MARKED\n5,MAR\0KED\n')

    reading = read(path)
    reading.table()

    assert "MAR" not in str(reading.report) + caplog.text
    assert all("MAR" not in reason for reason in reading.aside.column("reason").to_pylist())
    assert reading.report.rows_aside == 3
