"""The built-in provider of a demonstration: joinedup.identity.demonstration behind addresses of this very site.

It keeps nothing in the database but what may come only once. Codes and access tokens are the grants themselves,
signed; who signed in is remembered in a cookie of its own, as One Login remembers by its session.
"""

from __future__ import annotations

import functools
import json
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from joinedup.identity import SigningKey
from joinedup.identity import demonstration as provider_side
from joinedup.identity.checks import replay_key
from joinedup.identity.demonstration import Grant, ProviderRefusal
from joinedup.identity.tokens import public_jwk
from joinedup.ports import FileKeyStore, KeyPurpose, make_missing_keys
from joinedup_web.audit.keys import key_store
from joinedup_web.demonstration.citizens import CITIZENS, Citizen, citizen_of
from joinedup_web.demonstration.here import WHY, in_demonstration
from joinedup_web.gate.rules import for_everyone
from joinedup_web.identity.one_login import DEMONSTRATION_CLIENT, DEMONSTRATION_PATH
from joinedup_web.identity.stores import DatabaseReplayGuard

View = Callable[..., HttpResponse]
COOKIE = "joinedup_demonstration_one_login"
CODE, ACCESS = "joinedup.demonstration.code", "joinedup.demonstration.access"
CODE_SECONDS, REMEMBERED_SECONDS = 120, 3600
ERRORS = {"access_denied", "temporarily_unavailable"}


def as_provider(view: View) -> View:
    """Turn what the provider refuses into its answer: a page for people, OAuth's JSON for machines."""

    @functools.wraps(view)
    def given(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        if (
            request.path.endswith(("/token", "/userinfo"))
            and not request.headers.get("User-Agent", "").strip()
        ):
            return HttpResponse("Forbidden", status=403)  # as One Login's firewall does
        try:
            return view(request, *arguments, **named)
        except ProviderRefusal as refusal:
            if request.path.endswith("/authorize"):
                return render(
                    request, "demonstration/refusal.html", {"what": refusal.what}, status=refusal.status
                )
            told = {"error": refusal.error, "error_description": refusal.what}
            return JsonResponse(told, status=refusal.status)

    return given


@for_everyone(WHY)
@in_demonstration
@require_safe
def discovery(request: HttpRequest) -> HttpResponse:
    """What the provider says of itself."""
    return _document(provider_side.discovery_document(_provider()), provider_side.DOCUMENT_MAX_AGE)


@for_everyone(WHY)
@in_demonstration
@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """The keys of its ID tokens."""
    document = provider_side.keys_document(_provider(), _keys(KeyPurpose.DEMONSTRATION_ID_TOKEN))
    return _document(document, provider_side.DOCUMENT_MAX_AGE)


@for_everyone(WHY)
@in_demonstration
@require_safe
def did(request: HttpRequest) -> HttpResponse:
    """The keys of its core identities."""
    document = provider_side.did_document(_provider(), _keys(KeyPurpose.DEMONSTRATION_IDENTITY))
    return _document(document, provider_side.DID_MAX_AGE)


@for_everyone(WHY)
@in_demonstration
@never_cache
@require_http_methods(["GET", "POST"])
@as_provider
def authorise(request: HttpRequest) -> HttpResponse:
    """Ask which fictional citizen to be, or whether to prove who one is; then go back with the answer."""
    provider, query = _provider(), request.META.get("QUERY_STRING", "")
    asked = provider_side.read_authorise(provider, _client(), query)
    proving = ".P" in asked.vector
    remembered = _remembered(request) if proving else None
    if request.method != "POST":
        context = {"citizens": CITIZENS, "proving": proving, "remembered": remembered, "query": query}
        return render(request, "demonstration/authorise.html", context)
    error = request.POST.get("error", "")
    if error:
        if error not in ERRORS:
            raise ProviderRefusal("invalid_request", what="there is no such answer")
        return HttpResponseRedirect(provider_side.callback(provider, asked, error=error))
    citizen = remembered or citizen_of(request.POST.get("person", ""))
    if citizen is None:
        raise ProviderRefusal("invalid_request", what="choose a person")
    grant = Grant(
        asked,
        person_id=citizen.person.id,
        signed_in_at=int(timezone.now().timestamp()),
        session_id=secrets.token_hex(8),
    )
    code = signing.dumps([grant.as_dict(), secrets.token_hex(8)], salt=CODE, compress=True)
    answer = HttpResponseRedirect(provider_side.callback(provider, asked, code=code))
    answer.set_signed_cookie(
        COOKIE,
        citizen.person.id,
        salt=COOKIE,
        max_age=REMEMBERED_SECONDS,
        path=DEMONSTRATION_PATH,
        httponly=True,
        samesite="Lax",
    )
    return answer


@csrf_exempt  # a machine sends it, which proves itself by its key
@for_everyone(WHY)
@in_demonstration
@require_POST
@as_provider
def token(request: HttpRequest) -> HttpResponse:
    """Exchange a code, once, for tokens."""
    provider, now, replays = _provider(), timezone.now(), DatabaseReplayGuard()
    form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
    code = form.get("code", "")
    kept = _opened(code, salt=CODE, seconds=CODE_SECONDS)
    until = now + timedelta(seconds=CODE_SECONDS + 60)
    if kept is not None and not replays.is_first(replay_key("code", provider.issuer, code), until=until):
        kept = None
    grant = provider_side.check_token_request(
        provider, _client(), form, grant=Grant.from_dict(kept[0]) if kept else None, replays=replays, now=now
    )
    person = _citizen(grant).person
    access = signing.dumps([grant.as_dict(), secrets.token_hex(8)], salt=ACCESS, compress=True)
    claims = provider_side.id_token_claims(provider, grant, person, access_token=access, now=now)
    id_token = provider_side.sign(claims, _keys(KeyPurpose.DEMONSTRATION_ID_TOKEN)[0])
    answer = JsonResponse(provider_side.token_answer(access_token=access, id_token=id_token))
    answer["Cache-Control"] = "no-store"
    return answer


@for_everyone(WHY)
@in_demonstration
@require_safe
@as_provider
def userinfo(request: HttpRequest) -> HttpResponse:
    """Tell of the person what was asked for."""
    provider, now = _provider(), timezone.now()
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    seconds = int(provider_side.ACCESS_TOKEN_LIFETIME.total_seconds())
    kept = _opened(given, salt=ACCESS, seconds=seconds)
    if kept is None:
        raise ProviderRefusal("invalid_token", status=401)
    grant = Grant.from_dict(kept[0])
    person, core = _citizen(grant).person, ""
    if provider_side.has_core_identity(grant, person):
        claims = provider_side.core_identity_claims(provider, grant, person, now=now)
        key = _keys(KeyPurpose.DEMONSTRATION_IDENTITY)[0]
        core = provider_side.sign_core_identity(provider, claims, key)
    answer = JsonResponse(provider_side.userinfo_answer(provider, grant, person, core_identity=core))
    answer["Cache-Control"] = "no-store"
    return answer


@for_everyone(WHY)
@in_demonstration
@never_cache
@require_safe
def logout(request: HttpRequest) -> HttpResponse:
    """Forget who signed in here, and go back."""
    signing_keys = _keys(KeyPurpose.DEMONSTRATION_ID_TOKEN)
    target, _ = provider_side.logout_target(
        _provider(), _client(), request.META.get("QUERY_STRING", ""), signing_keys
    )
    answer = HttpResponseRedirect(target or reverse("identity:signed_out"))
    answer.delete_cookie(COOKIE, path=DEMONSTRATION_PATH, samesite="Lax")
    return answer


@for_everyone(WHY)
@in_demonstration
@require_safe
def trustmark(request: HttpRequest) -> HttpResponse:
    """Under which rules of trust it signs people in."""
    issuer = _provider().issuer
    return JsonResponse(
        {"idp": issuer, "trustmark_provider": issuer, "C": ["Cl", "Cl.Cm"], "P": ["P0", "P2"]}
    )


def _provider() -> provider_side.DemonstrationProvider:
    issuer = f"{settings.JOINEDUP.url}{DEMONSTRATION_PATH}"
    return provider_side.DemonstrationProvider(issuer=issuer, identity_issuer=f"{issuer}identity/")


def _client() -> provider_side.RegisteredClient:
    """This site, as registered at its own provider."""
    url = settings.JOINEDUP.url
    return provider_side.RegisteredClient(
        client_id=DEMONSTRATION_CLIENT,
        redirect_uris=frozenset({f"{url}{reverse('identity:come_back')}"}),
        post_logout_redirect_uris=frozenset({f"{url}{reverse('identity:signed_out')}"}),
        keys=tuple(public_jwk(key) for key in _keys(KeyPurpose.ONE_LOGIN_CLIENT)),
    )


def _keys(purpose: KeyPurpose) -> tuple[SigningKey, ...]:
    """The keys of a purpose that may be used, the current one first."""
    store, now = key_store(), timezone.now()
    if isinstance(store, FileKeyStore):
        make_missing_keys(store, on=now, purposes=(purpose,))
    current = store.current(purpose)
    others = [key for key in store.all(purpose) if key.id != current.id and key.is_usable(on=now)]
    return (current, *others)


def _opened(text: str, *, salt: str, seconds: int) -> list[Any] | None:
    try:
        found: list[Any] = signing.loads(text, salt=salt, max_age=seconds)
    except signing.BadSignature:
        return None
    return found


def _remembered(request: HttpRequest) -> Citizen | None:
    try:
        found = request.get_signed_cookie(COOKIE, salt=COOKIE, max_age=REMEMBERED_SECONDS)
    except (KeyError, signing.BadSignature):
        return None
    return citizen_of(found)


def _citizen(grant: Grant) -> Citizen:
    found = citizen_of(grant.person_id)
    if found is None:
        raise Http404
    return found


def _document(document: dict[str, Any], seconds: int) -> HttpResponse:
    answer = HttpResponse(json.dumps(document), content_type="application/json")
    answer["Cache-Control"] = f"max-age={seconds}"
    return answer
