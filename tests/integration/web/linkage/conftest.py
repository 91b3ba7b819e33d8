"""A project of Northshire with a measured source and finished runs, made once by real measuring and linking."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from joinedup_web.linkage import actions, jobs
from support.web_people import acting, organisation, sign_in, staff

FIRST = ["Anna", "Benjamin", "Carys", "David", "Eleri", "Farah", "George", "Harriet", "Imran", "Jane"]
LAST = ["Morgan", "Okafor", "Patel", "Quinn", "Roberts", "Sanders", "Thomas", "Underhill", "Vaughan", "Walker"]


def people_csv(rows: int, *, marked: str = "") -> bytes:
    """A list with every fourth person twice, spelt a little differently. marked: a surname that stands out."""
    lines = ["record_id,first_name,surname,date_of_birth,postcode"]
    number = 0
    for i in range(rows):
        forename, surname = FIRST[i % 10], (marked if marked and i == 3 else LAST[(i // 10) % 10])
        born = f"{1950 + i % 47}-{1 + i % 12:02d}-{1 + (i * 7) % 28:02d}"
        postcode = f"SW{1 + i % 9}A {1 + i % 8}A{'ABDEFGH'[i % 7]}"
        for copy in range(2 if i % 4 == 0 else 1):
            number += 1
            name = surname[:-1] if copy and i % 8 == 0 else surname
            lines.append(f"R{number:05d},{forename},{name},{born},{postcode}")
    return "\n".join(lines).encode() + b"\n"


@pytest.fixture
def analyst_user():
    return staff("analyst")


@pytest.fixture
def analyst(analyst_user):
    return acting(analyst_user)


@pytest.fixture
def project(analyst):
    return actions.create_project(by=analyst, name="Residents", purpose="Find people who are listed twice")


def upload(by, project, *, name="Council Tax 2026.csv", data=None, measured=True, **options):
    """A source of a project, measured as the worker would."""
    file = SimpleUploadedFile(name, people_csv(400) if data is None else data)
    kept = actions.upload_source(by=by, project=project, upload=file, **options)
    if measured:
        jobs.measure_source.func(str(kept.id))
    kept.refresh_from_db()
    return kept


@pytest.fixture
def source(analyst, project):
    return upload(analyst, project)


def finished(by, project, *sources, **settings):
    """A run that has finished."""
    run = actions.queue_run(
        by=by,
        project=project,
        sources=sources,
        kind="dedupe" if len(sources) == 1 else "link_and_dedupe",
        settings=settings,
    )
    jobs.run_linkage.func(str(run.id))
    run.refresh_from_db()
    assert run.state == "finished", run.problem
    return run


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
