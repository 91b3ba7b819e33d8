"""Who asks, and whether the view's rule lets them in: what every request passes."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone

from joinedup_web.accounts.sessions import staff_actor
from joinedup_web.audit import computing
from joinedup_web.audit.deed import record_refusal
from joinedup_web.design.errors import refused_page
from joinedup_web.gate.actor import ANONYMOUS, Actor, ActorKind
from joinedup_web.gate.decide import GateDecision, Refused, decide
from joinedup_web.gate.rules import Audience, Rule, rule_of
from joinedup_web.gate.sides import is_staff_side, is_without_cookies
from joinedup_web.identity.sessions import citizen_actor, client_actor

Answer = Callable[[HttpRequest], HttpResponseBase]
PROBES = frozenset({"/health/live", "/health/ready"})
LOADS_NOTHING = "default-src 'none'; frame-ancestors 'none'"


class TurnMiddleware:
    """Has the short requests that come in hundreds a second, of systems and to public forms, compute in turn."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        short = request.path.startswith("/api/") or is_without_cookies(request.path)
        if not short or connection.vendor != "sqlite":  # on PostgreSQL they wait for the server in between
            return self.answer(request)
        with computing.turn():
            return self.answer(request)


class PolicyMiddleware(CSPMiddleware):
    """Says what a page may load. What systems are answered is no page, and may load nothing."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Return the answer with its Content-Security-Policy."""
        if request.path.startswith("/api/v1/") and response.get("Content-Type", "").startswith(
            "application/json"
        ):
            response[HEADER] = LOADS_NOTHING
            return response
        return super().process_response(request, response)


class ProbeMiddleware:
    """Answers probes by whatever name they call this machine: they come by its number, inside its own network.

    What they are told is the same for everybody, and repeats no name.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path in PROBES:
            request.META["HTTP_HOST"] = urlsplit(settings.JOINEDUP.url).netloc
        return self.answer(request)


class ActorMiddleware:
    """Sets request.actor: staff under /staff/, a client by its bearer token under /api/, else a citizen; nobody
    where no cookie is used.

    What somebody known is shown is theirs alone: no browser keeps it for whoever sits there next.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.actor = by = _actor(request)  # type: ignore[attr-defined]
        answer = self.answer(request)
        if by.is_known and not answer.has_header("Cache-Control"):
            answer["Cache-Control"] = "no-store, private"
        return answer


def _actor(request: HttpRequest) -> Actor:
    if is_staff_side(request.path):
        return staff_actor(request)
    if is_without_cookies(request.path):
        return ANONYMOUS
    if request.path.startswith("/api/"):
        return client_actor(request)
    return citizen_actor(request)


class GateMiddleware:
    """Holds each view's rule before it runs, and turns Refused into a page that says why. Deny by default."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.answer(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Return an answer instead of the view's where its rule refuses."""
        if request.path.startswith(settings.STATIC_URL):
            return None
        rule = rule_of(view)
        if rule is None:
            return refusal(
                request, Refused(GateDecision(False, "no_rule", ("this page has no rule",)), permission="")
            )
        return hold(rule, request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponseBase | None:
        """Show Refused as the page it is."""
        return refusal(request, problem) if isinstance(problem, Refused) else None


def hold(rule: Rule, request: HttpRequest) -> HttpResponseBase | None:
    """Return None where the rule lets the request pass, else what to answer."""
    by: Actor = request.actor  # type: ignore[attr-defined]
    if rule.audience is Audience.EVERYONE:
        return None
    if rule.audience is Audience.MONITORING:
        if _has_monitoring_token(request):
            return None
        return refusal(
            request, Refused(GateDecision(False, "no_token", ("give the monitoring token",)), permission="")
        )
    wanted = {
        Audience.STAFF: ActorKind.STAFF,
        Audience.CITIZENS: ActorKind.CITIZEN,
        Audience.CLIENTS: ActorKind.CLIENT,
    }[rule.audience]
    if by.kind is not wanted:
        return _sign_in_first(request, rule)
    if rule.scope is not None and rule.scope not in by.scopes:
        reason = GateDecision(False, "no_scope", (f"the token lacks the scope {rule.scope}",))
        return refusal(request, Refused(reason, permission=rule.scope))
    if rule.permission is not None:
        decision = decide(by, rule.permission)
        if not decision.allowed:
            return refusal(request, Refused(decision, permission=rule.permission))
    if rule.fresh_minutes is not None:
        since = by.authenticated_at
        if since is None or timezone.now() - since > timedelta(minutes=rule.fresh_minutes):
            there = _page_before(request) if rule.back_to_page else request.get_full_path()
            return HttpResponseRedirect(f"{reverse('accounts:confirm')}?{urlencode({'next': there})}")
    return None


def _page_before(request: HttpRequest) -> str:
    """The page of ours that led here; the staff home where the browser does not say."""
    before = urlsplit(request.headers.get("Referer", ""))
    if before.netloc != request.get_host() or not is_staff_side(before.path):
        return "/staff/"
    return f"{before.path}?{before.query}" if before.query else before.path


def _has_monitoring_token(request: HttpRequest) -> bool:
    token = settings.JOINEDUP.metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    return bool(token) and hmac.compare_digest(token.encode(), given.encode())


def _sign_in_first(request: HttpRequest, rule: Rule) -> HttpResponseBase:
    if rule.audience is Audience.CLIENTS:
        answer = JsonResponse(
            {
                "error": "invalid_token",
                "what": "a bearer token is needed",
                "where": "Authorization",
                "mend": "ask /api/token for one and send it as Authorization: Bearer",
            },
            status=401,
        )
        answer["WWW-Authenticate"] = 'Bearer realm="joinedup"'
        return answer
    name = "accounts:sign_in" if rule.audience is Audience.STAFF else "identity:sign_in"
    start = "/staff/" if rule.audience is Audience.STAFF else "/account/"
    there = request.get_full_path() if request.method == "GET" else start
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({'next': there})}")


def refusal(request: HttpRequest, refused: Refused) -> HttpResponseBase:
    """The page (or JSON) of a refusal, with one audit event."""
    record_refusal(request.actor, refused)  # type: ignore[attr-defined]
    if request.path.startswith("/api/"):
        return JsonResponse({**refused.as_dict(), "code": refused.decision.code}, status=403)
    return refused_page(request, refused)
