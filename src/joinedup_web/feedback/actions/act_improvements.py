"""You said, we did: written by some, published by somebody else, withdrawn with a reason, measured later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.utils import timezone

from joinedup.feedback import change
from joinedup.feedback.quoting import REASONS, is_taken_from, tidied
from joinedup_web.audit.deed import Deed, action
from joinedup_web.feedback.improving import (
    LEAST_WEEKS,
    baseline_span,
    later_span,
    may_be_quoted,
    may_be_quoted_now,
    measures_of,
)
from joinedup_web.feedback.measured import kind_of_measure, measured_between, measured_from, target_of, told
from joinedup_web.feedback.models import (
    Comment,
    Improvement,
    ImprovementState,
    PublishedQuote,
    Service,
    Theme,
)
from joinedup_web.gate.decide import keep_apart

MOST_QUOTES = 6
WRITABLE = (ImprovementState.DRAFT, ImprovementState.WITHDRAWN)


@dataclass(frozen=True)
class Written:
    """What somebody wrote. measure: its code, or nothing. target: a share of 1 or pence; None for none."""

    said: str
    did: str
    said_cy: str = ""
    did_cy: str = ""
    done_on: date | None = None
    measure: str = ""
    target: float | None = None
    themes: Sequence[Theme] = ()


@action("improvement.write")
def write_improvement(deed: Deed, *, service: Service, written: Written) -> Improvement:
    """Write down what people said and what was done, as a draft; what it should change is measured at once."""
    made = Improvement(service=service, written_by_id=deed.by.id, written_at=deed.at)
    _fill(deed, made, written)
    made.save(force_insert=True)
    made.writers.add(deed.by.id)
    made.themes.set(written.themes)
    deed.record("improvement.written", service=service.id, improvement=made.id)
    _take_baseline(deed, made)
    return made


@action("improvement.write")
def change_improvement(deed: Deed, *, improvement: Improvement, written: Written) -> Improvement:
    """Write a draft anew, or one that was withdrawn, which is a draft again. Whoever does it is one of its writers."""
    found = _locked(improvement)
    if found.state not in WRITABLE:
        raise deed.refuse("not_a_draft", "only a draft can be changed; ask for it to be returned first")
    _fill(deed, found, written)
    found.state = ImprovementState.DRAFT
    found.save()
    found.writers.add(deed.by.id)
    found.themes.set(written.themes)
    deed.record("improvement.changed", improvement=found.id)
    _take_baseline(deed, found)
    return found


@action("improvement.write")
def delete_improvement(deed: Deed, *, improvement: Improvement) -> None:
    """Delete a draft that never was published."""
    found = _locked(improvement)
    if found.state != ImprovementState.DRAFT or found.published_at is not None:
        raise deed.refuse("was_public", "only a draft that was never published can be deleted")
    deed.record("improvement.deleted", improvement=found.id)
    found.delete()


@action("improvement.write")
def quote_comment(
    deed: Deed, *, improvement: Improvement, comment: Comment, text: str, reason: str = ""
) -> PublishedQuote:
    """Put words of a comment beside a draft, or change which. text: the comment's own words, […] for those left out.

    reason: why some are left out. Refused for a comment that may not be quoted, and for words that are not in it.
    """
    found = _writable(deed, improvement)
    here = Comment.objects.select_for_update().select_related("response").get(id=comment.id)
    if here.service_id != found.service_id or not may_be_quoted_now(here):
        raise deed.refuse("not_quotable", "this comment may not be quoted, or not any more")
    words = tidied(text)
    if not is_taken_from(words, here.text):
        raise deed.refuse(
            "not_its_words",
            "a quotation holds the comment’s own words alone, with […] where some are left out",
        )
    is_redacted = words != tidied(here.text)
    if is_redacted and reason not in REASONS:
        raise deed.refuse("no_reason", "say why words are left out")
    before = found.quotes.filter(comment=here).first()
    if before is None and found.quotes.count() >= MOST_QUOTES:
        raise deed.refuse("too_many", f"at most {MOST_QUOTES} comments can be quoted")
    quote = before or PublishedQuote(improvement=found, comment=here)
    quote.text, quote.redacted_reason = words, reason if is_redacted else ""
    quote.save()
    found.writers.add(deed.by.id)
    deed.record("improvement.quoted", improvement=found.id, comment=here.id, is_redacted=is_redacted)
    return quote


@action("improvement.write")
def unquote(deed: Deed, *, quote: PublishedQuote) -> None:
    """Take a quotation away from a draft."""
    found = _writable(deed, quote.improvement)
    deleted, _ = PublishedQuote.objects.filter(id=quote.id).delete()
    if not deleted:
        raise deed.refuse("gone_already", "this quotation was taken away already")
    found.writers.add(deed.by.id)
    deed.record("improvement.unquoted", improvement=found.id, comment=quote.comment_id)


@action("improvement.write")
def submit_improvement(deed: Deed, *, improvement: Improvement) -> Improvement:
    """Hand a draft in to be published by somebody else."""
    found = _locked(improvement)
    if found.state != ImprovementState.DRAFT:
        raise deed.refuse("not_a_draft", "only a draft can be handed in")
    if found.done_on is None:
        raise deed.refuse("not_done", "say on which day it was done first")
    _check_quotes(deed, found)
    found.state, found.submitted_at, found.returned_reason = ImprovementState.SUBMITTED, deed.at, ""
    found.save(update_fields=["state", "submitted_at", "returned_reason"])
    deed.record("improvement.submitted", improvement=found.id)
    return found


@action("improvement.publish")
def publish_improvement(deed: Deed, *, improvement: Improvement, seen: str | None = None) -> Improvement:
    """Put it on the public page. Nobody who wrote any of it may.

    seen: when it was handed in, as the page showed it (`handed_in`): refused where it was handed in anew since.
    """
    found = _submitted(deed, improvement)
    if seen is not None and seen != handed_in(found):
        raise deed.refuse("changed_since", "it was changed since you looked at it; look at it again")
    for writer in found.writers.values_list("id", flat=True):
        keep_apart(deed.by, "improvement.publish", earlier=writer, earlier_permission="improvement.write")
    quotes = _check_quotes(deed, found)
    found.state = ImprovementState.PUBLISHED
    found.published_by_id, found.published_at = deed.by.id, deed.at
    found.withdrawn_reason, found.withdrawn_by, found.withdrawn_at = "", None, None
    found.save()
    deed.record("improvement.published", improvement=found.id, quotes=quotes)
    return found


def handed_in(improvement: Improvement) -> str:
    """When it was handed in, for the page on which somebody looks at it before they publish it."""
    return improvement.submitted_at.isoformat() if improvement.submitted_at is not None else ""


@action("improvement.publish")
def return_improvement(deed: Deed, *, improvement: Improvement, reason: str) -> Improvement:
    """Hand it back to its writers, who read why."""
    found = _submitted(deed, improvement)
    if not reason.strip():
        raise deed.refuse("no_reason", "say what its writers should change")
    found.state, found.returned_reason = ImprovementState.DRAFT, reason.strip()[:300]
    found.save(update_fields=["state", "returned_reason"])
    deed.record("improvement.returned", improvement=found.id)
    return found


@action("improvement.publish")
def withdraw_improvement(deed: Deed, *, improvement: Improvement, reason: str) -> Improvement:
    """Take it off the public page."""
    found = _locked(improvement)
    if found.state != ImprovementState.PUBLISHED:
        raise deed.refuse("not_public", "it is not published")
    if not reason.strip():
        raise deed.refuse("no_reason", "say why it is withdrawn")
    found.state, found.withdrawn_reason = ImprovementState.WITHDRAWN, reason.strip()[:300]
    found.withdrawn_by_id, found.withdrawn_at = deed.by.id, deed.at
    found.save(update_fields=["state", "withdrawn_reason", "withdrawn_by", "withdrawn_at"])
    deed.record("improvement.withdrawn", improvement=found.id)
    return found


@action("improvement.write")
def measure_again(deed: Deed, *, improvement: Improvement) -> Improvement:
    """Take the measure of the time after it was done, and say whether it changed."""
    found = _locked(improvement)
    if not found.measure or found.done_on is None:
        raise deed.refuse("no_measure", "nothing was named that should change by it")
    if found.state != ImprovementState.PUBLISHED:
        raise deed.refuse("not_public", "it is measured again once it is published")
    span = later_span(found.measure, found.done_on, on=timezone.localdate(deed.at))
    if span is None:
        raise deed.refuse(
            "too_early", f"it is too early: {LEAST_WEEKS} weeks, or one whole month, must have gone by"
        )
    later = measured_between(found.service, found.measure, span)
    found.later, found.later_on = _number(later.value), timezone.localdate(deed.at)
    found.later_told = told(later, span)
    found.save(update_fields=["later", "later_on", "later_told"])
    before = measured_from(found.baseline_told)
    verdict = None
    if before is not None:
        verdict = change(before, later, target=target_of(later.measure, found.target)).verdict.value
    deed.record(
        "improvement.measured",
        improvement=found.id,
        measure=kind_of_measure(found.measure),
        when="after",
        verdict=verdict or "unknown",
    )
    return found


def _fill(deed: Deed, found: Improvement, written: Written) -> None:
    today = timezone.localdate(deed.at)
    if written.done_on is not None and written.done_on > today:
        raise deed.refuse("not_yet", "the day on which it was done must be today or in the past")
    if not written.said.strip() or not written.did.strip():
        raise deed.refuse("nothing_said", "say what people said and what was done")
    if bool(written.said_cy.strip()) != bool(written.did_cy.strip()):
        raise deed.refuse("half_in_welsh", "write both parts in Welsh, or neither")
    if written.measure and written.measure not in measures_of(found.service):
        raise deed.refuse("no_such_measure", "choose one of the measures that are offered")
    for theme in written.themes:
        if theme.analysis.service_id != found.service_id or theme.analysis.signed_off_at is None:
            raise deed.refuse("not_signed_off", "only themes that were signed off can be named")
    found.said, found.said_cy = written.said.strip(), written.said_cy.strip()
    found.did, found.did_cy = written.did.strip(), written.did_cy.strip()
    found.done_on, found.measure = written.done_on, written.measure
    found.target = written.target if written.measure else None
    found.later = found.later_on = found.later_told = None


def _take_baseline(deed: Deed, found: Improvement) -> None:
    """Take the measure of the time before; nothing where none was named."""
    found.baseline = found.baseline_on = found.baseline_told = None
    if found.measure:
        span = baseline_span(found.measure, found.done_on or timezone.localdate(deed.at))
        before = measured_between(found.service, found.measure, span)
        found.baseline, found.baseline_on = _number(before.value), timezone.localdate(deed.at)
        found.baseline_told = told(before, span)
        deed.record(
            "improvement.measured",
            improvement=found.id,
            measure=kind_of_measure(found.measure),
            when="before",
        )
    found.save(update_fields=["baseline", "baseline_on", "baseline_told"])


def _check_quotes(deed: Deed, found: Improvement) -> int:
    """How many quotations it has. Refused where one of them may not be shown any more."""
    ids = list(found.quotes.values_list("comment_id", flat=True))
    if may_be_quoted(Comment.objects.filter(id__in=ids)).count() != len(ids):
        raise deed.refuse(
            "not_quotable", "a comment that is quoted may not be shown any more; take the quotation away"
        )
    return len(ids)


def _writable(deed: Deed, improvement: Improvement) -> Improvement:
    found = _locked(improvement)
    if found.state not in WRITABLE:
        raise deed.refuse("not_a_draft", "only a draft can be changed; ask for it to be returned first")
    return found


def _submitted(deed: Deed, improvement: Improvement) -> Improvement:
    found = _locked(improvement)
    if found.state != ImprovementState.SUBMITTED:
        raise deed.refuse("not_submitted", "it does not wait to be published any more")
    return found


def _locked(improvement: Improvement) -> Improvement:
    return Improvement.objects.select_for_update().get(id=improvement.id)


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
