"""Cases that are answered together: one is worked on, the others follow it."""

from __future__ import annotations

from joinedup.casework import Entry, State
from joinedup_web.audit.deed import Deed, action
from joinedup_web.casework.actions.work import add_entry, may_handle
from joinedup_web.casework.models import Case


@action("case.view")
def link_case(deed: Deed, *, case: Case, to: Case) -> Case:
    """Answer a case together with another: that one's reply and its end are this one's, too.

    The other may not itself follow a third, and what follows this one follows the other from then on.
    """
    if not may_handle(deed.by):
        raise deed.refuse("no_permission", "no role of yours allows: work on cases, or give them to people")
    pair = [case.id, to.id]
    locked = {each.id: each for each in Case.objects.select_for_update().filter(id__in=pair).order_by("id")}
    own, other = locked[case.id], locked[to.id]
    if own.id == other.id:
        raise deed.refuse("itself", "choose another case than this one")
    if own.organisation_id != other.organisation_id:
        raise deed.refuse("no_case", "there is no case of that number")
    if State.CLOSED.value in (own.state, other.state):
        raise deed.refuse("closed", "one of the two cases is closed; open it again first")
    if own.duplicate_of_id is not None:
        raise deed.refuse("linked_already", "this case is answered together with another already")
    if other.duplicate_of_id is not None:
        raise deed.refuse("follows", "that case is itself answered together with another; choose that one")
    following = list(Case.objects.select_for_update().filter(duplicate_of=own))
    for each in (own, *following):
        each.duplicate_of = other
        each.save(update_fields=["duplicate_of"])
        add_entry(deed, each, Entry.LINKED, f"Answered together with case {other.number}")
        add_entry(deed, other, Entry.LINKED, f"Case {each.number} is answered together with this one")
        deed.record("case.linked", case=each.id, to=other.id)
    return own


@action("case.view")
def part_case(deed: Deed, *, case: Case) -> Case:
    """Answer a case by itself again."""
    if not may_handle(deed.by):
        raise deed.refuse("no_permission", "no role of yours allows: work on cases, or give them to people")
    locked = Case.objects.select_for_update().get(id=case.id)
    if locked.duplicate_of_id is None:
        raise deed.refuse("not_linked", "this case is answered by itself already")
    if locked.state == State.CLOSED.value:
        raise deed.refuse("closed", "this case is closed; open it again first")
    other = Case.objects.get(id=locked.duplicate_of_id)
    locked.duplicate_of = None
    locked.save(update_fields=["duplicate_of"])
    add_entry(deed, locked, Entry.PARTED, f"No longer answered together with case {other.number}")
    add_entry(deed, other, Entry.PARTED, f"Case {locked.number} is answered by itself")
    deed.record("case.parted", case=locked.id)
    return locked
