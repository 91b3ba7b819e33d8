"""The core identity JWT: GOV.UK One Login's signed word on who a person is, checked against its DID document.

The key comes from one fixed address that settings name. The token's own key id is looked up in that document
and leads nowhere else: resolving it, as DID libraries do, would let a token choose who vouches for it.
The token is read once and not kept; what may be kept is the CoreIdentity.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import cast

from . import tokens
from .checks import SKEW, check_audience, check_issuer, check_times, seconds
from .claims import BirthDate, CoreIdentity, LevelOfConfidence, Name
from .documents import DID, Documents
from .faults import FaultCode, IdentityFault, TokenCodes
from .tokens import Json, Jwk, Token

CODES = TokenCodes.of("core_identity")
ALGORITHM = "ES256"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class DidDocument:
    """A DID document as we use it. id: its controller; methods: public key by full key id."""

    id: str
    methods: Mapping[str, Jwk]


def read_did_document(document: Json) -> DidDocument:
    """The keys that may assert. ValueError where it is no DID document, or names a key twice.

    A method of another controller is left out: it speaks for somebody else.
    """
    if not isinstance(document, Mapping):
        raise ValueError("a DID document is an object")
    controller, listed = document.get("id"), document.get("assertionMethod")
    if not isinstance(controller, str) or not isinstance(listed, list) or not listed:
        raise ValueError("a DID document has an id and assertion methods")
    methods: dict[str, Jwk] = {}
    for each in listed:
        if not isinstance(each, Mapping) or not isinstance(each.get("publicKeyJwk"), Mapping):
            continue  # a method of another form: no token of ours is signed by it
        name = each.get("id")
        if not isinstance(name, str) or each.get("controller", controller) != controller:
            continue
        if name in methods:
            raise ValueError("a DID document names each key once")
        methods[name] = cast("Jwk", each["publicKeyJwk"])
    if not methods:
        raise ValueError("a DID document has a key")
    return DidDocument(id=controller, methods=methods)


def check_core_identity(
    text: str,
    *,
    documents: Documents,
    did_url: str,
    issuer: str,
    client_id: str,
    subject: str,
    wanted: LevelOfConfidence,
    now: datetime,
    skew: timedelta = SKEW,
) -> CoreIdentity:
    """Who the person is, once all is proved.

    issuer: the identity issuer, which is another than the sign-in's. subject: `sub` of the ID token.
    wanted: the level of confidence that the identity must meet.

    Raises IdentityFault with a core_identity or did code.
    """
    token = _signed(text, documents=documents, did_url=did_url)
    claims = token.claims
    check_issuer(claims, issuer=issuer, codes=CODES)
    check_audience(claims, audience=client_id, codes=CODES)
    check_times(claims, now=now, codes=CODES, skew=skew)
    if claims.get("sub") != subject:
        raise IdentityFault(FaultCode.CORE_IDENTITY_INCORRECT_SUB, what="the identity is somebody else's")
    try:
        confidence = LevelOfConfidence(claims.get("vot"))
    except ValueError:
        confidence = LevelOfConfidence.P0
    if not confidence.meets(wanted):
        raise IdentityFault(
            FaultCode.CORE_IDENTITY_INSUFFICIENT_VOT, what="the identity was not proved surely enough"
        )
    person = _person(claims)
    asserted = datetime.fromtimestamp(max(0.0, seconds(claims, "iat", codes=CODES)), tz=UTC).date()
    names, birth_dates = _names(person.get("name")), _birth_dates(person.get("birthDate"))
    if not names:
        raise IdentityFault(FaultCode.CORE_IDENTITY_NO_NAME, what="the identity bears no name")
    if not birth_dates:
        raise IdentityFault(FaultCode.CORE_IDENTITY_NO_BIRTH_DATE, what="the identity bears no date of birth")
    return CoreIdentity(names=names, birth_dates=birth_dates, confidence=confidence, asserted_on=asserted)


def _signed(text: str, *, documents: Documents, did_url: str) -> Token:
    header = tokens.header_of(text, codes=CODES)
    if header.get("alg") != ALGORITHM:
        raise IdentityFault(FaultCode.CORE_IDENTITY_BAD_ALGORITHM, what="the identity is not signed by ES256")
    kid = header.get("kid")
    if not isinstance(kid, str):
        raise IdentityFault(FaultCode.CORE_IDENTITY_UNKNOWN_KEY, what="the identity names no key")
    document = documents.read(did_url, kind=DID, parse=read_did_document)
    controller, _, fragment = kid.partition("#")
    if controller != document.id or not fragment:
        raise IdentityFault(
            FaultCode.CORE_IDENTITY_BAD_CONTROLLER, what="the identity's key is under another's control"
        )
    if kid not in document.methods:
        document = documents.read(did_url, kind=DID, parse=read_did_document, refresh=True)
    jwk = document.methods.get(kid)
    # The key's own name inside the document is not used: the method's id is what the token names.
    keys: Sequence[Jwk] = () if jwk is None else ({**jwk, "kid": kid},)
    return tokens.read(text, keys=keys, algorithms=(ALGORITHM,), codes=CODES)


def _person(claims: Mapping[str, Json]) -> Mapping[str, Json]:
    credential = claims.get("vc")
    subject = credential.get("credentialSubject") if isinstance(credential, Mapping) else None
    if not isinstance(subject, Mapping):
        raise _malformed()
    return subject


def _names(told: Json) -> tuple[Name, ...]:
    names = []
    for each in _objects(told):
        parts = _objects(each.get("nameParts"))
        name = Name(
            given=tuple(_text(part) for part in parts if part.get("type") == "GivenName"),
            family=tuple(_text(part) for part in parts if part.get("type") == "FamilyName"),
            valid_from=_date(each.get("validFrom")),
            valid_until=_date(each.get("validUntil")),
        )
        if name.full.strip():
            names.append(name)
    return tuple(names)


def _birth_dates(told: Json) -> tuple[BirthDate, ...]:
    found = []
    for each in _objects(told):
        value = _date(each.get("value"))
        if value is not None:
            found.append(
                BirthDate(
                    value=value,
                    valid_from=_date(each.get("validFrom")),
                    valid_until=_date(each.get("validUntil")),
                )
            )
    return tuple(found)


def _objects(told: Json) -> list[Mapping[str, Json]]:
    if told is None:
        return []
    if not isinstance(told, list) or not all(isinstance(each, Mapping) for each in told):
        raise _malformed()
    return [cast("Mapping[str, Json]", each) for each in told]


def _text(part: Mapping[str, Json]) -> str:
    value = part.get("value")
    if not isinstance(value, str):
        raise _malformed()
    return value


def _date(told: Json) -> date | None:
    if told is None or told == "":
        return None
    if not isinstance(told, str) or not _DATE.fullmatch(told):
        raise _malformed()
    try:
        return date.fromisoformat(told)
    except ValueError:
        # From None: the cause would hold the date, which is a person's.
        raise _malformed() from None


def _malformed() -> IdentityFault:
    return IdentityFault(FaultCode.CORE_IDENTITY_MALFORMED, what="the identity is not written as agreed")
