"""Kinds of event about the models that read text: features, evaluations, entries in the AI register."""

from __future__ import annotations

from joinedup.audit.event_kind import EventKind, count, flag, id_of, kind_of, one_of

# The codes of joinedup.text.FEATURES, which stands above this room; a test holds the two alike.
FEATURE_CODES = (
    "mask",
    "language",
    "danger",
    "sentiment",
    "route",
    "tag",
    "themes",
    "theme_drafts",
)
FAULTS = ("source", "model", "limit", "missing_extra", "service", "usage", "fault")

KINDS: tuple[EventKind, ...] = (
    kind_of(
        "feature.switched",
        "A use of a model was switched off or on.",
        *(one_of("feature", *FEATURE_CODES), flag("is_on")),
    ),
    kind_of(
        "evaluation.asked",
        "An evaluation of a model was asked for.",
        *(id_of("evaluation"), one_of("feature", *FEATURE_CODES), one_of("suite", "shipped", "own")),
    ),
    kind_of(
        "evaluation.finished",
        "A model was evaluated.",
        *(id_of("evaluation"), one_of("feature", *FEATURE_CODES), count("texts")),
    ),
    kind_of(
        "evaluation.failed",
        "A model could not be evaluated.",
        *(id_of("evaluation"), one_of("feature", *FEATURE_CODES), one_of("fault", *FAULTS)),
    ),
    kind_of(
        "register.edited",
        "Somebody wrote in a transparency record.",
        *(one_of("feature", *FEATURE_CODES), count("fields")),
    ),
)
