"""A survey's percentages are brought in by whoever may, and stand beside one's own answers to the same question."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from joinedup.feedback.benchmark import Standing, read_benchmark
from joinedup_web.audit.models import Event
from joinedup_web.feedback.actions.act_benchmark import bring_in_benchmark, remove_benchmark
from joinedup_web.feedback.models import Benchmark, Response, ResponseState
from joinedup_web.feedback.queries.act_benchmark import compared
from joinedup_web.gate.decide import Refused
from support.feedback_forms import received, service, version
from support.web_people import acting, organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]
FILE = """question,option,group,year,percent
How easy is it to join up data?,Easy,all,2024,20
How easy is it to join up data?,Hard,all,2024,55
How easy is it to join up data?,Easy,senior,2024,40
Which of these have you used?,Forms,all,2024,50
Which of these have you used?,Surveys,all,2024,
Something that nobody here asked?,Yes,all,2024,10
"""
ASKED = {
    "pages": [
        {
            "questions": [
                {
                    "key": "ease",
                    "kind": "choice",
                    "words": {"en": "How easy is it, to join-up data?"},
                    "options": [
                        {"value": "e", "words": {"en": "easy"}},
                        {"value": "h", "words": {"en": "Hard"}},
                    ],
                },
                {
                    "key": "used",
                    "kind": "choices",
                    "words": {"en": "Which of these have you used?"},
                    "options": [
                        {"value": "f", "words": {"en": "Forms"}},
                        {"value": "s", "words": {"en": "Surveys"}},
                    ],
                },
            ]
        }
    ]
}


@pytest.fixture
def manager():
    return acting(staff("service_manager"))


def brought_in(by) -> Benchmark:
    rows, _ = read_benchmark(FILE.encode(), where="the file")
    return bring_in_benchmark(by=by, name="Survey 2024", terms="With its author’s permission", rows=rows)


def test_it_is_brought_in_by_its_page_with_its_terms(client: Client) -> None:
    sign_in(client, staff("service_manager"))
    there = reverse("feedback:benchmark_new")
    told = {"name": "Survey 2024", "terms": "With permission"}

    bad = client.post(
        there, {**told, "file": SimpleUploadedFile("s.csv", b"question,option,percent\na,b,101\n")}
    )
    assert bad.status_code == 422
    assert "Percent must be from 0 to 100" in bad.content.decode()
    without = client.post(there, {"name": "X", "file": SimpleUploadedFile("s.csv", FILE.encode())})
    assert "Enter the licence or permission" in without.content.decode()
    assert not Benchmark.objects.exists()
    for _ in range(2):
        client.post(there, {**told, "file": SimpleUploadedFile("s.csv", FILE.encode())})

    assert Benchmark.objects.count() == 1
    assert len(Benchmark.objects.get().rows) == 6
    assert "Survey 2024" in client.get(reverse("feedback:benchmarks")).content.decode()
    assert Event.objects.filter(kind="benchmark.brought_in").count() == 2
    client.post(reverse("feedback:benchmark_remove", args=[Benchmark.objects.get().id]))
    assert not Benchmark.objects.exists()
    assert Event.objects.filter(kind="benchmark.removed").count() == 1


def test_own_answers_to_the_same_words_stand_beside_it(client: Client, manager) -> None:
    """15 of 20 say easy, where the survey has 20%: Wilson's interval of 75% begins at 53%."""
    of = version(ASKED, name="Colleagues", kind="survey")
    for number in range(20):
        received(of, {"ease": "e" if number < 15 else "h", "used": ["f", "s"] if number < 10 else ["s"]})
    hidden = received(of, {"ease": "h"})
    Response.objects.filter(id=hidden.id).update(state=ResponseState.HIDDEN)
    found = brought_in(manager)

    ease, used, other = compared(manager, found, "all")

    assert ease.answers == 20
    assert [(each.row.option, each.own.shown, each.standing) for each in ease.options] == [
        ("Easy", "75.0%", Standing.HIGHER),
        ("Hard", "25.0%", Standing.LOWER),
    ]
    assert [(each.own.shown, each.standing) for each in used.options] == [
        ("50.0%", Standing.NOT_TOLD_APART),
        ("100.0%", Standing.UNKNOWN),
    ]
    assert other.answers is None
    sign_in(client, staff("leader"))
    page = client.get(reverse("feedback:benchmark", args=[found.id])).content.decode()
    for words in ("Higher here", "Lower here", "Not told apart", "Nobody here was asked this in these words"):
        assert words in page
    assert "40.0%" not in page
    assert (
        "40.0%"
        in client.get(f"{reverse('feedback:benchmark', args=[found.id])}?group=senior").content.decode()
    )
    answer = client.get(f"{reverse('feedback:benchmark', args=[found.id])}?format=csv")
    assert "75.0%" in b"".join(answer.streaming_content).decode()


def test_another_organisation_s_answers_do_not_count_and_its_survey_is_not_there(
    client: Client, manager
) -> None:
    south = organisation("Southshire Council")
    theirs = version(ASKED, of=service("Southern survey", where=south), name="Colleagues")
    received(theirs, {"ease": "e"})
    found = brought_in(manager)

    assert all(each.answers is None for each in compared(manager, found, "all"))
    sign_in(client, staff("service_manager", where=south), south)
    assert client.get(reverse("feedback:benchmark", args=[found.id])).status_code == 404
    assert client.post(reverse("feedback:benchmark_remove", args=[found.id])).status_code == 404
    assert "Survey 2024" not in client.get(reverse("feedback:benchmarks")).content.decode()


def test_what_is_gone_or_has_no_terms_is_refused(manager) -> None:
    found = brought_in(manager)
    remove_benchmark(by=manager, benchmark=found)
    with pytest.raises(Refused):
        remove_benchmark(by=manager, benchmark=found)
    with pytest.raises(Refused) as told:
        bring_in_benchmark(by=manager, name="X", terms=" ", rows=read_benchmark(FILE.encode(), where="f")[0])
    assert told.value.decision.code == "no_terms"
    assert Event.objects.filter(kind="benchmark.removed").count() == 1
