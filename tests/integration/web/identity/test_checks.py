"""`joinedup check` says before anybody signs in why they could not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from joinedup.settings import OneLogin
from joinedup_web.identity import checks

pytestmark = pytest.mark.web
GOOD = OneLogin(
    client_id="c",
    issuer="https://oidc.example/",
    identity_issuer="https://identity.example/",
    did_url="https://identity.example/.well-known/did.json",
)


def found(settings, one_login) -> list[str]:
    settings.JOINEDUP = replace(settings.JOINEDUP, one_login=one_login)
    return [message.msg for message in checks.one_login_can_be_used()]


def test_nothing_is_to_be_mended_where_all_is_there_or_nothing_is_wanted(settings):
    assert found(settings, None) == []
    assert found(settings, GOOD) == []


@pytest.mark.parametrize("name", ["issuer", "did_url"])
def test_plain_http_is_told(settings, name):
    (message,) = found(settings, replace(GOOD, **{name: "http://oidc.example/"}))

    assert message.startswith("Citizens cannot sign in: ")
    assert "HTTPS" in message


def test_a_store_without_a_key_is_told(settings, monkeypatch):
    from joinedup.ports import InMemoryKeyStore
    from joinedup_web.identity import one_login

    monkeypatch.setattr(one_login, "key_store", InMemoryKeyStore)

    assert found(settings, GOOD) == [
        "Citizens cannot sign in: the key store holds no key for GOV.UK One Login"
    ]
