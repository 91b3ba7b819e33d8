"""Our own public keys as a JWKS document, for providers that check our assertions.

Rotation without downtime. A provider may keep our document for 24 hours (GOV.UK One Login does), and asks
again only for a key id that it does not know. So the NEXT key is published 24 hours before anything is signed
with it, and the PREVIOUS stays published for 24 hours after the last use. The key store holds that rule; this
document shows all of its keys that are next, current or previous, and never a private part.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from joinedup.errors import UsageError

from .tokens import Json, SigningKey, public_jwk

OVERLAP = timedelta(hours=24)
# How long others may keep the document. Shorter than the overlap, so that a clock may be wrong.
MAX_AGE = timedelta(hours=1)


def key_document(keys: Iterable[SigningKey]) -> dict[str, Json]:
    """The JWKS document of those keys, in the order given: next, current, previous; retired ones left out.

    Raises UsageError where there is no key, or two bear one id.
    """
    listed = [public_jwk(key) for key in keys]
    names = [str(jwk["kid"]) for jwk in listed]
    if not listed or len(set(names)) != len(names):
        raise UsageError(
            what="our published keys are none, or two of one id",
            where="the key store's client keys",
            mend="make keys first; each has an id of its own",
        )
    return {"keys": listed}
