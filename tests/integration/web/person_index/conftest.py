"""A project of Northshire whose run, linked once for all tests, has a person index."""

from __future__ import annotations

import shutil

import pytest
from django.test import Client

from joinedup_web.linkage import files as linkage_files
from joinedup_web.person_index import actions, child, files, jobs
from joinedup_web.person_index.models import PersonIndex
from support.joined_people import make_work, take_in
from support.web_people import organisation, sign_in, staff


@pytest.fixture(scope="session")
def joined_work(tmp_path_factory):
    """Two sources linked at the command line, once; see support/joined_people.py."""
    return make_work(tmp_path_factory.mktemp("indexed"))


@pytest.fixture
def in_this_process(monkeypatch):
    """Change indexes without a child process, whose start takes seconds; one test tries a real one."""
    from joinedup.errors import JoinedupError

    def here(order, *, on_progress, is_cancelled, module):
        try:
            return {"finished": child.DO[order["do"]](order)}
        except JoinedupError as error:
            return {"problem": error.as_dict()}

    monkeypatch.setattr(jobs, "in_child", here)


@pytest.fixture
def joined(joined_work):
    """Northshire's project with that run: project, run, analyst."""
    return take_in(joined_work)


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """Where the index that was built first is kept, for the other tests."""
    return tmp_path_factory.mktemp("built") / "index"


@pytest.fixture
def indexed(joined, in_this_process, built):
    """The project with its index: index, project, run, analyst."""
    project, run, analyst = joined
    change = actions.begin_index(by=analyst, project=project, run=run)
    if built.exists():  # built by an earlier test; the child finds it published
        linkage_files.project_folder(project).mkdir(parents=True, exist_ok=True)
        shutil.copytree(built, files.index_folder(change.index))
    jobs.change_index.func(str(change.id))
    change.refresh_from_db()
    assert change.state == "done", change.problem
    if not built.exists():
        shutil.copytree(files.index_folder(change.index), built)
    return PersonIndex.objects.get(project=project), project, run, analyst


@pytest.fixture
def client_of():
    """A browser signed in as somebody with roles, at Northshire or elsewhere."""

    def make(*roles, where=None, user=None):
        client = Client()
        place = organisation(where) if where else None
        sign_in(client, user or staff(*roles, where=place), place)
        return client

    return make
