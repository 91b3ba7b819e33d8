"""The script for other websites' pages, and what it asks: the one address that another website's page may talk to.

It is open to every origin and takes no credentials: there is nothing here that a cookie could open.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from joinedup.feedback import AnswersError, FormDefinition, Question, help_lines, offered
from joinedup_web.feedback.actions.receive import Arrival, SubmissionTaken, receive
from joinedup_web.feedback.asked import Asking, asking_at, asking_on
from joinedup_web.feedback.definitions import definition_of
from joinedup_web.feedback.limits import NotTaken
from joinedup_web.feedback.progress import Overdue, Progress, Spoilt, open_progress
from joinedup_web.feedback.views.public import DECOY, TRAP
from joinedup_web.feedback.views.public_words import CLOSED, in_language, language_of, name_of, title_of
from joinedup_web.gate.actor import ANONYMOUS
from joinedup_web.gate.network import network_of
from joinedup_web.gate.rules import for_everyone

MOST_INLINE = 6
"""Questions that a dialog may ask; a longer form is a page."""
LONGEST_BODY = 200_000
Told = dict[str, Any]


@for_everyone("pages of other websites load it")
@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """The script, whose address stays the same in every release."""
    answer = HttpResponse(script_octets(), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "public, max-age=3600"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


@cache
def script_octets() -> bytes:
    """What /feedback.js says."""
    return files("joinedup_web.feedback").joinpath("button", "feedback.js").read_bytes()


@csrf_exempt  # no cookie carries any right here
@for_everyone("people answer on pages of other websites")
@require_http_methods(["GET", "HEAD", "POST", "OPTIONS"])
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """What a form asks, and its answers, as JSON."""
    if request.method == "OPTIONS":
        answer = HttpResponse(status=204)
        answer["Access-Control-Allow-Methods"] = "GET, POST"
        answer["Access-Control-Allow-Headers"] = "Content-Type"
        answer["Access-Control-Max-Age"] = "86400"
    else:
        told, status = _sent(request, code) if request.method == "POST" else (_shown(request, code), 200)
        answer = JsonResponse(told, status=status)
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Cache-Control"] = "no-store"
    answer["X-Robots-Tag"] = "noindex"
    return answer


def is_inline(definition: FormDefinition) -> bool:
    """Whether a form is short enough for a dialog: one page, on which nothing depends on anything."""
    questions = definition.questions
    return (
        len(definition.pages) == 1
        and not definition.check
        and len(questions) <= MOST_INLINE
        and all(each.show_if is None for each in questions)
    )


def _shown(request: HttpRequest, code: str) -> Told:
    now = timezone.now()
    asking = asking_at(code, at=now)
    if asking is None:
        raise Http404
    language = language_of(request)
    told = _common(request, asking, language)
    if asking.closed or asking.version is None or asking.point is None:
        return told | _closed(asking.closed)
    definition = definition_of(asking.version)
    if not is_inline(definition):
        return told | {"inline": False}
    begun = Progress(
        form=asking.form.id, point=asking.point.id, version=asking.version.pk, started=now.timestamp()
    )
    return told | {
        "state": begun.sealed(),
        "trap": TRAP,
        "decoy": DECOY,
        "questions": [_question(each, language) for each in definition.questions],
    }


def _sent(request: HttpRequest, code: str) -> tuple[Told, int]:
    """What to answer to what was sent, and with which status."""
    now = timezone.now()
    try:
        posted = json.loads(request.body) if len(request.body) <= LONGEST_BODY else None
        begun = open_progress(str(posted["state"]), at=now)
        answers = dict(posted["answers"])
    except Overdue:
        return _again(request, code, "overdue"), 400
    except (ValueError, TypeError, KeyError, RecursionError, Spoilt):
        return _again(request, code, "spoilt"), 400
    asking = asking_on(begun.point, begun.version, at=now) if begun.point is not None else None
    if asking is None or asking.version is None or asking.point is None or asking.point.code != code.lower():
        return _again(request, code, "spoilt"), 400
    language = language_of(request)
    try:
        receive(
            by=ANONYMOUS,
            version=asking.version,
            point=asking.point,
            channel=asking.channel,
            ending=asking.ending,
            submission=begun.submission,
            language=language,
            answers=answers,
            arrival=Arrival(
                trap=str(posted.get(TRAP) or ""),
                decoy=str(posted.get(DECOY) or ""),
                seconds=now.timestamp() - begun.started,
                address=network_of(request),
            ),
        )
    except AnswersError as problem:
        wrong = [{"question": each.question, "what": each.what} for each in problem.problems]
        return {"problems": wrong}, 422
    except NotTaken as problem:
        return _common(request, asking, language) | _closed(problem.reason), 409
    except SubmissionTaken:
        return _again(request, code, "spoilt"), 400
    return {"thanks": _thanks(asking, definition_of(asking.version), language)}, 200


def _common(request: HttpRequest, asking: Asking, language: str) -> Told:
    return {
        "inline": True,
        "title": title_of(asking),
        "href": request.build_absolute_uri(in_language(asking.address, language)),
        "words": {
            "send": _("Send"),
            "close": _("Close"),
            "problem": _("There is a problem"),
            "failed": _("What you entered could not be sent. It is still here: try again."),
            "page": _("Use the page of this form instead"),
        },
    }


def _closed(why: str) -> Told:
    heading, words = CLOSED[why or "closed"]
    return {"closed": {"heading": _(heading), "words": _(words)}}


def _again(request: HttpRequest, code: str, why: str) -> Told:
    """Why what was sent is of no use."""
    asking = asking_at(code, at=timezone.now())
    if asking is None:
        raise Http404
    return _common(request, asking, language_of(request)) | _closed(why)


def _question(question: Question, language: str) -> Told:
    return {
        "key": question.key,
        "kind": question.kind.value,
        "words": question.words.said(language),
        "hint": question.hint.said(language),
        "required": question.is_required,
        "optional": _("(optional)"),
        "options": [{"value": each.value, "words": each.words.said(language)} for each in offered(question)],
    }


def _thanks(asking: Asking, definition: FormDefinition, language: str) -> Told:
    lines = help_lines(language).lines
    return {
        "heading": _("Thank you"),
        "kept": _("We have what you sent about %(service)s") % {"service": name_of(asking.service, language)},
        "next": definition.next_steps.said(language),
        "help_heading": _("If you or somebody else needs help now"),
        "help_words": _("We show this to everybody. Messages to this form are not read at once."),
        "help": [
            {
                "number": line.number,
                "dialled": line.dialled,
                "name": line.name.said(language),
                "when": line.when.said(language),
            }
            for line in lines
        ],
    }
