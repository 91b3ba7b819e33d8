"""A project of Northshire with a measured source, and a finished run that was linked once for all tests."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from joinedup import linkage
from joinedup.errors import JoinedupError
from joinedup.quality import profile, write_quality
from joinedup_web.audit.models import Event
from joinedup_web.linkage import actions, child, jobs
from joinedup_web.linkage.take_in import take_in_run
from support.joined_people import make_work, take_in
from support.main_job import MARKED, people_csv, upload
from support.web_people import acting, organisation, sign_in, staff


@pytest.fixture
def in_this_process(monkeypatch):
    """Measure and link without a child process, whose start takes seconds; test_main_job.py tries real ones."""

    def here(order, *, on_progress, is_cancelled):
        try:
            return {"finished": {"measure": child.measure, "link": child.link}[order["do"]](order)}
        except JoinedupError as error:
            return {"problem": {**error.as_dict(), "where": child._without_folder(error.where, order)}}

    monkeypatch.setattr(jobs, "in_child", here)


@pytest.fixture
def analyst_user():
    return staff("analyst")


@pytest.fixture
def analyst(analyst_user):
    return acting(analyst_user)


@pytest.fixture
def project(analyst):
    return actions.create_project(by=analyst, name="Residents", purpose="Find people who are listed twice")


@pytest.fixture
def source(analyst, project):
    return upload(analyst, project)


@pytest.fixture(scope="session")
def linked_work(tmp_path_factory):
    """Work of the command line, made once: a file, its quality, and the results of linking it."""
    place = tmp_path_factory.mktemp("linked")
    (place / "people.csv").write_bytes(people_csv(400, marked=MARKED) + f"{MARKED},two\n".encode())
    (place / "spec.toml").write_text(
        'kind = "dedupe"\n[[sources]]\npath = "people.csv"\nname = "people"\nid = "record_id"\n'
    )
    write_quality(profile(place / "people.csv", on=date(2026, 5, 1)), place / "quality" / "people")
    linkage.link(linkage.load_spec(place / "spec.toml"), place / "out")
    return place


@pytest.fixture
def run(analyst, project, linked_work):
    """A finished run of the project, with its source `people`."""
    return take_in_run(
        by=analyst,
        project=project,
        spec_file=linked_work / "spec.toml",
        directory=linked_work / "out",
        quality=linked_work / "quality",
    )


@pytest.fixture
def events():
    """The audit events of a kind so far, each as its fields."""

    def of(kind):
        return [event.fields for event in Event.objects.filter(kind=kind)]

    return of


@pytest.fixture
def client_of():
    """A browser signed in as somebody with roles, at Northshire or elsewhere."""

    def make(*roles, where=None, user=None):
        client = Client()
        place = organisation(where) if where else None
        sign_in(client, user or staff(*roles, where=place), place)
        return client

    return make


@pytest.fixture
def browser(client_of, analyst_user):
    """A browser signed in as the project's analyst."""
    return client_of(user=analyst_user)


@pytest.fixture
def stranger(client_of):
    """An analyst of another organisation."""
    return client_of("analyst", where="Southshire")


@pytest.fixture(scope="session")
def joined_work(tmp_path_factory):
    """Two sources linked at the command line, once; see support/joined_people.py."""
    return make_work(tmp_path_factory.mktemp("joined"))


@pytest.fixture
def joined(joined_work):
    """Northshire's project with that run: project, run, analyst."""
    return take_in(joined_work)
