"""Kinds of event about what was said and done, figures and digests."""

from __future__ import annotations

from joinedup.audit.event_kind import EventKind, count, flag, id_of, kind_of, one_of

_MEASURES = ("satisfaction", "completion", "take_up", "cost", "negative", "tag", "none")
_VERDICTS = ("better", "worse", "not_changed", "unknown")

KINDS: tuple[EventKind, ...] = (
    kind_of(
        "improvement.written", "What people said was written down.", id_of("service"), id_of("improvement")
    ),
    kind_of("improvement.changed", "What was said and done was written anew.", id_of("improvement")),
    kind_of("improvement.deleted", "A draft of what was said and done was deleted.", id_of("improvement")),
    kind_of(
        "improvement.measured",
        "A measure of what was done was taken from the data, before or after it.",
        id_of("improvement"),
        one_of("measure", *_MEASURES),
        one_of("when", "before", "after"),
        one_of("verdict?", *_VERDICTS),
    ),
    kind_of(
        "improvement.quoted",
        "Words of a comment whose sender allowed it were put beside what was done.",
        id_of("improvement"),
        id_of("comment"),
        flag("is_redacted"),
    ),
    kind_of("improvement.unquoted", "A quotation was taken away.", id_of("improvement"), id_of("comment")),
    kind_of("improvement.submitted", "What was done was handed in to be published.", id_of("improvement")),
    kind_of("improvement.returned", "What was done was handed back and not published.", id_of("improvement")),
    kind_of(
        "improvement.published",
        "What was said and done was published.",
        id_of("improvement"),
        count("quotes"),
    ),
    kind_of("improvement.withdrawn", "What was published was withdrawn.", id_of("improvement")),
    kind_of(
        "figures.noted", "A service's figures of months were entered.", id_of("service"), count("months")
    ),
    kind_of(
        "scorecard.stated",
        "What the scorecard cannot count was stated: the accessibility audit, the cost that applies.",
        id_of("service"),
    ),
    kind_of("figures.opened", "A service's figures were opened to the public.", id_of("service")),
    kind_of("figures.closed", "A service's figures are open to the public no more.", id_of("service")),
    kind_of("digest.chosen", "Somebody asked for a service's weekly digest.", id_of("service")),
    kind_of("digest.left", "Somebody wants a service's weekly digest no more.", id_of("service")),
    kind_of("digest.made", "The digest of a week was made.", id_of("service")),
    kind_of(
        "benchmark.brought_in",
        "A survey's percentages were brought in to compare with.",
        id_of("benchmark"),
        count("rows"),
    ),
    kind_of("benchmark.removed", "A survey's percentages were taken away.", id_of("benchmark")),
    kind_of("digest.sent", "The digest of a week was sent.", id_of("service"), count("people")),
)
