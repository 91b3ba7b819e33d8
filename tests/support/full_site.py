"""A live site with something of every kind in it, for sweeps over all of its pages. Run by LiveSite.call.

Northshire has a project with sources and runs in each state, pairs that were decided, a case of everything that
administrators look after; Southshire has staff and nothing else. There is one member of staff for each role in each.
"""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow.parquet as pq
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.utils import timezone

from joinedup import linkage
from joinedup.errors import JoinedupError
from joinedup.quality import profile, write_quality
from joinedup_web.accounts import actions as accounts
from joinedup_web.accounts.models import (
    EmergencyReason,
    Membership,
    OfficerPost,
    Organisation,
    StaffSession,
    StaffUser,
)
from joinedup_web.audit.checkpoints import sign_if_due
from joinedup_web.audit.models import Event
from joinedup_web.audit.sequence import sequence_once
from joinedup_web.feedback.models import Form, InvitationBatch, Service
from joinedup_web.gate.actor import Actor, ActorKind
from joinedup_web.gate.permissions import role_kinds
from joinedup_web.identity.actions import citizens
from joinedup_web.identity.actions import clients as machine
from joinedup_web.identity.models import ProofKind
from joinedup_web.identity.sealing import digest_of as citizen_digest
from joinedup_web.identity.sessions import CITIZEN
from joinedup_web.linkage import actions, child, files, jobs, records, review, review_jobs, sampling
from joinedup_web.linkage.models import (
    PairState,
    Project,
    ReviewPair,
    Run,
    RunState,
    Source,
    SourceState,
    StatedPurpose,
)
from joinedup_web.linkage.take_in import take_in_run
from joinedup_web.linkage.views.people import STATED
from joinedup_web.operations import keeping
from support.collected_things import collected_pages
from support.full_act import act_pages
from support.full_cases import cases_pages
from support.full_protect import protected_pages
from support.full_understood import understood_pages
from support.indexed import part_somebody, with_index
from support.main_job import another_run, people_csv, upload, write_errors_by_group
from support.populated_imports import imported_things
from support.populated_models import fill_models
from support.public_feedback import public_things
from support.staff_accounts import PASSWORD, with_app, with_password
from support.staff_live import role
from support.web_people import acting, organisation, sign_in, staff

NAMES = {
    "analyst": "Ana Morgan",
    "clerk": "Bea Lindqvist",
    "senior_clerk": "Cai Okafor",
    "caseworker": "Dev Sharma",
    "asset_owner": "Elin Rees",
    "adviser": "Farah Aziz",
    "leader": "Gwen Parry",
    "service_manager": "Kit Rowlands",
    "moderator": "Lowri Hassan",
    "publisher": "Mina Devlin",
    "auditor": "Huw Bevan",
    "organisation_administrator": "Ines Costa",
    "platform_administrator": "Jan Kowalski",
}
A_SWEEP = timedelta(hours=3)
Pages = dict[str, list[dict[str, Any]]]


def fill() -> dict[str, Any]:
    """Fill the site. Returns cookies by role, of Northshire (`full`) and of Southshire (`empty`), the citizen's
    cookie, and `pages`: for each address that takes arguments, those to go by (with `only`: the roles that may)."""
    _work_here()
    full, empty = organisation("Northshire Council"), organisation("Southshire Council")
    people = {code: _person(code, full) for code in role_kinds()}
    by = {code: acting(user, full) for code, user in people.items()}
    strangers = {code: _person(code, empty, where="south") for code in role_kinds()}
    pages: Pages = {}
    pages |= _main_job(by)
    pages |= _access(by, people, full)
    pages |= _keeping(by)
    pages |= _clients(by)
    pages |= _evidence(full)
    pages |= _public(full)
    pages |= collected_pages(full, people["service_manager"])
    pages |= _models(full)
    pages |= _imported(full)
    pages |= understood_pages(full)
    pages |= protected_pages(full)
    pages |= cases_pages(full, people)
    pages |= act_pages(full, people)
    secret = _way_in(people["analyst"])
    everywhere = staff("clerk", where=full, email="everywhere@example.test")
    Membership.objects.create(user=everywhere, organisation=empty, role=role("clerk"))
    return {
        "full": {code: cookie(user, full) for code, user in people.items()},
        "empty": {code: cookie(user, empty) for code, user in strangers.items()},
        "caseworker_with_purpose": _with_purpose(people["caseworker"], by["caseworker"], full),
        "two_organisations": cookie(everywhere, full),
        "citizen": citizen_cookie(),
        "pages": pages,
        "email": people["analyst"].email,
        "password": PASSWORD,
        "secret": secret,
    }


def _models(place: Organisation) -> Pages:
    """Models that read text."""
    things = fill_models(place)
    codes = [{"code": code} for code in ("mask", "sentiment", "theme_drafts")]
    return {
        "text:feature": codes,
        "text:entry": codes[:1],
        "text:write": codes[:1],
        "text:switch": codes[1:],
        "text:evaluation": [
            {"evaluation_id": str(things[name])}
            for name in ("evaluation", "failed_evaluation", "waiting_evaluation")
        ],
    }


def _public(place: Organisation) -> Pages:
    """What the public is asked."""
    things = public_things(place, mark="north")
    return {
        "feedback_public:service": [{"slug": things["open_slug"]}],
        "feedback_public:form": [{"slug": things["open_slug"], "code": things["open_code"]}],
        "feedback_public:invitation": [{"token": things["open_invitation"]}],
        "feedback_public:thanks": [{"slug": things["open_slug"], "form_id": str(things["open_form"])}],
    }


def _imported(place: Organisation) -> Pages:
    """Files of responses in each state. Comes after _public."""
    service = Service.objects.get(organisation=place, slug="bus-passes-north")
    things = {name: str(each) for name, each in imported_things(service.id, mark=str.capitalize).items()}
    of = [{"service_id": str(service.id)}]
    batch = InvitationBatch.objects.get(id=things["batch"])
    forms = [{"form_id": str(batch.form_id)}]
    return {
        "feedback:imports": of,
        "feedback:new_import": of,
        "feedback:import": [{"import_id": each} for name, each in things.items() if name != "batch"],
        "feedback:invitations": forms,
        "feedback:offline": [{"form_id": str(Form.objects.get(service=service, kind="help").id)}],
        "feedback:new_invitations": forms,
    }


def cookie(user: StaffUser, place: Organisation) -> str:
    """A session of this person's, which stays fresh for as long as the longest sweep on the slowest machine."""
    client, later = Client(), timezone.now() + A_SWEEP
    sign_in(client, user, where=place, at=later)
    StaffSession.objects.filter(user=user).update(last_seen_at=later)
    return client.cookies["joinedup_staff"].value


def citizen_cookie() -> str:
    """A citizen's session, as after the first step of signing in."""
    session, citizen = SessionStore(), uuid4()
    session[CITIZEN] = str(citizen)
    session.save()
    citizens.begin_session(
        by=Actor(ActorKind.CITIZEN, id=citizen),
        subject=citizen_digest("https://provider.example/", str(citizen)),
        key_digest=citizen_digest(str(session.session_key)),
        provider={"sub": str(citizen), "sid": "session", "id_token": "token"},
        replaces=None,
    )
    return str(session.session_key)


def _person(code: str, place: Organisation, *, where: str = "north") -> StaffUser:
    user = staff(code, where=place, email=f"{code}@{where}.example.test")
    user.name = NAMES[code]
    user.save()
    return user


def _work_here() -> None:
    """Background work in this process: a child's start takes seconds."""

    def here(order: dict[str, Any], **_: Any) -> dict[str, Any]:
        try:
            return {"finished": child.DO[order["do"]](order)}
        except JoinedupError as error:
            return {"problem": error.as_dict()}

    child.tell = lambda document: None
    jobs.in_child = review_jobs.in_child = here


def _main_job(by: dict[str, Actor]) -> Pages:
    analyst = by["analyst"]
    project = actions.create_project(by=analyst, name="Residents", purpose="Find people who are listed twice")
    new = actions.create_project(by=analyst, name="A new project", purpose="Nothing is in it yet")
    run = _linked(analyst, project)
    review_jobs.list_people.func(str(run.id))
    sources = _sources(analyst, project)
    second = another_run(run)
    (files.results(second) / "fairness.json").unlink()  # so that nobody knows whom it fails
    runs = [run, *_unfinished_runs(project, second)]
    first, decided, apart = _pairs(by, project)
    sample = sampling.ask_for_sample(by=analyst, run=run, size=20)
    review_jobs.draw_sample.func(str(sample.id))
    ready = Source.objects.get(project=project, name="people")
    person = pq.read_table(files.results(run) / "people.parquet")["person_id"][0].as_py()
    both = [{"project_id": str(each.id)} for each in (project, new)]
    index = with_index(project, run, analyst)
    event = {"project_id": str(project.id), "number": part_somebody(index)}
    return {
        "index:overview": both,
        "index:begin": both,
        "index:add": both[:1],
        "index:events": both[:1],
        "index:event": [event],
        "index:person": [{"person": person}],
        "linkage:project": both,
        "linkage:upload": both[:1],
        "linkage:start": both,
        "linkage:compare": [*both, {"project_id": str(project.id), "query": "first=1&second=2"}],
        "linkage:evaluation": both[:1],
        "linkage:purpose": both[:1],
        "linkage:project_purposes": both[:1],
        "linkage:source": [{"source_id": str(each.id)} for each in (ready, *sources)],
        "linkage:meanings": [{"source_id": str(ready.id)}],
        "linkage:reading": [{"source_id": str(ready.id)}, {"source_id": str(sources[0].id)}],
        "linkage:replace_source": [{"source_id": str(ready.id)}],
        "linkage:remove_source": [{"source_id": str(ready.id)}],
        "linkage:run": [{"run_id": str(each.id)} for each in runs],
        "linkage:fairness": [{"run_id": str(run.id)}, {"run_id": str(second.id)}],
        "linkage:cancel": [{"run_id": str(each.id)} for each in runs if each.state == RunState.RUNNING],
        "linkage:pair": [
            {"pair_id": str(first[0]), "only": ["clerk"]},
            {"pair_id": str(first[1]), "only": ["senior_clerk"]},
            {"pair_id": str(decided), "only": ["clerk"]},
        ],
        "linkage:second_opinion": [{"pair_id": str(apart)}],
        "linkage:record": [{"person_id": person}],
    }


def _linked(analyst: Actor, project: Project) -> Run:
    """A finished run, with its source, as the command line would have left it."""
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        (place / "people.csv").write_bytes(people_csv(300) + b"R99998,two\n")
        (place / "spec.toml").write_text(
            'kind = "dedupe"\n[[sources]]\npath = "people.csv"\nname = "people"\nid = "record_id"\n'
        )
        write_quality(profile(place / "people.csv", on=date(2026, 5, 1)), place / "quality" / "people")
        linkage.link(linkage.load_spec(place / "spec.toml"), place / "out")
        write_errors_by_group(place, people=300)
        return take_in_run(
            by=analyst,
            project=project,
            spec_file=place / "spec.toml",
            directory=place / "out",
            quality=place / "quality",
        )


def _sources(analyst: Actor, project: Project) -> list[Source]:
    """Sources that are not ready: being measured, failed, removed."""
    waiting = upload(analyst, project, name="Waiting.csv", measured=False)
    failed = upload(
        analyst, project, name="Failed.xlsx", data=b"PK\x03\x04 this is no workbook", measured=True
    )
    removed = upload(analyst, project, name="Removed.csv")
    actions.remove_source(by=analyst, source=removed)
    Source.objects.filter(id=waiting.id).update(state=SourceState.MEASURING)
    found = [Source.objects.get(id=each.id) for each in (waiting, failed, removed)]
    assert [each.state for each in found] == ["measuring", "failed", "removed"], [
        each.state for each in found
    ]
    return found


def _unfinished_runs(project: Project, finished: Run) -> list[Run]:
    """Runs that wait, run, were cancelled or failed, after one that finished."""
    states = (RunState.QUEUED, RunState.RUNNING, RunState.CANCELLING, RunState.CANCELLED, RunState.FAILED)
    now, made = timezone.now(), [finished]
    for number, state in enumerate(states, start=finished.number + 1):
        run = Run.objects.create(
            project=project,
            number=number,
            kind=finished.kind,
            state=state,
            started_at=now,
            heartbeat_at=now,
            stage="scoring" if state == RunState.RUNNING else "",
            done=40,
            total=100,
            problem={
                "what": "no pair could be compared",
                "where": "people",
                "mend": "correct what its columns mean",
            }
            if state == RunState.FAILED
            else None,
        )
        run.sources.set(finished.sources.all())
        made.append(run)
    return made


def _pairs(by: dict[str, Actor], project: Project) -> tuple[list[Any], Any, Any]:
    """Two pairs to review, one that a clerk decided, one on which two clerks differ."""
    other = acting(staff("clerk", email="second.clerk@north.example.test"))
    open_pairs = list(ReviewPair.objects.filter(project=project, state=PairState.OPEN)[:12])
    assert len(open_pairs) >= 4, f"the run doubts {len(open_pairs)} pairs only"
    apart, decided, *rest = open_pairs
    review.decide_pair(by=by["clerk"], pair=apart, verdict="same", reason="The same address for years")
    review.decide_pair(by=by["clerk"], pair=decided, verdict="same")
    if ReviewPair.objects.get(id=apart.id).state != PairState.DISAGREED:
        ReviewPair.objects.filter(id=apart.id).update(readings_wanted=2)
        review.decide_pair(by=other, pair=ReviewPair.objects.get(id=apart.id), verdict="different")
    return [each.id for each in rest[:2]], decided.id, apart.id


def _access(by: dict[str, Actor], people: dict[str, StaffUser], place: Organisation) -> Pages:
    admin = by["organisation_administrator"]
    second = staff("organisation_administrator", email="second.admin@north.example.test")
    gone = staff("leader", email="gone@north.example.test")
    clerk, both = people["clerk"], staff("clerk", where=place, email="two.places@example.test")
    accounts.close_account(by=admin, user=gone, reason="left")
    officer = accounts.name_officer(
        by=admin, organisation=place, post=OfficerPost.DPO, holder=people["adviser"], since=date(2026, 1, 5)
    )
    own = accounts.define_role(
        by=admin, organisation=place, name="Night clerk", what="Reviews at night", codes=["pair.review"]
    )
    sent = [
        accounts.invite(
            by=admin, email=f"new{n}@example.test", name="Hana Novak", roles=[own], organisation=place
        )
        for n in range(2)
    ]
    accounts.withdraw_invitation(by=admin, invitation=sent[1].invitation)
    review_open = accounts.open_review(by=admin, organisation=place)
    emergency = accounts.open_emergency(
        by=acting(second),
        organisation=place,
        role=role("caseworker"),
        reason=EmergencyReason.SAFEGUARDING,
        why="A child may be at risk and the duty caseworker cannot be reached",
    )
    for user in (clerk, both):
        accounts.ask_for_recovery(by=admin, user=user, address="0" * 64)
    recoveries = [user.recoveries.get() for user in (clerk, both)]
    accounts.refuse_recovery(by=admin, recovery=recoveries[1])
    user = {"user_id": str(clerk.id)}
    return {
        "accounts:organisation": [{"organisation_id": str(place.id)}],
        "accounts:change_organisation": [{"organisation_id": str(place.id)}],
        "accounts:name_officer": [{"organisation_id": str(place.id)}],
        "accounts:end_officer": [{"officer_id": officer.id}],
        "accounts:person": [user, {"user_id": str(gone.id)}],
        "accounts:grant": [user],
        "accounts:sign_out_person": [user],
        "accounts:close_account": [user],
        "accounts:open_account": [{"user_id": str(gone.id)}],
        "accounts:end_role": [{"membership_id": str(clerk.memberships.first().id)}],
        "accounts:send_again": [{"invitation_id": str(sent[0].invitation.id)}],
        "accounts:withdraw_invitation": [{"invitation_id": str(sent[0].invitation.id)}],
        "accounts:change_role": [{"role_id": own.id}],
        "accounts:withdraw_role": [{"role_id": own.id}],
        "accounts:recovery": [{"recovery_id": str(each.id)} for each in recoveries],
        "accounts:review": [{"review_id": str(review_open.id)}],
        "accounts:emergency": [
            {
                "emergency_id": str(emergency.id),
                "only": ["organisation_administrator", "platform_administrator"],
            }
        ],
        "invitation link": [{"address": "/staff/" + sent[0].link.partition("/staff/")[2]}],
    }


def _keeping(by: dict[str, Actor]) -> Pages:
    project = Project.objects.get(name="Residents")
    adviser, owner = by["adviser"], by["asset_owner"]
    new = Project.objects.get(name="A new project")
    hold = keeping.place_hold(by=adviser, store="results", project=new, why="Case 12")
    lifted = keeping.place_hold(by=adviser, store="sources", project=None, why="Case 7")
    keeping.lift_hold(by=adviser, hold=lifted)
    asked = [
        keeping.ask_erasure(by=adviser, project=project, records=[("people", f"R0000{n}")]) for n in (1, 2)
    ]
    keeping.decide_erasure(by=owner, erasure=asked[1], is_approved=False)
    return {
        "operations:period": [{"store": "sources"}],
        "operations:lift_hold": [{"hold_id": str(hold.id)}],
        "operations:erasure": [{"erasure_id": str(each.id)} for each in asked],
    }


def _clients(by: dict[str, Actor]) -> Pages:
    admin = by["organisation_administrator"]
    made = [
        machine.register_client(
            by=admin, name=name, scopes=["linkage.read"], proves_by=ProofKind.SECRET
        ).client
        for name in ("Case system", "Old system")
    ]
    machine.rotate_proof(by=admin, client=made[0], overlap=timedelta(days=7))
    machine.withdraw_client(by=admin, client=made[1])
    here = {"client_id": str(made[0].id)}
    proof = made[0].proofs.order_by("valid_until").exclude(valid_until=None).first()
    return {
        "identity:client": [here, {"client_id": str(made[1].id)}],
        "identity:rotate_client": [here],
        "identity:withdraw_client": [here],
        "identity:end_proof": [here | {"proof_id": str(proof.id)}],
    }


def _evidence(place: Organisation) -> Pages:
    """The record in its order, and signed."""
    while sequence_once():
        pass
    sign_if_due(at_once=True)
    event = Event.objects.filter(organisation=place.id).order_by("number").first()
    assert event is not None
    return {"audit:event": [{"event_id": event.event_id}]}


def _way_in(user: StaffUser) -> str:
    with_password(user)
    return with_app(user)


def _with_purpose(user: StaffUser, by: Actor, place: Organisation) -> str:
    """A session of somebody who has said for which purpose they look at records."""
    project = Project.objects.get(name="Residents")
    key = cookie(user, place)
    session = SessionStore(key)
    statement = records.state_purpose(by=by, project=project, purpose="casework", reference="Case 12")
    StatedPurpose.objects.filter(id=statement.id).update(until=timezone.now() + A_SWEEP)
    session[STATED] = str(statement.id)
    session.save()
    return key
