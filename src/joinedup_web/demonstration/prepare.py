"""Fill the demonstration's database: organisations, staff, what `joinedup demo` made, and what the public said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from joinedup_web.accounts.models import Membership, Organisation, Role, StaffUser
from joinedup_web.accounts.sessions import actor_of
from joinedup_web.audit.deed import Deed, action
from joinedup_web.demonstration import feedback
from joinedup_web.demonstration.here import MARK
from joinedup_web.demonstration.people import BODIES, WORKERS, Worker
from joinedup_web.gate.actor import SYSTEM
from joinedup_web.linkage import actions
from joinedup_web.linkage.models import Project
from joinedup_web.linkage.take_in import take_in_run
from joinedup_web.person_index.actions import begin_index

PROJECT = "Fernshire residents"


def prepare(*, say: Callable[[str], None]) -> None:
    """Make what is lacking, and tell the accounts in the terminal. Safe to call at every start."""
    _mark()
    if StaffUser.objects.filter(email__in=[worker.email for worker in WORKERS]).count() < len(WORKERS):
        say("Making the demonstration's accounts")
        _make_people(by=SYSTEM)
    council = Organisation.objects.get(name=BODIES[0].name)
    if not Project.objects.filter(organisation=council, name=PROJECT).exists():
        say("Taking in the linkage run")
        _make_project(council)
    if feedback.is_lacking(council):
        say("Receiving what made-up people say of two services")
        feedback.prepare_feedback(council)
    say(f"Sign in as one of these at {settings.JOINEDUP.url}/demonstration/ (none of them exists):")
    width = max(len(worker.name) for worker in WORKERS)
    for worker in WORKERS:
        say(f"  {worker.name:<{width}}  {worker.what}")
    say(f"Sign in as a member of the public at {settings.JOINEDUP.url}/account/sign-in")


def _mark() -> None:
    """Have the site's own folder tell what it is, too, so that a backup that is restored is still known as one."""
    outer, inner = Path(settings.JOINEDUP.directory) / MARK, Path(settings.SITE_DIR) / MARK
    if not inner.exists():
        inner.write_text(outer.read_text("utf-8") if outer.exists() else "{}\n", "utf-8")


@action(None, alone=True)
def _make_people(deed: Deed) -> None:
    """Add whoever is lacking, as where the demonstration was begun with an earlier release."""
    places = []
    for body in BODIES:
        place, is_new = Organisation.objects.get_or_create(name=body.name, defaults=vars(body))
        if is_new:
            deed.record("organisation.created", subject_organisation=place.id)
        places.append(place)
    held = set(StaffUser.objects.values_list("email", flat=True))
    for worker in (each for each in WORKERS if each.email not in held):
        user = StaffUser.objects.create_user(worker.email, worker.name)
        deed.record("account.created", account=user.id, by="demonstration")
        for code in worker.roles:
            role = Role.objects.get(code=code, organisation=None)
            where = None if role.platform else places[worker.body]
            Membership.objects.create(user=user, organisation=where, role=role)
            deed.record("role.granted", account=user.id, role=code)


def _make_project(council: Organisation) -> None:
    folder = Path(settings.JOINEDUP.directory)
    made = json.loads((folder / MARK).read_text("utf-8"))
    analyst = StaffUser.objects.get(email=WORKERS[0].email)
    actor = actor_of(analyst.id, organisation_id=council.id)
    assert actor is not None
    project = actions.create_project(
        by=actor,
        name=PROJECT,
        purpose="Find which records of five organisations are about the same person",
    )
    run = take_in_run(
        by=actor,
        project=project,
        spec_file=folder / made["spec"],
        directory=folder / made["linked"],
        quality=folder / made["quality"],
    )
    begin_index(by=actor, project=project, run=run)  # a worker carries it out


def worker_of(email: str) -> Worker | None:
    """The fictional member of staff with an address; None for anybody else."""
    return next((worker for worker in WORKERS if worker.email == email), None)
