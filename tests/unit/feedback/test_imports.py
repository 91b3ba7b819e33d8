"""Exports of consultations and surveys: columns understood, forms made of them, rows as answers."""

from __future__ import annotations

import json

import pytest

from joinedup.errors import SourceError
from joinedup.feedback import (
    Kind,
    Layout,
    Role,
    check_all,
    definition_for,
    definition_from,
    is_a_try,
    matched_to,
    recognise_export,
    row_as_answers,
)
from joinedup.feedback.imports import moment_in

QUALTRICS = [
    *("StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)", "Finished"),
    *("RecordedDate", "ResponseId", "RecipientEmail", "DistributionChannel", "UserLanguage"),
    *("Q1", "Q2", "Q3"),
]
HEADINGS = [
    *(
        "Start Date",
        "End Date",
        "Response Type",
        "IP Address",
        "Progress",
        "Duration (in seconds)",
        "Finished",
    ),
    *("Recorded Date", "Response ID", "Recipient Email", "Distribution Channel", "User Language"),
    *("How satisfied were you?", "What could be better?", "How did you hear of it?"),
]
IDS = [json.dumps({"ImportId": name}) for name in QUALTRICS]
SAID = ("Very satisfied", "Satisfied", "Dissatisfied")


def qualtrics_row(number: int, *, status: str = "IP Address") -> list[str | None]:
    return [
        *("2026-03-01 10:00:00", "2026-03-01 10:05:00", status, "10.0.0.1", "100", "300", "True"),
        *(
            f"2026-03-{number % 27 + 1:02} 10:05:00",
            f"R_{number}",
            None,
            "anonymous",
            "CY" if number == 2 else "EN",
        ),
        *(SAID[number % 3], f"Answer the telephone, number {number}", "Post" if number % 2 else "Friend"),
    ]


@pytest.fixture
def qualtrics():
    rows = [HEADINGS, IDS, *(qualtrics_row(number) for number in range(12))]
    return recognise_export(QUALTRICS, rows)


def by_words(export):
    return {column.words: column for column in export.columns}


def test_a_qualtrics_export_is_known_with_its_three_rows_of_headings(qualtrics):
    assert (qualtrics.layout, qualtrics.skip, qualtrics.rows) == (Layout.QUALTRICS, 2, 12)
    columns = by_words(qualtrics)
    assert columns["How satisfied were you?"].kind is Kind.SATISFACTION
    assert columns["What could be better?"].kind is Kind.TEXT
    assert columns["How did you hear of it?"].kind is Kind.CHOICE
    assert columns["Response ID"].role is Role.RESPONSE_ID
    assert columns["Recorded Date"].role is Role.RECEIVED_AT
    assert columns["User Language"].role is Role.LANGUAGE
    assert {columns[name].role for name in ("IP Address", "Recipient Email", "Progress", "End Date")} == {
        Role.LEAVE_OUT
    }


def test_a_row_becomes_answers_that_the_made_form_takes(qualtrics):
    form = definition_from(definition_for(qualtrics))

    row = row_as_answers(qualtrics, qualtrics_row(2), known=form)

    assert row.response_id == "R_2"
    assert row.language == "cy"
    assert row.received_at.isoformat() == "2026-03-03T10:05:00+00:00"
    assert row.problems == ()
    assert check_all(form, row.answers, language="en", may_lack=True) == {
        "how_satisfied_were_you": 2,
        "what_could_be_better": "Answer the telephone, number 2",
        "how_did_you_hear_of_it": "friend",
    }


@pytest.mark.parametrize(
    ("lacks", "day"),
    [
        (("RecordedDate",), "2026-03-01T10:05:00+00:00"),
        (("RecordedDate", "EndDate"), "2026-03-01T10:00:00+00:00"),
    ],
    ids=["its end", "its start"],
)
@pytest.mark.parametrize("is_there", [False, True], ids=["no column", "an empty column"])
def test_without_the_day_it_was_recorded_a_response_is_dated_by_its_end_else_its_start(lacks, day, is_there):
    missing = {QUALTRICS.index(name) for name in lacks}

    def without(row):
        if is_there:
            return [None if at in missing else cell for at, cell in enumerate(row)]
        return [cell for at, cell in enumerate(row) if at not in missing]

    names = QUALTRICS if is_there else without(QUALTRICS)
    heads = [HEADINGS, IDS] if is_there else [without(HEADINGS), without(IDS)]
    rows = [without(qualtrics_row(number)) for number in range(12)]
    export = recognise_export(names, [*heads, *rows])

    made = row_as_answers(export, rows[3], known=definition_from(definition_for(export)))

    assert made.received_at is not None
    assert made.received_at.isoformat() == day
    assert [column.role for column in export.columns].count(Role.RECEIVED_AT) == 1


def test_tries_of_the_survey_are_no_responses(qualtrics):
    assert is_a_try(qualtrics, qualtrics_row(1, status="Survey Preview"))
    assert not is_a_try(qualtrics, qualtrics_row(1))


def test_a_numbered_consultation_is_known_and_who_somebody_is_stays_out():
    names = [
        "Response ID",
        "Submitted",
        "1: What is your name? - Name",
        "2: Do you agree?",
        "3: Why do you say so?",
    ]
    rows = [
        [f"ANON-{n}", "03/02/2026 14:05", "Jo", "Yes" if n % 2 else "No", f"Because of reason {n}"]
        for n in range(9)
    ]

    export = recognise_export(names, rows)

    assert export.layout is Layout.CITIZEN_SPACE
    assert [column.role for column in export.columns] == [
        *(Role.RESPONSE_ID, Role.RECEIVED_AT, Role.LEAVE_OUT, Role.QUESTION, Role.QUESTION)
    ]
    assert [column.kind for column in export.questions] == [Kind.YES_NO, Kind.TEXT]


def test_several_answers_at_a_time_are_choices():
    rows = [
        [text] for text in ("Post; Phone", "Post", "Phone; Web", "Web; Post", "Phone", "Post; Web", "Web") * 3
    ]
    export = recognise_export(["How may we reach you?"], rows)
    form = definition_from(definition_for(export))

    assert export.questions[0].kind is Kind.CHOICES
    assert row_as_answers(export, ["Phone; Web"], known=form).answers == {
        "how_may_we_reach_you": ["phone", "web"]
    }


def test_columns_go_to_the_questions_that_a_form_asks_and_others_stay_out(qualtrics):
    form = definition_from(
        {
            "pages": [
                {
                    "questions": [
                        {
                            "key": "improve",
                            "kind": "text",
                            "words": {"en": "What could be better"},
                        }
                    ]
                }
            ]
        }
    )

    matched = matched_to(qualtrics, form)

    assert [(column.words, column.key) for column in matched.questions] == [
        ("What could be better?", "improve")
    ]
    row = row_as_answers(matched, qualtrics_row(5), known=form)
    assert row.answers == {"improve": "Answer the telephone, number 5"}


def test_an_answer_beyond_the_list_is_told_without_being_named_and_the_rest_is_kept(qualtrics):
    form = definition_from(definition_for(qualtrics))
    row = qualtrics_row(3)
    row[-1] = "MY NEIGHBOUR JO BLOGGS"

    made = row_as_answers(qualtrics, row, known=form)

    assert "how_did_you_hear_of_it" not in made.answers
    assert "what_could_be_better" in made.answers
    [problem] = made.problems
    assert problem.column == "Q3"
    assert "BLOGGS" not in problem.reason


def test_a_date_that_cannot_be_read_is_told(qualtrics):
    row = qualtrics_row(3)
    row[7] = "last Tuesday"

    made = row_as_answers(qualtrics, row, known=definition_from(definition_for(qualtrics)))

    assert made.received_at is None
    assert [problem.column for problem in made.problems] == ["RecordedDate"]


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026-03-01T10:05:00+01:00", "2026-03-01T10:05:00+01:00"),
        ("2026-03-01", "2026-03-01T00:00:00+00:00"),
        ("1 March 2026", "2026-03-01T00:00:00+00:00"),
        ("31/12/2025", "2025-12-31T00:00:00+00:00"),
    ],
)
def test_moments_are_read_as_exports_write_them(text, iso):
    assert moment_in(text).isoformat() == iso


@pytest.mark.parametrize("text", ["12/31/2025", "0001-01-01", "yesterday", ""])
def test_what_is_no_moment_is_none(text):
    assert moment_in(text) is None


def test_a_file_without_any_question_is_refused():
    with pytest.raises(SourceError, match="no column"):
        recognise_export(["Response ID", "Email"], [["1", "jo@example.com"], ["2", "di@example.com"]])


def test_two_questions_of_the_same_words_get_keys_of_their_own():
    rows = [[f"words number {n}", f"other words {n}"] for n in range(8)]
    export = recognise_export(["Comments", "Comments"], rows)

    assert [column.key for column in export.questions] == ["comments", "comments_2"]
    definition_from(definition_for(export))


def test_rows_shorter_than_the_headings_lack_answers_only(qualtrics):
    form = definition_from(definition_for(qualtrics))

    assert row_as_answers(qualtrics, qualtrics_row(1)[:13], known=form).answers == {
        "how_satisfied_were_you": "4"
    }
