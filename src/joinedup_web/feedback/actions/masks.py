"""Masks looked at by people: confirmed, corrected, and what is under them seen for a stated reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from joinedup.text.redact import Found, Identifier, mask
from joinedup_web.audit.deed import Deed, action
from joinedup_web.casework.models import Case
from joinedup_web.feedback import reading
from joinedup_web.feedback.first_look import found_besides
from joinedup_web.feedback.masking import folded, parts_of, replaced, spans_of
from joinedup_web.feedback.models import Comment, MaskCorrection, PublishedQuote, Response
from joinedup_web.feedback.originals import Original, open_contact, open_original, seal_original
from joinedup_web.gate.decide import require

MOST_AT_ONCE = 100
REASONS = {
    "danger": "Somebody may be in danger",
    "reply": "To answer the person",
    "complaint": "To look into a complaint",
    "mask_check": "To check what is masked",
    "data_request": "The person asked for their own data",
}


@action("feedback.moderate")
def confirm_masks(deed: Deed, *, response: Response) -> None:
    """Say that one looked at what is masked, so that the response may leave in exports and quotes."""
    changed = Response.objects.filter(id=response.id, masks_confirmed_at=None).update(
        masks_confirmed_by_id=deed.by.id, masks_confirmed_at=deed.at
    )
    if not changed:
        raise deed.refuse("confirmed_already", "a colleague has confirmed these masks in the meantime")
    deed.record("response.masks_confirmed", response=response.id)


@action("feedback.moderate")
def confirm_many(deed: Deed, *, responses: Sequence[Response]) -> int:
    """Confirm the masks of several that one looked at; return how many. Those confirmed meanwhile are left out."""
    if len(responses) > MOST_AT_ONCE:
        raise deed.refuse("too_many", f"at most {MOST_AT_ONCE} at a time")
    done = 0
    for response in Response.objects.filter(id__in=[each.id for each in responses], masks_confirmed_at=None):
        confirm_masks(by=deed.by, organisation_id=deed.organisation_id, response=response)
        done += 1
    if not done:
        raise deed.refuse("confirmed_already", "colleagues have confirmed these masks in the meantime")
    return done


@action("feedback.moderate")
def mask_missed(deed: Deed, *, comment: Comment, words: str, identifier: str) -> int:
    """Mask what was missed, for good: in every text of the response, in quotes and cases made of it, and in whatever
    is masked anew from the original. Returns how often it stood there. Refused where it does not."""
    kind = Identifier(identifier)
    if len(folded(words)) < 2:
        raise deed.refuse("too_short", "enter at least 2 characters of the text to mask")
    response = Response.objects.select_for_update().get(id=comment.response_id)
    times = _everywhere(response, lambda text: replaced(text, words, kind.value), kind.value)
    if not times:
        raise deed.refuse("not_there", "these words are not in the text; copy them as they stand there")
    original = open_original(response)
    if original is not None:
        original.also.append((kind.value, folded(words)))
        original.shown = [each for each in original.shown if folded(each[1]) != folded(words)]
        response.original_sealed = seal_original(response.id, original)
    _corrected(deed, response, comment, "missed", kind.value)
    return times


@action("feedback.moderate")
def show_again(deed: Deed, *, comment: Comment, number: int) -> str:
    """Show what was masked wrongly: the mask of that number (from 0) in a comment, and the same words elsewhere.

    Returns the kind that it was taken for. Needs the sealed original; refused where that is gone. Whoever does it must
    be one who may see what is masked, since everybody who reads comments will.
    """
    require(deed.by, "feedback.unmask", organisation_id=comment.organisation_id)
    response = Response.objects.select_for_update().get(id=comment.response_id)
    original = open_original(response)
    if original is None or comment.question not in original.texts:
        raise deed.refuse("no_original", "what was masked has been removed, so it cannot be shown again")
    text = original.texts[comment.question]
    spans = _spans(original, comment.question)
    kept = Comment.objects.values_list("text", flat=True).get(id=comment.id)
    if mask(text, spans).text != kept or sum(is_mask for _, is_mask in parts_of(kept)) != len(spans):
        raise deed.refuse("other_rules", "it was masked by earlier rules; mask it again, then look again")
    if not 0 <= number < len(spans):
        raise deed.refuse("no_mask", "that mask is not in the text any more; look at it again")
    kind, words = spans[number].kind.value, text[spans[number].start : spans[number].end]
    original.shown.append((kind, folded(words)))
    original.also = [each for each in original.also if folded(each[1]) != folded(words)]
    response.original_sealed = seal_original(response.id, original)
    _mask_anew(response, original)
    _corrected(deed, response, comment, "wrong", kind)
    return kind


@action("feedback.moderate")
def mask_by_new_rules(deed: Deed, *, response: Response) -> bool:
    """Mask a response's texts anew from the original; whether anything changed. People's corrections still hold, and
    so does what recognisers besides the rules found before."""
    locked = Response.objects.select_for_update().get(id=response.id)
    original = open_original(locked)
    if original is None:
        raise deed.refuse("no_original", "what was masked has been removed, so it cannot be masked anew")
    before = dict(original.found)
    for question, text in original.texts.items():
        if found := {*before.get(question, ()), *found_besides(text)}:
            original.found[question] = sorted(found)
    if original.found != before:
        locked.original_sealed = seal_original(locked.id, original)
        locked.save(update_fields=["original_sealed"])
    if changed := _mask_anew(locked, original):
        locked.masks_confirmed_at, locked.masks_confirmed_by = None, None
        locked.save(update_fields=["answers", "masks_confirmed_at", "masks_confirmed_by"])
        deed.after_commit(lambda: reading.note_new(locked.organisation_id))
    deed.record("response.masked_anew", response=locked.id, changed=changed)
    return changed


@action("feedback.unmask")
def unmask(deed: Deed, *, response: Response, reason: str) -> tuple[dict[str, str], tuple[str, str] | None]:
    """Return the texts of a response as they came, by question, and how to answer: (channel, address) or None.

    It is recorded before anything is opened. Refused where the original is gone.
    """
    if reason not in REASONS:
        raise deed.refuse("no_reason", "say why you need to see it")
    row = Response.objects.select_related("contact").get(id=response.id)
    original = open_original(row)
    if original is None:
        raise deed.refuse("no_original", "what was masked has been removed: its time had come")
    deed.record("response.unmasked", response=row.id, reason=reason)
    contact = getattr(row, "contact", None)
    return original.texts, (contact.channel, open_contact(contact)) if contact is not None else None


def _mask_anew(response: Response, original: Original) -> bool:
    """Put the masks of an original into a response's comments; whether any text changed."""
    changed = False
    for own in response.comments.select_for_update():
        if own.question in original.texts:
            again = mask(original.texts[own.question], _spans(original, own.question))
            if again.text != own.text:
                _kept(response, own, again.text, again.counts)
                changed = True
    return changed


def _spans(original: Original, question: str) -> list[Found]:
    return spans_of(
        original.texts[question],
        found=original.found.get(question, ()),
        also=original.also,
        shown=original.shown,
    )


def _everywhere(response: Response, change: Callable[[str], tuple[str, int]], kind: str) -> int:
    """Change every text made of a response; return how often something was replaced in its comments."""
    total = 0
    for comment in response.comments.select_for_update():
        text, times = change(comment.text)
        total += times
        if times:
            counts = Counter(comment.masks)
            counts[kind] += times
            _kept(response, comment, text, dict(counts))
    if total:
        for quote in PublishedQuote.objects.filter(comment__response=response):
            text, times = change(quote.text)
            if times:
                PublishedQuote.objects.filter(id=quote.id).update(text=text)
        for case in Case.objects.filter(comment_links__comment__response=response).distinct():
            text, times = change(case.text)
            title, in_title = change(case.title)
            if times or in_title:
                Case.objects.filter(id=case.id).update(text=text, title=title[:150])
    return total


def _kept(response: Response, comment: Comment, text: str, counts: dict[str, int]) -> None:
    """Models read it again, since it says something else now."""
    Comment.objects.filter(id=comment.id).update(text=text, masks=counts, read_at=None)
    if comment.question in response.answers:
        response.answers[comment.question] = text


def _corrected(deed: Deed, response: Response, comment: Comment, kind: str, identifier: str) -> None:
    response.masks_confirmed_at, response.masks_confirmed_by = None, None
    response.save(update_fields=["answers", "original_sealed", "masks_confirmed_at", "masks_confirmed_by"])
    MaskCorrection.objects.create(
        comment=comment, kind=kind, identifier=identifier, by_id=deed.by.id, at=deed.at
    )
    deed.record("response.mask_corrected", comment=comment.id, correction=kind)
    deed.after_commit(lambda: reading.note_new(response.organisation_id))
