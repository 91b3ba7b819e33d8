"""The words of improvements and their measures: for staff in English, for the public in the page's language."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from joinedup.feedback import Change, Measure, Measured, Verdict, in_percent, in_pounds
from joinedup_web.design.words import day
from joinedup_web.feedback.measured import TAG, Span
from joinedup_web.feedback.models import Improvement
from joinedup_web.feedback.queries.act_improvements import Outcome

STANDING = {"draft": "waiting", "submitted": "attention", "published": "good", "withdrawn": "bad"}
VERDICTS = {
    Verdict.BETTER: "It got better, by more than chance alone would have it.",
    Verdict.WORSE: "It got worse, by more than chance alone would have it.",
    Verdict.NOT_CHANGED: "No change can be told: chance alone may have made the difference.",
    Verdict.UNKNOWN: "Whether it changed is not known: there are no answers or figures of these days.",
}
_COST_VERDICTS = {
    Verdict.BETTER: "It costs less. A cost is counted, not sampled, so there is no interval.",
    Verdict.WORSE: "It costs more. A cost is counted, not sampled, so there is no interval.",
    Verdict.NOT_CHANGED: "It costs the same.",
}


def span_words(span: Span) -> str:
    """1 March 2026 to 31 May 2026, in the page's language."""
    return _("%(first)s to %(last)s") % {"first": day(span.first), "last": day(span.last)}


def target_words(of: Improvement) -> str:
    """The target as people write it, or nothing."""
    if of.target is None:
        return ""
    exact = Fraction(str(of.target))
    return f"£{in_pounds(exact):,}" if of.measure == "cost" else f"{in_percent(exact)}%"


def outcome_words(outcome: Outcome) -> str:
    """What can be said of the change, for staff: the difference, its interval, whether the target was reached."""
    found = outcome.change
    if found is None or outcome.after is None:
        return "It was not measured again yet."
    is_cost = outcome.before.measure is Measure.COST
    words = [(_COST_VERDICTS if is_cost else {}).get(found.verdict, VERDICTS[found.verdict])]
    if found.difference is not None:
        words.append(f"The difference is {_difference(found, is_cost)}.")
    if found.reached is not None:
        words.append("The target was reached." if found.reached else "The target was not reached.")
    return " ".join(words)


def public_measure(code: str, tag: str) -> str:
    """A measure's name in the page's language. tag: the name of the tag that it is about."""
    if code.startswith(TAG):
        return _("Share of comments about “%(subject)s”") % {"subject": tag}
    return {
        "satisfaction": _("User satisfaction"),
        "completion": _("Completion rate"),
        "take_up": _("Digital take-up"),
        "cost": _("Cost per transaction"),
        "negative": _("Share of comments that are negative"),
    }.get(code, "")


def public_verdict(verdict: Verdict) -> str:
    """What can be said of a change, in the page's language."""
    return {
        Verdict.BETTER: _("It got better, by more than chance would explain."),
        Verdict.WORSE: _("It got worse, by more than chance would explain."),
        Verdict.NOT_CHANGED: _("We cannot tell a change from chance."),
    }.get(verdict, "")


def shown(found: Measured) -> str:
    """A value in the page's language."""
    return _("not known") if found.value is None else found.shown


def _difference(found: Change, is_cost: bool) -> str:
    assert found.difference is not None
    if is_cost:
        pounds = in_pounds(abs(found.difference))
        return f"{'−' if found.difference < 0 else '+'}£{pounds:,}"
    words = f"{_signed(in_percent(found.difference))} percentage points"
    if found.low is not None and found.high is not None:
        low, high = (_signed(Decimal(str(round(each * 100, 1)))) for each in (found.low, found.high))
        words += f" (95% interval {low} to {high})"
    return words


def _signed(value: Decimal) -> str:
    return f"{'−' if value < 0 else '+'}{abs(value)}"
