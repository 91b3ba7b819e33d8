"""What GOV.UK One Login asks of us by itself: our public keys, and to end sessions of somebody who left."""

from __future__ import annotations

import logging

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from joinedup.identity import MAX_AGE, FaultCode, IdentityFault, key_document
from joinedup_web.gate.actor import ANONYMOUS, SYSTEM
from joinedup_web.gate.network import network_of
from joinedup_web.gate.rules import for_everyone
from joinedup_web.identity.actions.citizens import end_all_of_subject, refuse_logout
from joinedup_web.identity.limits import Limit
from joinedup_web.identity.one_login import chosen, client_keys, one_login
from joinedup_web.identity.sealing import digest_of
from joinedup_web.identity.stores import DatabaseReplayGuard

log = logging.getLogger(__name__)
BAD_NOTICES = Limit("bad_logout_notices", most=60, seconds=600)


@for_everyone("providers check our signatures by our public keys")
@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """Our public keys (RFC 7517): next, current, and previous while they last."""
    own = client_keys()
    answer = JsonResponse(key_document(own) if own else {"keys": []})
    answer["Cache-Control"] = f"public, max-age={int(MAX_AGE.total_seconds())}"
    return answer


@csrf_exempt  # the provider's own machine sends it; its signature is what proves it
@for_everyone("the provider proves itself by the signature of its notice")
@require_POST
def back_channel_logout(request: HttpRequest) -> HttpResponse:
    """End every session of somebody who left GOV.UK One Login (OpenID Connect Back-Channel Logout 2.5 to 2.8)."""
    if chosen() is None:
        raise Http404
    now, network = timezone.now(), network_of(request)
    wait = BAD_NOTICES.wait(network, at=now)
    if wait:
        return HttpResponse(status=429, headers={"Retry-After": str(wait)})
    try:
        told = request.POST.getlist("logout_token")
        if len(told) != 1:
            raise IdentityFault(FaultCode.LOGOUT_TOKEN_MALFORMED, what="there is not one logout token")
        notice = one_login().read_logout_token(told[0], replays=DatabaseReplayGuard())
    except IdentityFault as fault:
        BAD_NOTICES.count(network, at=now)
        refuse_logout(by=ANONYMOUS, fault=fault.code)
        log.warning("a logout notice was refused: %s", fault.code.value)
        return _plain(JsonResponse({"error": "invalid_request", "error_description": fault.what}, status=400))
    end_all_of_subject(by=SYSTEM, subject=digest_of(notice.subject.issuer, notice.subject.value))
    return _plain(HttpResponse())


def _plain(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store"
    return answer
