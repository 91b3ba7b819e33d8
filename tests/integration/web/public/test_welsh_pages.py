"""No English is left on a Welsh page: on whatever the public may open, and whatever it may be told there.

Everything that has a Welsh text says it in wide letters here (support/welsh.py), so a word in plain letters is one
that nobody translated. What a page marks as English is passed over: a reader is told, and a voice changes.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from joinedup.feedback import Verdict
from joinedup.settings import Mode
from joinedup_web.audit.models import Event
from joinedup_web.design import errors
from joinedup_web.feedback.act_words import public_measure, public_verdict
from joinedup_web.feedback.actions.act_figures import open_figures
from joinedup_web.feedback.asked import asking_at
from joinedup_web.feedback.models import FormState, Service
from joinedup_web.feedback.progress import LASTS_SECONDS, Progress
from joinedup_web.feedback.views import act_public
from joinedup_web.feedback.views.public_words import CLOSED, closed_page
from joinedup_web.gate.actor import ANONYMOUS
from joinedup_web.gate.decide import GateDecision, Refused, decide
from joinedup_web.gate.rules import Audience
from joinedup_web.gate.sides import is_staff_side, is_without_cookies
from support.addresses import addresses
from support.feedback_forms import point, version
from support.improvements import published, quotable
from support.page_globals import page_globals
from support.populated import citizen_client
from support.public_feedback import invited, public_things
from support.public_pages import fill
from support.sweep import NOT_PAGES
from support.web_people import acting, organisation, staff
from support.welsh import plain_words_in, plain_words_of, wide, wide_welsh

pytestmark = [pytest.mark.web, pytest.mark.django_db]
IN_WELSH = {"lang": "cy"}
HELP = "Ffoniwch 01632 960 001 o ddydd Llun i ddydd Gwener, 9am i 5pm."
NAMES = (
    *("Joinedup", "Tocynnau bws", "Parking permits", HELP, "Dywedoch", "Gwnaethom"),
    *("www.equalityadvisoryservice.com", "www.equalityni.org", "ico.org.uk/make-a-complaint"),
    *("joinedup_public", "joinedup_staff", "joinedup_csrf", "joinedup_language", "Licence of ours"),
)
"""What is the same in both languages, or was written by those whose pages these are."""
LINK = re.compile(r'<(?:a|form)\b[^>]*?(?:href|action)="(/[^"]*)"[^>]*>')
QUESTIONS: list[dict[str, Any]] = [
    {"key": "home", "kind": "yes_no", "required": True, "words": {"en": "At home?", "cy": "Gartref?"}},
    {
        "key": "many",
        "kind": "number",
        "lowest": 2,
        "highest": 9,
        "words": {"en": "How many?", "cy": "Faint?"},
    },
    {"key": "words", "kind": "text", "longest": 10, "words": {"en": "What?", "cy": "Beth?"}},
    {"key": "post", "kind": "email", "words": {"en": "Email?", "cy": "E-bost?"}},
    {"key": "ring", "kind": "phone", "words": {"en": "Phone?", "cy": "Ffôn?"}},
    {"key": "how", "kind": "satisfaction", "words": {"en": "How was it?", "cy": "Sut oedd?"}},
    {"key": "may", "kind": "permission", "words": {"en": "May we?", "cy": "A gawn ni?"}},
]


@pytest.fixture
def welsh(settings):
    with wide_welsh():
        yield


@pytest.fixture
def things():
    """A service with forms, an invitation, what was done about it, and open figures."""
    place = organisation("Northshire Council")
    made = public_things(place, mark="north")
    of = Service.objects.get(slug=made["open_slug"])
    by, publisher = (acting(staff(role, where=place), place) for role in ("service_manager", "publisher"))
    quotable(version(of=of))
    for _ in range(act_public.PER_PAGE + 1):
        published(by, publisher, of, measure="satisfaction", said_cy="Dywedoch", did_cy="Gwnaethom")
    published(by, publisher, of)
    open_figures(
        by=publisher, service=of, licence="Licence of ours", licence_url="https://example.org/licence"
    )
    return {
        "slug": made["open_slug"],
        "code": made["open_code"],
        "form_id": made["open_form"],
        "token": made["open_invitation"],
    }


def plain(answer: Any) -> list[str]:
    return plain_words_of(answer.content.decode(), but=NAMES)


def test_the_judge_tells_english_from_welsh():
    page = (
        f'<p>{wide("Croeso")}, Ada <b title="Close">x</b> <i lang="en">fine</i> 2:05pm '
        '<input type="submit" value="Send"></p>'
    )

    assert wide("Mae %(n)s <b>ateb</b>") == f"{wide('Mae')} %(n)s <b>{wide('ateb')}</b>"
    assert plain_words_of(page, but=["Ada"]) == ["Close", "Send"]
    assert plain_words_in({"a": [wide("Ie"), "No"], "kind": "text"}, codes=["kind"]) == ["No"]


def test_no_page_that_the_public_opens_has_english(client, welsh, things):
    citizen, found = citizen_client(), {}
    for address in addresses():
        audience = address.rule.audience if address.rule else None
        if audience not in (Audience.EVERYONE, Audience.CITIZENS) or is_staff_side(address.path):
            continue
        if address.name in NOT_PAGES or address.name.startswith("demonstration:"):
            continue
        there = reverse(address.name, kwargs={name: things[name] for name in address.takes})
        for query in ({}, {"page": "2"}):
            answer = (citizen if audience is Audience.CITIZENS else client).get(there, IN_WELSH | query)
            assert answer.status_code == 200, there
            assert answer["Content-Language"] == "cy"
            found[f"{there} {query}"] = plain(answer)

    assert {there: words for there, words in found.items() if words} == {}
    assert len(found) > 20


@pytest.mark.parametrize("globals_of", [{"crown": True}, {"contact": "help@example.gov.uk"}], ids=str)
def test_neither_has_the_frame_of_another_deployment(client, welsh, globals_of):
    with page_globals(**globals_of):
        for address in ("/", "/privacy", "/not-here"):
            page = client.get(address, IN_WELSH).content.decode()
            assert plain_words_of(page, but=(*NAMES, "GOV.UK")) == []


def test_links_keep_the_language_where_no_cookie_does(client, things):
    lost, seen = [], 0
    for address in addresses():
        if not is_without_cookies(address.path) or address.name in NOT_PAGES:
            continue
        there = reverse(address.name, kwargs={name: things[name] for name in address.takes})
        for query in ({}, {"page": "2"}):
            page = client.get(there, IN_WELSH | query).content.decode()
            for link in LINK.finditer(page):
                seen += 1
                is_file = link[1].startswith("/static/") or re.search(r"\.(csv|json)$|csv-metadata", link[1])
                if "lang=cy" not in link[1] and not is_file and 'lang="en"' not in link[0]:
                    lost.append(f"{there}: {link[1]}")

    assert lost == []
    assert seen > 30


def test_a_form_says_what_is_wrong_in_welsh(client, welsh):
    next_steps = {"en": "We read it.", "cy": "Rydym yn ei ddarllen."}
    told = {"check": True, "next_steps": next_steps, "pages": [{"questions": QUESTIONS}]}
    point(version(told), code="bdfhk2")
    there = "/feedback/parking-permits/bdfhk2?lang=cy"
    begun = client.get(there)
    wrong = {"home": "x", "many": "x", "words": "x" * 11, "post": "x", "ring": "x", "how": "9", "may": "x"}
    given: list[dict[str, Any]] = [{}, wrong, {**wrong, "many": "1"}, {**wrong, "many": "10"}]
    for each in given:
        answer = fill(client, there, begun, **each)
        assert answer.status_code == 422
        assert plain_words_of(answer.content.decode(), but=(*NAMES, "x" * 11)) == [], each
    right = {"home": "yes", "how": "5", "many": "3"}
    checked = fill(client, there, begun, **right)
    thanked = client.get(fill(client, there, checked, do="send")["Location"])

    assert plain(checked) == []
    assert plain(thanked) == []
    assert wide("Diolch") in thanked.content.decode()


@pytest.mark.parametrize("why", sorted(CLOSED))
def test_a_form_says_in_welsh_why_it_asks_nobody(client, rf, welsh, why):
    point(version(), code="bdfhk2")
    asking = asking_at("bdfhk2", at=timezone.now())
    request = rf.get("/feedback/parking-permits/bdfhk2", IN_WELSH)
    request.LANGUAGE_CODE = "cy"
    with translation.override("cy"):
        assert plain(closed_page(request, asking, why)) == []


def test_a_form_that_was_open_for_too_long_says_so_in_welsh(client, welsh):
    of = version()
    at = point(of, code="bdfhk2")
    old = Progress(
        form=of.form.id, point=at.id, version=of.pk, started=timezone.now().timestamp() - LASTS_SECONDS - 60
    )
    sent = {"state": old.sealed(), "q-improve": "Byrrach", "do": "continue"}

    late = client.post("/feedback/parking-permits/bdfhk2?lang=cy", sent)
    spoilt = client.post("/feedback/parking-permits/bdfhk2?lang=cy", {"state": "x"})

    assert plain_words_of(late.content.decode(), but=(*NAMES, "Byrrach")) == []
    assert plain(spoilt) == []


def test_what_the_script_is_told_is_welsh(client, welsh):
    of = version({"pages": [{"questions": QUESTIONS[:6]}]})
    point(of, code="bdfhk2", channel="script")
    codes = ("kind", "key", "value", "state", "trap", "decoy", "href", "question", "dialled", "number")

    def told(answer: Any) -> list[str]:
        return plain_words_in(answer.json(), but=NAMES, codes=codes)

    def send(body: dict[str, Any]) -> Any:
        return client.post("/f/bdfhk2/ask?lang=cy", json.dumps(body), content_type="application/json")

    asked = client.get("/f/bdfhk2/ask", IN_WELSH)
    state = asked.json().get("state", "")
    wrong, kept, spoilt = (send(body) for body in (
        {"state": state, "answers": {}}, {"state": state, "answers": {"home": "yes"}}, {"state": "x", "answers": {}}
    ))  # fmt: skip
    of.form.state = FormState.CLOSED
    of.form.save()

    assert [answer.status_code for answer in (asked, wrong, kept, spoilt)] == [200, 422, 200, 400]
    assert [told(answer) for answer in (asked, wrong, kept, spoilt)] == [[], [], [], []]
    assert told(client.get("/f/bdfhk2/ask", IN_WELSH)) == []
    assert told(send({"state": state, "answers": {"home": "no"}})) == []


def test_an_invitation_that_was_used_says_so_in_welsh(client, welsh):
    of = version(one_answer_each=True)
    invited(of.form, "a-token")
    fill(client, "/i/a-token?lang=cy", client.get("/i/a-token?lang=cy"), satisfaction="5")

    assert plain(client.get("/i/a-token?lang=cy")) == []


@pytest.mark.parametrize("status", [*sorted(errors.PAGES), "form_expired", "fault", "bare fault"])
def test_every_error_is_told_in_welsh(rf, welsh, monkeypatch, status):
    request = rf.get("/x", IN_WELSH)
    request.LANGUAGE_CODE = "cy"
    with translation.override("cy"):
        if status == "bare fault":
            monkeypatch.setattr("joinedup_web.design.errors.page", lambda request: 1 / 0)
        if isinstance(status, int):
            answer = errors.error_answer(request, status)
        else:
            answer = errors.csrf_failure(request) if status == "form_expired" else errors.fault(request)
        page = answer.content.decode()

    assert '<html lang="cy"' in page
    assert plain(answer) == []


def test_the_errors_that_django_raises_are_told_in_welsh(client, welsh):
    strict, sending = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    sending.cookies["joinedup_csrf"] = "a" * 32
    answers = {
        404: client.get("/not-here", IN_WELSH),
        405: client.post("/privacy?lang=cy"),
        403: strict.post("/account/sign-out?lang=cy", {}),
        400: sending.post("/account/sign-out?lang=cy", {f"f{number}": "x" for number in range(1001)}),
    }

    assert {status: answer.status_code for status, answer in answers.items()} == {
        each: each for each in answers
    }
    assert {status: plain(answer) for status, answer in answers.items()} == {each: [] for each in answers}


def test_a_refusal_of_the_gate_is_told_in_welsh_and_recorded_as_ever(client, welsh):
    answer = client.get("/metrics", IN_WELSH)

    assert answer.status_code == 403
    assert plain(answer) == []
    assert wide("monitro") in answer.content.decode()
    assert Event.objects.order_by("number").last().fields.get("reason", "no_token") == "no_token"


def test_every_reason_that_the_gate_itself_gives_has_its_welsh(rf, welsh):
    codes = {decide(ANONYMOUS, "source.view").code, "no_rule", "no_token", "no_scope"}
    codes |= {"no_permission", "other_organisation", "no_organisation"}

    assert codes == set(errors.WHY)


def test_a_reason_that_has_no_welsh_is_marked_as_english(rf, welsh):
    request = rf.get("/x", IN_WELSH)
    request.LANGUAGE_CODE = "cy"
    refused = Refused(GateDecision(False, "another", ("it rains",)), permission="")
    with translation.override("cy"):
        answer = errors.refused_page(request, refused)

    assert '<p class="govuk-body" lang="en">It rains.</p>' in answer.content.decode()
    assert plain(answer) == []


def test_measures_and_verdicts_of_improvements_are_welsh(welsh):
    with translation.override("cy"):
        said = [
            public_measure(code, "x")
            for code in ("tag:1", "satisfaction", "completion", "take_up", "cost", "negative")
        ]
        said += [public_verdict(verdict) for verdict in Verdict]

    assert plain_words_in(said) == []


def test_the_demonstration_says_that_its_pages_are_english(client, settings, welsh):
    settings.JOINEDUP = replace(settings.JOINEDUP, mode=Mode.DEMONSTRATION)
    with page_globals(is_demonstration=True):
        answers = [
            client.get(there, IN_WELSH) for there in ("/demonstration/", "/demonstration/one-login/authorize")
        ]

    assert [answer.status_code for answer in answers] == [200, 400]
    for answer in answers:
        assert plain(answer) == []
        assert wide("Saesneg") in answer.content.decode()


def test_the_offline_form_has_each_of_its_words_twice():
    script = files("joinedup_web.feedback.offline").joinpath("offline.js").read_text(encoding="utf-8")
    english, welsh = (
        set(re.findall(r"(\w+): (?:\"|\(n\))", part))
        for part in (
            script.partition("en: {")[2].partition("},")[0],
            script.partition("cy: {")[2].partition("},")[0],
        )
    )

    assert english == welsh
    assert len(english) > 15
