"""The public's forms, page by page, with buttons alone and without a cookie.

What was answered so far travels sealed in the form itself, so every step is a POST of everything: on, back, to the
other language, to the check of answers. No cookie carries any right here, so a form that another website sends in
somebody's name does no more than anybody can do: these views need no token against forgery.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from joinedup.feedback import (
    AnswersError,
    FormDefinition,
    Problem,
    check_answer,
    check_page,
    in_words,
    is_shown,
    next_page,
    page_before,
    shown_on,
)
from joinedup_web.feedback.actions.receive import Arrival, SubmissionTaken, receive
from joinedup_web.feedback.asked import Asking, asking_at, asking_by, asking_on
from joinedup_web.feedback.definitions import definition_of
from joinedup_web.feedback.forms.public import error_list, given_in, parts
from joinedup_web.feedback.forms.public import name_of as name_of_field
from joinedup_web.feedback.limits import NotTaken, full_quota
from joinedup_web.feedback.models import FormVersion
from joinedup_web.feedback.progress import Overdue, Progress, Spoilt, open_progress
from joinedup_web.feedback.views.public_words import (
    closed_page,
    in_language,
    language_of,
    late_words,
    name_of,
    title_of,
)
from joinedup_web.gate.actor import ANONYMOUS
from joinedup_web.gate.network import network_of
from joinedup_web.gate.rules import for_everyone

TRAP, DECOY = "website", "preferred_time"
LONGEST_STATE = 1_500_000


@dataclass(frozen=True)
class Step:
    """One request: the form where it is met, its questions, how far somebody is, and in which language."""

    request: HttpRequest
    asking: Asking
    version: FormVersion
    definition: FormDefinition
    progress: Progress
    language: str
    at: datetime


@for_everyone("a short link leads to the form")
@require_safe
def short(request: HttpRequest, code: str) -> HttpResponse:
    """To the form of a collection point, in the language that was asked for."""
    asking = asking_at(code, at=timezone.now())
    if asking is None:
        raise Http404
    return HttpResponseRedirect(in_language(asking.address, language_of(request)))


@csrf_exempt
@for_everyone("anybody may say what they think of a service")
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """The form of a collection point."""
    now = timezone.now()
    begun = _begun(request, now)
    asking = (
        asking_on(begun.point, begun.version, at=now) if isinstance(begun, Progress) and begun.point else None
    )
    if asking is None or asking.point is None or asking.point.code != code.lower():
        asking, begun = asking_at(code, at=now), begun if isinstance(begun, str) else "spoilt"
    if asking is None or asking.service.slug != slug:
        raise Http404
    return _answer(request, asking, begun, now)


@csrf_exempt
@for_everyone("whoever was invited may answer")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The form of an invitation."""
    now = timezone.now()
    begun = _begun(request, now)
    asking = asking_by(token, at=now, version_key=begun.version if isinstance(begun, Progress) else None)
    if asking is None:
        raise Http404
    if isinstance(begun, Progress) and begun.form != asking.form.id:
        begun = "spoilt"
    return _answer(request, asking, begun, now)


def _begun(request: HttpRequest, at: datetime) -> Progress | str:
    """How far somebody is; "new" where they only come now, "overdue" or "spoilt" where what they sent is of no use."""
    if request.method != "POST":
        return "new"
    try:
        return open_progress(request.POST.get("state", "")[:LONGEST_STATE], at=at)
    except Overdue:
        return "overdue"
    except Spoilt:
        return "spoilt"


def _answer(request: HttpRequest, asking: Asking, begun: Progress | str, at: datetime) -> HttpResponse:
    answer = _step(request, asking, begun, at)
    answer["Cache-Control"] = "no-store"  # two people must never be given the same form out
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _step(request: HttpRequest, asking: Asking, begun: Progress | str, at: datetime) -> HttpResponse:
    if begun == "spoilt" or (begun == "overdue" and (asking.closed or asking.version is None)):
        return closed_page(request, asking, str(begun), status=400)
    if asking.closed or asking.version is None:
        return closed_page(request, asking, asking.closed)
    version, language = asking.version, language_of(request)
    definition = definition_of(version)
    if isinstance(begun, Progress):
        return _go_on(Step(request, asking, version, definition, begun, language, at))
    point = asking.point.id if asking.point is not None else None
    progress = Progress(form=asking.form.id, point=point, version=version.pk, started=at.timestamp())
    progress.page = next_page(definition, -1, {}) or 0
    step = Step(request, asking, version, definition, progress, language, at)
    return _again(step) if begun == "overdue" else _page(step)


def _again(step: Step) -> HttpResponse:
    """A form that was open for too long begins anew with what was entered on the page that just came, and that alone.

    What belongs to a later page waits there; it is sealed in the form as every answer is, and kept nowhere.
    """
    posted, definition, progress = step.request.POST, step.definition, step.progress
    progress.trap, progress.decoy = posted.get(TRAP, ""), posted.get(DECOY, "")
    given = given_in(posted, definition.pages[progress.page])
    for page in definition.pages[progress.page + 1 :]:
        for question in page.questions:
            answer, _ = check_answer(question, given_in(posted, page)[question.key], language=step.language)
            if answer is not None:
                progress.answers[question.key] = answer
    if not progress.answers and not any(given.values()):
        return closed_page(step.request, step.asking, "overdue", status=400)
    return _page(step, given=given, is_late=True)


def _go_on(step: Step) -> HttpResponse:
    """Take in what was answered on a page, and show what follows."""
    posted, definition, progress = step.request.POST, step.definition, step.progress
    asked = posted.get("do", "continue")
    progress.trap = progress.trap or posted.get(TRAP, "")
    progress.decoy = progress.decoy or posted.get(DECOY, "")
    if progress.page >= len(definition.pages):
        return _after_check(step, asked)
    page = definition.pages[progress.page]
    given = given_in(posted, page)
    if asked == "language":
        return _page(step, given=given)
    before = {key: value for key, value in progress.answers.items() if not _on(page, key)}
    answers, problems = check_page(definition, progress.page, given, before=before, language=step.language)
    if asked == "back":
        progress.answers = before | answers
        earlier = page_before(definition, progress.page, progress.answers)
        progress.page = progress.page if earlier is None else earlier
        return _page(step)
    if problems:
        return _page(step, given=given, problems=problems)
    progress.answers = before | answers
    if full_quota(step.asking.form.id, definition, answers):
        return closed_page(step.request, step.asking, "full")
    following = _following(step)
    if following is not None:
        progress.page = following
        return _page(step)
    if definition.check:
        return _check(step)
    return _send(step)


def _after_check(step: Step, asked: str) -> HttpResponse:
    """What was asked for on the page that shows all answers."""
    progress, definition = step.progress, step.definition
    if asked == "language":
        return _check(step)
    if asked == "back":
        progress.page = page_before(definition, len(definition.pages), progress.answers) or 0
        return _page(step)
    if asked.startswith("change-") and asked.removeprefix("change-").isdecimal():
        progress.page = min(int(asked.removeprefix("change-")), len(definition.pages) - 1)
        return _page(step)
    return _send(step)


def _following(step: Step) -> int | None:
    """The page after the one that was answered; once all were shown, the next that still lacks an answer."""
    progress, definition = step.progress, step.definition
    number = next_page(definition, progress.page, progress.answers)
    while number is not None and progress.reviewed:
        page = definition.pages[number]
        shown = shown_on(definition, page, progress.answers)
        if any(each.is_required and each.key not in progress.answers for each in shown):
            break
        number = next_page(definition, number, progress.answers)
    return number


def _send(step: Step) -> HttpResponse:
    """Keep the answers, and lead to the page that thanks."""
    asking, progress = step.asking, step.progress
    arrival = Arrival(
        trap=progress.trap,
        decoy=progress.decoy,
        seconds=step.at.timestamp() - progress.started,
        address=network_of(step.request),
    )
    try:
        receive(
            by=ANONYMOUS,
            version=step.version,
            point=asking.point,
            channel=asking.channel,
            ending=asking.ending,
            submission=progress.submission,
            language=step.language,
            answers=progress.answers,
            arrival=arrival,
            invitation=asking.invitation,
        )
    except AnswersError as problem:
        return _first_lacking(step, problem)
    except NotTaken as problem:
        return closed_page(step.request, asking, problem.reason)
    except SubmissionTaken:
        return closed_page(step.request, asking, "spoilt", status=400)
    there = reverse("feedback_public:thanks", args=(asking.service.slug, asking.form.id))
    answer = HttpResponseRedirect(in_language(there, step.language))
    answer.status_code = 303
    return answer


def _first_lacking(step: Step, problem: AnswersError) -> HttpResponse:
    """Back to the first page whose answers cannot be taken."""
    wrong = {each.question for each in problem.problems}
    for number, page in enumerate(step.definition.pages):
        here = [each for each in problem.problems if _on(page, each.question)]
        if here and wrong:
            step.progress.page = number
            return _page(step, problems=here)
    raise problem


def _page(
    step: Step,
    *,
    given: dict[str, Any] | None = None,
    problems: list[Problem] | None = None,
    is_late: bool = False,
) -> HttpResponse:
    """A page of questions. is_late: it says that the form was open for too long."""
    definition, progress, language = step.definition, step.progress, step.language
    page = definition.pages[progress.page]
    answers = {**progress.answers, **(given or {})}
    # A question that depends on another of the same page is always there: without a script nothing can show it later.
    before = {key: value for key, value in progress.answers.items() if not _on(page, key)}
    here = {each.key for each in page.questions}
    shown = [
        each
        for each in page.questions
        if (each.show_if is not None and each.show_if.question in here)
        or each in shown_on(definition, page, before)
    ]
    heading = page.heading.said(language)
    is_heading = len(shown) == 1 and not heading
    told = parts(shown, given=answers, problems=problems or (), language=language, is_heading=is_heading)
    words = {
        **_common(step),
        "title": shown[0].words.said(language) if is_heading else heading or title_of(step.asking),
        "is_heading": is_heading,
        "parts": told,
        "errors": error_list(problems or ()),
        "has_errors": bool(problems),
        "late": late_words(name_of_field(shown[0].key)) if is_late else None,
        "is_first": page_before(definition, progress.page, progress.answers) is None,
        "is_last": not definition.check and not _may_follow(step),
    }
    status = 422 if problems or is_late else 200
    return render(step.request, "feedback/public/page.html", words, status=status)


def _check(step: Step) -> HttpResponse:
    definition, progress, language = step.definition, step.progress, step.language
    progress.page, progress.reviewed = len(definition.pages), True
    rows = []
    for number, page in enumerate(definition.pages):
        for question in shown_on(definition, page, progress.answers):
            answer = progress.answers.get(question.key)
            said = "" if answer is None else in_words(question, answer, language)
            rows.append((question.words.said(language), said, number))
    return render(step.request, "feedback/public/check.html", {**_common(step), "rows": rows})


def _common(step: Step) -> dict[str, Any]:
    return {
        "name": name_of(step.asking.service, step.language),
        "state": step.progress.sealed(),
        "action": in_language(step.asking.address, step.language),
        "in_english": in_language(step.asking.address, "en"),
        "in_welsh": in_language(step.asking.address, "cy"),
        "trap": TRAP,
        "decoy": DECOY,
    }


def _may_follow(step: Step) -> bool:
    """Whether anything may be asked after this page, whatever is answered on it."""
    definition, progress = step.definition, step.progress
    here = {each.key for each in definition.pages[progress.page].questions}
    later = (each for page in definition.pages[progress.page + 1 :] for each in page.questions)
    return any(
        each.show_if is None or each.show_if.question in here or is_shown(definition, each, progress.answers)
        for each in later
    )


def _on(page: Any, key: str) -> bool:
    return any(each.key == key for each in page.questions)
