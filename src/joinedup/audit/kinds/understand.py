"""Kinds of event about tags, routing, analyses and themes."""

from __future__ import annotations

from joinedup.audit.event_kind import EventKind, count, flag, id_of, kind_of, one_of

FAULTS = ("model", "source", "limit", "missing_extra", "service", "fault")

KINDS: tuple[EventKind, ...] = (
    # Reading in the background.
    kind_of(
        "reading.done",
        "Models read comments.",
        *(count("comments"), count("for_people"), count("tags"), count("routes"), count("abstained")),
    ),
    kind_of(
        "reading.asked",
        "Comments are to be read by models again.",
        *(id_of("service"), count("comments")),
    ),
    kind_of(
        "reading.fitted",
        "A model of a service's own was learnt from what people decided.",
        *(id_of("service"), one_of("feature", "tag", "route"), count("decisions")),
    ),
    # The codebook.
    kind_of("codebook.tag_added", "A tag was added to a codebook.", id_of("service"), id_of("tag")),
    kind_of("codebook.tag_changed", "A tag was changed.", id_of("service"), id_of("tag")),
    kind_of(
        "codebook.tag_retired",
        "A tag was retired, or taken up again.",
        *(id_of("service"), id_of("tag"), flag("active")),
    ),
    kind_of(
        "codebook.tag_merged",
        "A tag was merged into another, and retired.",
        *(id_of("service"), id_of("tag"), id_of("into"), count("comments")),
    ),
    # What people made of suggestions.
    kind_of(
        "comment.tagged",
        "Somebody looked at a comment's tags and its team.",
        *(id_of("comment"), count("accepted"), count("rejected"), count("added")),
        one_of("route", "accepted", "changed", "none"),
    ),
    # Analyses and their themes.
    kind_of(
        "analysis.asked",
        "Themes of comments were asked for.",
        *(id_of("service"), id_of("analysis"), one_of("method", "clusters", "language_model")),
    ),
    kind_of(
        "analysis.finished",
        "Draft themes of comments were made.",
        *(id_of("analysis"), count("comments"), count("themes")),
    ),
    kind_of(
        "analysis.failed",
        "No themes of comments could be made.",
        *(id_of("analysis"), one_of("fault", *FAULTS)),
    ),
    kind_of(
        "analysis.signed_off",
        "The themes of comments were signed off.",
        *(id_of("analysis"), count("themes"), count("tags")),
    ),
    kind_of("theme.added", "A theme was added.", id_of("analysis"), id_of("theme")),
    kind_of("theme.kept", "A draft theme was kept as it was.", id_of("analysis"), id_of("theme")),
    kind_of("theme.edited", "A theme was edited.", id_of("analysis"), id_of("theme")),
    kind_of(
        "theme.merged",
        "A theme was merged into another.",
        *(id_of("analysis"), id_of("theme"), id_of("into"), count("comments")),
    ),
    kind_of(
        "theme.split",
        "A theme was split.",
        *(id_of("analysis"), id_of("theme"), one_of("way", "groups", "stance"), count("parts")),
    ),
    kind_of("theme.deleted", "A theme was deleted.", id_of("analysis"), id_of("theme")),
    kind_of("theme.restored", "A deleted theme was restored.", id_of("analysis"), id_of("theme")),
    kind_of(
        "theme.comments_moved",
        "Comments were moved from one theme to another.",
        *(id_of("analysis"), id_of("theme?"), id_of("into?"), count("comments")),
    ),
)
