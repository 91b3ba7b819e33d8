"""Working on a case: take, give, note, wait and go on, escalate, close, open again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from joinedup.casework import Entry, Move, Outcome, State, after, moves, resumed
from joinedup_web.accounts.colleagues import holders_in
from joinedup_web.accounts.models import StaffUser
from joinedup_web.audit.deed import Deed, action
from joinedup_web.casework.messages import tell_of_escalation
from joinedup_web.casework.models import Case, CaseEntry, Team
from joinedup_web.casework.working_days import calendar_of
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import decide


@action("case.work")
def take_case(deed: Deed, *, case: Case) -> Case:
    """Make a case one's own. Refused where a colleague has it: they, or whoever gives cases, must let it go first; not
    where their account was closed."""
    locked = locked_case(deed, case)
    if locked.owner_id == deed.by.id:
        raise deed.refuse("yours", "this case is yours already")
    if locked.owner is not None and locked.owner.is_active:
        raise deed.refuse("taken", "a colleague has this case; ask them, or whoever gives cases out")
    locked.owner_id = deed.by.id
    locked.save(update_fields=["owner"])
    add_entry(deed, locked, Entry.TAKEN)
    deed.record("case.taken", case=locked.id)
    return locked


@action("case.view")
def give_case(deed: Deed, *, case: Case, team: Team | None, owner: StaffUser | None, why: str = "") -> Case:
    """Give a case to a team, or to somebody. Whoever may give cases may, and whoever has it may hand it on.

    Only an open account of somebody who may work on cases can be given one.
    """
    locked = locked_case(deed, case)
    if "case.assign" not in deed.by.permissions and not (
        "case.work" in deed.by.permissions and locked.owner_id == deed.by.id
    ):
        raise deed.refuse("not_yours", "only whoever has the case, or gives cases out, may give it away")
    if team is not None and not takes_cases(team, locked.organisation_id):
        raise deed.refuse("no_team", "choose a team that takes cases")
    if owner is not None and owner not in holders_in("case.work", [locked.organisation_id]):
        raise deed.refuse("no_worker", "choose somebody who may work on cases")
    if (locked.team_id, locked.owner_id) == (team.id if team else None, owner.id if owner else None):
        raise deed.refuse("same", "that is where the case is already")
    locked.team, locked.owner = team, owner
    locked.save(update_fields=["team", "owner"])
    add_entry(deed, locked, Entry.GIVEN, " ".join(why.split()))
    deed.record(
        "case.given",
        case=locked.id,
        team=team.id if team is not None else None,
        account=owner.id if owner is not None else None,
    )
    return locked


@action("case.work")
def note_case(deed: Deed, *, case: Case, text: str) -> CaseEntry:
    """Write something down for colleagues. A case that is closed takes notes too."""
    if not text.strip():
        raise deed.refuse("no_text", "enter a note")
    entry = add_entry(deed, locked_case(deed, case, is_open=False), Entry.NOTE, text.strip())
    deed.record("case.noted", case=case.id)
    return entry


@action("case.work")
def let_wait(deed: Deed, *, case: Case, why: str) -> Case:
    """Stop the clock while somebody else must act first."""
    locked = locked_case(deed, case)
    if not why.strip():
        raise deed.refuse("no_reason", "say what the case waits for")
    locked.state, locked.paused_at = _moved(deed, locked, Move.WAIT), deed.at
    locked.save(update_fields=["state", "paused_at"])
    add_entry(deed, locked, Entry.WAITING, why.strip())
    deed.record("case.paused", case=locked.id)
    return locked


@action("case.work")
def go_on(deed: Deed, *, case: Case) -> Case:
    """Start the clock again: the case is due later by the working days that it waited."""
    locked = locked_case(deed, case)
    state = _moved(deed, locked, Move.RESUME)
    days = start_clock_again(deed, locked)
    locked.state = state
    locked.save()
    add_entry(deed, locked, Entry.RESUMED)
    deed.record("case.resumed", case=locked.id, days=days)
    return locked


@action("case.view")
def escalate_case(deed: Deed, *, case: Case, to: StaffUser, why: str) -> Case:
    """Tell somebody that a case needs them. Whoever works on cases may, and whoever gives them out."""
    locked = locked_case(deed, case)
    if not may_handle(deed.by):
        raise deed.refuse("no_permission", "no role of yours allows: work on cases, or give them to people")
    if not why.strip():
        raise deed.refuse("no_reason", "say why the case is escalated")
    lead = locked.team.lead_id if locked.team is not None else None
    if to.id != lead and to not in holders_in("case.assign", [locked.organisation_id]):
        raise deed.refuse("no_help", "choose the team’s lead, or somebody who gives cases out")
    escalate(deed, locked, to, by="hand", why=why.strip())
    return locked


@action("case.work")
def close_case(deed: Deed, *, case: Case, outcome: str, note: str = "") -> Case:
    """End a case. What is answered together with it ends too."""
    locked = locked_case(deed, case)
    word = Outcome(outcome)
    if word is Outcome.DUPLICATE:
        raise deed.refuse("link_it", "link the case to the one that it repeats, and they are closed together")
    _close(deed, locked, word, note.strip())
    for other in (
        Case.objects.select_for_update().filter(duplicate_of=locked).exclude(state=State.CLOSED.value)
    ):
        _close(deed, other, Outcome.DUPLICATE, "")
    return locked


@action("case.work")
def reopen_case(deed: Deed, *, case: Case, why: str) -> Case:
    """Open a case again. Its due day stays, so that lateness is not hidden."""
    locked = locked_case(deed, case, is_open=False)
    if not why.strip():
        raise deed.refuse("no_reason", "say why it is opened again")
    locked.state = _moved(deed, locked, Move.REOPEN)
    locked.closed_at, locked.outcome = None, ""
    locked.save(update_fields=["state", "closed_at", "outcome"])
    add_entry(deed, locked, Entry.REOPENED, why.strip())
    deed.record("case.reopened", case=locked.id)
    return locked


def locked_case(deed: Deed, case: Case, *, is_open: bool = True) -> Case:
    """The case as it stands now, held until the deed ends. Refused where it is closed and must not be."""
    locked = Case.objects.select_for_update().get(id=case.id)
    if is_open and locked.state == State.CLOSED.value:
        raise deed.refuse("closed", "this case is closed; open it again first")
    return locked


def add_entry(deed: Deed, case: Case, kind: Entry, text: str = "") -> CaseEntry:
    """Keep what happened."""
    return CaseEntry.objects.create(case=case, kind=kind.value, by_id=deed.by.id, at=deed.at, text=text)


def escalate(
    deed: Deed, case: Case, to: StaffUser, *, by: str, why: str = "", also: Iterable[StaffUser] = ()
) -> None:
    """Part of a deed: keep to whom a case went, and tell them, and others besides, once it is durable."""
    case.escalated_at, case.escalated_to = deed.at, to
    case.save(update_fields=["escalated_at", "escalated_to"])
    add_entry(deed, case, Entry.ESCALATED, f"To {to.name}. {why}")
    deed.record("case.escalated", case=case.id, account=to.id, by=by)
    for person in (to, *also):
        tell_of_escalation(deed, case, person)


def start_clock_again(deed: Deed, case: Case) -> int:
    """Part of a deed: move the due day by the working days of a pause; return how many. Nothing where none is on."""
    if case.paused_at is None:
        return 0
    calendar = calendar_of(case.organisation_id)
    case.due_at, days = resumed(case.due_at, paused=case.paused_at, resumed=deed.at, calendar=calendar)
    case.paused_at = None
    return days


def takes_cases(team: Team, organisation_id: UUID) -> bool:
    """Whether a team is of an organisation, and open, as it stands now."""
    return Team.objects.filter(id=team.id, organisation_id=organisation_id, is_active=True).exists()


def may_handle(by: Actor) -> bool:
    """Whether somebody works on cases or gives them out."""
    return any(decide(by, wanted).allowed for wanted in ("case.work", "case.assign"))


def _close(deed: Deed, case: Case, outcome: Outcome, note: str) -> None:
    case.state = _moved(deed, case, Move.CLOSE)
    start_clock_again(deed, case)
    case.outcome, case.closed_at = outcome.value, deed.at
    case.save()
    add_entry(deed, case, Entry.CLOSED, note)
    deed.record("case.closed", case=case.id, outcome=outcome.value)


def _moved(deed: Deed, case: Case, move: Move) -> Any:
    if move not in moves(case.state):
        raise deed.refuse("moved_on", "a colleague changed this case in the meantime; look at it again")
    return after(case.state, move).value
