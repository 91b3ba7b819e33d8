"""Where the public is asked: by the code of a collection point, or by an invitation. It knows nobody."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.urls import NoReverseMatch, reverse

from joinedup_web.accounts.tokens import digest_of
from joinedup_web.feedback.limits import why_closed
from joinedup_web.feedback.models import (
    Channel,
    CollectionPoint,
    Ending,
    Form,
    FormState,
    FormVersion,
    Invitation,
    Service,
)

SECONDS_KEPT = 10
MOST_KEPT = 512


@dataclass(frozen=True)
class Asking:
    """A form where somebody meets it. version: the newest; None while it has none. address: its own, without a
    language. closed: why it asks nobody: not_yet, closed, invitation (it needs one) or used; empty where it asks."""

    form: Form
    version: FormVersion | None
    point: CollectionPoint | None
    channel: str
    ending: str
    address: str
    closed: str
    invitation: str = field(default="", repr=False)

    @property
    def service(self) -> Service:
        """The service that asks."""
        return self.form.service


def asking_at(code: str, *, at: datetime) -> Asking | None:
    """The form of a collection point; None for no such point."""
    point = CollectionPoint.objects.select_related("form__service").filter(code=code.lower()).first()
    return _at_point(point, newest(point.form), at) if point is not None else None


def _at_point(point: CollectionPoint, version: FormVersion | None, at: datetime) -> Asking:
    closed = why_closed(point.form, point, at=at) or ("" if version else "not_yet")
    if not closed and point.form.one_answer_each:
        closed = "invitation"
    address = reverse("feedback_public:form", args=(point.form.service.slug, point.code))
    return Asking(point.form, version, point, point.channel, point.ending, address, closed)


def asking_on(point_id: UUID, version_key: int, *, at: datetime) -> Asking | None:
    """The form of a collection point at the version that somebody began to answer; None where there is none.

    Kept for some seconds in each process, since many answer at a time. Whether the form still takes an answer is
    asked anew in the deed that keeps it.
    """
    key = (point_id, version_key)
    found = _begun.get(key)
    if found is not None and 0 <= at.timestamp() - found[0] <= SECONDS_KEPT:
        return found[1]
    point = CollectionPoint.objects.select_related("form__service").filter(id=point_id).first()
    version = version_of(point.form, version_key) if point is not None else None
    if point is None or version is None:
        return None
    asking = _at_point(point, version, at)
    _begun[key] = at.timestamp(), asking
    while len(_begun) > MOST_KEPT:
        _begun.popitem(last=False)
    return asking


_begun: OrderedDict[tuple[UUID, int], tuple[float, Asking]] = OrderedDict()


def asking_by(token: str, *, at: datetime, version_key: int | None = None) -> Asking | None:
    """The form of an invitation, at the version that somebody began to answer; None for no such invitation."""
    found = (
        Invitation.objects.select_related("batch__form__service")
        .filter(token_digest=digest_of(token))
        .first()
    )
    if found is None:
        return None
    form = found.batch.form
    version = newest(form) if version_key is None else version_of(form, version_key)
    closed = why_closed(form, None, at=at) or ("" if version else "not_yet")
    if not closed and found.used_on is not None:
        closed = "used"
    address = reverse("feedback_public:invitation", args=(token,))
    return Asking(form, version, None, found.batch.channel, Ending.ANYWHERE, address, closed, token)


def newest(form: Form) -> FormVersion | None:
    """The version of a form that is asked now."""
    version = form.versions.order_by("-number").first()
    if version is not None:
        version.form = form
    return version


def version_of(form: Form, key: int) -> FormVersion | None:
    """A version that somebody began to answer."""
    version = form.versions.filter(pk=key).first()
    if version is not None:
        version.form = form
    return version


def open_points(service: Service, *, at: datetime) -> list[CollectionPoint]:
    """Where anybody may say something about a service: links for anywhere in the journey, of forms that ask."""
    points = CollectionPoint.objects.filter(
        form__service=service,
        form__state=FormState.OPEN,
        form__one_answer_each=False,
        is_open=True,
        channel=Channel.WEB,
        ending=Ending.ANYWHERE,
    ).select_related("form__service")
    found = [
        point for point in points.order_by("form__name", "label") if not why_closed(point.form, point, at=at)
    ]
    return list({point.form_id: point for point in reversed(found)}.values())[::-1]


def page_of_what_was_done(service: Service) -> str:
    """The address of "you said, we did"; empty where the site has no such page."""
    try:
        return reverse("feedback_public:done", args=(service.slug,))
    except NoReverseMatch:
        return ""
