"""The demonstration's built-in provider, over real HTTP: the same protocol, and nowhere but in a demonstration."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from joinedup.ports import HttpxClient
from joinedup.settings import Mode
from joinedup_web.demonstration.citizens import CITIZENS
from joinedup_web.identity.models import CitizenSession
from support.citizens import citizen_events

pytestmark = [pytest.mark.web, pytest.mark.django_db(transaction=True)]
ADDRESSES = [
    *("/.well-known/openid-configuration", "/.well-known/jwks.json", "/.well-known/did.json"),
    *("/authorize", "/token", "/userinfo", "/logout", "/trustmark"),
]


@pytest.fixture
def site(live_server, settings):
    settings.JOINEDUP = replace(settings.JOINEDUP, mode=Mode.DEMONSTRATION, url=live_server.url)
    return live_server.url


@pytest.fixture
def browser(site):
    return Walker(Client(), site)


class Walker:
    """A browser that presses the buttons of the provider's page."""

    def __init__(self, client, site):
        self.client, self.site = client, site

    def go(self, address, method="get", **form):
        parts = urlsplit(address)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return getattr(self.client, method)(path, form) if method == "get" else self.client.post(path, form)

    def sign_in(self, person, start="/account/sign-in/start"):
        begun = self.go(start)
        assert begun["Location"].startswith(f"{self.site}/demonstration/one-login/authorize?")
        page = self.go(begun["Location"])
        assert page.status_code == 200
        chosen = self.go(begun["Location"], "post", person=person)
        return self.go(chosen["Location"])


@pytest.mark.parametrize("citizen", CITIZENS, ids=lambda citizen: citizen.person.id)
def test_each_citizen_does_what_is_said_of_them(browser, citizen):
    assert browser.sign_in(citizen.person.id)["Location"] == "/account/"

    answer = browser.sign_in(citizen.person.id, "/account/identity/start")

    page = browser.go("/account/").content.decode()
    if "cannot" in citizen.what or "less surely" in citizen.what:
        assert answer.status_code == 403
        assert citizen.name.partition(" ")[0] not in page
        assert citizen_events()[-1][1]["fault"] == "identity_not_proved"
    else:
        assert answer["Location"] == "/account/"
        assert citizen.name.replace("'", "&#39;") in page
        assert citizen_events()[-1][0] == "citizen.identity_proved"
        assert ("return_codes" in citizen_events()[-1][1]) is bool(citizen.person.return_codes)


def test_the_provider_remembers_who_signed_in_until_they_sign_out(browser):
    browser.sign_in("bronwen")
    begun = browser.go("/account/identity/start")
    assert (
        "You are signed in as <strong>Bronwen Mair Pritchard"
        in browser.go(begun["Location"]).content.decode()
    )

    left = browser.go("/account/sign-out", "post")
    back = browser.go(left["Location"])

    assert back["Location"].startswith(f"{browser.site}/account/signed-out?state=")
    assert browser.client.cookies["joinedup_demonstration_one_login"].value == ""
    assert browser.go("/account/").status_code == 302


@pytest.mark.parametrize(("error", "status"), [("access_denied", 403), ("temporarily_unavailable", 503)])
def test_what_else_can_happen_is_shown(browser, error, status):
    begun = browser.go("/account/sign-in/start")

    back = browser.go(begun["Location"], "post", error=error)

    assert browser.go(back["Location"]).status_code == status
    assert citizen_events() == [("citizen.sign_in_refused", {"fault": error})]


def test_a_request_that_is_not_ours_goes_nowhere(browser):
    begun = browser.go("/account/sign-in/start")["Location"]

    changed = re.sub(r"redirect_uri=[^&]+", "redirect_uri=https%3A%2F%2Fevil.example%2F", begun)

    assert browser.go(changed).status_code == 400
    assert browser.go(changed, "post", person="bronwen").status_code == 400


def test_a_code_serves_once_and_only_by_our_key(browser, site):
    begun = browser.go("/account/sign-in/start")
    back = browser.go(begun["Location"], "post", person="bronwen")["Location"]
    code = parse_qs(urlsplit(back).query)["code"][0]
    with HttpxClient() as http:
        refused = http.post_form(f"{site}/demonstration/one-login/token", {"code": code})
    assert refused.status == 401

    assert browser.go(back).status_code == 400, "the code was spent by the refused try"


def test_the_provider_wants_to_know_who_calls(site):
    with HttpxClient() as http:
        http._client.headers["User-Agent"] = ""
        assert http.get(f"{site}/demonstration/one-login/userinfo").status == 403


@pytest.mark.parametrize("mode", [Mode.PRODUCTION, Mode.TEST])
def test_whoever_it_vouched_for_is_signed_out_elsewhere(browser, settings, mode):
    browser.sign_in("bronwen")
    assert browser.go("/account/").status_code == 200

    settings.JOINEDUP = replace(settings.JOINEDUP, mode=mode)

    assert browser.go("/account/").status_code == 302
    assert not CitizenSession.objects.exists()
    assert citizen_events()[-1] == ("citizen.signed_out", {"by": "provider"})


@pytest.mark.parametrize("mode", [Mode.PRODUCTION, Mode.TEST])
@pytest.mark.parametrize("address", ADDRESSES)
def test_elsewhere_none_of_it_exists(client, settings, mode, address):
    settings.JOINEDUP = replace(settings.JOINEDUP, mode=mode)

    for method in (client.get, client.post):
        assert method(f"/demonstration/one-login{address}").status_code == 404


def test_production_has_none_of_its_addresses_and_not_even_the_app(tmp_path):
    code = (
        "import django; django.setup()\n"
        "from django.conf import settings\n"
        "from joinedup_web.config.urls import urlpatterns\n"
        "print(any('demonstration' in str(each) for each in [*urlpatterns, *settings.INSTALLED_APPS]))\n"
    )
    environment = {
        "JOINEDUP_DIR": str(tmp_path),
        "JOINEDUP_URL": "https://service.example",
        "DJANGO_SETTINGS_MODULE": "joinedup_web.config.settings",
        "PATH": "",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "False"
