"""The token endpoint: a machine client proves itself and gets a short token (OAuth 2 client credentials)."""

from __future__ import annotations

from urllib.parse import parse_qsl
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from joinedup.identity import FaultCode, IdentityFault, authenticate, oauth_error, read_token_request
from joinedup_web.gate.actor import ANONYMOUS, Actor, ActorKind
from joinedup_web.gate.network import network_of
from joinedup_web.gate.rules import for_everyone
from joinedup_web.identity.actions.clients import give_token, refuse_token, rules_of
from joinedup_web.identity.limits import Limit
from joinedup_web.identity.models import MachineClient
from joinedup_web.identity.stores import DatabaseReplayGuard

LARGEST_BYTES = 64_000
FAILURES = Limit("token_failures", most=30, seconds=300)
"""Of one network: nobody guesses 256 bits, but nobody should fill the audit record with tries either."""
TOKENS = Limit("tokens", most=60, seconds=60)
"""Of one client: a token lasts ten minutes, so who needs more asks for a new one at every call."""


@csrf_exempt  # a machine sends no cookie; what it sends is its proof
@for_everyone("a client has no token before it comes here")
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """Give a token, or say why not in OAuth's own words (RFC 6749 5.2). Every failed proof looks the same."""
    now, network = timezone.now(), network_of(request)
    wait = FAILURES.wait(network, at=now)
    if wait:
        return _slower(wait)
    client: MachineClient | None = None
    try:
        asked = read_token_request(_fields(request), authorization=request.headers.get("Authorization", ""))
        client = _client(asked.client_id)
        rules = rules_of(client) if client is not None and client.withdrawn_at is None else None
        audiences = (f"{settings.JOINEDUP.url}{reverse('identity:token')}", settings.JOINEDUP.url)
        authenticate(rules, asked, audiences=audiences, replays=DatabaseReplayGuard(), now=now)
        assert client is not None  # authenticate refuses None
        assert rules is not None
        wait = TOKENS.wait(str(client.id), at=now)
        if wait:
            return _slower(wait)
        TOKENS.count(str(client.id), at=now)
        by = Actor(ActorKind.CLIENT, id=client.id, organisation_id=client.organisation_id)
        issued = give_token(by=by, client=client, rules=rules, scopes=asked.scopes)
    except IdentityFault as fault:
        FAILURES.count(network, at=now)
        refuse_token(by=ANONYMOUS, fault=fault.code, client=client)
        return _refused(fault)
    return _plain(JsonResponse(issued.as_answer()))


def _fields(request: HttpRequest) -> list[tuple[str, str]]:
    kind = request.content_type
    if kind != "application/x-www-form-urlencoded" or len(request.body) > LARGEST_BYTES:
        raise IdentityFault(
            FaultCode.CLIENT_REQUEST_MALFORMED,
            what="the request is not a form",
            mend="send application/x-www-form-urlencoded; see RFC 6749, section 4.4",
        )
    try:
        return parse_qsl(request.body.decode(), keep_blank_values=True, max_num_fields=20)
    except ValueError:  # not UTF-8, or too many fields
        raise IdentityFault(FaultCode.CLIENT_REQUEST_MALFORMED, what="the form cannot be read") from None


def _client(client_id: str) -> MachineClient | None:
    try:
        known = UUID(client_id)
    except ValueError:
        return None
    if str(known) != client_id:
        return None  # one spelling
    return MachineClient.objects.prefetch_related("proofs").filter(id=known).first()


def _refused(fault: IdentityFault) -> HttpResponse:
    error, status = oauth_error(fault.code)
    told = {"error": error}
    if error == "invalid_client":
        told |= {
            "what": "the client could not be proved",
            "mend": "check the client id, its key or secret, and the clock of the system",
        }
    else:
        told |= {"what": fault.what, "mend": fault.mend}
    told |= {"where": reverse("identity:token"), "error_description": told["what"]}
    answer = JsonResponse(told, status=status)
    if status == 401:
        answer["WWW-Authenticate"] = 'Basic realm="joinedup"'
    return _plain(answer)


def _slower(seconds: int) -> HttpResponse:
    what = "too many requests"
    told = {
        "error": "too_many_requests",
        "error_description": what,
        "what": what,
        "where": reverse("identity:token"),
        "mend": f"wait {seconds} seconds; use a token until it ends instead of asking for another",
    }
    answer = JsonResponse(told, status=429)
    answer["Retry-After"] = str(seconds)
    return _plain(answer)


def _plain(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store"
    answer["Pragma"] = "no-cache"
    return answer
