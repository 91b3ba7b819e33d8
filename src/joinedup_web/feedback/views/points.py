"""Collection points: one to make, one with its link, QR code, poster or button, closed and opened again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from joinedup_web.accounts.views.shown import on_page
from joinedup_web.design.filters import Choice, TextSearch
from joinedup_web.design.lists import Column, ListPage
from joinedup_web.feedback.actions.exports import export_table
from joinedup_web.feedback.actions.points import close_point, make_point, reopen_point
from joinedup_web.feedback.form_standing import standing_of
from joinedup_web.feedback.forms.forms import OF_POINTS, PointForm
from joinedup_web.feedback.models import Channel, Ending, FormKind
from joinedup_web.feedback.qr import qr_png, qr_svg
from joinedup_web.feedback.queries import collect
from joinedup_web.feedback.views.collect_shown import form_trail, on_fields, public_address
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.views.shown import by_of, may, tag

BLAME = {"no_label": "label"}
CHANNEL_HINTS = {
    Channel.WEB.value: "A short link for a page, a letter or an email",
    Channel.QR.value: "A code to scan, with a poster to print",
    Channel.SCRIPT.value: "A few lines to put into the pages of another website",
    Channel.FACE_TO_FACE.value: "A link that staff open on a device when they ask people",
}
ENDING_HINTS = {
    Ending.COMPLETED.value: "The page that says that it is done",
    Ending.INELIGIBLE.value: "The page that says that they cannot use it",
    Ending.ERROR.value: "Error pages, and failed payments or checks",
    Ending.ABANDONED.value: "A page or message for those who gave up",
    Ending.ANYWHERE.value: "Letters, counters, the service’s start page",
}


POINTS = ListPage(
    title="Where people are asked",
    noun=("link, code or button", "links, codes and buttons"),
    columns=(
        Column("label", "Where", sort=("label",), link=lambda row: reverse("feedback:point", args=[row.id])),
        Column("link", "Short link", value=lambda row: link_of(row.code), on_page=False),
        Column("channel", "How", sort=("channel",), value=lambda row: Channel(row.channel).label),
        Column("ending", "End of the journey", sort=("ending",), value=lambda row: Ending(row.ending).label),
        Column(
            "is_open",
            "State",
            sort=("is_open",),
            value=lambda row: "Open" if row.is_open else "Closed",
            cell=lambda row: tag("Open", "good") if row.is_open else tag("Closed", "neutral"),
        ),
        Column("total", "Responses", sort=("total",), numeric=True),
        Column("lately", "In 28 days", sort=("lately",), numeric=True),
    ),
    filters=(
        TextSearch(fields=("label", "code"), label="Where, or code"),
        Choice("channel", "How", [(each.value, each.label) for each in OF_POINTS]),
        Choice("ending", "End of the journey", Ending.choices),
        Choice("is_open", "State", ((True, "Open"), (False, "Closed"))),
    ),
    default_sort="label",
    empty="Nobody can reach this form yet.",
    csv_name="links",
    template="feedback/collect/points.html",
)


@require_safe
@for_staff("feedback.view")
def points(request: HttpRequest, form_id: UUID) -> HttpResponseBase:
    """Every place where people are asked through a form; as CSV, with the links."""
    by = by_of(request)
    found = collect.form(by, form_id)
    return POINTS.answer(
        request,
        collect.points_of(by, found, timezone.now()),
        context={"form": found, "trail": form_trail(found)},
        on_export=lambda export: export_table(
            by=by, table="points", rows=export.rows, is_filtered=bool(export.filters)
        ),
    )


@for_staff("service.manage")
def new_point(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """Make a place where people are asked."""
    by = by_of(request)
    found = collect.form(by, form_id, permission="service.manage")
    form = PointForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = on_fields(
            form,
            BLAME,
            lambda: make_point(
                by=by, organisation_id=found.service.organisation_id, form=found, **form.cleaned_data
            ),
        )
        if made is not None:
            messages.success(request, f"{made.label} is ready.")
            return redirect("feedback:point", made.id)
    context = {
        "form": form,
        "title": "Make a link, QR code or button",
        "caption": found.name,
        "button": "Make it",
        "options": {"ending": {"hints": ENDING_HINTS}, "channel": {"hints": CHANNEL_HINTS}},
        "trail": form_trail(found),
        "cancel": reverse("feedback:form", args=[found.id]),
    }
    return render(request, "feedback/collect/plain_form.html", context, status=422 if form.errors else 200)


@require_safe
@for_staff("feedback.view")
def point(request: HttpRequest, point_id: UUID) -> HttpResponse:
    """One collection point, and what there is to take away from it."""
    by, at = by_of(request), timezone.now()
    found = collect.point(by, point_id, at)
    standing = standing_of(found.form, at)
    context = {
        "point": found,
        "trail": form_trail(found.form),
        "link": link_of(found.code),
        "ending": Ending(found.ending).label,
        "snippet": _snippet(found) if found.channel == Channel.SCRIPT else "",
        "welsh_link": f"{link_of(found.code)}?lang=cy",
        "is_qr": found.channel == Channel.QR,
        "form_standing": standing,
        "may_manage": may(by, "service.manage"),
    }
    return render(request, "feedback/collect/point.html", context)


@require_POST
@for_staff("service.manage")
def point_state(request: HttpRequest, point_id: UUID) -> HttpResponse:
    """Close a collection point, or open it again."""
    by = by_of(request)
    found = collect.point(by, point_id, timezone.now(), permission="service.manage")
    deed, done = (
        (close_point, "It is closed: whoever comes is told so.")
        if found.is_open
        else (reopen_point, "It is open again.")
    )
    on_page(
        request,
        lambda: deed(by=by, organisation_id=found.form.service.organisation_id, point=found),
        done=done,
    )
    return redirect("feedback:point", found.id)


@require_safe
@for_staff("feedback.view")
def point_svg(request: HttpRequest, point_id: UUID) -> HttpResponse:
    """The QR code as a drawing."""
    found = _with_code(request, point_id)
    return _file(qr_svg(link_of(found.code)), "image/svg+xml", f"{_file_name(found)}.svg")


@require_safe
@for_staff("feedback.view")
def point_png(request: HttpRequest, point_id: UUID) -> HttpResponse:
    """The QR code as a picture."""
    found = _with_code(request, point_id)
    return _file(qr_png(link_of(found.code)), "image/png", f"{_file_name(found)}.png")


@require_safe
@for_staff("feedback.view")
def poster(request: HttpRequest, point_id: UUID) -> HttpResponse:
    """A poster to print: the code and the link, in English and in Welsh."""
    found = _with_code(request, point_id)
    service = found.form.service
    said = []
    for language, name in (("en", service.name), ("cy", service.name_cy or service.name)):
        with translation.override(language):
            said.append(
                {
                    "language": language,
                    "heading": _("Tell us about %(service)s") % {"service": name},
                    "scan": _("Scan the code with the camera of your phone, or go to:"),
                }
            )
    context = {
        "point": found,
        "trail": [*form_trail(found.form), (found.label, reverse("feedback:point", args=[found.id]))],
        "said": said,
        "link": link_of(found.code),
        "shown_link": link_of(found.code).split("://", 1)[1],
        "organisation": service.organisation,
    }
    return render(request, "feedback/collect/poster.html", context)


def link_of(code: str) -> str:
    """The short link of a point, as it is given out."""
    return public_address(reverse("feedback_public:short", args=[code]))


def _with_code(request: HttpRequest, point_id: UUID) -> Any:
    """A point that has a QR code. Raises Http404 for others: their responses would be counted as something else."""
    found = collect.point(by_of(request), point_id, timezone.now())
    if found.channel != Channel.QR:
        raise Http404
    return found


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


def _file_name(of: Any) -> str:
    return f"{slugify(of.form.service.name)[:60] or 'service'}-{of.code}"


def _snippet(of: Any) -> str:
    """What a web page holds to have the button, and without a script a link."""
    is_help = of.form.kind == FormKind.HELP
    words = "Get help with this service" if is_help else "Give feedback on this service"
    kind = ' data-kind="help"' if is_help else ""
    script = public_address(reverse("feedback_public:script"))
    return (
        f'<script src="{script}" data-point="{of.code}"{kind} async></script>\n'
        f'<noscript><a href="{link_of(of.code)}">{words}</a></noscript>'
    )
