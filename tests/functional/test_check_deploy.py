"""`joinedup check --deploy`: clean with the settings of a production site, and not clean without any one of them."""

from __future__ import annotations

import os
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
