"""The codebook, and comments that people check: what models suggested is accepted, rejected or added to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from joinedup_web.audit.models import Event
from joinedup_web.casework.models import Team
from joinedup_web.feedback import fitting
from joinedup_web.feedback.actions.codebook import check_comment, merge_tag
from joinedup_web.feedback.models import Comment, FittedModel, RouteSuggestion, Tag, TagAssignment
from joinedup_web.feedback.queries import tagging as queries
from joinedup_web.feedback.reading_job import Reader
from joinedup_web.gate.decide import Refused
from support.comments_read import PARKING, PAYING, STAFF, WELSH, EngineHere, commented
from support.feedback_forms import service, version
from support.web_people import acting, organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]


@pytest.fixture
def manager(client):
    user = staff("service_manager")
    sign_in(client, user)
    return acting(user)


@pytest.fixture
def tags():
    return {
        name: Tag.objects.create(service=service(), name=name, description=description)
        for name, description in (
            ("Paying", "The payment page, paying by card"),
            ("Parking", "Permit parking bays on the street"),
            ("Staff", "Friendly helpful staff on the telephone"),
        )
    }


@pytest.fixture
def teams():
    return {
        name: Team.objects.create(organisation=organisation(), name=name, purpose=purpose)
        for name, purpose in (
            ("Payments", "The payment page, paying by card"),
            ("Streets", "Permit parking bays on the street"),
        )
    }


def page(client, view: str, thing: object, expect: int = 200) -> str:
    answer = client.get(reverse(f"feedback:{view}", args=[thing]))
    assert answer.status_code == expect
    return str(answer.content.decode())


def test_tags_are_added_changed_and_retired(client, manager):
    add = reverse("feedback:add_tag", args=[service().id])

    assert client.post(add, {"name": "Paying", "description": "Paying by card"}).status_code == 302
    tag = Tag.objects.get()
    assert client.post(add, {"name": "PAYING"}).status_code == 422
    assert client.post(add, {"name": ""}).status_code == 422
    change = reverse("feedback:change_tag", args=[tag.id])
    assert client.post(change, {"name": "Payments"}).status_code == 302
    assert "Payments" in page(client, "codebook", service().id)
    client.post(reverse("feedback:retire_tag", args=[tag.id]), {"active": "no"})

    tag.refresh_from_db()
    assert (tag.name, tag.is_active) == ("Payments", False)
    kinds = set(Event.objects.filter(kind__startswith="codebook.").values_list("kind", flat=True))
    assert kinds == {"codebook.tag_added", "codebook.tag_changed", "codebook.tag_retired"}


def test_a_codebook_kept_elsewhere_is_brought_in_one_go(client, manager, tags):
    add = reverse("feedback:add_tags", args=[service().id])
    pasted = "Waiting\tLong waits, queues\r\nparking\tNot this one\r\n\r\nLetters | What was sent | and when\nForms"

    answer = client.post(add, {"tags": pasted}, follow=True)

    assert "3 tags are in the codebook. 1 was there already" in answer.content.decode()
    assert dict(Tag.objects.values_list("name", "description")) == {
        **{name: tag.description for name, tag in tags.items()},
        "Waiting": "Long waits, queues",
        "Letters": "What was sent | and when",
        "Forms": "",
    }
    assert Event.objects.filter(kind="codebook.tag_added").count() == 3


@pytest.mark.parametrize(
    ("pasted", "said"),
    [
        ("", "Enter at least one tag"),
        (" \n | \n", "Enter at least one tag"),
        ("One\n| what for", "Line 2 has no name before the |"),
        ("One\nTwo\none | again", "The name on line 3 is there twice"),
        ("x" * 101, "The name on line 1 is longer than 100 characters"),
        ("One | " + "y" * 501, "What the tag on line 1 is for is longer than 500 characters"),
        (
            "|a\n|b\nOne\nOne",
            "no name before the |. Line 2 has no name before the |. The name on line 4 is there twice",
        ),
        ("|a\n" * 9, "Line 5 has no name before the |. And 4 more lines"),
        ("Paying\nSTAFF", "ll of these tags are in the codebook already"),
        ("\n".join(f"Tag {number}" for number in range(198)), "at most 200 tags"),
    ],
)
def test_lines_that_cannot_be_tags_are_told_and_none_is_kept(client, manager, tags, pasted, said):
    answer = client.post(reverse("feedback:add_tags", args=[service().id]), {"tags": pasted})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Tag.objects.count() == 3


def test_a_merged_tag_gives_its_comments_to_the_other_and_loses_none(client, manager, tags):
    borne, both, wrongly, unseen, other = commented(
        version(), [PAYING[0], PARKING[0], STAFF[0], PAYING[1], PARKING[1]]
    )

    def given(comment, tag, fate):
        return TagAssignment.objects.create(comment=comment, tag=tags[tag], made_by="model", fate=fate)

    for comment, tag, fate in (
        (borne, "Paying", "accepted"),
        (both, "Paying", "added"),
        (both, "Staff", "suggested"),
        (wrongly, "Paying", "added"),
        (wrongly, "Staff", "rejected"),
        (unseen, "Paying", "suggested"),
        (other, "Paying", "rejected"),
        (other, "Staff", "accepted"),
    ):
        given(comment, tag, fate)

    merge = reverse("feedback:merge_tag", args=[tags["Paying"].id])
    answer = client.post(merge, {"into": tags["Staff"].id}, follow=True)

    assert "“Paying” is part of “Staff” now, and retired. 3 more comments bear it." in answer.content.decode()
    fates = {
        (each.comment_id, each.tag.name): each.fate for each in TagAssignment.objects.select_related("tag")
    }
    assert fates == {
        (borne.id, "Paying"): "accepted",
        (borne.id, "Staff"): "added",
        (both.id, "Paying"): "added",
        (both.id, "Staff"): "accepted",
        (wrongly.id, "Paying"): "added",
        (wrongly.id, "Staff"): "accepted",
        (other.id, "Paying"): "rejected",
        (other.id, "Staff"): "accepted",
    }
    tags["Paying"].refresh_from_db()
    assert not tags["Paying"].is_active
    (event,) = Event.objects.filter(kind="codebook.tag_merged")
    assert event.fields["comments"] == 3
    assert "Choose the tag that it becomes part of" in client.post(merge, {}).content.decode()


def test_a_tag_merges_into_a_tag_in_use_of_its_own_codebook_alone(manager, tags):
    elsewhere = Tag.objects.create(service=service("Another service"), name="Elsewhere")
    tags["Staff"].is_active = False
    tags["Staff"].save()

    for into in (elsewhere, tags["Staff"], tags["Paying"]):
        with pytest.raises(Refused):
            merge_tag(by=manager, tag=tags["Paying"], into=into)
    assert Tag.objects.filter(is_active=True).count() == 3


def test_whoever_may_only_look_cannot_change_the_codebook(client, tags):
    sign_in(client, staff("leader"))

    assert "Add a tag" not in page(client, "codebook", service().id)
    assert client.post(reverse("feedback:add_tag", args=[service().id]), {"name": "New"}).status_code == 403
    assert client.post(reverse("feedback:retire_tag", args=[tags["Paying"].id])).status_code == 403
    assert Tag.objects.count() == 3


def test_a_person_accepts_rejects_and_adds_and_the_next_comment_comes(client, manager, tags, teams):
    first, second = commented(version(), [PAYING[0], PARKING[0]])
    Reader(EngineHere()).round()
    TagAssignment.objects.create(comment=first, tag=tags["Staff"], made_by="x", probability=0.6)
    Comment.objects.filter(id=first.id).update(doubt=1.0)

    answer = client.get(reverse("feedback:next_comment", args=[service().id]))
    assert str(first.id) in answer.headers["Location"]
    shown = client.get(answer.headers["Location"]).content.decode()
    assert "Suggested, 60% sure" in shown
    assert "It cannot be told" in shown
    answer = client.post(
        answer.headers["Location"],
        {
            "tags": [str(tags["Paying"].id), str(tags["Parking"].id)],
            "team": str(teams["Streets"].id),
            "sentiment": "negative",
        },
    )

    assert answer.status_code == 302
    fates = dict(TagAssignment.objects.filter(comment=first).values_list("tag__name", "fate"))
    assert fates == {"Paying": "accepted", "Staff": "rejected", "Parking": "added"}
    route = RouteSuggestion.objects.get(comment=first)
    assert (route.suggested, route.team, route.fate) == (teams["Payments"], teams["Streets"], "rejected")
    first.refresh_from_db()
    assert (first.sentiment, first.checked_by_id) == ("negative", manager.id)
    assert Event.objects.get(kind="comment.tagged").fields | {"comment": ""} == {
        "comment": "",
        "accepted": 1,
        "rejected": 1,
        "added": 1,
        "route": "changed",
    }
    assert str(second.id) in client.get(answer.headers["Location"]).headers["Location"]
    tag_fared, route_fared = queries.fared(manager, service())
    assert (tag_fared.right, tag_fared.found) == (0.5, 0.5)
    assert route_fared.right == 0.0


def test_reading_again_leaves_what_people_said(client, manager, tags, teams):
    first, second = commented(version(), [PAYING[0], PARKING[0]])
    Reader(EngineHere()).round()
    check_comment(by=manager, comment=first, tags=[], team=None, sentiment="positive", again=False)

    assert client.post(reverse("feedback:read_again", args=[service().id])).status_code == 302
    first.refresh_from_db(), second.refresh_from_db()
    assert first.read_at is not None
    assert second.read_at is None
    Reader(EngineHere()).round()

    assert Comment.objects.get(id=first.id).sentiment == "positive"
    assert set(TagAssignment.objects.filter(comment=first).values_list("fate", flat=True)) == {"rejected"}


def test_two_people_do_not_check_one_comment_unawares(manager, tags):
    (first,) = commented(version(), PAYING[:1])
    check_comment(by=manager, comment=first, tags=[], team=None, sentiment="", again=False)

    with pytest.raises(Refused, match="colleague"):
        check_comment(by=manager, comment=first, tags=[tags["Staff"]], team=None, sentiment="", again=False)

    assert not TagAssignment.objects.exists()
    check_comment(by=manager, comment=first, tags=[tags["Staff"]], team=None, sentiment="", again=True)
    assert TagAssignment.objects.get().fate == "added"


def test_tags_and_teams_of_others_are_refused(manager, tags):
    (first,) = commented(version(), PAYING[:1])
    elsewhere = organisation("Southshire Council")
    foreign = Tag.objects.create(service=service("Other", where=elsewhere), name="Foreign")
    their_team = Team.objects.create(organisation=elsewhere, name="Theirs", purpose="x")

    with pytest.raises(Refused):
        check_comment(by=manager, comment=first, tags=[foreign], team=None, sentiment="", again=False)
    with pytest.raises(Refused):
        check_comment(by=manager, comment=first, tags=[], team=their_team, sentiment="", again=False)

    assert not Event.objects.filter(kind="comment.tagged").exists()


def test_what_no_model_reads_waits_in_a_list_of_its_own(client, manager, tags):
    (welsh,) = commented(version(), WELSH[:1], language="cy", is_readable=False)
    Reader(EngineHere()).round()

    shown = page(client, "tagging", service().id)
    assert "1 comment waits" in shown
    answer = client.get(reverse("feedback:next_comment", args=[service().id]), {"which": "people"})
    assert str(welsh.id) in answer.headers["Location"]
    assert "Welsh: no model here reads it" in client.get(answer.headers["Location"]).content.decode()


def test_another_organisations_comment_is_not_found(client, manager):
    elsewhere = organisation("Southshire Council")
    of = version(of=service("Their service", where=elsewhere))
    (theirs,) = commented(of, PAYING[:1])

    assert client.get(reverse("feedback:check_comment", args=[theirs.id])).status_code == 404
    assert client.get(reverse("feedback:codebook", args=[of.form.service_id])).status_code == 404
    assert client.get(reverse("feedback:tagging", args=[of.form.service_id])).status_code == 404


def test_a_services_own_model_is_learnt_from_decisions_and_used(manager, tags, teams):
    of = version()
    made = []
    for number in range(4):  # 72 comments; each text a little different
        for name, texts in (("Paying", PAYING), ("Parking", PARKING), ("Staff", STAFF)):
            made += [(name, each) for each in commented(of, [f"{text} {number}" for text in texts])]
    engine = EngineHere()
    assert fitting.learn(service(), "tag", engine) is None  # nobody has decided anything
    for name, comment in made:
        team = {"Paying": teams["Payments"], "Parking": teams["Streets"]}.get(name)
        check_comment(by=manager, comment=comment, tags=[tags[name]], team=team, sentiment="", again=False)

    fitting._counted.clear()
    assert fitting.learn_what_is_due(engine) == 1
    assert fitting.learn_what_is_due(engine) == 1
    assert fitting.learn_what_is_due(engine) == 0

    by_feature = {each.feature: each for each in FittedModel.objects.all()}
    assert set(by_feature) == {"tag", "route"}
    assert by_feature["tag"].decisions == 72
    assert by_feature["tag"].figures["samples_f1"][0] > 0.8
    assert Event.objects.filter(kind="reading.fitted").count() == 2
    (new,) = commented(of, ["Please paint more permit parking bays on my street, they are full"])
    Comment.objects.exclude(id=new.id).update(read_at=timezone.now() - timedelta(days=1))
    Reader(engine).round()
    suggested = TagAssignment.objects.filter(comment=new).order_by("-probability")[0]
    assert (suggested.tag, suggested.made_by) == (tags["Parking"], by_feature["tag"].version)
