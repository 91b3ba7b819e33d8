"""What is let go of in time: what was masked, how to answer, senders’ marks, and at last what people wrote."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from joinedup_web.audit.models import Event
from joinedup_web.feedback.files import service_folder, vectors_file
from joinedup_web.feedback.keeping import let_originals_go
from joinedup_web.feedback.models import Analysis, Comment, Contact, Flag, JobState, Response
from joinedup_web.gate.decide import Refused
from joinedup_web.linkage.models import Project, Source
from joinedup_web.operations import keeping
from joinedup_web.operations.stores import STORES
from support.feedback_forms import service
from support.feedback_things import HARMED, PERSONAL, flagged, said
from support.web_people import acting, organisation, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]


def old(response: Response, days: int) -> Response:
    at = timezone.now() - timedelta(days=days)
    Response.objects.filter(id=response.id).update(received_at=at)
    Comment.objects.filter(response=response).update(received_at=at)
    return Response.objects.get(id=response.id)


def let_go(held: bool = False) -> int:
    return let_originals_go(on=timezone.now(), is_held=lambda place: held)


def test_what_was_masked_and_how_to_answer_go_after_the_services_own_days():
    place = service(keep_original_days=10)
    kept = old(said(PERSONAL, of=place, contact=("email", "jo@example.test")), 9)
    gone = old(said(PERSONAL, of=place, contact=("email", "jo@example.test")), 11)

    assert let_go() == 1

    gone.refresh_from_db()
    kept.refresh_from_db()
    assert gone.original_sealed == ""
    assert gone.original_gone_at is not None
    assert kept.original_sealed
    assert list(Contact.objects.values_list("response_id", flat=True)) == [kept.id]
    assert "[email address]" in Comment.objects.get(response=gone).text
    event = Event.objects.get(kind="response.originals_removed")
    assert event.fields == {"service": str(place.id), "removed": 1}
    assert let_go() == 0


def test_a_contact_goes_even_where_nothing_was_written():
    place = service(keep_original_days=10)
    response = said("", of=place, contact=("email", "jo@example.test"))
    old(response, 11)

    assert let_go() == 1
    assert not Contact.objects.exists()


def test_while_a_flag_is_open_its_original_stays():
    flag = flagged(HARMED, of=service(keep_original_days=10))
    response = old(flag.comment.response, 11)

    assert let_go() == 0
    Flag.objects.filter(id=flag.id).update(closed_at=timezone.now())
    assert let_go() == 1
    response.refresh_from_db()
    assert response.original_sealed == ""


def test_a_comment_that_nobody_could_read_is_not_kept_for_ever_for_that():
    said("Mi ne povas pagi la imposton kaj neniu respondas", of=service(keep_original_days=10))
    assert Flag.objects.get(closed_at=None).kind == "unreadable"
    old(Response.objects.get(), 11)

    assert let_go() == 1


def test_a_legal_hold_keeps_it():
    old(said(PERSONAL, of=service(keep_original_days=10)), 11)

    assert let_go(held=True) == 0
    assert Response.objects.get().original_sealed


def test_a_senders_mark_goes_after_a_week():
    new, week_old = said("The queue was long"), said("The queue was short")
    Response.objects.update(sender_mark="a" * 64)
    old(week_old, 8)

    let_go()

    assert Response.objects.get(id=new.id).sender_mark
    assert Response.objects.get(id=week_old.id).sender_mark == ""


def test_what_people_wrote_goes_when_the_organisations_days_are_over():
    place = service()
    response = old(said(PERSONAL, of=place, contact=("phone", "01632960001")), 731)
    recent = said("The map did not open", of=place)

    gone = keeping.apply_retention(on=timezone.now())

    assert gone["responses"] == 1
    response.refresh_from_db()
    comment = Comment.objects.get(response=response)
    assert (response.answers, response.original_sealed, comment.text, comment.masks) == ({}, "", "", {})
    assert response.satisfaction == 2, "counts stay right"
    assert comment.read_at is not None, "no model is asked about what is gone"
    assert Comment.objects.get(response=recent).text == "The map did not open"
    assert keeping.apply_retention(on=timezone.now())["responses"] == 0


def test_notes_on_flags_go_with_the_words_but_not_while_a_flag_is_open():
    flag = flagged(HARMED)
    old(flag.comment.response, 731)
    Flag.objects.update(note="Rang Mrs Natarajan")

    assert keeping.apply_retention(on=timezone.now())["responses"] == 0
    Flag.objects.update(closed_at=timezone.now())
    assert keeping.apply_retention(on=timezone.now())["responses"] == 1
    assert Flag.objects.get().note == ""


def test_vectors_of_texts_go_with_them_and_at_last_what_models_learnt(django_capture_on_commit_callbacks):
    place = service()
    old(said("The map did not open", of=place), 800)
    last = said("The map is blank", of=place)
    long_ago = timezone.localdate(timezone.now() - timedelta(days=800))  # the clocks may have changed since
    analysis = Analysis.objects.create(
        service=place,
        question="improve",
        first_day=long_ago,
        last_day=long_ago,
        state=JobState.DONE,
        method="clusters",
    )
    file = vectors_file(analysis)
    learnt = service_folder(place) / "models" / "one.model"
    for each in (file, learnt):
        each.parent.mkdir(parents=True, exist_ok=True)
        each.write_bytes(b"vectors")

    with django_capture_on_commit_callbacks(execute=True):
        keeping.apply_retention(on=timezone.now())
    assert not file.exists()
    assert learnt.exists()
    old(last, 800)
    with django_capture_on_commit_callbacks(execute=True):
        keeping.apply_retention(on=timezone.now())
    assert not service_folder(place).exists()


def test_a_hold_on_what_people_wrote_keeps_it_and_holds_up_no_erasure_from_a_project():
    adviser = acting(staff("adviser"))
    old(said(PERSONAL), 731)
    project = Project.objects.create(organisation=organisation(), name="Residents", purpose="Find doubles")
    keeping.place_hold(by=adviser, store="responses", project=None, why="Inquiry 4")

    assert keeping.apply_retention(on=timezone.now())["responses"] == 0
    assert Response.objects.exclude(answers={}).exists()
    Source.objects.create(
        project=project, name="people", file_name="p.csv", folder="x", octets=1, sha256="0" * 64
    )
    asked = keeping.ask_erasure(by=adviser, project=project, records=[("people", "1")])
    keeping.decide_erasure(by=acting(staff("asset_owner")), erasure=asked, is_approved=True)


def test_a_hold_on_one_projects_share_of_what_people_wrote_is_refused():
    project = Project.objects.create(organisation=organisation(), name="Residents", purpose="Find doubles")

    with pytest.raises(Refused, match="belongs to no project"):
        keeping.place_hold(by=acting(staff("adviser")), store="responses", project=project, why="Inquiry 4")


def test_the_store_is_of_one_organisation():
    old(said(PERSONAL), 731)
    south = organisation("Southshire Council")

    assert not STORES["responses"].due(south.id, timezone.now()).exists()
    assert STORES["responses"].due(organisation().id, timezone.now()).count() == 1
