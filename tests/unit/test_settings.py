"""Settings are read once, checked, and refused by name where they cannot be."""

from __future__ import annotations

from datetime import UTC, datetime

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
    assert told.model_folder is None  # the words of its default are no folder
    assert told.presidio == ""  # nor are they a model


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
        ({"JOINEDUP_MODE": "demonstration", "JOINEDUP_HOSTS": "demo.example.gov.uk"}, "JOINEDUP_HOSTS"),
        ({"JOINEDUP_MODE": "demonstration", "JOINEDUP_HOSTS": "localhost, *"}, "JOINEDUP_HOSTS"),
        ({"JOINEDUP_MODE": "demonstration", "JOINEDUP_PROXIES": "1"}, "JOINEDUP_PROXIES"),
        ({"JOINEDUP_CROWN": "maybe"}, "JOINEDUP_CROWN"),
        ({"JOINEDUP_PROXIES": "one"}, "JOINEDUP_PROXIES"),
        ({"JOINEDUP_STAFF_ISSUER": "https://login.example"}, "JOINEDUP_STAFF_ISSUER"),
        ({"JOINEDUP_NOTIFY": "pigeon"}, "JOINEDUP_NOTIFY"),
        ({"JOINEDUP_NOTIFY": "govuk-notify"}, "JOINEDUP_NOTIFY_SECRET_FILE"),
        ({"JOINEDUP_METRICS_TOKEN_FILE": "no/such/file"}, "JOINEDUP_METRICS_TOKEN_FILE"),
        ({"JOINEDUP_HTTPS_PROXY": "proxy.example:3128"}, "JOINEDUP_HTTPS_PROXY"),
        ({"JOINEDUP_HTTPS_PROXY": "http://proxy.example:port"}, "JOINEDUP_HTTPS_PROXY"),
        ({"JOINEDUP_HTTPS_PROXY": "http://site:s3cret@proxy.example:3128"}, "JOINEDUP_HTTPS_PROXY"),
        ({"JOINEDUP_DEMONSTARTION": "yes"}, "JOINEDUP_DEMONSTARTION"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(environment, name):
    with pytest.raises(UsageError) as refused:
        from_environment(environment)

    assert refused.value.where == name
    assert refused.value.mend


def test_the_spacy_model_for_presidio_is_named_as_it_is_installed():
    assert from_environment({"JOINEDUP_PRESIDIO": " en_core_web_lg "}).presidio == "en_core_web_lg"


def test_a_contact_for_faults_of_security_is_named_until_a_day():
    told = from_environment(
        {
            "JOINEDUP_SECURITY_CONTACT": "mailto:security@example.gov.uk, https://example.gov.uk/report",
            "JOINEDUP_SECURITY_EXPIRES": "2027-06-30",
        }
    ).security_contact

    assert from_environment({}).security_contact is None
    assert told is not None
    assert told.addresses == ("mailto:security@example.gov.uk", "https://example.gov.uk/report")
    assert told.until == datetime(2027, 6, 30, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("contact", "day", "variable"),
    [
        ("security@example.gov.uk", "2027-06-30", "JOINEDUP_SECURITY_CONTACT"),
        ("http://example.gov.uk/report", "2027-06-30", "JOINEDUP_SECURITY_CONTACT"),
        ("mailto:a@b.example\nPolicy: x", "2027-06-30", "JOINEDUP_SECURITY_CONTACT"),
        ("", "2027-06-30", "JOINEDUP_SECURITY_CONTACT"),
        ("mailto:security@example.gov.uk", "", "JOINEDUP_SECURITY_EXPIRES"),
        ("mailto:security@example.gov.uk", "30 June", "JOINEDUP_SECURITY_EXPIRES"),
    ],
)
def test_a_contact_that_no_program_could_use_is_refused(contact, day, variable):
    with pytest.raises(UsageError, match=variable):
        from_environment({"JOINEDUP_SECURITY_CONTACT": contact, "JOINEDUP_SECURITY_EXPIRES": day})


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


def test_a_demonstration_may_have_every_name_of_this_machine():
    told = from_environment({"JOINEDUP_MODE": "demonstration", "JOINEDUP_HOSTS": "localhost, ::1"})

    assert told.hosts == ("127.0.0.1", "localhost", "::1")


def test_every_variable_says_what_it_is_for():
    names = [variable.name for variable in VARIABLES]

    assert len(set(names)) == len(names)
    assert all(variable.what for variable in VARIABLES)


def test_a_key_in_the_environment_is_the_key_stores_matter():
    assert (
        from_environment({"JOINEDUP_KEYS": "environment", "JOINEDUP_KEY_SESSION": "x"}).keys == "environment"
    )


def test_a_proxy_is_named_without_a_password():
    assert from_environment({}).https_proxy is None
    told = from_environment({"JOINEDUP_HTTPS_PROXY": "http://proxy.example:3128"})
    assert told.https_proxy == "http://proxy.example:3128"


ID = "f33517ff-2a88-4f6e-b855-c550268ce08a"


def by_notify(folder, templates: str | None) -> dict[str, str]:
    """An environment of a site that sends by GOV.UK Notify, with this file of templates."""
    (folder / "secret").write_text("a key")
    told = {"JOINEDUP_NOTIFY": "govuk-notify", "JOINEDUP_NOTIFY_SECRET_FILE": str(folder / "secret")}
    if templates is not None:
        (folder / "templates.toml").write_text(templates)
        told["JOINEDUP_NOTIFY_TEMPLATES_FILE"] = str(folder / "templates.toml")
    return told


def test_the_ids_of_templates_are_read_from_their_file(tmp_path):
    templates = f'[staff_invitation]\nen = "{ID}"\ncy = "{ID.upper()}"\n'

    told = from_environment(by_notify(tmp_path, templates))

    assert told.notify.template_ids == (("staff_invitation", "en", ID), ("staff_invitation", "cy", ID))


def test_the_file_of_templates_lies_in_the_folder_unless_another_is_named(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "notify-templates.toml").write_text(f'[one]\nen = "{ID}"\ncy = "{ID}"\n')

    told = from_environment(by_notify(tmp_path, None) | {"JOINEDUP_DIR": str(tmp_path)})

    assert len(told.notify.template_ids) == 2


@pytest.mark.parametrize(
    ("templates", "what"),
    [
        (None, "cannot be read"),
        ("[one", "not TOML"),
        (f'[one]\nen = "{ID}"\n', "lacks en or cy"),
        (f'one = "{ID}"\n', "lacks en or cy"),
        (f'[one]\nen = "{ID}"\ncy = "the same"\n', "cy of \\[one\\] is no id"),
        (f'[one]\nen = "{ID}"\ncy = 5\n', "cy of \\[one\\] is no id"),
    ],
)
def test_a_file_of_templates_that_cannot_be_is_refused(tmp_path, templates, what):
    with pytest.raises(UsageError, match=what) as refused:
        from_environment(by_notify(tmp_path, templates) | {"JOINEDUP_DIR": str(tmp_path)})

    assert refused.value.where == "JOINEDUP_NOTIFY_TEMPLATES_FILE"
