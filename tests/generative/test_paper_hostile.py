"""Damaged scans: a page, a reason, or a refusal; nothing else. (Recognition is left out, as it is slow.)"""

from __future__ import annotations

import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from joinedup.errors import JoinedupError
from joinedup.sources.forms import Words, form_layout, pairs, values_by_layout
from joinedup.sources.paper import _image_pages, _pdf_pages

fuzz = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def saved(kind: str) -> bytes:
    image_of = pytest.importorskip("PIL.Image")
    out = io.BytesIO()
    image_of.effect_noise((40, 30), 60).convert("RGB").save(out, kind)
    return out.getvalue()


@pytest.mark.needs_ocr
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP", "WEBP", "PDF"])
@fuzz
@given(
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8),
    cut=st.one_of(st.just(1.0), st.floats(0, 1)),
)
def test_a_damaged_scan_gives_pages_or_a_refusal(tmp_path, kind, changes, cut):
    content = bytearray(saved(kind))
    for place, byte in changes:
        content[int(place * len(content))] = byte
    path = tmp_path / f"scan.{kind.lower()}"
    path.write_bytes(content[: int(cut * len(content))])

    try:
        for image, count, reason in (_pdf_pages if kind == "PDF" else _image_pages)(path):
            assert (image is None) == bool(reason)
            assert image is None or image.shape[2] == 3
            assert count >= 1
    except JoinedupError as error:
        assert error.mend  # noqa: PT017 # a refusal is a good outcome


PIECES = st.builds(
    Words,
    text=st.text("Surname: NHSabc019", min_size=1, max_size=12),
    confidence=st.floats(0, 1),
    left=st.floats(0, 0.5),
    top=st.floats(0, 0.5),
    right=st.floats(0.5, 1),
    bottom=st.floats(0.5, 1),
)


@fuzz
@given(words=st.lists(PIECES, max_size=10))
def test_pairs_lose_no_letter_and_a_layout_never_fails(words):
    found, other = pairs(words)
    written = "".join(word.text for word in words)
    told = "".join(value.text for value in found.values()) + (other.text if other else "")

    for letter in "NHS019":
        kept = told.count(letter) + sum(name.count(letter) for name in found)
        assert kept >= written.count(letter)
    values_by_layout([words], form_layout({"field": [{"name": "a", "label": "Surname"}]}))
