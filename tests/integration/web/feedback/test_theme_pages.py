"""From comments to themes that are signed off, by pages alone; refusals, and another organisation's things."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from joinedup_web.audit.models import Event
from joinedup_web.feedback import analysis_jobs
from joinedup_web.feedback.models import Analysis, Comment, JobState, Tag, Theme, ThemeAssignment, ThemeState
from joinedup_web.feedback.reader import engine
from joinedup_web.text.models import FeatureSwitch, ModelUse
from support.comments_read import PARKING, PAYING, STAFF, WELSH, EngineHere, commented
from support.feedback_forms import service, version
from support.web_people import organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _models_here(monkeypatch):
    monkeypatch.setattr(engine, "open_engine", EngineHere)


@pytest.fixture
def manager(client):
    """A service manager, signed in."""
    user = staff("service_manager")
    sign_in(client, user)
    return user


@pytest.fixture
def comments():
    yesterday = timezone.now() - timedelta(days=1)
    of = version()
    made = commented(of, [*PAYING, *PARKING, *STAFF], at=yesterday)
    commented(of, WELSH, language="cy", is_readable=False, at=yesterday)
    return made


def asked(client, **changed: str) -> Analysis:
    """Themes asked for on the page, and drafted as the worker does it."""
    first, last = timezone.localdate() - timedelta(days=30), timezone.localdate()
    form = {
        "question": "improve",
        "method": "clusters",
        **{
            f"{name}-{part}": str(getattr(day, word))
            for name, day in (("first_day", first), ("last_day", last))
            for part, word in (("day", "day"), ("month", "month"), ("year", "year"))
        },
        **changed,
    }
    answer = client.post(reverse("feedback:new_analysis", args=[service().id]), form)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    analysis = Analysis.objects.latest("asked_at")
    analysis_jobs.draft_analysis.call(str(analysis.id))
    analysis.refresh_from_db()
    return analysis


def page(client, view: str, thing: object, expect: int = 200) -> str:
    answer = client.get(reverse(f"feedback:{view}", args=[thing]))
    assert answer.status_code == expect, (view, answer.status_code)
    return str(answer.content.decode())


def deed(client, view: str, thing: object, **form: object) -> int:
    return int(client.post(reverse(f"feedback:{view}", args=[thing]), form).status_code)


def test_comments_become_themes_that_somebody_signs_off(client, manager, comments):
    analysis = asked(client)

    assert analysis.state == JobState.DONE, analysis.problem
    assert analysis.counts["used"] == 18
    assert analysis.counts["languages"] == {"cy": 2}
    shown = page(client, "analysis", analysis.id)
    assert "2 in Welsh" in shown
    themes = list(analysis.themes.all())
    assert len(themes) >= 2
    for theme in themes:
        assert deed(client, "keep_theme", theme.id) == 302
    assert deed(client, "sign_off", analysis.id, as_tags="yes") == 302

    analysis.refresh_from_db()
    assert analysis.signed_off_by == manager
    assert set(analysis.themes.values_list("state", flat=True)) == {ThemeState.KEPT}
    assert Tag.objects.count() == len(themes)
    assert Event.objects.get(kind="analysis.signed_off").fields["themes"] == len(themes)
    assert {use.feature for use in ModelUse.objects.all()} == {"themes", "sentiment"}


@pytest.fixture
def analysis(client, manager, comments):
    """A finished analysis with two drafts of payments and parking, made here so that a test knows its members."""
    of = service()
    made = Analysis.objects.create(
        service=of,
        question="improve",
        first_day=timezone.localdate() - timedelta(days=30),
        last_day=timezone.localdate(),
        method="clusters",
        state=JobState.DONE,
        counts={"comments": 20, "used": 18, "languages": {"cy": 2}},
        variance={"agreement": 0.8, "runs": 3},
        models_used={"embedder": ["words", "1"]},
    )
    for number, (title, members, stance) in enumerate(
        (("Paying", comments[:6], "against"), ("Parking", comments[6:12], "for")), start=1
    ):
        theme = Theme.objects.create(
            analysis=made,
            number=number,
            title=title,
            drafted={"title": title, "description": ""},
            stance=stance,
            quotes=[str(each.id) for each in members[:3]],
        )
        ThemeAssignment.objects.bulk_create(
            [
                ThemeAssignment(comment=each, theme=theme, made_by="1", probability=0.9, stance=stance)
                for each in members
            ]
        )
    return made


def theme(analysis: Analysis, title: str) -> Theme:
    return analysis.themes.get(title=title)


def held(of: Theme) -> set[str]:
    rows = of.assignments.exclude(fate="rejected")
    return set(rows.values_list("comment__text", flat=True))


def test_too_few_comments_make_no_themes_and_the_page_says_why(client, manager):
    commented(version(), PAYING)

    analysis = asked(client)

    assert analysis.state == JobState.FAILED
    shown = page(client, "analysis", analysis.id)
    assert "There are 6 comments that a model can read; themes need 10" in shown
    assert Event.objects.get(kind="analysis.failed").fields["fault"] == "limit"


def test_themes_that_are_switched_off_are_not_drafted(client, manager, comments):
    FeatureSwitch.objects.create(organisation=organisation(), feature="themes", is_on=False, reason="no")

    analysis = asked(client)

    assert analysis.state == JobState.FAILED
    assert "switched off" in page(client, "analysis", analysis.id)
    assert not ModelUse.objects.exists()


def test_an_analysis_that_waits_says_so_and_can_be_followed_without_a_script(client, manager, analysis):
    Analysis.objects.update(
        state=JobState.RUNNING, counts={"stage": "reading", "done": 1200, "total": 5000}, finished_at=None
    )

    shown = page(client, "analysis", analysis.id)
    assert "Reading the comments: 1,200 of 5,000." in shown
    assert "again=yes" in shown
    address = reverse("feedback:analysis", args=[analysis.id])
    assert client.get(address, {"again": "yes"}).headers["Refresh"] == "10"
    told = client.get(reverse("feedback:analysis_progress", args=[analysis.id])).json()
    assert told == {
        "words": "Reading the comments: 1,200 of 5,000.",
        "done": 1200,
        "total": 5000,
        "finished": False,
    }


def test_the_work_of_a_lost_worker_is_taken_up(client, manager, analysis):
    long_ago = timezone.now() - timedelta(minutes=5)
    Analysis.objects.update(state=JobState.RUNNING, heartbeat_at=long_ago, asked_at=long_ago)

    assert analysis_jobs.take_up_abandoned() == 1
    assert Analysis.objects.get().state == JobState.WAITING


def test_filters_narrow_what_is_read(client, manager, comments):
    commented(version(name="Paper"), ["On paper"] * 3, channel="paper", at=timezone.now() - timedelta(days=1))

    analysis = asked(client, channel="paper")

    assert analysis.filters == {"channel": "paper"}
    assert "There are 3 comments" in page(client, "analysis", analysis.id)


def test_merging_moves_comments_and_counts_stance_and_quotes_again(client, analysis):
    paying, parking = theme(analysis, "Paying"), theme(analysis, "Parking")

    assert deed(client, "merge_theme", paying.id, into=str(parking.id)) == 302

    paying.refresh_from_db(), parking.refresh_from_db()
    assert (paying.state, paying.merged_into) == (ThemeState.MERGED, parking)
    assert held(parking) == {*PAYING, *PARKING}
    assert parking.stance == "mixed"
    assert parking.state == ThemeState.EDITED
    shown = page(client, "analysis", analysis.id)
    assert "12 comments" in shown
    assert "66.7%" in shown
    assert deed(client, "merge_theme", paying.id, into=str(parking.id)) == 422  # it is gone


def test_moving_comments_counts_both_themes_again(client, analysis, comments):
    paying, parking = theme(analysis, "Paying"), theme(analysis, "Parking")
    moved = [str(each.id) for each in comments[:2]]

    assert deed(client, "theme", paying.id, comment=moved, into=str(parking.id)) == 302

    paying.refresh_from_db(), parking.refresh_from_db()
    assert held(paying) == set(PAYING[2:])
    assert held(parking) == {*PARKING, *PAYING[:2]}
    assert not set(moved) & set(paying.quotes)
    assert len(paying.quotes) == 3
    assert paying.stance == ""  # four opinions are too few to tell
    assert Event.objects.get(kind="theme.comments_moved").fields["comments"] == 2
    assert deed(client, "theme", paying.id, comment=[str(comments[2].id)], into="none") == 302
    assert "without a theme" in page(client, "analysis", analysis.id)
    assert PAYING[2] in page(client, "others_of_analysis", analysis.id)


def test_moving_nothing_or_nowhere_is_refused_in_words(client, analysis):
    paying = theme(analysis, "Paying")

    answer = client.post(reverse("feedback:theme", args=[paying.id]), {"into": "none"})
    assert answer.status_code == 422
    assert "Select at least one comment" in answer.content.decode()
    assert deed(client, "theme", paying.id, comment=["x"], into="") == 422
    assert held(paying) == set(PAYING)


def test_what_no_model_reads_can_be_given_a_theme_by_a_person(client, analysis):
    welsh = Comment.objects.filter(language="cy").first()
    paying = theme(analysis, "Paying")
    address = reverse("feedback:others_of_analysis", args=[analysis.id]) + "?which=people"
    assert welsh.text in client.get(address).content.decode()

    assert client.post(address, {"comment": str(welsh.id), "into": str(paying.id)}).status_code == 302

    assert welsh.text in held(paying)
    assert ThemeAssignment.objects.get(comment=welsh).made_by == "person"


def test_a_theme_is_split_by_stance_and_into_like_comments(client, analysis, comments):
    paying = theme(analysis, "Paying")
    assert deed(client, "split_theme", paying.id, way="stance") == 422  # all against
    mixed = [each.id for each in comments[:3]]
    paying.assignments.filter(comment_id__in=mixed).update(stance="for")

    assert deed(client, "split_theme", paying.id, way="stance") == 302

    parts = Theme.objects.filter(split_from=paying)
    assert sorted(part.assignments.count() for part in parts) == [3, 3]
    parking = theme(analysis, "Parking")
    deed(client, "merge_theme", parts[0].id, into=str(parking.id))
    assert deed(client, "split_theme", parking.id, way="groups") == 302
    sizes = [len(held(part)) for part in Theme.objects.filter(split_from=parking)]
    assert sum(sizes) == 9
    assert len(sizes) == 2
    table = client.get(reverse("feedback:analysis_csv", args=[analysis.id])).getvalue().decode()
    for shown in (page(client, "sign_off", analysis.id), page(client, "analysis", analysis.id), table):
        assert "plit from “Parking”" in shown
        assert "dded by a person" not in shown
    part = Theme.objects.filter(split_from=parking).first()
    assert "Split from “Parking”" in page(client, "theme", part.id)


def test_a_theme_is_edited_added_deleted_and_restored(client, analysis):
    paying = theme(analysis, "Paying")

    assert deed(client, "edit_theme", paying.id, title="", description="") == 422
    assert deed(client, "edit_theme", paying.id, title="Card payments fail", description="x") == 302
    assert deed(client, "add_theme", analysis.id, title="Queues", description="") == 302
    assert deed(client, "delete_theme", theme(analysis, "Parking").id) == 302

    states = dict(analysis.themes.values_list("title", "state"))
    assert states == {"Card payments fail": "edited", "Queues": "added", "Parking": "deleted"}
    assert "The model’s title was “Paying”" in page(client, "theme", paying.id)
    assert deed(client, "restore_theme", theme(analysis, "Parking").id) == 302
    assert theme(analysis, "Parking").state == ThemeState.CANDIDATE


def test_what_waits_to_be_signed_off_stands_on_the_staff_home(client, analysis):
    assert "1 analysis" in client.get("/staff/").content.decode()
    listed = client.get(reverse("feedback:understanding")).content.decode()
    assert "Themes that wait to be signed off" in listed
    assert str(analysis.id) in listed


def test_nothing_is_signed_off_before_every_draft_is_decided(client, analysis):
    deed(client, "keep_theme", theme(analysis, "Paying").id)

    shown = page(client, "sign_off", analysis.id)
    assert "1 draft waits for a decision" in shown
    assert deed(client, "sign_off", analysis.id, as_tags="no") == 422

    analysis.refresh_from_db()
    assert analysis.signed_off_at is None
    assert Event.objects.filter(kind="access.refused").exists()


def test_what_is_signed_off_changes_no_more_and_is_the_measure_of_the_model(client, analysis, comments):
    paying, parking = theme(analysis, "Paying"), theme(analysis, "Parking")
    deed(client, "keep_theme", paying.id)
    deed(client, "delete_theme", parking.id)
    assert deed(client, "sign_off", analysis.id, as_tags="yes") == 302

    assert Tag.objects.get().name == "Paying"
    assert Tag.objects.get().assignments.count() == 6
    assert deed(client, "edit_theme", paying.id, title="Other", description="") == 422
    assert deed(client, "theme", paying.id, comment=[str(comments[0].id)], into="none") == 422
    deed(client, "delete_theme", paying.id), deed(client, "restore_theme", parking.id)
    assert deed(client, "add_theme", analysis.id, title="Late", description="") == 422
    for view in ("edit_theme", "merge_theme", "split_theme", "delete_theme"):
        led = client.get(reverse(f"feedback:{view}", args=[paying.id]), follow=True)
        assert led.redirect_chain == [(reverse("feedback:analysis", args=[analysis.id]), 302)]
        assert "These themes are signed off, and change no more" in led.content.decode()
    led = client.get(reverse("feedback:add_theme", args=[analysis.id]), follow=True)
    assert "These themes are signed off, and change no more" in led.content.decode()
    paying.refresh_from_db(), parking.refresh_from_db()
    assert (paying.title, paying.state, parking.state) == ("Paying", "kept", "deleted")
    shown = page(client, "understand", service().id)
    assert "kept 1 as they were" in shown
    assert "deleted 1;" in shown
    assert "50.0%" in shown


def test_whoever_may_only_look_neither_edits_nor_signs_off(client, analysis):
    paying = theme(analysis, "Paying")
    sign_in(client, staff("leader"))
    assert "Sign the themes off" not in page(client, "analysis", analysis.id)
    assert deed(client, "sign_off", analysis.id, as_tags="no") == 403
    assert "Keep “Paying”" not in page(client, "analysis", analysis.id)
    for view in ("keep_theme", "edit_theme", "merge_theme", "split_theme", "delete_theme", "theme"):
        assert deed(client, view, paying.id, title="x", into="none") == 403
    paying.refresh_from_db()
    assert (paying.title, paying.state) == ("Paying", "candidate")


def test_another_organisations_analysis_is_not_found(client, analysis):
    elsewhere = organisation("Southshire Council")
    sign_in(client, staff("service_manager", where=elsewhere), elsewhere)
    paying = theme(analysis, "Paying")

    for view in (
        "analysis",
        "analysis_progress",
        "analysis_csv",
        "sign_off",
        "add_theme",
        "others_of_analysis",
    ):
        page(client, view, analysis.id, expect=404)
    for view in ("theme", "edit_theme", "merge_theme", "split_theme", "delete_theme"):
        page(client, view, paying.id, expect=404)
    assert deed(client, "keep_theme", paying.id) == 404


def test_two_analyses_stand_side_by_side(client, analysis, comments):
    other = Analysis.objects.get(id=analysis.id)
    other.pk = None
    other._state.adding = True
    other.id = uuid4()
    other.save()
    same = Theme.objects.create(analysis=other, number=1, title="Card payments")
    ThemeAssignment.objects.bulk_create(
        [ThemeAssignment(comment=each, theme=same, made_by="1") for each in comments[:5]]
    )
    address = reverse("feedback:compare_analyses", args=[analysis.id])

    shown = client.get(address, {"with": str(other.id)}).content.decode()

    assert "The same comments: 83% are in both" in shown
    assert "In the first alone" in shown
    Analysis.objects.filter(id=other.id).update(state=JobState.RUNNING)
    assert client.get(address, {"with": str(other.id)}).status_code == 404
    assert client.get(address, {"with": "x"}).status_code == 404


def test_the_table_of_themes_is_downloaded_and_that_is_kept(client, analysis):
    answer = client.get(reverse("feedback:analysis_csv", args=[analysis.id]))

    told = b"".join(answer.streaming_content).decode()
    assert "Paying,,Draft,6,0.3333,against,6,0,0," in told
    assert Event.objects.get(kind="table.exported").fields["rows"] == 2
