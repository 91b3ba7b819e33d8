"""The provider's documents: kept as long as they say, longer in an outage, and asked for anew after a rotation."""

from __future__ import annotations

from datetime import timedelta

import pytest

from joinedup.errors import ServiceError
from joinedup.identity import Documents, FaultCode, IdentityFault, MemoryCache
from joinedup.identity.documents import KEYS
from joinedup.identity.tokens import key_set
from joinedup.ports import HttpAnswer, RecordedHttp, SetClock
from support.openid_provider import Fault
from support.sign_in import NOW
from support.signing_keys import ec_key

URL = "https://op.example/jwks"
ONE, TWO = b'{"keys": [{"kid": "one"}]}', b'{"keys": [{"kid": "two"}]}'


def answer(body: bytes, cache: str = "max-age=100", status: int = 200, **headers: str) -> HttpAnswer:
    return HttpAnswer(status=status, headers={"cache-control": cache, **headers}, body=body)


def documents(*answers, clock: SetClock, **options) -> tuple[Documents, RecordedHttp]:
    http = RecordedHttp({("GET", URL): answers})
    return Documents(http=http, clock=clock, **options), http


def read(documents: Documents, *, refresh: bool = False) -> str:
    return documents.read(URL, kind=KEYS, parse=key_set, refresh=refresh)[0]["kid"]


def test_a_document_is_kept_as_long_as_it_says_and_not_a_second_longer(clock):
    kept, http = documents(answer(ONE, "public, max-age=100"), answer(TWO), clock=clock)

    assert read(kept) == "one"
    clock.move(seconds=99.9)
    assert read(kept) == "one"
    assert len(http.sent) == 1
    clock.move(seconds=0.1)
    assert read(kept) == "two"


@pytest.mark.parametrize(
    ("cache", "headers", "seconds"),
    [
        ("max-age=100", {"age": "30"}, 70),
        ("max-age=3600, private", {}, 3600),
        ("", {}, 300),
        ("max-age=99999999", {}, 7 * 86_400),
        ("s-maxage=900", {}, 300),
        ("max-age=86400, no-store", {}, 60),  # asked again as soon as the pause of a minute allows
        ("no-cache", {}, 60),
    ],
)
def test_cache_control_is_read_as_the_rfc_says(clock, cache, headers, seconds):
    kept, http = documents(answer(ONE, cache, **headers), answer(TWO), clock=clock)
    read(kept)

    clock.move(seconds=seconds - 1)
    assert read(kept) == "one"
    clock.move(seconds=1)
    assert read(kept) == "two"
    assert len(http.sent) == 2


@pytest.mark.parametrize(
    "outage",
    [
        ServiceError(what="no answer in time"),
        answer(b"out", status=503),
        answer(b"<html>maintenance</html>"),
        answer(b'{"keys": []}'),
        answer(b"", status=302),
    ],
)
def test_in_an_outage_the_kept_document_is_used_and_the_service_asked_once_a_minute(clock, outage):
    kept, http = documents(answer(ONE), outage, outage, answer(TWO), clock=clock)
    read(kept)

    clock.move(seconds=30 * 86_400)
    assert [read(kept) for _ in range(5)] == ["one"] * 5
    assert len(http.sent) == 2
    clock.move(seconds=60)
    assert read(kept) == "one"
    assert len(http.sent) == 3
    clock.move(seconds=60)
    assert read(kept) == "two"


def test_how_long_a_stale_document_serves_may_be_limited(clock):
    kept, _ = documents(
        answer(ONE), answer(b"", status=503), clock=clock, longest_stale=timedelta(seconds=50)
    )
    read(kept)

    clock.move(seconds=149)
    assert read(kept) == "one"
    clock.move(seconds=1)
    with pytest.raises(IdentityFault) as caught:
        read(kept)
    assert caught.value.code is FaultCode.KEYS_UNAVAILABLE


@pytest.mark.parametrize(
    ("first", "code"),
    [
        (ServiceError(what="no answer in time", where="https://op.example/jwks"), FaultCode.KEYS_UNAVAILABLE),
        (answer(b"", status=404), FaultCode.KEYS_UNAVAILABLE),
        (answer(b"<html>"), FaultCode.KEYS_MALFORMED),
        (answer(b'{"keys": "many"}'), FaultCode.KEYS_MALFORMED),
        (answer(b"[]"), FaultCode.KEYS_MALFORMED),
    ],
)
def test_without_a_kept_document_an_outage_is_said(clock, first, code):
    kept, _ = documents(first, clock=clock)

    with pytest.raises(IdentityFault) as caught:
        read(kept)
    assert caught.value.code is code


def test_asked_for_anew_at_most_once_a_minute(clock):
    kept, http = documents(answer(ONE, "max-age=86400"), answer(TWO, "max-age=86400"), clock=clock)
    read(kept)

    assert read(kept, refresh=True) == "one"  # it came this very minute
    clock.move(seconds=60)
    assert read(kept, refresh=True) == "two"
    assert [read(kept, refresh=True) for _ in range(50)] == ["two"] * 50
    assert len(http.sent) == 2


def test_a_clock_set_back_does_not_stop_the_asking(clock):
    kept, http = documents(answer(ONE), answer(TWO), clock=clock)
    clock.move(seconds=86_400)
    read(kept)
    clock.set(NOW)

    assert read(kept, refresh=True) == "two"
    assert len(http.sent) == 2


def test_two_readers_of_one_cache_ask_once(clock):
    cache = MemoryCache()
    first, http = documents(answer(ONE), clock=clock, cache=cache)
    second, other = documents(answer(TWO), clock=clock, cache=cache)

    assert (read(first), read(second)) == ("one", "one")
    assert (len(http.sent), len(other.sent)) == (1, 0)


def test_people_sign_in_through_an_outage_of_every_document(someone):
    someone.prove()
    someone.op.faults = {Fault.OUTAGE_DISCOVERY, Fault.OUTAGE_KEYS, Fault.OUTAGE_DID}
    someone.clock.move(seconds=5 * 86_400)

    assert someone.prove().proved().name.given == ("Ada", "Mary")


def test_keys_are_asked_for_once_a_day_not_once_a_sign_in(someone):
    for _ in range(3):
        someone.prove()

    documents = ("openid-configuration", "jwks.json", "did.json")
    assert [someone.op.count(f"/.well-known/{name}") for name in documents] == [1, 1, 1]


def test_a_rotated_key_is_found_although_the_document_is_fresh(someone):
    someone.sign_in()
    someone.clock.move(seconds=120)
    someone.op.keys = [ec_key("op-2"), ec_key("op-1")]
    assert someone.sign_in()
    someone.clock.move(seconds=120)
    someone.op.keys = [ec_key("op-2")]
    assert someone.sign_in()

    assert someone.op.count("/.well-known/jwks.json") == 2


def test_a_key_that_was_withdrawn_is_refused_once_the_document_is_due(someone):
    someone.sign_in()
    someone.op.keys = [ec_key("op-2")]
    someone.clock.move(seconds=86_400)
    someone.sign_in()
    someone.op.keys.insert(0, ec_key("op-1"))
    someone.op._keys = lambda: (503, {}, "out")

    with pytest.raises(IdentityFault) as caught:
        someone.sign_in()
    assert caught.value.code is FaultCode.ID_TOKEN_UNKNOWN_KEY


def test_a_rotated_identity_key_is_found_and_the_old_one_serves_meanwhile(someone):
    someone.prove()
    someone.clock.move(seconds=120)
    someone.op.identity_keys = [ec_key("did-2"), ec_key("did-1")]
    assert someone.prove().identity
    someone.op.identity_keys = [ec_key("did-1"), ec_key("did-2")]
    assert someone.prove().identity

    assert someone.op.count("/.well-known/did.json") == 2


def test_forged_key_ids_do_not_make_us_ask_at_every_attempt(someone):
    someone.sign_in()
    someone.clock.move(seconds=120)
    someone.op.faults = {Fault.ID_TOKEN_UNKNOWN_KEY}
    for _ in range(5):
        with pytest.raises(IdentityFault):
            someone.sign_in()

    assert someone.op.count("/.well-known/jwks.json") == 2
