"""An OpenID provider on this machine, with faults that tests switch on: the demonstration provider's protocol
behind a real HTTP server on a free port of 127.0.0.1.

It speaks like GOV.UK One Login, or like a staff directory. Sixteen of the faults bear the names that One
Login's own simulator gives them; the others are what that one does not do.
"""

from __future__ import annotations

import base64
import html
import json
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

from joinedup.identity import Claim, LevelOfConfidence, MemoryReplayGuard, Name
from joinedup.identity import demonstration as demo
from joinedup.identity.tokens import Json, SigningKey, sign
from joinedup.ports import Clock, HttpAnswer, HttpClient, SystemClock
from support.signing_keys import ec_key, rsa_key

TENANT = "9f0c6d1e-0000-4000-8000-2b1f6a3d5c77"


class Fault(Enum):
    """What the provider does wrong while it is switched on."""

    # The sixteen of One Login's simulator
    ID_TOKEN_INVALID_ISS = "id token: INVALID_ISS"
    ID_TOKEN_INVALID_AUD = "id token: INVALID_AUD"
    ID_TOKEN_INVALID_ALG_HEADER = "id token: INVALID_ALG_HEADER"
    ID_TOKEN_INVALID_SIGNATURE = "id token: INVALID_SIGNATURE"
    ID_TOKEN_TOKEN_EXPIRED = "id token: TOKEN_EXPIRED"
    ID_TOKEN_TOKEN_NOT_VALID_YET = "id token: TOKEN_NOT_VALID_YET"
    ID_TOKEN_NONCE_NOT_MATCHING = "id token: NONCE_NOT_MATCHING"
    ID_TOKEN_INCORRECT_VOT = "id token: INCORRECT_VOT"
    CORE_IDENTITY_INVALID_ALG_HEADER = "core identity: INVALID_ALG_HEADER"
    CORE_IDENTITY_INVALID_SIGNATURE = "core identity: INVALID_SIGNATURE"
    CORE_IDENTITY_INVALID_ISS = "core identity: INVALID_ISS"
    CORE_IDENTITY_INVALID_AUD = "core identity: INVALID_AUD"
    CORE_IDENTITY_INCORRECT_SUB = "core identity: INCORRECT_SUB"
    CORE_IDENTITY_TOKEN_EXPIRED = "core identity: TOKEN_EXPIRED"
    AUTHORISE_ACCESS_DENIED = "authorise: ACCESS_DENIED"
    AUTHORISE_TEMPORARILY_UNAVAILABLE = "authorise: TEMPORARILY_UNAVAILABLE"
    # Ours
    AUTHORISE_LOGIN_REQUIRED = "authorise: login_required"
    AUTHORISE_INVALID_REQUEST = "authorise: invalid_request"
    AUTHORISE_SERVER_ERROR = "authorise: server_error"
    AUTHORISE_UNHEARD_OF = "authorise: an error nobody heard of"
    CODE_ACCEPTED_TWICE = "token: codes may be used again"
    TOKEN_NOT_JSON = "token: the answer is a web page"
    TOKEN_LACKS_ID_TOKEN = "token: no ID token"
    TOKEN_REFUSES_CLIENT = "token: invalid_client"
    ID_TOKEN_UNKNOWN_KEY = "id token: signed by a key that is not published"
    ID_TOKEN_ALG_NONE = "id token: alg none"
    ID_TOKEN_NO_SUB = "id token: no sub"
    ID_TOKEN_TWO_AUDIENCES = "id token: two audiences, no azp"
    ID_TOKEN_OTHER_AZP = "id token: azp of another client"
    ID_TOKEN_BAD_AT_HASH = "id token: at_hash of another token"
    ID_TOKEN_OTHER_VTM = "id token: another trustmark"
    ID_TOKEN_OTHER_TENANT = "id token: another tenant's"
    ID_TOKEN_NO_OID = "id token: no object id"
    ID_TOKEN_NO_GROUPS = "id token: too many groups to tell"
    ID_TOKEN_OLD_AUTH_TIME = "id token: auth_time of yesterday"
    USERINFO_OTHER_SUB = "userinfo: of somebody else"
    USERINFO_NOT_JSON = "userinfo: the answer is a web page"
    USERINFO_REFUSES = "userinfo: 401"
    CORE_IDENTITY_UNKNOWN_KEY = "core identity: signed by a key that is not published"
    CORE_IDENTITY_OTHER_CONTROLLER = "core identity: kid under another controller"
    CORE_IDENTITY_TOKEN_NOT_VALID_YET = "core identity: TOKEN_NOT_VALID_YET"
    CORE_IDENTITY_LOW_VOT = "core identity: vot P1"
    CORE_IDENTITY_NO_NAME = "core identity: no name"
    CORE_IDENTITY_NO_BIRTH_DATE = "core identity: no date of birth"
    CORE_IDENTITY_NOT_TEXT = "core identity: not a token"
    # Whole parts that are out: 503
    OUTAGE_DISCOVERY = "outage: discovery"
    OUTAGE_KEYS = "outage: keys"
    OUTAGE_DID = "outage: DID document"
    OUTAGE_TOKEN = "outage: token"
    OUTAGE_USERINFO = "outage: userinfo"
    DISCOVERY_OTHER_ISSUER = "discovery: of another issuer"
    KEYS_MALFORMED = "keys: no keys"
    DID_MALFORMED = "DID document: no methods"


PERSON = demo.DemonstrationPerson(
    id="ada",
    email="ada@example.com",
    names=(
        Name(given=("Ada", "Mary"), family=("Newname",), valid_from=date(2020, 3, 1)),
        Name(given=("Ada", "Mary"), family=("Oldname",), valid_until=date(2020, 3, 1)),
    ),
    birth_date="1970-01-02",
    claims={Claim.ADDRESS: [{"postalCode": "ZZ1 1ZZ", "addressCountry": "GB"}]},
    groups=("group-one",),
    roles=("Joinedup.Analyst",),
)
UNPROVED = replace(PERSON, id="una", confidence=LevelOfConfidence.P0, return_codes=("X",))


@dataclass
class TestProvider:
    """A running provider. Switch faults on in `faults`; `person` is who signs in unless the form names one.

    keys: published ID token keys, the signing one first; identity_keys: likewise. max_age: what documents
    say of themselves. asked: each request's method and path, in order.
    """

    __test__ = False

    provider: demo.DemonstrationProvider
    client: demo.RegisteredClient
    clock: Clock
    people: tuple[demo.DemonstrationPerson, ...] = (PERSON, UNPROVED)
    person: demo.DemonstrationPerson = PERSON
    interactive: bool = False
    faults: set[Fault] = field(default_factory=set)
    keys: list[SigningKey] = field(default_factory=lambda: [ec_key("op-1")])
    identity_keys: list[SigningKey] = field(default_factory=lambda: [ec_key("did-1")])
    max_age: int = demo.DOCUMENT_MAX_AGE
    needs_user_agent: bool = True
    signed_in_at: int | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    codes: dict[str, demo.Grant] = field(default_factory=dict)
    grants: dict[str, tuple[demo.Grant, demo.DemonstrationPerson]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.replays = MemoryReplayGuard(clock=self.clock)
        self._count = 0

    @property
    def issuer(self) -> str:
        return self.provider.issuer

    @property
    def did_url(self) -> str:
        return self.provider.url(".well-known/did.json")

    def has(self, *faults: Fault) -> bool:
        return any(fault in self.faults for fault in faults)

    def count(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(1 for _, asked in self.asked if asked.partition("?")[0] == path)

    def logout_token(self, *, subject: str, key: SigningKey | None = None, **changed: Json) -> str:
        """A back-channel notice; `changed` replaces claims, and None leaves one out."""
        claims = demo.logout_token_claims(
            self.provider,
            client_id=self.client.client_id,
            subject=subject,
            jti=secrets.token_hex(8),
            now=self.clock.now(),
        )
        return sign(_changed(claims, changed), key=key or self.keys[0])

    def post_logout(self, client: HttpClient, url: str, token: str) -> HttpAnswer:
        """Send a back-channel notice as One Login does."""
        return client.post_form(url, {"logout_token": token})

    # One answer for each address: status, headers, body

    def answer(
        self, method: str, target: str, headers: Mapping[str, str], body: str
    ) -> tuple[int, dict, str]:
        path, _, query = target.partition("?")
        self.asked.append((method, target))
        self.agents.add(headers.get("user-agent", ""))
        base = urlsplit(self.issuer).path.rstrip("/")
        path = path.removeprefix(base)
        back_channel = path.startswith("/.well-known") or path in ("/token", "/userinfo")
        if back_channel and self.needs_user_agent and not headers.get("user-agent", "").strip():
            return 403, {}, "Forbidden"
        pages = {
            "/.well-known/openid-configuration": self._discovery,
            "/.well-known/jwks.json": self._keys,
            "/.well-known/did.json": self._did,
        }
        if path in pages:
            return pages[path]()
        try:
            if path == "/authorize":
                return self._authorise(query if method == "GET" else body, chosen=method == "POST")
            if path == "/token" and method == "POST":
                return self._token(dict(parse_qsl(body)), headers)
            if path == "/userinfo":
                return self._userinfo(headers.get("authorization", ""))
            if path == "/logout":
                keys = self.keys
                target, _ = demo.logout_target(self.provider, self.client, query, keys)
                return 302, {"Location": target or "https://www.gov.uk/"}, ""
        except demo.ProviderRefusal as refusal:
            return refusal.status, {}, json.dumps({"error": refusal.error, "error_description": refusal.what})
        return 404, {}, ""

    def _document(
        self, document: dict[str, Json], outage: Fault, *, age: int | None = None
    ) -> tuple[int, dict, str]:
        if self.has(outage):
            return 503, {}, "out"
        age = self.max_age if age is None else age
        return 200, {"Cache-Control": f"max-age={age}"}, json.dumps(document)

    def _discovery(self) -> tuple[int, dict, str]:
        told = demo.discovery_document(self.provider)
        if self.has(Fault.DISCOVERY_OTHER_ISSUER):
            told["issuer"] = "https://evil.example/"
        return self._document(told, Fault.OUTAGE_DISCOVERY)

    def _keys(self) -> tuple[int, dict, str]:
        told = demo.keys_document(self.provider, self.keys)
        return self._document({"keys": []} if self.has(Fault.KEYS_MALFORMED) else told, Fault.OUTAGE_KEYS)

    def _did(self) -> tuple[int, dict, str]:
        told = demo.did_document(self.provider, self.identity_keys)
        if self.has(Fault.DID_MALFORMED):
            told["assertionMethod"] = []
        return self._document(told, Fault.OUTAGE_DID, age=min(self.max_age, demo.DID_MAX_AGE))

    def _authorise(self, query: str, *, chosen: bool) -> tuple[int, dict, str]:
        pairs = parse_qsl(query, keep_blank_values=True)
        who = dict(pairs).get("person", self.person.id) if chosen else self.person.id
        request = demo.read_authorise(
            self.provider, self.client, urlencode([pair for pair in pairs if pair[0] != "person"])
        )
        if self.interactive and not chosen:
            return 200, {"Content-Type": "text/html"}, self._form(pairs)
        errors = {
            Fault.AUTHORISE_ACCESS_DENIED: "access_denied",
            Fault.AUTHORISE_TEMPORARILY_UNAVAILABLE: "temporarily_unavailable",
            Fault.AUTHORISE_LOGIN_REQUIRED: "login_required",
            Fault.AUTHORISE_INVALID_REQUEST: "invalid_request",
            Fault.AUTHORISE_SERVER_ERROR: "server_error",
            Fault.AUTHORISE_UNHEARD_OF: "tea_break",
        }
        for fault, error in errors.items():
            if self.has(fault):
                return 302, {"Location": demo.callback(self.provider, request, error=error)}, ""
        code = secrets.token_urlsafe(16)
        at = self.signed_in_at if self.signed_in_at is not None else int(self.clock.now().timestamp())
        self.codes[code] = demo.Grant(request, person_id=who, signed_in_at=at, session_id="op-session")
        return 302, {"Location": demo.callback(self.provider, request, code=code)}, ""

    def _form(self, pairs: list[tuple[str, str]]) -> str:
        hidden = "".join(
            f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
            for name, value in pairs
        )
        buttons = "".join(
            f'<button name="person" value="{person.id}">{html.escape(person.names[0].full)}</button>'
            for person in self.people
        )
        return f'<form method="post">{hidden}{buttons}</form>'

    def _token(self, form: dict[str, str], headers: Mapping[str, str]) -> tuple[int, dict, str]:
        if self.has(Fault.OUTAGE_TOKEN):
            return 503, {}, "out"
        if self.has(Fault.TOKEN_REFUSES_CLIENT):
            return 401, {}, '{"error": "invalid_client"}'
        if headers.get("authorization", "").startswith("Basic "):
            pair = base64.b64decode(headers["authorization"][6:]).decode()
            name, _, secret = pair.partition(":")
            form |= {"client_id": unquote_plus(name), "client_secret": unquote_plus(secret)}
        code = form.get("code", "")
        kept = self.codes.get(code) if self.has(Fault.CODE_ACCEPTED_TWICE) else self.codes.pop(code, None)
        grant = demo.check_token_request(
            self.provider, self.client, form, grant=kept, replays=self.replays, now=self.clock.now()
        )
        person = next(each for each in self.people if each.id == grant.person_id)
        access_token = secrets.token_urlsafe(24)
        self.grants[access_token] = (grant, person)
        if self.has(Fault.TOKEN_NOT_JSON):
            return 200, {}, "<html>"
        answer = demo.token_answer(
            access_token=access_token, id_token=self._id_token(grant, person, access_token)
        )
        if self.has(Fault.TOKEN_LACKS_ID_TOKEN):
            del answer["id_token"]
        return 200, {"Cache-Control": "no-store"}, json.dumps(answer)

    def _id_token(self, grant: demo.Grant, person: demo.DemonstrationPerson, access_token: str) -> str:
        claims = demo.id_token_claims(
            self.provider, grant, person, access_token=access_token, now=self.clock.now()
        )
        now, client = int(self.clock.now().timestamp()), self.client.client_id
        changes: dict[Fault, dict[str, Json]] = {
            Fault.ID_TOKEN_INVALID_ISS: {"iss": "https://evil.example/"},
            Fault.ID_TOKEN_INVALID_AUD: {"aud": "another-client"},
            Fault.ID_TOKEN_TOKEN_EXPIRED: {"exp": now - 86_400},
            Fault.ID_TOKEN_TOKEN_NOT_VALID_YET: {"iat": now + 86_400, "exp": now + 90_000},
            Fault.ID_TOKEN_NONCE_NOT_MATCHING: {"nonce": "another"},
            Fault.ID_TOKEN_INCORRECT_VOT: {"vot": "Cl"},
            Fault.ID_TOKEN_NO_SUB: {"sub": None},
            Fault.ID_TOKEN_TWO_AUDIENCES: {"aud": [client, "another-client"]},
            Fault.ID_TOKEN_OTHER_AZP: {"azp": "another-client"},
            Fault.ID_TOKEN_BAD_AT_HASH: {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
            Fault.ID_TOKEN_OTHER_VTM: {"vtm": "https://evil.example/trustmark"},
            Fault.ID_TOKEN_OTHER_TENANT: {"tid": "another-tenant"},
            Fault.ID_TOKEN_NO_OID: {"oid": None},
            Fault.ID_TOKEN_NO_GROUPS: {"groups": None},
            Fault.ID_TOKEN_OLD_AUTH_TIME: {"auth_time": now - 86_400},
        }
        key = self._key(Fault.ID_TOKEN_UNKNOWN_KEY, self.keys[0])
        text = sign(self._spoilt(claims, changes), key=key)
        if self.has(Fault.ID_TOKEN_ALG_NONE):
            return unsigned(text)
        return self._tampered(
            text, algorithm=Fault.ID_TOKEN_INVALID_ALG_HEADER, signature=Fault.ID_TOKEN_INVALID_SIGNATURE
        )

    def _userinfo(self, authorization: str) -> tuple[int, dict, str]:
        if self.has(Fault.OUTAGE_USERINFO):
            return 503, {}, "out"
        known = self.grants.get(authorization.removeprefix("Bearer "))
        if known is None or self.has(Fault.USERINFO_REFUSES):
            return 401, {"WWW-Authenticate": 'Bearer error="invalid_token"'}, ""
        if self.has(Fault.USERINFO_NOT_JSON):
            return 200, {}, "<html>"
        grant, person = known
        core = self._core_identity(grant, person) if demo.has_core_identity(grant, person) else ""
        told = demo.userinfo_answer(self.provider, grant, person, core_identity=core)
        if self.has(Fault.CORE_IDENTITY_NOT_TEXT):
            told[Claim.CORE_IDENTITY.value] = {"vc": {}}
        if self.has(Fault.USERINFO_OTHER_SUB):
            told["sub"] = "somebody-else"
        return 200, {}, json.dumps(told)

    def _core_identity(self, grant: demo.Grant, person: demo.DemonstrationPerson) -> str:
        claims = demo.core_identity_claims(self.provider, grant, person, now=self.clock.now())
        now, subject = int(self.clock.now().timestamp()), claims["vc"]["credentialSubject"]
        changes: dict[Fault, dict[str, Json]] = {
            Fault.CORE_IDENTITY_INVALID_ISS: {"iss": self.issuer + "other"},
            Fault.CORE_IDENTITY_INVALID_AUD: {"aud": "another-client"},
            Fault.CORE_IDENTITY_INCORRECT_SUB: {"sub": "somebody-else"},
            Fault.CORE_IDENTITY_TOKEN_EXPIRED: {"exp": now - 86_400},
            Fault.CORE_IDENTITY_TOKEN_NOT_VALID_YET: {"nbf": now + 86_400},
            Fault.CORE_IDENTITY_LOW_VOT: {"vot": "P1"},
            Fault.CORE_IDENTITY_NO_NAME: {"vc": {"credentialSubject": {**subject, "name": []}}},
            Fault.CORE_IDENTITY_NO_BIRTH_DATE: {"vc": {"credentialSubject": {**subject, "birthDate": []}}},
        }
        key = self._key(Fault.CORE_IDENTITY_UNKNOWN_KEY, self.identity_keys[0])
        kid = demo.did_key_id(self.provider, key)
        if self.has(Fault.CORE_IDENTITY_OTHER_CONTROLLER):
            kid = f"did:web:evil.example#{kid.partition('#')[2]}"
        text = sign(self._spoilt(claims, changes), key=key, header={"kid": kid})
        return self._tampered(
            text,
            algorithm=Fault.CORE_IDENTITY_INVALID_ALG_HEADER,
            signature=Fault.CORE_IDENTITY_INVALID_SIGNATURE,
        )

    def _key(self, fault: Fault, key: SigningKey) -> SigningKey:
        return ec_key("unpublished") if self.has(fault) else key

    def _spoilt(self, claims: dict[str, Json], changes: dict[Fault, dict[str, Json]]) -> dict[str, Json]:
        for fault, change in changes.items():
            if self.has(fault):
                claims = _changed(claims, change)
        return claims

    def _tampered(self, text: str, *, algorithm: Fault, signature: Fault) -> str:
        if self.has(algorithm):
            text = with_header(text, alg="HS256")
        if self.has(signature):
            head, _, signed = text.rpartition(".")
            text = f"{head}.{'B' if signed[0] == 'A' else 'A'}{signed[1:]}"
        return text


def with_header(token: str, **changed: Json) -> str:
    """The same token with its header altered and its signature as it was."""
    header, rest = token.split(".", 1)
    told = json.loads(base64.urlsafe_b64decode(header + "=="))
    return base64.urlsafe_b64encode(json.dumps(told | changed).encode()).decode().rstrip("=") + "." + rest


def unsigned(token: str) -> str:
    """The same claims under `alg: none`, without a signature."""
    return with_header(token, alg="none").rpartition(".")[0] + "."


def _changed(claims: dict[str, Json], change: Mapping[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in {**claims, **change}.items() if value is not None}


@contextmanager
def running_provider(
    *,
    style: demo.Style = demo.Style.ONE_LOGIN,
    client_id: str = "joinedup-test",
    redirect_uri: str = "http://127.0.0.1:9/callback",
    post_logout_redirect_uri: str = "http://127.0.0.1:9/signed-out",
    client_keys: tuple[SigningKey, ...] = (),
    client_secret: str = "",
    clock: Clock | None = None,
) -> Iterator[TestProvider]:
    """A provider on a free port, with one client registered, until the block ends."""
    from joinedup.identity.tokens import public_jwk

    server = _Server(("127.0.0.1", 0), _Handler)
    base, staff = f"http://127.0.0.1:{server.server_port}", style is demo.Style.STAFF
    server.op = TestProvider(
        provider=demo.DemonstrationProvider(
            issuer=f"{base}/{TENANT}/v2.0" if staff else f"{base}/",
            identity_issuer=f"{base}/identity/",
            style=style,
            tenant=TENANT if staff else "",
        ),
        client=demo.RegisteredClient(
            client_id=client_id,
            redirect_uris=frozenset({redirect_uri}),
            post_logout_redirect_uris=frozenset({post_logout_redirect_uri}),
            keys=tuple(public_jwk(key) for key in client_keys),
            secret_digest=demo.secret_digest(client_secret) if client_secret else "",
        ),
        clock=clock or SystemClock(),
        keys=[rsa_key("op-rsa-1")] if staff else [ec_key("op-1")],
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.op
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=timedelta(seconds=5).total_seconds())


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    op: TestProvider

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that hangs up is its own matter."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        status, more, text = self.server.op.answer(self.command, self.path, headers, body)
        data = text.encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **more}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """Quiet."""
