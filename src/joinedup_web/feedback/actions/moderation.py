"""Moderation: responses hidden, let through and shown again; more of the same held back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from joinedup_web.audit.deed import Deed, action
from joinedup_web.feedback import reading
from joinedup_web.feedback.blocks import text_mark
from joinedup_web.feedback.models import Block, BlockKind, Response, ResponseState

MOST_AT_ONCE = 100
LONGEST_BLOCK = 365


@action("feedback.moderate")
def hide_response(deed: Deed, *, response: Response, reason: str) -> Response:
    """Take a response out of every list, count and model's reading, for a reason that colleagues can read."""
    if not reason.strip():
        raise deed.refuse("no_reason", "say why it is hidden")
    locked = _locked(response)
    if locked.state == ResponseState.HIDDEN:
        raise deed.refuse("hidden_already", "this response is hidden already")
    _moved(deed, locked, ResponseState.HIDDEN, hidden_reason=reason.strip()[:300])
    deed.record("response.hidden", response=locked.id)
    return locked


@action("feedback.moderate")
def let_through(deed: Deed, *, response: Response) -> Response:
    """A response that was held back is like any other from now on; why it was held stays with it."""
    locked = _locked(response)
    if locked.state != ResponseState.HELD:
        raise deed.refuse("not_held", "this response is not held back any more")
    _moved(deed, locked, ResponseState.OPEN)
    deed.record("response.let_through", response=locked.id)
    deed.after_commit(lambda: reading.note_new(locked.organisation_id))
    return locked


@action("feedback.moderate")
def restore_response(deed: Deed, *, response: Response) -> Response:
    """A hidden response is shown again."""
    locked = _locked(response)
    if locked.state != ResponseState.HIDDEN:
        raise deed.refuse("not_hidden", "this response is not hidden any more")
    _moved(deed, locked, ResponseState.OPEN, hidden_reason="")
    deed.record("response.restored", response=locked.id)
    deed.after_commit(lambda: reading.note_new(locked.organisation_id))
    return locked


@action("feedback.moderate")
def hide_and_block(
    deed: Deed, *, response: Response, reason: str, kinds: Sequence[str], days: int
) -> list[Block]:
    """Hide a response and hold back more of the same, in one step. kinds: "text", "sender", or both.

    Refused where a text says too little to tell it by ("no"), or where the sender is not known any more.
    """
    if not 1 <= days <= LONGEST_BLOCK:
        raise deed.refuse("out_of_range", f"a block lasts from 1 to {LONGEST_BLOCK} days")
    if response.state != ResponseState.HIDDEN:
        hide_response(by=deed.by, organisation_id=deed.organisation_id, response=response, reason=reason)
    made = []
    for kind in dict.fromkeys(BlockKind(each) for each in kinds):
        mark = _mark(response, kind)
        if not mark:
            raise deed.refuse("nothing_to_block", _CANNOT[kind])
        block = Block.objects.create(
            organisation_id=response.organisation_id,
            service_id=response.service_id,
            kind=kind,
            mark=mark,
            until=deed.at + timedelta(days=days),
            response=response,
            by_id=deed.by.id,
            at=deed.at,
        )
        deed.record("response.blocked", response=response.id, block=block.id, by=kind.value, days=days)
        made.append(block)
    if not made:
        raise deed.refuse("nothing_to_block", "say what is blocked: the words, the sender, or both")
    return made


_CANNOT = {
    BlockKind.TEXT: "its words say too little to tell others by them; block the sender, or hide it alone",
    BlockKind.SENDER: "where it came from is not known any more; block the words, or hide it alone",
}


@action("feedback.moderate")
def lift_block(deed: Deed, *, block: Block) -> None:
    """Let more of the same in again. What was held back meanwhile stays held until somebody lets it through."""
    if not Block.objects.filter(id=block.id, lifted_at=None).update(
        lifted_at=deed.at, lifted_by_id=deed.by.id
    ):
        raise deed.refuse("lifted_already", "this block was lifted already")
    deed.record("response.block_lifted", block=block.id)


@action("feedback.moderate")
def moderate_many(deed: Deed, *, responses: Sequence[Response], do: str, reason: str = "") -> int:
    """Hide, let through or restore several; return how many. Those that somebody dealt with meanwhile are left out."""
    if len(responses) > MOST_AT_ONCE:
        raise deed.refuse("too_many", f"at most {MOST_AT_ONCE} at a time")
    wanted = {"hide": (ResponseState.OPEN, ResponseState.HELD), "let_through": (ResponseState.HELD,)}
    states = wanted.get(do, (ResponseState.HIDDEN,))
    own = {"by": deed.by, "organisation_id": deed.organisation_id}
    done = 0
    for response in responses:
        if response.state not in states:
            continue
        if do == "hide":
            hide_response(**own, response=response, reason=reason)
        elif do == "let_through":
            let_through(**own, response=response)
        else:
            restore_response(**own, response=response)
        done += 1
    if not done:
        raise deed.refuse("none_left", "somebody dealt with all of these in the meantime")
    return done


def can_block(response: Response) -> list[tuple[str, str]]:
    """By what more of a response's kind can be told: (kind, words)."""
    return [(kind.value, str(kind.label)) for kind in BlockKind if _mark(response, kind)]


def _mark(response: Response, kind: BlockKind) -> str:
    if kind == BlockKind.SENDER:
        return response.sender_mark
    return text_mark(response.service_id, response.comments.values_list("text", flat=True))


def _locked(response: Response) -> Response:
    return Response.objects.select_for_update().get(id=response.id)


def _moved(deed: Deed, response: Response, state: ResponseState, **changed: str) -> None:
    response.state = state
    response.moderated_by_id, response.moderated_at = deed.by.id, deed.at
    for name, value in changed.items():
        setattr(response, name, value)
    response.save(update_fields=["state", "moderated_by", "moderated_at", *changed])
