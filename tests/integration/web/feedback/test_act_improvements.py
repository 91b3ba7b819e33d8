"""You said, we did: written by some, published by somebody else, quoting only what may be quoted."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from joinedup_web.audit.models import Event
from joinedup_web.feedback.actions import act_improvements as actions
from joinedup_web.feedback.improving import baseline_span, later_span
from joinedup_web.feedback.keeping import let_response_go
from joinedup_web.feedback.measuring import measure_what_is_due
from joinedup_web.feedback.models import (
    Flag,
    Improvement,
    ImprovementState,
    PublishedQuote,
    Response,
    ResponseState,
)
from joinedup_web.gate.decide import Refused
from support.feedback_forms import received, service, version
from support.improvements import (
    DID,
    SAID,
    at_day,
    published,
    quotable,
    signed_off_theme,
    submitted,
    written,
)
from support.web_people import acting, organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]


@pytest.fixture
def manager():
    return acting(staff("service_manager"))


@pytest.fixture
def publisher():
    return acting(staff("publisher"))


def both():
    """Somebody who may write and publish."""
    return acting(staff("service_manager", "publisher"))


def refused_as(code, call):
    with pytest.raises(Refused) as told:
        call()
    assert told.value.decision.code == code


def test_from_writing_to_the_public_page(client: Client) -> None:
    manager, publisher = staff("service_manager"), staff("publisher")
    of = service()
    sign_in(client, manager)
    theirs = {"said": SAID, "did": DID, "done_on-day": "1", "done_on-month": "3", "done_on-year": "2026"}
    client.post(reverse("feedback:improvement_new", args=[of.id]), theirs)
    made = Improvement.objects.get()
    client.post(reverse("feedback:improvement_submit", args=[made.id]))
    public = Client()
    assert SAID not in public.get(reverse("feedback_public:done", args=[of.slug])).content.decode()

    sign_in(client, publisher)
    page = client.get(reverse("feedback:improvement_publish", args=[made.id])).content.decode()
    assert DID in page
    seen = re.findall(r'name="seen" value="([^"]+)"', page)
    client.post(reverse("feedback:improvement_publish", args=[made.id]), {"seen": seen[0]})

    shown = public.get(reverse("feedback_public:done", args=[of.slug]))
    assert SAID in shown.content.decode()
    assert DID in shown.content.decode()
    assert "1 March 2026" in shown.content.decode()
    assert not shown.cookies
    kinds = list(
        Event.objects.filter(kind__startswith="improvement.").order_by("at").values_list("kind", flat=True)
    )
    assert kinds == ["improvement.written", "improvement.submitted", "improvement.published"]


def test_nobody_who_wrote_any_of_it_may_publish_it(publisher) -> None:
    writer, other = both(), both()
    made = submitted(writer, service())
    refused_as("duties_apart", lambda: actions.publish_improvement(by=writer, improvement=made))

    actions.return_improvement(by=publisher, improvement=made, reason="Say when")
    actions.change_improvement(by=other, improvement=made, written=written(did="We say when now."))
    actions.submit_improvement(by=writer, improvement=made)

    refused_as("duties_apart", lambda: actions.publish_improvement(by=other, improvement=made))
    assert Improvement.objects.get().state == ImprovementState.SUBMITTED
    assert Event.objects.filter(kind="access.refused").count() == 2
    actions.publish_improvement(by=publisher, improvement=made)
    assert Improvement.objects.get().state == ImprovementState.PUBLISHED


def test_only_what_was_looked_at_is_published(client: Client, manager, publisher) -> None:
    made = submitted(manager, service())
    seen = actions.handed_in(made)
    actions.return_improvement(by=publisher, improvement=made, reason="Say when")
    actions.change_improvement(by=manager, improvement=made, written=written(did="Something else."))
    actions.submit_improvement(by=manager, improvement=made)

    sign_in(client, staff("publisher"))
    for told in ({"seen": seen}, {}):
        shown = client.post(reverse("feedback:improvement_publish", args=[made.id]), told, follow=True)
        assert "It was changed since you looked at it" in shown.content.decode()
    assert Improvement.objects.get().state == ImprovementState.SUBMITTED


def test_whoever_chose_a_quotation_is_one_of_its_writers() -> None:
    writer, chooser = both(), both()
    of = version()
    made = actions.write_improvement(by=writer, service=of.form.service, written=written())
    comment = quotable(of)
    actions.quote_comment(by=chooser, improvement=made, comment=comment, text=comment.text)
    actions.submit_improvement(by=writer, improvement=made)

    refused_as("duties_apart", lambda: actions.publish_improvement(by=chooser, improvement=made))


def test_it_is_returned_with_a_reason_and_withdrawn_with_one(manager, publisher) -> None:
    of = service()
    made = submitted(manager, of)
    refused_as("no_reason", lambda: actions.return_improvement(by=publisher, improvement=made, reason=" "))
    actions.return_improvement(by=publisher, improvement=made, reason="Which letter?")
    assert Improvement.objects.get().returned_reason == "Which letter?"
    refused_as("not_submitted", lambda: actions.publish_improvement(by=publisher, improvement=made))

    actions.submit_improvement(by=manager, improvement=made)
    actions.publish_improvement(by=publisher, improvement=made)
    refused_as("no_reason", lambda: actions.withdraw_improvement(by=publisher, improvement=made, reason=""))
    refused_as(
        "not_a_draft", lambda: actions.change_improvement(by=manager, improvement=made, written=written())
    )
    actions.withdraw_improvement(by=publisher, improvement=made, reason="It went wrong again")
    assert SAID not in Client().get(reverse("feedback_public:done", args=[of.slug])).content.decode()
    refused_as("was_public", lambda: actions.delete_improvement(by=manager, improvement=made))

    actions.change_improvement(by=manager, improvement=made, written=written(did="We mended it again."))
    assert Improvement.objects.get().state == ImprovementState.DRAFT


def test_a_draft_needs_its_day_before_it_is_handed_in(manager) -> None:
    made = actions.write_improvement(by=manager, service=service(), written=written(done_on=None))
    refused_as("not_done", lambda: actions.submit_improvement(by=manager, improvement=made))
    tomorrow = timezone.localdate() + timedelta(days=1)
    refused_as(
        "not_yet",
        lambda: actions.change_improvement(by=manager, improvement=made, written=written(done_on=tomorrow)),
    )


def test_a_draft_that_never_was_public_can_be_deleted(manager) -> None:
    made = actions.write_improvement(by=manager, service=service(), written=written())

    actions.delete_improvement(by=manager, improvement=made)

    assert not Improvement.objects.exists()
    assert Event.objects.filter(kind="improvement.deleted").count() == 1


def test_only_what_may_be_quoted_is_quoted(manager) -> None:
    of = version()
    made = actions.write_improvement(by=manager, service=of.form.service, written=written())

    def quote(comment, text="", reason=""):
        return actions.quote_comment(
            by=manager, improvement=made, comment=comment, text=text or comment.text, reason=reason
        )

    silent = received(of, {"satisfaction": "2", "improve": "Do not quote me"}).comments.get()
    refused_as("not_quotable", lambda: quote(silent))
    unconfirmed = received(of, {"satisfaction": "2", "improve": "Quote me"}, may_publish=True).comments.get()
    refused_as("not_quotable", lambda: quote(unconfirmed))
    hidden = quotable(of, "I was hidden")
    Response.objects.filter(id=hidden.response_id).update(state=ResponseState.HIDDEN)
    refused_as("not_quotable", lambda: quote(hidden))
    flagged = quotable(of, "Somebody may be in danger")
    Flag.objects.create(
        organisation=organisation(),
        service=of.form.service,
        comment=flagged,
        kind="safeguarding",
        due_at=timezone.now(),
    )
    refused_as("not_quotable", lambda: quote(flagged))
    elsewhere = quotable(version(of=service("Bus passes")), "Of another service")
    refused_as("not_quotable", lambda: quote(elsewhere))

    good = quotable(of, "The letter from Jo took six weeks to come")
    refused_as("not_its_words", lambda: quote(good, "The letter took six weeks to come"))
    refused_as("no_reason", lambda: quote(good, "The letter […] took six weeks to come"))
    kept = quote(good, "The letter [...] took six weeks to come", "another_person")
    assert kept.text == "The letter […] took six weeks to come"
    assert kept.redacted_reason == "another_person"
    assert Event.objects.get(kind="improvement.quoted").fields["is_redacted"] is True


def test_a_comment_that_is_hidden_later_leaves_the_public_page_at_once(manager, publisher) -> None:
    of = version()
    made = actions.write_improvement(by=manager, service=of.form.service, written=written())
    comment = quotable(of, "Six weeks for one letter")
    actions.quote_comment(by=manager, improvement=made, comment=comment, text=comment.text)
    actions.submit_improvement(by=manager, improvement=made)
    actions.publish_improvement(by=publisher, improvement=made)
    there = reverse("feedback_public:done", args=[of.form.service.slug])
    assert "Six weeks for one letter" in Client().get(there).content.decode()

    Response.objects.filter(id=comment.response_id).update(state=ResponseState.HIDDEN)

    assert "Six weeks for one letter" not in Client().get(there).content.decode()
    assert SAID in Client().get(there).content.decode()


def test_a_quotation_goes_when_what_it_is_from_is_let_go_of(manager, publisher) -> None:
    of = version()
    made = actions.write_improvement(by=manager, service=of.form.service, written=written())
    comment = quotable(of, "Six weeks for one letter")
    actions.quote_comment(by=manager, improvement=made, comment=comment, text=comment.text)
    actions.submit_improvement(by=manager, improvement=made)
    actions.publish_improvement(by=publisher, improvement=made)

    let_response_go(comment.response, lambda later: None)

    assert not PublishedQuote.objects.exists()
    shown = Client().get(reverse("feedback_public:done", args=[of.form.service.slug])).content.decode()
    assert SAID in shown
    assert "Six weeks for one letter" not in shown


def test_it_is_not_published_with_a_quotation_that_may_not_be_shown_any_more(manager, publisher) -> None:
    of = version()
    made = actions.write_improvement(by=manager, service=of.form.service, written=written())
    comment = quotable(of)
    quote = actions.quote_comment(by=manager, improvement=made, comment=comment, text=comment.text)
    actions.submit_improvement(by=manager, improvement=made)
    Response.objects.filter(id=comment.response_id).update(may_publish=False)

    refused_as("not_quotable", lambda: actions.publish_improvement(by=publisher, improvement=made))

    actions.return_improvement(by=publisher, improvement=made, reason="The quotation must go")
    actions.unquote(by=manager, quote=quote)
    actions.submit_improvement(by=manager, improvement=made)
    actions.publish_improvement(by=publisher, improvement=made)


@pytest.mark.parametrize(
    ("number", "words"), [(4, "Fewer than 5 comments"), (5, "Comments that said something like this: 5")]
)
def test_few_comments_are_not_counted_in_public(manager, publisher, number, words) -> None:
    of = version()
    comments = [
        received(of, {"satisfaction": "2", "improve": f"It was late, {n}"}).comments.get()
        for n in range(number)
    ]
    theme = signed_off_theme(of.form.service, *comments)
    published(manager, publisher, of.form.service, themes=[theme])

    shown = Client().get(reverse("feedback_public:done", args=[of.form.service.slug])).content.decode()

    assert words in shown


def test_only_themes_that_were_signed_off_are_named(manager) -> None:
    theme = signed_off_theme(service())
    theme.analysis.signed_off_at = None
    theme.analysis.save()

    refused_as(
        "not_signed_off",
        lambda: actions.write_improvement(by=manager, service=service(), written=written(themes=[theme])),
    )
    assert not Improvement.objects.exists()


def test_what_should_change_is_measured_before_and_after(manager, publisher) -> None:
    """50 people gave a 2 before and 50 a 5 after: 25% and 100%, which chance does not do."""
    of = version()
    for number in range(50):
        received(of, {"satisfaction": "2"}, **at_day(days_ago=45 + number % 20))
        received(of, {"satisfaction": "5"}, **at_day(days_ago=5 + number % 20))
    made = published(manager, publisher, of.form.service, measure="satisfaction", target=0.8)
    assert made.baseline == pytest.approx(0.25)

    done = actions.measure_again(by=manager, improvement=made)

    assert done.later == pytest.approx(1.0)
    event = Event.objects.get(kind="improvement.measured", fields__when="after")
    assert event.fields["verdict"] == "better"
    shown = Client().get(reverse("feedback_public:done", args=[of.form.service.slug])).content.decode()
    assert "25.0%" in shown
    assert "100.0%" in shown
    assert "It got better" in shown


def test_a_change_behind_which_few_people_stand_is_not_shown_in_public(manager, publisher) -> None:
    of = version()
    received(of, {"satisfaction": "2"}, **at_day(days_ago=45))
    received(of, {"satisfaction": "5"}, **at_day(days_ago=5))
    made = published(manager, publisher, of.form.service, measure="satisfaction")
    actions.measure_again(by=manager, improvement=made)

    shown = Client().get(reverse("feedback_public:done", args=[of.form.service.slug])).content.decode()

    assert "What changed" not in shown
    assert "25.0%" not in shown


def test_it_is_measured_by_itself_once_its_whole_time_is_over(manager, publisher) -> None:
    """Twelve weeks ago is due, though it was measured earlier; one week less is not, nor is a draft."""
    of, now, today = service(), timezone.now(), timezone.localdate()
    due, early = (
        published(manager, publisher, of, measure="satisfaction", done_on=today - timedelta(weeks=weeks))
        for weeks in (12, 11)
    )
    published(manager, publisher, of, done_on=today - timedelta(weeks=30))
    submitted(manager, of, measure="satisfaction", done_on=today - timedelta(weeks=30))
    actions.measure_again(by=manager, improvement=early)
    before = Improvement.objects.get(id=early.id).later_told
    partly = {**before, "last": (today - timedelta(weeks=4)).isoformat()}
    Improvement.objects.filter(id=due.id).update(later_told=partly)

    assert measure_what_is_due(on=now) == 1
    assert measure_what_is_due(on=now) == 0

    due.refresh_from_db()
    assert due.later_told["last"] == (today - timedelta(days=1)).isoformat()
    assert Improvement.objects.get(id=early.id).later_told == before


@pytest.mark.parametrize(
    ("measure", "on", "first", "last"),
    [
        ("satisfaction", date(2026, 4, 11), None, None),
        ("satisfaction", date(2026, 4, 12), date(2026, 3, 15), date(2026, 4, 11)),
        ("satisfaction", date(2026, 9, 1), date(2026, 3, 15), date(2026, 6, 6)),
        ("cost", date(2026, 4, 30), None, None),
        ("cost", date(2026, 5, 1), date(2026, 4, 1), date(2026, 4, 30)),
        ("cost", date(2026, 9, 1), date(2026, 4, 1), date(2026, 6, 30)),
    ],
)
def test_the_days_after_are_those_that_have_gone_by(measure, on, first, last) -> None:
    found = later_span(measure, date(2026, 3, 15), on=on)

    assert (None if found is None else (found.first, found.last)) == (
        None if first is None else (first, last)
    )


def test_the_days_before_end_before_it_was_done() -> None:
    weeks, months = (baseline_span(measure, date(2026, 3, 15)) for measure in ("negative", "take_up"))

    assert (weeks.first, weeks.last, weeks.days) == (date(2025, 12, 21), date(2026, 3, 14), 84)
    assert (months.first, months.last) == (date(2025, 12, 1), date(2026, 2, 28))


def test_it_is_too_early_to_measure_again(manager, publisher) -> None:
    lately = timezone.localdate() - timedelta(days=27)
    made = published(manager, publisher, service(), measure="satisfaction", done_on=lately)

    refused_as("too_early", lambda: actions.measure_again(by=manager, improvement=made))
    refused_as(
        "no_measure",
        lambda: actions.measure_again(by=manager, improvement=published(manager, publisher, service())),
    )


def test_a_measure_of_another_service_s_tag_is_refused(manager) -> None:
    tag = service("Bus passes").tags.create(name="Late")

    refused_as(
        "no_such_measure",
        lambda: actions.write_improvement(
            by=manager, service=service(), written=written(measure=f"tag:{tag.id}")
        ),
    )


def test_another_organisation_s_is_not_there(client: Client, manager) -> None:
    made = submitted(manager, service())
    south = organisation("Southshire Council")
    sign_in(client, staff("service_manager", "publisher", where=south), south)

    for name in ("improvement", "improvement_change", "improvement_quotes", "improvement_publish"):
        assert client.get(reverse(f"feedback:{name}", args=[made.id])).status_code == 404
    assert client.post(reverse("feedback:improvement_publish", args=[made.id])).status_code == 404
    assert Improvement.objects.get().state == ImprovementState.SUBMITTED
    stranger = acting(staff("publisher", where=south), south)
    refused_as(
        "other_organisation",
        lambda: actions.publish_improvement(by=stranger, organisation_id=organisation().id, improvement=made),
    )


def test_in_welsh_it_is_in_welsh_or_says_that_it_is_not(manager, publisher) -> None:
    of = service()
    published(
        manager, publisher, of, said_cy="Dywedoch fod y llythyr yn hwyr.", did_cy="Anfonwn ef yr un diwrnod."
    )
    there = reverse("feedback_public:done", args=[of.slug])

    assert "Dywedoch fod" in Client().get(f"{there}?lang=cy").content.decode()
    refused_as(
        "half_in_welsh",
        lambda: actions.write_improvement(by=manager, service=of, written=written(said_cy="Dim ond hyn")),
    )


def test_the_public_page_says_when_there_is_nothing(client: Client) -> None:
    shown = client.get(reverse("feedback_public:done", args=[service().slug]))

    assert "We have not published anything here yet." in shown.content.decode()
    assert client.get("/feedback/no-such-service/you-said-we-did").status_code == 404


def test_what_is_typed_wrongly_is_said_beside_its_field(client: Client) -> None:
    of = service()
    sign_in(client, staff("service_manager"))

    answer = client.post(
        reverse("feedback:improvement_new", args=[of.id]),
        {"said": "", "did": DID, "target": "80", "said_cy": "x"},
    )

    assert answer.status_code == 422
    for words in (
        "Enter what people said",
        "Select what the target is of",
        "Write both parts in Welsh, or neither",
    ):
        assert words in answer.content.decode()
    assert not Improvement.objects.exists()
