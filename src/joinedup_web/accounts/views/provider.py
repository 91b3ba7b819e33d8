"""Staff sign-in at the organisation's own OpenID Connect provider."""

from __future__ import annotations

import logging

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from joinedup.identity import IdentityFault, SignedIn, staff_ask, staff_member
from joinedup_web.accounts import staff_provider
from joinedup_web.accounts.actions import accept_by_provider
from joinedup_web.accounts.actions.session import confirm_identity
from joinedup_web.accounts.actions.sign_in import refuse_provider
from joinedup_web.accounts.memberships import may_use
from joinedup_web.accounts.models import ProviderIdentity, SignInMethod
from joinedup_web.accounts.pending import safe_next
from joinedup_web.accounts.queries.arrival import open_invitation
from joinedup_web.accounts.sessions import AUTHENTICATED, open_session
from joinedup_web.gate.actor import ANONYMOUS, Actor
from joinedup_web.gate.rules import for_everyone

log = logging.getLogger(__name__)
INVITATION = "staff_invitation"


@for_everyone("nobody is signed in yet")
@require_safe
@never_cache
def start(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider; anew where somebody who is signed in must confirm who they are.

    A link, not a form: the content security policy holds forms, and where they are sent on to, to this site.
    """
    if settings.JOINEDUP.staff_provider is None:
        raise Http404
    by: Actor = request.actor  # type: ignore[attr-defined]
    try:
        begun = staff_provider.relying_party().begin(
            staff_ask(fresh=by.is_known, return_to=safe_next(request))
        )
    except IdentityFault as fault:
        return refused(request, fault.code.value, status=fault.code.kind.status)
    staff_provider.SessionSignIns(request).put(begun.pending)
    return HttpResponseRedirect(begun.url)


@for_everyone("the provider sends the browser back")
@require_safe
@never_cache
def come_back(request: HttpRequest) -> HttpResponse:
    """Check what the provider says, and sign in whom it leads to."""
    if settings.JOINEDUP.staff_provider is None:
        raise Http404
    try:
        signed_in = staff_provider.relying_party().finish(
            request.META.get("QUERY_STRING", ""), staff_provider.SessionSignIns(request)
        )
        member = staff_member(signed_in, tenant=staff_provider.tenant())
    except IdentityFault as fault:
        return refused(request, fault.code.value, status=fault.code.kind.status)
    subject = member.subject
    known = (
        ProviderIdentity.objects.select_related("user")
        .filter(issuer=subject.issuer, subject=subject.value)
        .first()
    )
    by: Actor = request.actor  # type: ignore[attr-defined]
    if by.is_known:
        return _confirmed(request, by, known, signed_in)
    if known is None:
        token = request.session.get(INVITATION, "")
        invitation = open_invitation(token) if token else None
        if invitation is None:
            return refused(request, "no_invitation", status=403)
        user = accept_by_provider(
            by=ANONYMOUS,
            invitation=invitation,
            issuer=subject.issuer,
            subject=subject.value,
            name=member.name,
        )
    elif not may_use(known.user, on=timezone.now()):
        return refused(request, "account_disabled", status=403)
    else:
        user = known.user
        ProviderIdentity.objects.filter(id=known.id).update(last_used_at=timezone.now())
    after = signed_in.pending.return_to
    open_session(request, user, method=SignInMethod.OPENID_CONNECT, at=timezone.now())
    return HttpResponseRedirect(after or "/staff/")


def refused(request: HttpRequest, code: str, *, status: int) -> HttpResponse:
    """A page that says what went wrong and what to do, and one audit event."""
    refuse_provider(by=ANONYMOUS, code=code)
    return render(request, "accounts/provider_refused.html", {"code": code}, status=status)


def _confirmed(
    request: HttpRequest, by: Actor, known: ProviderIdentity | None, signed_in: SignedIn
) -> HttpResponse:
    """Somebody who is signed in proved it again; it must be the same person."""
    if known is None or known.user_id != by.id:
        return refused(request, "subject_changed", status=400)
    confirm_identity(by=by, method=SignInMethod.OPENID_CONNECT)
    request.session[AUTHENTICATED] = timezone.now().isoformat()
    return redirect(signed_in.pending.return_to or "/staff/")
