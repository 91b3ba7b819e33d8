"""`joinedup check --deploy`: clean with the settings of a production site, and not clean without any one of them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.web


def production(folder: Path) -> dict[str, str]:
    """The environment of a production site behind a proxy that ends TLS. Nothing of it is asked over the network."""
    for name in ("metrics-token", "mail-password", "passphrase"):
        (folder / name).write_text("a-secret-of-forty-characters-for-this-test\n")
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("JOINEDUP", "DATABASE"))
    }
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return kept | {
        "JOINEDUP_MODE": "production",
        "JOINEDUP_DIR": str(folder / "workspace"),
        "JOINEDUP_URL": "https://joinedup.example.gov.uk",
        "JOINEDUP_PROXIES": "1",
        "JOINEDUP_CONTACT": "joinedup@example.gov.uk",
        "JOINEDUP_KEYS_PASSPHRASE_FILE": str(folder / "passphrase"),
        "JOINEDUP_CHECKPOINTS": str(folder / "checkpoints"),
        "JOINEDUP_METRICS_TOKEN_FILE": str(folder / "metrics-token"),
        "JOINEDUP_NOTIFY": "smtp://joinedup@mail.example.gov.uk:587",
        "JOINEDUP_NOTIFY_SECRET_FILE": str(folder / "mail-password"),
        "JOINEDUP_NOTIFY_FROM": "joinedup@example.gov.uk",
    }


def joinedup(*words: str, environment: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    program = [str(Path(sys.executable).with_name("joinedup")), *words, "--dir", str(folder / "workspace")]
    return subprocess.run(program, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("production")
    environment = production(folder)
    made = joinedup("migrate", environment=environment, folder=folder)
    assert made.returncode == 0, made.stderr
    return folder, environment


def test_a_production_site_has_nothing_to_mend(site):
    folder, environment = site
    checked = joinedup("check", "--deploy", environment=environment, folder=folder)

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "Nothing to mend" in checked.stdout + checked.stderr


def test_what_is_lacking_is_named_all_at_once(site):
    folder, environment = site
    lacking = ("JOINEDUP_METRICS_TOKEN_FILE", "JOINEDUP_NOTIFY")
    bare = {name: value for name, value in environment.items() if not name.startswith(lacking)}
    checked = joinedup("check", "--deploy", environment=bare, folder=folder)

    assert checked.returncode != 0
    assert all(name in checked.stderr for name in lacking)


def test_a_site_without_https_is_no_deployment(site):
    folder, environment = site
    plain = {**environment, "JOINEDUP_URL": "http://127.0.0.1:8000"}
    checked = joinedup("check", "--deploy", environment=plain, folder=folder)

    assert checked.returncode != 0
    assert "JOINEDUP_URL" in checked.stderr
    assert "security.W" in checked.stderr  # Django's own words about cookies and HTTPS


def test_a_demonstration_is_no_deployment(site):
    folder, environment = site
    mark = folder / "workspace" / "site" / "demonstration.json"
    mark.write_text("{}")
    checked = joinedup("check", "--deploy", environment=environment, folder=folder)
    served = joinedup("serve", "--port", "1", environment=environment, folder=folder)
    mark.unlink()

    assert checked.returncode == 2
    assert "1 to mend (JOINEDUP_DIR: the folder holds a demonstration" in " ".join(checked.stderr.split())
    assert served.returncode == 2
    assert "the folder holds a demonstration" in " ".join(served.stderr.split())
    assert "JOINEDUP_MODE=demonstration" in served.stderr


def test_a_database_without_its_tables_is_told_to_be_migrated(tmp_path):
    (tmp_path / "workspace").mkdir()
    checked = joinedup("check", "--deploy", environment=production(tmp_path), folder=tmp_path)
    told = " ".join(checked.stderr.split())

    assert checked.returncode == 2, told
    assert re.search(
        r"1 to mend \(release: the database has \d+ migrations to be applied: joinedup migrate\)", told
    )


def test_a_folder_that_is_not_there_is_not_made(tmp_path):
    checked = joinedup("check", environment=production(tmp_path), folder=tmp_path)

    assert checked.returncode == 2
    assert "there is no such folder" in checked.stderr
    assert not (tmp_path / "workspace").exists()


ASK = """
import json, django
django.setup()
from joinedup_web.operations.serving import gather_assets
gather_assets()
from django.test import Client
from joinedup_web.config.sessions import cookie_of
from django.conf import settings
client = Client(headers={"host": "joinedup.example.gov.uk", "x-forwarded-proto": "https"})
page, plain = client.get("/staff/sign-in"), Client(headers={"host": "joinedup.example.gov.uk"}).get("/")
cookies = {name: dict(morsel) for name, morsel in page.cookies.items()}
print(json.dumps({"hsts": page["Strict-Transport-Security"], "plain": [plain.status_code, plain["Location"]],
    "cookies": cookies, "staff": cookie_of("/staff/"), "public": cookie_of("/"), "debug": settings.DEBUG,
    "secure": [settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE]}))
"""


def test_over_https_cookies_are_secure_and_plain_http_leads_there(site):
    _, environment = site
    with_settings = environment | {"DJANGO_SETTINGS_MODULE": "joinedup_web.config.settings"}
    asked = subprocess.run(
        [sys.executable, "-c", ASK], env=with_settings, capture_output=True, text=True, check=False
    )
    assert asked.returncode == 0, asked.stderr[-2000:]
    told = json.loads(asked.stdout.splitlines()[-1])

    assert told["hsts"] == "max-age=63072000; includeSubDomains; preload"
    assert told["plain"] == [301, "https://joinedup.example.gov.uk/"]
    assert told["staff"] == ["__Host-joinedup_staff", "/"]
    assert told["public"] == ["__Host-joinedup_public", "/"]
    assert told["secure"] == [True, True]
    assert told["debug"] is False
    assert all(
        cookie["secure"] and cookie["httponly"] and cookie["samesite"] for cookie in told["cookies"].values()
    )
    assert set(told["cookies"]) == {"__Host-joinedup_csrf"}
    assert all(cookie["path"] == "/" and not cookie["domain"] for cookie in told["cookies"].values())
