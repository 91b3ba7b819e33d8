"""JSON, JSON Lines, XML and fixed width."""

from __future__ import annotations

import pytest

from joinedup.errors import SourceError, UsageError
from joinedup.sources import ReadOptions, read


@pytest.fixture
def file(tmp_path):
    def write(content: bytes | str, name: str):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def aside(reading):
    return [(row["row"], row["reason"]) for row in reading.aside.to_pylist()]


def test_json_lines_have_the_columns_of_all_their_records(file):
    reading = read(file('{"id": 1, "name": "Ann"}\n\n{"id": 2, "town": "York"}\n', "people.jsonl"))

    assert reading.table().to_pylist() == [
        {"id": "1", "name": "Ann", "town": None},
        {"id": "2", "name": None, "town": "York"},
    ]


def test_json_values_are_text_as_written_and_nested_names_are_dotted(file):
    line = '{"a": 1.50, "b": {"c": true, "d": {}}, "e": [1, {"x": "é"}], "f": null, "g": ""}'

    assert read(file(line, "a.jsonl")).table().to_pylist() == [
        {
            "a": "1.50",
            "b.c": "true",
            "b.d": "{}",
            "e": '[1, {"x": "é"}]',
            "f": None,
            "g": None,
        }
    ]


def test_lines_that_are_no_record_are_kept_aside_with_the_reason(file):
    reading = read(file('{"a":1}\n{"a":\n[1]\n{"a":1,"a":2}\n{"a":"\\ud800"}\n{"a":1} {"a":2}\n', "a.jsonl"))

    assert reading.table().to_pylist() == [{"a": "1"}]
    assert aside(reading) == [
        (2, "not JSON from character 6 on"),
        (3, "this is no object with named values"),
        (4, "a name stands twice in one object"),
        (5, "a character that stands for nothing (half of a surrogate pair)"),
        (6, "more than one JSON value on the line"),
    ]


def test_the_list_of_records_in_a_document_is_found_and_told(file):
    reading = read(file('{"n": 2, "data": {"people": [{"id": 1}, {"id": 2}, 3]}, "z": []}', "a.json"))

    assert reading.table().column("id").to_pylist() == ["1", "2"]
    assert aside(reading) == [(3, "this is no object with named values")]
    assert "the list 'data.people'" in reading.report.notes[0]


def test_a_declared_list_is_taken_and_a_missing_one_refused(file):
    path = file('{"a": [{"x": 1}], "b": [{"y": 2}]}', "a.json")

    assert read(path, options=ReadOptions(record="b")).table().to_pylist() == [{"y": "2"}]
    with pytest.raises(SourceError, match="no list of records"):
        read(path, options=ReadOptions(record="c"))


def test_a_document_that_breaks_off_gives_its_good_records_and_says_so(file):
    reading = read(file('[{"a": 1}, {"a": 2}, {"a": tr', "a.json"))

    assert reading.table().num_rows == 2
    assert aside(reading) == [(3, "the document breaks off here: not JSON")]


def test_a_json_document_is_read_through_a_window(file):
    records = ",\n".join(f'{{"id": {n}, "text": "{"x" * 200}"}}' for n in range(20_000))
    reading = read(file(f"[{records}]", "a.json"), options=ReadOptions(batch_rows=1000))

    sizes = [batch.num_rows for batch in reading.batches()]
    assert (sum(sizes), max(sizes)) == (20_000, 1000)


def test_what_is_no_json_is_refused(file):
    with pytest.raises(SourceError, match="not a JSON document"):
        read(file("id,name\n1,a\n", "a.json"))


@pytest.mark.parametrize(
    ("text", "rows", "kept_aside"),
    [
        ('{"a":1}{"a":2}', ["1", "2"], []),
        ('{\n "a": 1\n}\n{\n "a": 2\n}\n', ["1", "2"], []),
        ('[{"a":1}] [{"a":2},{"a":3}]\n', ["1", "2", "3"], []),
        ('{"d":{"p":[{"a":1}],"q":"]}\\""}} {"d":{"p":[{"a":2}]}}', ["1", "2"], []),
        ('[{"a":1}] {"a":2} [{"a":3}]', ["1", "2", "3"], []),
    ],
)
def test_json_documents_that_follow_one_another_are_all_read(file, text, rows, kept_aside):
    reading = read(file(text, "a.json"))

    assert reading.table().column("a").to_pylist() == rows
    assert aside(reading) == kept_aside


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        ('[{"a":1}] garbage', "garbage"),
        ('[{"a":1}], [{"a":2}]', ', [{"a":2}]'),
        ('{"a":1}}', "}"),
        ('{"d":[{"a":1}]} [{"a":2}]', '[{"a":2}]'),
    ],
)
def test_what_follows_a_json_document_and_is_none_is_one_row_aside(file, text, raw):
    reading = read(file(text, "a.json"))

    assert reading.table().column("a").to_pylist() == ["1"]
    (row,) = reading.aside.to_pylist()
    assert row["raw"] == raw
    assert row["reason"].startswith("what follows the end of the document cannot be read")


def test_many_documents_are_read_through_a_window(file):
    text = "\n".join(f'{{"id": {n},\n"text": "{"x" * 200}"}}' for n in range(20_000))
    reading = read(file(text, "a.json"), options=ReadOptions(batch_rows=1000))

    sizes = [batch.num_rows for batch in reading.batches()]
    assert (sum(sizes), max(sizes), reading.report.rows_aside) == (20_000, 1000, 0)


def test_a_document_that_breaks_off_after_its_list_says_so(file):
    reading = read(file('{"d":[{"a":1}], "n', "a.json"))

    assert reading.table().num_rows == 1
    assert aside(reading) == [(2, "the document breaks off here: it ends too early")]


def test_a_further_document_without_the_list_of_records_is_kept_aside(file):
    reading = read(file('{"d":[{"a":1}]} {"e":2} {"d":[{"a":3}]}', "a.json"))

    assert reading.table().column("a").to_pylist() == ["1", "3"]
    assert aside(reading) == [(2, "a further document without the list of records")]


@pytest.mark.parametrize("repeated", ['{"a":1,"a":2}', '{"a":{"b":1,"b":2}}', '{"a":[{"b":1,"b":2}]}'])
def test_a_record_with_a_name_twice_is_kept_aside_and_the_others_are_read(file, repeated):
    reading = read(file(f'[{{"a":1}},{repeated},{{"a":3}}]', "a.json"))

    assert reading.table().column("a").to_pylist() == ["1", "3"]
    (row,) = reading.aside.to_pylist()
    assert (row["row"], row["reason"], row["raw"]) == (2, "a name stands twice in one object", repeated)


@pytest.mark.parametrize(
    ("text", "name"),
    [('{"a":1,"a":2}', "a.json"), ('[{"a":1,"a":2}]', "a.json"), ('{"a":1,"a":2}', "a.jsonl")],
)
def test_a_name_twice_in_the_only_record_is_one_row_aside(file, text, name):
    reading = read(file(text, name))

    assert (reading.table().num_rows, reading.report.columns) == (0, ("a",))
    (row,) = reading.aside.to_pylist()
    assert (row["reason"], row["raw"]) == ("a name stands twice in one object", '{"a":1,"a":2}')


XML = """<?xml version="1.0"?>
<people xmlns="urn:x" made="2026">
  <person id="1">
    <name>Ann &amp; Co</name><phone>1</phone><phone>2</phone><home><town>York</town></home>
  </person>
  <person id="2"><name/></person>
</people>"""


def test_the_xml_record_is_found_and_its_parts_are_columns(file):
    reading = read(file(XML, "people.xml"))

    assert reading.table().to_pylist() == [
        {"@id": "1", "name": "Ann & Co", "phone": "1", "phone_2": "2", "home.town": "York"},
        {"@id": "2", "name": None, "phone": None, "phone_2": None, "home.town": None},
    ]
    assert reading.report.notes == ("the record element is <person>",)


def test_a_declared_xml_record_is_taken_and_a_missing_one_refused(file):
    path = file(XML, "people.xml")

    assert read(path, options=ReadOptions(record="home")).table().to_pylist() == [{"town": "York"}]
    with pytest.raises(SourceError, match="no element <cat>"):
        read(path, options=ReadOptions(record="cat"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE p [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE p [<!ENTITY % x SYSTEM "http://127.0.0.1/x.dtd"> %x;]>',
    ],
)
def test_entities_are_refused_before_anything_is_read(file, doctype, encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?>{doctype}<p><q><a>&b;&x;</a></q></p>'

    with pytest.raises(SourceError, match="declares entities"):
        read(file(text.encode(encoding), "a.xml"))


def test_xml_that_breaks_off_gives_its_good_records_and_says_so(file):
    reading = read(file(XML.replace("</people>", "</peop"), "people.xml"))

    assert reading.table().num_rows == 2
    assert aside(reading)[0][1].startswith("the document is not well formed")


def test_a_ten_megabyte_text_in_xml_is_read(file):
    reading = read(file(f"<p><r><a>{'x' * 10_500_000}</a></r><r><a>y</a></r></p>", "a.xml"))

    assert len(reading.table().column("a")[0].as_py()) == 10_500_000


LAYOUT = """
skip_starting = ["HDR", "TRL"]
[[column]]
name = "surname"
start = 1
width = 8
[[column]]
name = "dob"
start = 9
width = 10
"""


def test_fixed_width_is_cut_by_its_layout(file):
    text = "HDR2026\nSmith   1990-01-01\nO'Brien 1991-02-02\nZoë     1992\n\nX\n"
    text += "Smith   1990-01-01 and more\nTRL3\n"

    reading = read(file(text, "people.dat"), options=ReadOptions(layout=LAYOUT))

    assert [tuple(row.values()) for row in reading.table().to_pylist()] == [
        ("Smith", "1990-01-01"),
        ("O'Brien", "1991-02-02"),
        ("Zoë", "1992"),
    ]
    assert aside(reading) == [
        (6, "1 characters, and the last column begins at 9"),
        (7, "27 characters where the layout has 18"),
    ]
    assert reading.report.notes == ("2 lines passed over as the layout says",)


def test_short_lines_may_be_declared_good(file):
    reading = read(file("Smith\n", "a.dat"), options=ReadOptions(layout='short_lines = "pad"\n' + LAYOUT))

    assert reading.table().to_pylist() == [{"surname": "Smith", "dob": None}]


@pytest.mark.parametrize(
    ("layout", "words"),
    [
        ("a = 1\n", "declares no column"),
        ("[[column]]\nstart = 1\n", "has no name"),
        ("[[column]]\nname = 'a'\nstart = 0\nwidth = 3\n", "needs start and width"),
        ("[[column]\n", "not TOML"),
        ("nowhere.toml", "cannot be read"),
    ],
)
def test_a_layout_that_cannot_be_is_refused(file, layout, words):
    with pytest.raises(SourceError, match=words):
        read(file("x\n", "a.dat"), options=ReadOptions(layout=layout))


def test_fixed_width_without_a_layout_is_refused(file):
    with pytest.raises(UsageError, match="needs a layout"):
        read(file("x\n", "a.dat"), options=ReadOptions(format="fixed"))
