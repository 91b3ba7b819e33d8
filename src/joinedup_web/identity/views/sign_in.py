"""Citizens signing in with GOV.UK One Login: explained, begun, come back from, and refused with a page that helps."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from joinedup.identity import FaultCode, FaultKind, IdentityFault, ReturnCode, Step, Subject
from joinedup_web.gate.actor import Actor, ActorKind
from joinedup_web.gate.network import network_of
from joinedup_web.gate.rules import for_citizens, for_everyone
from joinedup_web.gate.sides import is_staff_side
from joinedup_web.identity.actions.citizens import refuse_sign_in
from joinedup_web.identity.fault_words import fault_words
from joinedup_web.identity.limits import Limit
from joinedup_web.identity.one_login import chosen, language_of, one_login
from joinedup_web.identity.queries.citizens import provider_session
from joinedup_web.identity.sessions import NOTICE, close_session, open_session
from joinedup_web.identity.stores import DatabasePendingSignIns

log = logging.getLogger(__name__)
# Answers that no browser here asked for: enough for people who go back and forth, too few to fill the record with.
STRANGE = Limit("strange_answers", most=60, seconds=600)


@for_everyone("people must be able to sign in")
@never_cache
@require_safe
def sign_in(request: HttpRequest) -> HttpResponse:
    """What signing in means, before one leaves for GOV.UK One Login."""
    if _by(request).kind is ActorKind.CITIZEN:
        return HttpResponseRedirect(_local(request.GET.get("next", "")))
    notice = request.session.pop(NOTICE, "") if NOTICE in request.session else ""
    context = {
        "notice": notice,
        "next": _local(request.GET.get("next", "")),
        "can_sign_in": chosen() is not None,
    }
    return render(request, "identity/sign_in.html", context)


@for_everyone("people must be able to sign in")
@never_cache
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Leave for GOV.UK One Login."""
    if chosen() is None:
        raise Http404
    try:
        begun = one_login().begin_sign_in(
            language=language_of(request), return_to=_local(request.GET.get("next", ""))
        )
    except IdentityFault as fault:
        return _refused(request, fault, in_identity=False)
    DatabasePendingSignIns(request).put(begun.pending)
    return HttpResponseRedirect(begun.url)


@for_citizens("they prove who they are themselves")
@never_cache
@require_GET
def start_identity(request: HttpRequest) -> HttpResponse:
    """Leave for GOV.UK One Login once more, to prove who one is."""
    if chosen() is None:  # switched off since they signed in
        raise Http404
    session = request.citizen_session  # type: ignore[attr-defined]
    client = one_login()
    subject = Subject(client.environment.issuer, provider_session(session)["sub"])
    try:
        begun = client.begin_identity(
            subject=subject, language=language_of(request), return_to=reverse("identity:account")
        )
    except IdentityFault as fault:
        return _refused(request, fault, in_identity=True)
    DatabasePendingSignIns(request).put(begun.pending)
    return HttpResponseRedirect(begun.url)


@for_everyone("one comes back from GOV.UK One Login before anybody knows who one is")
@never_cache
@require_GET
def come_back(request: HttpRequest) -> HttpResponse:
    """Come back from GOV.UK One Login, from either step."""
    if chosen() is None:
        raise Http404
    now, network = timezone.now(), network_of(request)
    wait = STRANGE.wait(network, at=now)
    if wait:
        return HttpResponse(status=429, headers={"Retry-After": str(wait)})
    client, codes, purpose = one_login(), (), ""
    try:
        signed_in = client.finish(request.META.get("QUERY_STRING", ""), DatabasePendingSignIns(request))
        purpose = signed_in.pending.purpose
        answer = client.identity(signed_in) if purpose == Step.IDENTITY.value else None
        if answer is not None:
            codes = answer.return_codes
            answer.proved()
    except IdentityFault as fault:
        if fault.code is FaultCode.STATE_UNKNOWN:
            STRANGE.count(network, at=now)
        in_identity = Step.IDENTITY.value in (purpose, fault.purpose)
        return _refused(request, fault, in_identity=in_identity, codes=codes)
    open_session(request, signed_in, answer=answer)
    if answer is not None:
        messages.success(request, _("You have proved who you are"))
    return HttpResponseRedirect(_local(signed_in.pending.return_to))


def _refused(
    request: HttpRequest, fault: IdentityFault, *, in_identity: bool, codes: Iterable[ReturnCode] = ()
) -> HttpResponse:
    """The page of a fault, with one audit event. Where it says that somebody else is there, nobody stays signed in."""
    by = _by(request)
    session = getattr(request, "citizen_session", None)
    ends = session is not None and fault.code in (FaultCode.LOGIN_REQUIRED, FaultCode.SUBJECT_CHANGED)
    refuse_sign_in(
        by=by,
        fault=fault.code,
        in_identity=in_identity,
        return_codes=tuple(codes),
        ends=session.id if session is not None and ends else None,
    )
    if fault.kind in (FaultKind.OURS, FaultKind.REFUSED):
        log.error("sign-in refused: %s", fault.code.value)
    if ends:
        close_session(request)
    is_signed_in = session is not None and not ends
    in_identity = in_identity and is_signed_in
    again = "identity:start_identity" if in_identity else "identity:start"
    context = {
        "words": fault_words(fault, in_identity=in_identity),
        "again": reverse(again),
        "code": fault.code.value,
        "return_codes": ", ".join(code.code for code in codes),
        "is_signed_in": is_signed_in,
    }
    return render(request, "identity/fault.html", context, status=fault.kind.status)


def _local(asked: str) -> str:
    """A page of the public side, or the citizen's own; never another site, and never this very sign-in."""
    allowed = url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    own = asked.startswith("/") and not is_staff_side(asked)
    if allowed and own and not asked.startswith((reverse("identity:sign_in"), settings.STATIC_URL)):
        return asked
    return reverse("identity:account")


def _by(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]
