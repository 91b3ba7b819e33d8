"""A table of comments read as a whole: what is told, what is masked first, and what no model sees."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from joinedup.text import comments_html, read_comments, themes_table

ABOUT = {
    "telephone": (
        "I waited an hour on the telephone and nobody answered the call",
        "Nobody answers the telephone, I was on hold for an hour",
        "The telephone queue was so long that I gave up the call",
        "On hold on the telephone again, an hour this time before a call was answered",
        "Please answer the telephone, the wait for a call is far too long",
        "An hour of waiting on the telephone for a call of two minutes",
    ),
    "staff": (
        "The staff were kind and very helpful, thank you",
        "Friendly and helpful staff, they were so kind to me",
        "Kind staff who were patient and helpful all the way",
        "Wonderful staff, kind and helpful to everybody",
        "The staff could not have been more helpful or more kind",
        "Very kind and helpful staff at the front desk",
    ),
}
DAYS = ("on Monday", "last week", "in May", "again", "this time")
COMMENTS = [f"{text} {day}" for subject in ABOUT.values() for text in subject for day in DAYS]
HALF = len(COMMENTS) // 2


class TwoSubjects:
    """An embedder that knows two subjects by one word each, and keeps what it was shown."""

    name, version, dimensions = "two subjects", "1", 2

    def __init__(self):
        self.shown: list[str] = []

    def encode(self, texts, *, on_progress=None):
        self.shown += texts
        rows = [
            [1.0, 0.05 * at % 0.3] if "telephone" in t else [0.05 * at % 0.3, 1.0]
            for at, t in enumerate(texts)
        ]
        made = np.array(rows, dtype=np.float32)
        return made / np.linalg.norm(made, axis=1, keepdims=True)


def test_every_comment_has_a_row_and_empty_ones_are_counted():
    read = read_comments(["Good", None, "  ", "Bad"], seed=1)

    assert read.comments.column("row").to_pylist() == [1, 4]
    assert read.empty == 2


def test_no_model_is_shown_what_is_not_masked():
    embedder = TwoSubjects()
    told = "My NI number is QQ123456C and AB123456C, call 020 7946 0018, the telephone is never answered"

    read = read_comments([*COMMENTS, told], seed=1, embedder=embedder)

    masked = read.comments.column("text")[len(COMMENTS)].as_py()
    for secret in ("AB123456C", "7946"):
        assert secret not in masked
        assert not any(secret in shown for shown in embedder.shown)
    assert "[national insurance number]" in masked
    assert read.masked["nino"] >= 1
    assert read.masked["phone"] == 1


def test_danger_is_told_with_its_row_whatever_the_language():
    read = read_comments(
        ["All fine, thank you", "I will kill myself tonight", "Dw i eisiau lladd fy hun"], seed=1
    )

    assert read.comments.column("danger").to_pylist() == [None, "threat_to_life", "threat_to_life"]
    assert all(read.comments.column("danger_reasons").to_pylist()[1:])


def test_what_no_model_can_read_has_no_feeling_and_no_theme():
    embedder = TwoSubjects()
    welsh = "Mae'r gwasanaeth yn wych ac roedd pawb yn garedig iawn, diolch yn fawr"

    read = read_comments([*COMMENTS, welsh], seed=1, embedder=embedder)

    row = read.comments.to_pylist()[-1]
    assert (row["language"], row["is_readable"]) == ("cy", False)
    assert row["sentiment"] is row["theme"] is None
    assert welsh not in embedder.shown


def test_no_theme_mixes_comments_about_two_things():
    read = read_comments(COMMENTS, seed=1, embedder=TwoSubjects())

    themes = read.comments.column("theme").to_pylist()
    first, second = (set(half) - {None} for half in (themes[:HALF], themes[HALF:]))
    assert first
    assert second
    assert not first & second
    table = themes_table(read).to_pylist()
    assert {theme["number"]: theme["comments"] for theme in table} == {
        n: themes.count(n) for n in first | second
    }
    assert all(quote in COMMENTS for theme in table for quote in theme["quotes"].split("\n"))


def test_the_page_quotes_masked_text_alone_and_says_who_must_read():
    told = "I will kill myself, my number is 020 7946 0018"
    texts = [
        *COMMENTS,
        told,
        *(f"{text}, ring me on 020 7946 00{at + 20}" for at, text in enumerate(COMMENTS)),
    ]

    page = comments_html(
        read_comments(texts, seed=1, embedder=TwoSubjects()),
        name="spring",
        generated_on=date(2026, 3, 1),
        version="0",
    )

    assert "7946" not in page
    assert "A person must read these comments" in page
    assert f">{len(COMMENTS) + 1}<" in page  # the row of the comment that speaks of danger


@pytest.mark.parametrize("texts", [[], [None], ["Da iawn, diolch yn fawr i bawb am eich help"]])
def test_with_nothing_to_read_the_page_says_so(texts):
    read = read_comments(texts, seed=1)
    page = comments_html(read, name="nothing", generated_on=date(2026, 3, 1), version="0")

    assert read.themes.themes == ()
    assert "too few comments" in page
    assert themes_table(read).num_rows == 0
