"""Public feedback of the demonstration, by the deeds that people do it with: asked for, received, read, acted on."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.utils import timezone

from joinedup_web.accounts.models import Organisation, StaffUser
from joinedup_web.accounts.sessions import actor_of
from joinedup_web.casework.actions.work import take_case
from joinedup_web.casework.models import Team
from joinedup_web.demonstration import remarks as said
from joinedup_web.demonstration.services import OFFERED, note_months, set_up, set_up_teams
from joinedup_web.feedback.actions.act_figures import open_figures
from joinedup_web.feedback.actions.act_improvements import (
    Written,
    measure_again,
    publish_improvement,
    quote_comment,
    submit_improvement,
    write_improvement,
)
from joinedup_web.feedback.actions.analyses import ask_analysis
from joinedup_web.feedback.actions.cases import open_case_from
from joinedup_web.feedback.actions.masks import confirm_many
from joinedup_web.feedback.actions.receive import Arrival, receive
from joinedup_web.feedback.improving import may_be_quoted
from joinedup_web.feedback.models import (
    Analysis,
    CollectionPoint,
    Comment,
    CommentCase,
    Improvement,
    Response,
    Service,
    ServiceStatement,
)
from joinedup_web.gate.actor import ANONYMOUS, Actor

MANAGER, MODERATOR, PUBLISHER = "sara.vice", "mo.derator", "pat.lisher"
ANALYST, CASEWORKER = "ana.lyst", "casey.worker"
QUOTES, ALIKE = 2, 20
"""So many comments are quoted, none of which begin with the same letters."""
CASE_TITLES = {
    "progress": "Where is my application?",
    "error": "The website went wrong",
    "complaint": "Penalty notice although the permit is valid",
    "understand": "Which permit does a carer need?",
    "other": "Moving house with a permit",
}
WAKING = 7
UNCHECKED = timedelta(days=10)
"""Masks of the last days wait for somebody to look at them."""
LICENCE = (
    "Open Government Licence v3.0",
    "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
)
IMPROVEMENT = {
    "said": "You told us that the website refused photographs of your documents, and did not say why.",
    "did": "You can now photograph a document with your telephone. The page says at once what is wrong with a picture, "
    "and nothing that you typed is lost.",
    "said_cy": "Dywedoch wrthym fod y wefan yn gwrthod lluniau o’ch dogfennau heb ddweud pam.",
    "did_cy": "Gallwch nawr dynnu llun o ddogfen gyda’ch ffôn. Mae’r dudalen yn dweud ar unwaith beth sydd o’i le ar "
    "lun, ac nid yw’r hyn rydych wedi’i deipio yn cael ei golli.",
}


def is_lacking(council: Organisation) -> bool:
    """Whether some of it is not there yet. What is published last tells."""
    published = Improvement.objects.filter(service__organisation=council, published_at__isnull=False)
    return not published.exists()


def prepare_feedback(council: Organisation) -> None:
    """Make what is lacking. The worker reads the comments, drafts the themes and tells whoever is on duty."""
    people = {
        user.email.partition("@")[0]: user
        for user in StaffUser.objects.filter(memberships__organisation=council)
    }
    manager, now = _acting(people[MANAGER], council), timezone.now()
    teams = set_up_teams(by=manager, lead=people[MANAGER], members=[people[CASEWORKER], people[MODERATOR]])
    services: dict[str, Service] = {}
    points: dict[tuple[str, str], CollectionPoint] = {}
    for offered in OFFERED:
        service, own = set_up(offered, by=manager, duty_person=people[MODERATOR], deputy=people[MANAGER])
        services[offered.key] = service
        points |= {(offered.key, key): point for key, point in own.items()}
        note_months(offered, service, by=manager, today=timezone.localdate(now))
    _receive_all(points, now=now)
    _ask_for_themes(services["parking"], by=_acting(people[ANALYST], council), now=now)
    moderator = _acting(people[MODERATOR], council)
    _check_masks(list(services.values()), by=moderator, now=now)
    if not CommentCase.objects.filter(comment__service=services["parking"]).exists():
        _open_a_case(
            services["parking"],
            by=moderator,
            team=teams["Permits and passes"],
            worker=_acting(people[CASEWORKER], council),
        )
    _improve(services["parking"], by=manager, publisher=_acting(people[PUBLISHER], council), now=now)


def _receive_all(points: dict[tuple[str, str], CollectionPoint], *, now: datetime) -> None:
    """Receive what was not received yet, as anybody sends it."""
    kept = set(Response.objects.values_list("submission", flat=True))
    for number, remark in enumerate(said.remarks()):
        point = points[remark.service, remark.point]
        submission = uuid5(UUID(str(point.form.service_id)), str(number))
        if submission in kept:
            continue
        receive(
            by=ANONYMOUS,
            version=point.form.versions.all()[0],
            point=point,
            channel=point.channel,
            ending=point.ending,
            submission=submission,
            language=remark.language,
            answers=remark.answers,
            received_at=_by_day(now - timedelta(days=remark.days_ago)),
            arrival=Arrival(trap=remark.spam[0], seconds=remark.spam[1]) if remark.spam else None,
        )


def _by_day(moment: datetime) -> datetime:
    """A moment at which people are awake: it, or eight hours before it."""
    return moment - timedelta(hours=8) if timezone.localtime(moment).hour < WAKING else moment


def _ask_for_themes(service: Service, *, by: Actor, now: datetime) -> None:
    if not Analysis.objects.filter(service=service).exists():
        today = timezone.localdate(now)
        first = today - timedelta(days=said.DAYS)
        ask_analysis(
            by=by, service=service, question="improve", first_day=first, last_day=today, method="clusters"
        )


def _check_masks(services: list[Service], *, by: Actor, now: datetime) -> None:
    waiting = Response.objects.filter(
        service__in=services, state="open", may_publish=True, masks_confirmed_at=None
    )
    if older := list(waiting.filter(received_at__lt=now - UNCHECKED)):
        confirm_many(by=by, responses=older)


def _open_a_case(service: Service, *, by: Actor, team: Team, worker: Actor) -> None:
    """Of the newest message that asks for an answer; somebody has taken it."""
    asking = Comment.objects.filter(service=service, response__contact__isnull=False, response__state="open")
    comment = asking.select_related("response").order_by("-received_at").first()
    if comment is not None:
        title = CASE_TITLES[comment.response.answers["need"]]
        take_case(by=worker, case=open_case_from(by=by, comment=comment, title=title, team=team))


def _improve(service: Service, *, by: Actor, publisher: Actor, now: datetime) -> None:
    """What was mended is written down with people's words, handed in, published by another, and measured again."""
    improvement = Improvement.objects.filter(service=service).first()
    if improvement is None:
        mended = timezone.localdate(now) - timedelta(days=said.MENDED)
        written = Written(**IMPROVEMENT, done_on=mended, measure="satisfaction")
        improvement = write_improvement(by=by, service=service, written=written)
    if improvement.published_at is not None:
        return
    if improvement.state == "draft":
        spoken = may_be_quoted(Comment.objects.filter(service=service, text__iregex="photo|upload|picture"))
        unlike = {comment.text[:ALIKE]: comment for comment in spoken.filter(response__satisfaction__lte=2)}
        for comment in list(unlike.values())[:QUOTES]:
            quote_comment(by=by, improvement=improvement, comment=comment, text=comment.text)
        improvement = submit_improvement(by=by, improvement=improvement)
    if not ServiceStatement.objects.filter(service=service, is_open_data=True).exists():
        licence, licence_url = LICENCE
        open_figures(by=publisher, service=service, licence=licence, licence_url=licence_url)
    improvement = publish_improvement(by=publisher, improvement=improvement)
    measure_again(by=by, improvement=improvement)


def _acting(user: StaffUser, council: Organisation) -> Actor:
    actor = actor_of(user.id, organisation_id=council.id)
    assert actor is not None
    return actor
