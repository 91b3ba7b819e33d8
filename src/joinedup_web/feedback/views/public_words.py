"""What the public's pages share: their language, which the address alone says, their titles, and why a form asks
nobody."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from joinedup_web.feedback.asked import Asking, page_of_what_was_done
from joinedup_web.feedback.models import FormKind, Service

TITLES = {
    FormKind.SATISFACTION: gettext_noop("Give feedback on this service"),
    FormKind.HELP: gettext_noop("Get help with this service"),
    FormKind.SURVEY: gettext_noop("Answer a survey about this service"),
    FormKind.CONSULTATION: gettext_noop("Answer a consultation"),
}
CLOSED = {
    "not_yet": (
        gettext_noop("This form is not open yet"),
        gettext_noop("Come back later, or ask whoever gave you the link."),
    ),
    "closed": (
        gettext_noop("This form is closed"),
        gettext_noop("It takes no more answers. Thank you for wanting to help."),
    ),
    "full": (
        gettext_noop("We have enough answers like yours"),
        gettext_noop(
            "So that we hear from many kinds of people, we ask no more of those who answer as you did. "
            "Nothing of what you entered was kept."
        ),
    ),
    "invitation": (
        gettext_noop("You need an invitation to answer"),
        gettext_noop("Use the link in the email or text message that we sent you."),
    ),
    "used": (
        gettext_noop("This invitation was used already"),
        gettext_noop(
            "Each invitation can be used once. We do not know which answers are yours, so we cannot show "
            "or change them."
        ),
    ),
    "overdue": (
        gettext_noop("Your answers were not sent"),
        gettext_noop(
            "The form was open for more than a day, so what you entered was not kept. You can begin again."
        ),
    ),
    "spoilt": (
        gettext_noop("Your answers were not sent"),
        gettext_noop(
            "What we received is not what we gave out, so nothing of it was kept. You can begin again."
        ),
    ),
}
LATE = gettext_noop(
    "The form was open for more than a day, so it begins again. What you entered on the last page is still here. "
    "Check it and continue."
)
BEGIN_AGAIN = frozenset({"overdue", "spoilt"})


def language_of(request: HttpRequest) -> str:
    """The page's language: "en" or "cy"."""
    return "cy" if translation.get_language() == "cy" else "en"


def in_language(address: str, language: str) -> str:
    """An address that says its language; English is what a page is in without a word."""
    return f"{address}?lang=cy" if language == "cy" else address


def name_of(service: Service, language: str) -> str:
    """A service's name."""
    return (service.name_cy if language == "cy" else "") or service.name


def help_of(service: Service, language: str) -> str:
    """What a service says to whoever needs help."""
    return (service.help_text_cy if language == "cy" else "") or service.help_text


def help_language(service: Service, language: str) -> str:
    """The language of that, where it is not the page's; else empty."""
    return "en" if language == "cy" and service.help_text and not service.help_text_cy else ""


def done_of(service: Service, language: str) -> str:
    """The address of "you said, we did"; empty where the site has no such page."""
    address = page_of_what_was_done(service)
    return in_language(address, language) if address else ""


def title_of(asking: Asking) -> str:
    """What the pages of a form are called where no single question is their heading."""
    return _(TITLES[FormKind(asking.form.kind)])


def late_words(first: str) -> dict[str, Any]:
    """The summary over a form that begins again, for it was open for too long. first: the first question's field."""
    return {"titleText": _(CLOSED["overdue"][0]), "errorList": [{"text": _(LATE), "href": f"#{first}"}]}


def closed_page(request: HttpRequest, asking: Asking, why: str, *, status: int = 200) -> HttpResponse:
    """Why a form asks nobody, and what one can do instead."""
    language = language_of(request)
    heading, words = CLOSED[why]
    told = {
        "heading": _(heading),
        "words": _(words),
        "name": name_of(asking.service, language),
        "help_text": help_of(asking.service, language),
        "help_language": help_language(asking.service, language),
        "again": in_language(asking.address, language) if why in BEGIN_AGAIN else "",
        "service_page": in_language(
            reverse("feedback_public:service", args=(asking.service.slug,)), language
        ),
        "done": done_of(asking.service, language),
    }
    return render(request, "feedback/public/closed.html", told, status=status)
