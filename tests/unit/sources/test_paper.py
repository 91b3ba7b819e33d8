"""Paper: which words are whose value, and a scan read end to end."""

from __future__ import annotations

import pytest

from joinedup.errors import LimitError, SourceError
from joinedup.sources import ReadOptions, read
from joinedup.sources.forms import Words, form_layout, pairs, values_by_layout


def words(text, left, top, *, width=0.2, confidence=0.9):
    return Words(text, confidence, left, top, left + width, top + 0.03)


PAGE = [
    words("Date of birth:", 0.1, 0.2),
    words("Surname:", 0.1, 0.1),
    words("O'Brien", 0.5, 0.101),
    words("Smith", 0.75, 0.099, confidence=0.6),
    words("03/04/1985", 0.5, 0.2),
    words("NHS number", 0.1, 0.3),
    words("943 476 5919", 0.1, 0.335),
    words("Office use only", 0.7, 0.9),
]


def test_label_and_value_pairs_are_found_without_a_layout():
    found, other = pairs(PAGE)

    assert {name: value.text for name, value in found.items()} == {
        "Surname": "O'Brien Smith",
        "Date of birth": "03/04/1985",
    }
    assert found["Surname"].confidence == 0.6  # the least sure piece decides
    assert other is not None
    assert other.text == "NHS number 943 476 5919 Office use only"


def test_a_label_and_its_value_in_one_piece_are_parted():
    found, other = pairs([words("Town: York", 0.1, 0.1)])

    assert (found["Town"].text, other) == ("York", None)


LAYOUT = {
    "field": [
        {"name": "surname", "label": "Sumame"},  # as badly read as labels are
        {"name": "nhs", "label": "NHS number"},
        {"name": "office", "box": [0.6, 0.8, 1.0, 1.0]},
        {"name": "town", "label": "Town"},
    ]
}


def test_a_layout_finds_values_beside_below_and_in_boxes():
    found = values_by_layout([PAGE], form_layout(LAYOUT))

    assert {name: value.text for name, value in found.items()} == {
        "surname": "O'Brien Smith",
        "nhs": "943 476 5919",
        "office": "Office use only",
    }


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ({"label": "x"}, "has no name"),
        ({"name": "x"}, "needs a label or a box"),
        ({"name": "x", "label": "x", "box": [0, 0, 1, 1]}, "needs a label or a box"),
        ({"name": "x", "box": [0, 0, 2, 1]}, "a box is not"),
        ({"name": "x", "label": "x", "page": 2}, "the form does not have"),
    ],
)
def test_a_form_layout_that_cannot_be_is_refused(field, words):
    with pytest.raises(SourceError, match=words):
        form_layout({"field": [field]})


@pytest.fixture
def scan():
    """A typed form as an image, slanted by some degrees."""
    image_of = pytest.importorskip("PIL.Image")
    from PIL import ImageDraw, ImageFont

    def draw(*, slant=0.0):
        image = image_of.new("RGB", (1000, 420), "white")
        pen = ImageDraw.Draw(image)
        font = ImageFont.load_default(34)
        for place, (label, value) in enumerate(
            [("Surname:", "Okafor"), ("Date of birth:", "03/04/1985"), ("NHS number:", "943 476 5919")]
        ):
            pen.text((60, 60 + 110 * place), label, fill="black", font=font)
            pen.text((480, 60 + 110 * place), value, fill="black", font=font)
        return image.rotate(slant, fillcolor="white")

    return draw


@pytest.mark.needs_ocr
def test_a_slanted_scan_is_read_with_its_confidence(scan, tmp_path):
    scan(slant=2).save(tmp_path / "form.png")

    reading = read(tmp_path / "form.png")

    (row,) = reading.table().to_pylist()
    assert row["Surname"] == "Okafor"
    assert row["Date of birth"] == "03/04/1985"
    assert row["NHS number"].replace(" ", "") == "9434765919"
    assert 0.8 < row["Surname__confidence"] <= 1
    assert reading.report.rows_in == 1


@pytest.mark.needs_ocr
def test_a_pdf_gives_a_row_a_page_and_keeps_empty_pages_aside(scan, tmp_path):
    from PIL import Image

    blank = Image.new("RGB", (1000, 420), "white")
    scan().save(tmp_path / "forms.pdf", save_all=True, append_images=[blank], resolution=200)
    layout = '[[field]]\nname = "surname"\nlabel = "Surname"\n'

    reading = read(tmp_path / "forms.pdf", options=ReadOptions(layout=layout, min_confidence=1.1))

    assert reading.table().column("surname").to_pylist() == ["Okafor"]
    assert reading.report.notes == ("field surname: 1 values read with confidence below 1.1",)
    assert [(a["row"], a["reason"]) for a in reading.aside.to_pylist()] == [
        (2, "no text was found on the page")
    ]


@pytest.mark.needs_ocr
@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.pdf", b"%PDF-1.7 nothing", "the PDF is damaged"),
        ("a.png", b"\x89PNG\r\n\x1a\nx", "the image is damaged"),
    ],
)
def test_damaged_paper_is_told(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)

    with pytest.raises(SourceError, match=words):
        read(tmp_path / name)


# The smallest PDF with the standard security handler: it opens with no empty user password.
LOCKED = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"3 0 obj<</Filter/Standard/V 1/R 2/P -4/O<" + b"41" * 32 + b">/U<" + b"42" * 32 + b">>>endobj\n"
    b"trailer<</Root 1 0 R/Size 4/Encrypt 3 0 R/ID[<00><00>]>>\n%%EOF\n"
)


@pytest.mark.needs_ocr
def test_a_pdf_with_a_password_is_told(tmp_path):
    (tmp_path / "a.pdf").write_bytes(LOCKED)

    with pytest.raises(SourceError, match="protected by a password"):
        read(tmp_path / "a.pdf")


@pytest.mark.needs_ocr
def test_an_image_of_too_many_dots_is_refused(tmp_path):
    from PIL import Image

    Image.new("1", (20_000, 20_000)).save(tmp_path / "a.png")

    with pytest.raises(LimitError, match="more than 150,000,000 dots"):
        read(tmp_path / "a.png")


@pytest.mark.needs_ocr
@pytest.mark.parametrize("size", [(50_000, 10), (10, 50_000), (1, 1)])
def test_an_image_of_a_shape_that_holds_no_text_is_kept_aside(tmp_path, size):
    image = pytest.importorskip("PIL.Image")
    image.new("RGB", size, "white").save(tmp_path / "wide.png")

    reading = read(tmp_path / "wide.png")

    assert reading.table().num_rows == 0
    (row,) = reading.aside.to_pylist()
    assert row["reason"].startswith(("page 1 cannot be read", "no text was found"))
