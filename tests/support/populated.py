"""A website with everything in it: two organisations, each with one of every kind of thing, marked as its own.

Every text of an organisation's holds its mark, such as MARKED-SOUTHSHIRE-PROJECT, so that a test can look for what
leaked, and say what it was. Rows are made directly where the way to them is long; sources, a finished run and its
results come from linking a small file for real.
"""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.utils import timezone

from joinedup import linkage
from joinedup.identity import digest
from joinedup.quality import profile, write_quality
from joinedup_web.accounts.models import (
    AccessReview,
    EmergencyAccess,
    Invitation,
    Membership,
    Officer,
    Organisation,
    Passkey,
    Recovery,
    ReviewItem,
    Role,
    SignInMethod,
    StaffSession,
    StaffUser,
)
from joinedup_web.accounts.sessions import AUTHENTICATED, ORGANISATION, USER
from joinedup_web.accounts.tokens import digest_of
from joinedup_web.audit import checkpoints, sequencer
from joinedup_web.audit.models import Checkpoint, Event
from joinedup_web.gate.actor import Actor, ActorKind
from joinedup_web.gate.permissions import role_kinds
from joinedup_web.identity.actions.citizens import begin_session
from joinedup_web.identity.models import AccessToken, ClientProof, MachineClient, ProofKind
from joinedup_web.identity.scopes import SCOPES
from joinedup_web.identity.sealing import digest_of as sealed_digest
from joinedup_web.identity.sessions import CITIZEN
from joinedup_web.linkage import actions, files
from joinedup_web.linkage.models import (
    Decision,
    PairState,
    Project,
    ReviewPair,
    Run,
    RunState,
    Sample,
    SampleState,
    Source,
    SourceState,
    StatedPurpose,
)
from joinedup_web.linkage.take_in import take_in_run
from joinedup_web.operations.models import Erasure, LegalHold, RetentionRule
from support.collected_things import collected_things
from support.indexed import part_somebody, with_index
from support.main_job import people_csv
from support.populated_act import fill_act
from support.populated_cases import fill_cases
from support.populated_feedback import fill_feedback
from support.populated_imports import imported_things
from support.populated_models import fill_models
from support.protected_feedback import protected_things
from support.public_feedback import public_things
from support.understood import understood_things
from support.web_people import acting

ROWS = 60
MARKED_RECORD = "R00005"  # the one that people_csv gives the marked surname


@dataclass
class Tenant:
    """An organisation with everything in it. people: by role. things: what each argument of an address may be.

    marks: every mark that was put somewhere, so that a test can see whether it is really shown to its owners.
    """

    name: str
    organisation: Organisation
    people: dict[str, StaffUser] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)
    marks: set[str] = field(default_factory=set)

    def mark(self, what: str) -> str:
        """The mark of one kind of text."""
        self.marks.add(what)
        return f"MARKED-{self.name}-{what}"

    @property
    def pattern(self) -> re.Pattern[str]:
        """Finds its marks, in file names and links too, where case and hyphens change; the group says which."""
        return re.compile(rf"marked[-_]{self.name}[-_]([a-z]+)", re.I)


def populate(name: str, folder: Path) -> Tenant:
    """Fill an organisation of its own. folder: for the file that is linked. A platform administrator is in each."""
    place = Organisation.objects.create(name=f"MARKED-{name}-ORGANISATION Council", kind="council")
    own = Tenant(name, place)
    own.mark("ORGANISATION")
    _fill_people(own)
    _fill_accounts(own)
    _fill_linkage(own, folder)
    _fill_review(own)
    _fill_clients(own)
    _fill_keeping(own)
    fill_feedback(own)
    own.things |= protected_things(own.things["service"], mark=own.mark)
    own.things |= collected_things(own.things["service"], tag=own.name.lower(), mark=own.mark)
    own.things |= public_things(own.organisation, mark=own.name.lower())
    fill_act(own)
    fill_cases(own)
    own.things |= understood_things(own.things["service"], mark=own.mark)
    own.things |= fill_models(own.organisation, mark=own.mark)
    own.things |= imported_things(own.things["service"], mark=own.mark)
    return own


def seal() -> None:
    """Give every event its place in the record, and sign a checkpoint, so that proofs can be had."""
    sequencer.sequence_all()
    checkpoints.sign_if_due(at_once=True)
    sequencer.sequence_all()  # signing is an event, too; one that waits for long is a fault of the service


def things_of_the_record(own: Tenant) -> None:
    """What addresses of the audit record take; after `seal`."""
    event = Event.objects.filter(organisation=own.organisation.id, sequenced__isnull=False).first()
    assert event is not None, "an organisation's own deeds are recorded"
    own.things["event"] = event.event_id
    own.things["checkpoint"] = Checkpoint.objects.values_list("size", flat=True)[0]


def staff_client(user: StaffUser, where: Organisation, *, hours_ago: float = 0) -> Client:
    """A browser with somebody's session. hours_ago: when they last proved who they are."""
    now = timezone.now()
    session = SessionStore()
    session[USER], session[ORGANISATION] = str(user.id), str(where.id)
    session[AUTHENTICATED] = (now - timedelta(hours=hours_ago)).isoformat()
    session.save()
    StaffSession.objects.create(
        user=user,
        key_digest=digest_of(session.session_key),
        method=SignInMethod.PASSKEY,
        browser="Firefox on Linux",
        started_at=now - timedelta(hours=hours_ago),
        last_seen_at=now,
    )
    return _with_cookie("joinedup_staff", session)


def citizen_client() -> Client:
    """A browser with a citizen's session."""
    session = SessionStore()
    citizen = uuid.uuid4()
    session[CITIZEN] = str(citizen)
    session.save()
    begin_session(
        by=Actor(ActorKind.CITIZEN, id=citizen),
        subject=sealed_digest("https://provider.example/", str(citizen)),
        key_digest=sealed_digest(str(session.session_key)),
        provider={"sub": str(citizen), "sid": "s", "id_token": "t"},
        replaces=None,
    )
    return _with_cookie("joinedup_public", session)


def machine_client(own: Tenant, *, with_scopes: bool) -> Client:
    """A machine with a token, for every scope or for none."""
    token = f"token-{uuid.uuid4()}"
    now = timezone.now()
    AccessToken.objects.create(
        digest=digest(token),
        client_id=own.things["client"],
        scopes=[scope.code for scope in SCOPES] if with_scopes else [],
        issued_at=now,
        expires_at=now + timedelta(minutes=10),
    )
    return Client(raise_request_exception=False, headers={"authorization": f"Bearer {token}"})


def _with_cookie(name: str, session: SessionStore) -> Client:
    client = Client(raise_request_exception=False)
    client.cookies[name] = str(session.session_key)
    return client


def _fill_people(own: Tenant) -> None:
    for code, kind in role_kinds().items():
        user = StaffUser.objects.create_user(
            f"marked-{own.name.lower()}-email.{code}@example.test", f"{own.mark('STAFF')} {kind.name}"
        )
        own.marks.add("EMAIL")
        role = Role.objects.get(code=code, organisation=None)
        Membership.objects.create(
            user=user, organisation=None if role.platform else own.organisation, role=role
        )
        own.people[code] = user
    # Somebody to whom things are done, and a colleague of theirs who shares the role.
    for which in ("colleague", "closed"):
        user = StaffUser.objects.create_user(
            f"marked-{own.name.lower()}-email.{which}@example.test", f"{own.mark('STAFF')} {which}"
        )
        user.is_active = which != "closed"
        user.save()
        held = Membership.objects.create(
            user=user, organisation=own.organisation, role=Role.objects.get(code="clerk", organisation=None)
        )
        own.people[which] = user
        own.things |= {which: user.id, f"{which}_membership": held.id}
    own.things |= {"organisation": own.organisation.id}


def _fill_accounts(own: Tenant) -> None:
    place, now = own.organisation, timezone.now()
    clerk = own.people["colleague"]
    role = Role.objects.create(
        code="own_1",
        name=own.mark("ROLE"),
        what=own.mark("ROLE"),
        permissions=["source.view"],
        organisation=place,
    )
    officer = Officer.objects.create(
        organisation=place, post="iao", holder=clerk, asset=own.mark("ASSET"), since=date(2026, 1, 5)
    )
    invitation = Invitation.objects.create(
        email=f"marked-{own.name.lower()}-invited@example.test",
        name=own.mark("INVITED"),
        organisation=place,
        token_digest=digest_of(f"{own.name} invitation"),
        invited_by=own.people["organisation_administrator"],
        expires_at=now + timedelta(days=7),
    )
    invitation.roles.add(Role.objects.get(code="clerk", organisation=None))
    recovery = Recovery.objects.create(user=clerk, expires_at=now + timedelta(days=1))
    review = AccessReview.objects.create(organisation=place, due_at=now + timedelta(days=14))
    item = ReviewItem.objects.create(review=review, membership_id=own.things["colleague_membership"])
    emergency = EmergencyAccess.objects.create(
        user=clerk,
        organisation=place,
        role=Role.objects.get(code="caseworker", organisation=None),
        membership=Membership.objects.create(
            user=clerk,
            organisation=place,
            role=Role.objects.get(code="leader", organisation=None),
            expires_at=now + timedelta(hours=1),
        ),
        reason="incident",
        why=own.mark("EMERGENCY"),
        until=now + timedelta(hours=1),
    )
    passkey = Passkey.objects.create(
        user=clerk, credential_id=f"{own.name}-credential", public_key=b"key", name=own.mark("PASSKEY")
    )
    session = StaffSession.objects.create(
        user=clerk,
        key_digest=digest_of(f"{own.name} session"),
        method=SignInMethod.PASSKEY,
        browser=own.mark("BROWSER"),
        started_at=now,
        last_seen_at=now,
    )
    own.things |= {
        "own_role": role.id,
        "officer": officer.id,
        "invitation": invitation.id,
        "recovery": recovery.id,
        "review": review.id,
        "review_item": item.id,
        "emergency": emergency.id,
        "passkey": passkey.id,
        "session": session.id,
    }


def _fill_linkage(own: Tenant, folder: Path) -> None:
    analyst = acting(own.people["analyst"], own.organisation)
    work = linked_work(folder / own.name.lower(), marked=own.mark("RECORD"))
    project = actions.create_project(by=analyst, name=own.mark("PROJECT"), purpose=own.mark("PURPOSE"))
    run = take_in_run(
        by=analyst,
        project=project,
        spec_file=work / "spec.toml",
        directory=work / "out",
        quality=work / "quality",
    )
    source = run.sources.get()
    source.file_name = f"{own.mark('FILE')}.csv"
    source.rows_aside = 1
    source.save()
    aside = f"row,reason,raw\n9,too few values,{own.mark('ASIDE')}\n"
    (files.source_folder(source) / "quality" / "aside.csv").write_text(aside)
    second = Run.objects.create(
        project=project,
        number=2,
        kind=run.kind,
        state=RunState.FINISHED,
        settings={},
        record=run.record,
        headline=run.headline,
        started_by=own.people["analyst"],
        finished_at=timezone.now(),
    )
    second.sources.set([source])
    shutil.copytree(files.results(run), files.results(second))
    waiting = Run.objects.create(
        project=project, number=3, kind="dedupe", state=RunState.QUEUED, started_by=own.people["analyst"]
    )
    failed = Run.objects.create(
        project=project,
        number=4,
        kind="dedupe",
        state=RunState.FAILED,
        problem={"what": own.mark("PROBLEM"), "where": "", "mend": "mend it"},
    )
    others = {
        state: Source.objects.create(
            project=project,
            name=state.value,
            file_name=f"{own.mark(mark)}.csv",
            folder="x",
            octets=1,
            sha256="0" * 64,
            state=state,
            problem={"what": own.mark("FAULT"), "where": "", "mend": "mend it"},
        )
        for state, mark in (
            (SourceState.REMOVED, "GONE"),
            (SourceState.FAILED, "UNREAD"),
            (SourceState.UPLOADED, "NEW"),
        )
    }
    Sample.objects.create(
        run=run, size=20, state=SampleState.FAILED, problem={"what": "x", "where": "", "mend": ""}
    )
    own.things |= {
        "project": project.id,
        "source": source.id,
        "removed_source": others[SourceState.REMOVED].id,
        "unread_source": others[SourceState.FAILED].id,
        "new_source": others[SourceState.UPLOADED].id,
        "run": run.id,
        "waiting_run": waiting.id,
        "failed_run": failed.id,
    }
    people = pq.read_table(files.results(run) / "people.parquet").to_pylist()
    index = with_index(project, run, analyst)
    own.things["index_event"] = part_somebody(index)
    own.things["person"] = next(row["person_id"] for row in people if row["record_id"] == MARKED_RECORD)


def linked_work(folder: Path, *, marked: str) -> Path:
    """Link a small file of people, one of them marked; returns where spec, results, index and quality lie."""
    folder.mkdir(parents=True)
    (folder / "people.csv").write_bytes(people_csv(ROWS, marked=marked) + f"{marked},two\n".encode())
    (folder / "spec.toml").write_text(
        'kind = "dedupe"\n[[sources]]\npath = "people.csv"\nname = "people"\nid = "record_id"\n'
    )
    write_quality(profile(folder / "people.csv", on=date(2026, 5, 1)), folder / "quality" / "people")
    spec = linkage.load_spec(folder / "spec.toml")
    linkage.link(spec, folder / "out")
    linkage.write_person_index(folder / "out", spec)
    return folder


def _fill_review(own: Tenant) -> None:
    run = Run.objects.get(id=own.things["run"])
    values = {"surname": [own.mark("VALUE"), own.mark("VALUE")], "first_name": ["Anna", "Anna"]}

    def pair(number: int, **more: Any) -> ReviewPair:
        made = ReviewPair.objects.create(
            project=run.project,
            run=run,
            left_source="people",
            left_id=f"{own.mark('RECORDID')}-{number}",
            right_source="people",
            right_id=f"{own.mark('RECORDID')}-{number}b",
            weight=2.0,
            probability=0.8,
            values={
                side: {name: both[at] for name, both in values.items()}
                for at, side in enumerate(("left", "right"))
            },
            rank=number,
            **more,
        )
        return made

    def word(on: ReviewPair, who: str, verdict: str) -> Decision:
        return Decision.objects.create(
            pair=on, verdict=verdict, reason=own.mark("REASON"), decided_by=own.people[who]
        )

    waiting, decided = pair(1), pair(2, state=PairState.DECIDED, readings=1)
    disagreed = pair(3, state=PairState.DISAGREED, readings=2)
    by_clerk = word(decided, "clerk", "same")
    word(disagreed, "clerk", "same")
    word(disagreed, "colleague", "different")
    statement = StatedPurpose.objects.create(
        project=run.project,
        purpose="casework",
        reference=own.mark("CASE"),
        stated_by=own.people["caseworker"],
        until=timezone.now() + timedelta(minutes=15),
    )
    own.things |= {
        "pair": waiting.id,
        "disagreed_pair": disagreed.id,
        "decision": by_clerk.id,
        "statement": statement.id,
    }


def _fill_clients(own: Tenant) -> None:
    now = timezone.now()
    client = MachineClient.objects.create(
        organisation=own.organisation,
        name=own.mark("CLIENT"),
        proves_by=ProofKind.SECRET,
        scopes=[scope.code for scope in SCOPES],
        registered_at=now,
    )
    proof = ClientProof.objects.create(
        client=client, digest="0" * 64, hint=own.mark("HINT"), valid_from=now - timedelta(days=1)
    )
    own.things |= {"client": client.id, "proof": proof.id}


def _fill_keeping(own: Tenant) -> None:
    project = Project.objects.get(id=own.things["project"])
    quiet = Project.objects.create(
        organisation=own.organisation, name=f"{own.mark('HELD')} project", purpose=own.mark("PURPOSE")
    )
    hold = LegalHold.objects.create(
        organisation=own.organisation,
        store="sources",
        project=quiet,
        why=own.mark("HOLD"),
        placed_by=own.people["adviser"],
    )
    erasure = Erasure.objects.create(
        project=project, records=[["people", own.mark("ERASED")]], asked_by=own.people["adviser"]
    )
    RetentionRule.objects.create(organisation=own.organisation, store="results", days=77)
    own.things |= {"hold": hold.id, "erasure": erasure.id}


def arguments_of(own: Tenant, takes: Mapping[str, str]) -> dict[str, Any]:
    """What an address takes, of this organisation. takes: argument -> the name of a thing, or =text."""
    return {
        name: thing.removeprefix("=") if thing.startswith("=") else own.things[thing]
        for name, thing in takes.items()
    }
