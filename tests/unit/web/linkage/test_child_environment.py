"""What the process that reads uploaded files is told of the environment."""

from __future__ import annotations

import pytest

from joinedup_web.linkage import jobs
from joinedup_web.linkage.jobs import child_environment, in_child

SECRETS = {
    "DATABASE_URL": "postgres://joinedup:secret@db/joinedup",
    "PGPASSWORD": "secret",
    "JOINEDUP_KEY_SESSION_1": "secret",
    "JOINEDUP_NOTIFY_SECRET_FILE": "/run/secrets/mail",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "DJANGO_SETTINGS_MODULE": "joinedup_web.config.settings",
}


def test_no_secret_of_any_name_is_passed_on():
    needed = {"PATH": "/usr/bin", "LC_ALL": "C.UTF-8", "NUMBA_CACHE_DIR": "/var/cache", "TMPDIR": "/var/tmp"}

    assert child_environment({**SECRETS, **needed}) == needed


def test_a_child_is_started_with_that_and_no_more(monkeypatch):
    class Started(Exception):
        pass

    def start(command, **options):
        assert not set(SECRETS) & set(options["env"])
        assert "PATH" in options["env"]
        raise Started

    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(jobs.subprocess, "Popen", start)

    with pytest.raises(Started):
        in_child({"do": "measure"}, on_progress=print, is_cancelled=bool)
