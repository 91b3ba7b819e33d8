"""A service with a year of answers and figures, what was done about them, its digest, and open data."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import uuid4

from django.utils import timezone

from joinedup.feedback import MonthFigures, months_between
from joinedup.feedback.benchmark import BenchmarkRow
from joinedup_web.accounts.models import Organisation, StaffUser
from joinedup_web.feedback.actions import act_improvements as improvements
from joinedup_web.feedback.actions.act_benchmark import bring_in_benchmark
from joinedup_web.feedback.actions.act_digests import choose_digest, keep_digest
from joinedup_web.feedback.actions.act_figures import note_figures, open_figures, state_for_scorecard
from joinedup_web.feedback.digests import content_of, last_week
from joinedup_web.feedback.models import Comment, FormVersion, Response, Tag, TagAssignment
from joinedup_web.gate.actor import SYSTEM
from support.feedback_forms import service, version
from support.improvements import signed_off_theme, written
from support.web_people import acting

SAID = (
    ("You collected the bins on another day than the letter said", "negative"),
    ("The website was quick and clear", "positive"),
    ("I paid and it said that I had not, so I paid again", "negative"),
    ("It does what it says", "neutral"),
)


def act_pages(place: Organisation, people: dict[str, StaffUser]) -> dict[str, list[dict[str, Any]]]:
    """Fill it, and tell the arguments of each page about it."""
    manager, publisher = (acting(people[code], place) for code in ("service_manager", "publisher"))
    of = version(of=service("Garden waste", where=place), name="Garden waste satisfaction")
    waste, today = of.form.service, timezone.localdate()
    comments = _year_of_answers(of, today)
    theme = signed_off_theme(waste, *comments[::4], title="Collected on another day")
    _tagged(waste.tags.create(name="Payment"), comments[2::4])
    months = months_between(today - timedelta(days=400), today.replace(day=1) - timedelta(days=1))
    figures = [
        MonthFigures(month, 900 + 20 * at, 800 + 20 * at, 500 + 25 * at, None, 310_000 + 1_000 * at)
        for at, month in enumerate(months)
    ]
    note_figures(by=manager, service=waste, figures=figures)
    state_for_scorecard(
        by=manager,
        service=waste,
        is_accessible=True,
        audited_on=date(2026, 2, 1),
        cost_at_most_pence=400,
        cost_source="Board paper of May 2026",
    )
    open_figures(by=publisher, service=waste, licence="Open Government Licence v3.0", licence_url=OGL)
    made = [
        improvements.write_improvement(
            by=manager,
            service=waste,
            written=written(
                said="You told us that bins were collected on another day than the letter said.",
                did=did,
                said_cy="Dywedoch fod biniau’n cael eu casglu ar ddiwrnod gwahanol i’r llythyr.",
                did_cy="Mae’r llythyr bellach yn dod o’r un system â’r casgliad.",
                themes=[theme],
                measure="satisfaction",
                target=0.8,
                done_on=today - timedelta(days=60),
            ),
        )
        for did in (
            "The letter now comes from the same system as the round.",
            "The website now shows the next three collections.",
            "A text message goes out on the evening before.",
        )
    ]
    for each in (made[0], made[2]):
        improvements.quote_comment(
            by=manager,
            improvement=each,
            comment=comments[0],
            text="You collected the bins on another day […]",
            reason="length",
        )
    for each in made[1:]:
        improvements.submit_improvement(by=manager, improvement=each)
    improvements.publish_improvement(by=publisher, improvement=made[2])
    improvements.measure_again(by=manager, improvement=made[2])
    week = last_week(today)
    keep_digest(
        by=SYSTEM, organisation_id=place.id, service=waste, week=week, content=content_of(waste, week)
    )
    choose_digest(by=acting(people["leader"], place), service=waste)
    empty = service("Allotments", where=place)
    survey = bring_in_benchmark(
        by=manager,
        name="A survey of 2024",
        terms="With its author’s permission",
        rows=[
            BenchmarkRow("Did you finish?", option, Fraction(share, 100), group=group)
            for group, shares in (("all", (60, 40)), ("senior", (55, 45)))
            for option, share in zip(("Yes", "No"), shares, strict=True)
        ],
    )
    pages = _pages(waste, empty, made, comments[4], week)
    of_survey = [{"benchmark_id": str(survey.id)}]
    return pages | {"feedback:benchmark": of_survey, "feedback:benchmark_remove": of_survey}


OGL = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"


def _pages(
    waste: Any, empty: Any, made: Any, comment: Comment, week: date
) -> dict[str, list[dict[str, Any]]]:
    both = [{"service_id": str(each.id)} for each in (waste, empty)]
    draft, submitted, public = ({"improvement_id": str(each.id)} for each in made)
    slugs = [{"slug": each.slug} for each in (waste, empty)]
    return {
        "feedback:improvements": both,
        "feedback:improvement_new": both,
        "feedback:improvement": [draft, submitted, public],
        "feedback:improvement_change": [draft],
        "feedback:improvement_delete": [draft],
        "feedback:improvement_quotes": [draft],
        "feedback:improvement_quote": [{**draft, "comment_id": str(comment.id)}],
        "feedback:improvement_publish": [submitted],
        "feedback:improvement_return": [submitted],
        "feedback:improvement_withdraw": [public],
        "feedback:figures": both,
        "feedback:figures_enter": both[:1],
        "feedback:figures_upload": both[:1],
        "feedback:scorecard": both,
        "feedback:scorecard_state": both,
        "feedback:dashboard": both,
        "feedback:digest_week": [{**both[0], "week": week.isoformat()}],
        "feedback:open_data": both,
        "feedback:open_data_close": both[:1],
        "feedback_public:done": slugs,
        "feedback_public:figures": slugs[:1],
    }


def _year_of_answers(of: FormVersion, today: date) -> list[Comment]:
    """Twelve a week for a year, fewer of them dissatisfied in the last eight weeks; one in three says something."""
    own = {"organisation_id": of.form.service.organisation_id, "service": of.form.service}
    responses, comments = [], []
    monday = today - timedelta(days=today.weekday())
    for week in range(52):
        first = monday - timedelta(weeks=52 - week)
        at = timezone.make_aware(datetime(first.year, first.month, first.day, 11))
        for number in range(12):
            is_low = number < (6 if week < 44 else 2)
            kept = Response(
                **own,
                id=uuid4(),
                version=of,
                submission=uuid4(),
                received_at=at + timedelta(hours=5 * number),
                satisfaction=2 if is_low else 5,
                channel=("web", "qr", "script")[number % 3],
                ending="completed" if number % 4 else "error",
                may_publish=True,
                masks_confirmed_at=at,
            )
            responses.append(kept)
            if number % 3 == 0:
                text, sentiment = SAID[number // 3]
                comments.append(
                    Comment(
                        **own,
                        response=kept,
                        question="improve",
                        text=text,
                        sentiment=sentiment,
                        sentiment_by="1",
                        received_at=kept.received_at,
                        read_at=kept.received_at,
                    )
                )
    Response.objects.bulk_create(responses)
    return Comment.objects.bulk_create(comments)


def _tagged(tag: Tag, comments: list[Comment]) -> None:
    TagAssignment.objects.bulk_create(
        [TagAssignment(comment=each, tag=tag, made_by="person", fate="added") for each in comments]
    )
