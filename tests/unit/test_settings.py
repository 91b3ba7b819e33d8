"""Settings are read once, checked, and refused by name where they cannot be."""

from __future__ import annotations

import pytest

from joinedup.errors import UsageError
from joinedup.settings import VARIABLES, Mode, from_environment


def test_without_any_variable_it_is_a_production_site_on_this_machine_alone():
    told = from_environment({})

    assert told.mode is Mode.PRODUCTION
    assert told.url == "http://127.0.0.1:8000"
    assert told.database_url.startswith("sqlite:///")
    assert told.hosts == ("127.0.0.1",)
    assert not told.is_secure
    assert not told.is_demonstration
    assert told.one_login is None
    assert told.staff_provider is None


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({"JOINEDUP_MODE": "debug"}, "JOINEDUP_MODE"),
        ({"JOINEDUP_URL": "service.example.gov.uk"}, "JOINEDUP_URL"),
        ({"JOINEDUP_URL": "http://service.example.gov.uk"}, "JOINEDUP_URL"),
        (
            {"JOINEDUP_MODE": "demonstration", "JOINEDUP_URL": "https://service.example.gov.uk"},
            "JOINEDUP_MODE",
        ),
        ({"JOINEDUP_MODE": "demonstration", "DATABASE_URL": "postgres://db/live"}, "DATABASE_URL"),
        ({"JOINEDUP_CROWN": "maybe"}, "JOINEDUP_CROWN"),
        ({"JOINEDUP_PROXIES": "one"}, "JOINEDUP_PROXIES"),
        ({"JOINEDUP_STAFF_ISSUER": "https://login.example"}, "JOINEDUP_STAFF_ISSUER"),
        ({"JOINEDUP_NOTIFY": "pigeon"}, "JOINEDUP_NOTIFY"),
        ({"JOINEDUP_NOTIFY": "govuk-notify"}, "JOINEDUP_NOTIFY_SECRET_FILE"),
        ({"JOINEDUP_METRICS_TOKEN_FILE": "no/such/file"}, "JOINEDUP_METRICS_TOKEN_FILE"),
        ({"JOINEDUP_DEMONSTARTION": "yes"}, "JOINEDUP_DEMONSTARTION"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(environment, name):
    with pytest.raises(UsageError) as refused:
        from_environment(environment)

    assert refused.value.where == name
    assert refused.value.mend


def test_secrets_are_in_files_and_in_no_repr(tmp_path):
    file = tmp_path / "token"
    file.write_text("s3cr3t-value\n")

    told = from_environment({"JOINEDUP_METRICS_TOKEN_FILE": str(file)})

    assert told.metrics_token == "s3cr3t-value"
    assert "s3cr3t-value" not in repr(told)


def test_a_demonstration_cannot_be_switched_on_where_others_could_reach_it():
    for url in ("https://service.example.gov.uk", "http://10.0.0.7:8000"):
        with pytest.raises(UsageError):
            from_environment({"JOINEDUP_MODE": "demonstration", "JOINEDUP_URL": url})


def test_every_variable_says_what_it_is_for():
    names = [variable.name for variable in VARIABLES]

    assert len(set(names)) == len(names)
    assert all(variable.what for variable in VARIABLES)


def test_a_key_in_the_environment_is_the_key_stores_matter():
    assert (
        from_environment({"JOINEDUP_KEYS": "environment", "JOINEDUP_KEY_SESSION": "x"}).keys == "environment"
    )
