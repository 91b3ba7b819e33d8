"""What people make of draft themes: edit, merge, split, delete and restore, add, move comments, sign off."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from joinedup_web.audit.deed import Deed, action
from joinedup_web.feedback.actions.analyses import forget_vectors, keep_doubts
from joinedup_web.feedback.groups import Group, groups_of
from joinedup_web.feedback.models import (
    Analysis,
    Comment,
    Fate,
    JobState,
    Tag,
    TagAssignment,
    Theme,
    ThemeAssignment,
    ThemeState,
)
from joinedup_web.feedback.queries.themes import LIVE, comments_of
from joinedup_web.feedback.reader.stance import FROM_SENTIMENT, stance_of

PERSON = "person"
SIGNED_OFF = "these themes are signed off, and change no more"
LEAST_TO_SPLIT = 2
QUOTES = 3
STANCE_WORDS = {
    "against": "critical or against",
    "mixed": "neither or both",
    "for": "pleased or for",
    "": "unclear",
}


@action("theme.edit")
def edit_theme(deed: Deed, *, theme: Theme, title: str, description: str) -> None:
    """Give a theme another title or description; what the model had drafted stays beside them."""
    _refuse_unless_open(deed, theme)
    if (theme.title, theme.description) != (title, description):
        theme.title, theme.description = title, description
        if theme.state != ThemeState.ADDED:
            theme.state = ThemeState.EDITED
    elif theme.state == ThemeState.CANDIDATE:
        theme.state = ThemeState.KEPT
    _save(deed, theme)
    keep_doubts(deed, analysis=theme.analysis)
    deed.record("theme.edited", analysis=theme.analysis_id, theme=theme.id)


@action("theme.edit")
def keep_theme(deed: Deed, *, theme: Theme) -> None:
    """Say that a draft is right as it is."""
    _refuse_unless_open(deed, theme)
    if theme.state != ThemeState.CANDIDATE:
        raise deed.refuse("decided", "somebody has decided about this theme already")
    theme.state = ThemeState.KEPT
    _save(deed, theme)
    deed.record("theme.kept", analysis=theme.analysis_id, theme=theme.id)


@action("theme.edit", alone=True)
def merge_themes(deed: Deed, *, theme: Theme, into: Theme) -> None:
    """Put a theme's comments into another theme of the same analysis, which stays."""
    _refuse_unless_open(deed, theme)
    _refuse_unless_open(deed, into)
    if theme.id == into.id or theme.analysis_id != into.analysis_id:
        raise deed.refuse("not_another", "choose another theme of the same analysis")
    moved = _copy(deed, theme.assignments.exclude(fate=Fate.REJECTED), into=into)
    theme.state, theme.merged_into = ThemeState.MERGED, into
    _save(deed, theme)
    if into.state in (ThemeState.CANDIDATE, ThemeState.KEPT):
        into.state = ThemeState.EDITED
        _save(deed, into)
    _count_again(deed, into)
    keep_doubts(deed, analysis=theme.analysis)
    deed.record("theme.merged", analysis=theme.analysis_id, theme=theme.id, into=into.id, comments=moved)


@action("theme.edit", alone=True)
def split_theme(deed: Deed, *, theme: Theme, way: str) -> list[Theme]:
    """Split a theme into groups of like comments, or by whether they are pleased or critical; return the parts."""
    _refuse_unless_open(deed, theme)
    held = list(
        theme.assignments.exclude(fate=Fate.REJECTED).select_related("comment").order_by("comment_id")
    )
    parts = _by_stance(held) if way == "stance" else groups_of(theme, held)
    parts = [part for part in parts if part.held]
    if len(parts) < LEAST_TO_SPLIT:
        why = "its comments all have one stance" if way == "stance" else "its comments are too much alike"
        raise deed.refuse("one_part", f"this theme cannot be split that way: {why}")
    last = max(theme.analysis.themes.values_list("number", flat=True))
    made = []
    for number, part in enumerate(parts, start=last + 1):
        new = Theme.objects.create(
            analysis=theme.analysis,
            number=number,
            title=f"{theme.title}: {part.words}"[:150],
            stance=part.stance,
            terms=list(part.terms),
            quotes=[str(each.comment_id) for each in part.held[:3]],
            state=ThemeState.ADDED,
            split_from=theme,
            changed_by_id=deed.by.id,
            changed_at=deed.at,
        )
        _copy(
            deed, theme.assignments.filter(comment_id__in=[each.comment_id for each in part.held]), into=new
        )
        _count_again(deed, new)
        made.append(new)
    theme.state = ThemeState.SPLIT
    _save(deed, theme)
    keep_doubts(deed, analysis=theme.analysis)
    deed.record("theme.split", analysis=theme.analysis_id, theme=theme.id, way=way, parts=len(made))
    return made


@action("theme.edit")
def delete_theme(deed: Deed, *, theme: Theme) -> None:
    """Delete a theme: its comments have no theme then. It can be restored until the themes are signed off."""
    _refuse_unless_open(deed, theme)
    theme.state = ThemeState.DELETED
    _save(deed, theme)
    keep_doubts(deed, analysis=theme.analysis)
    deed.record("theme.deleted", analysis=theme.analysis_id, theme=theme.id)


@action("theme.edit")
def restore_theme(deed: Deed, *, theme: Theme) -> None:
    """Take a deletion back."""
    _refuse_signed(deed, theme.analysis)
    if theme.state != ThemeState.DELETED:
        raise deed.refuse("not_deleted", "this theme is not deleted")
    now = {"title": theme.title, "description": theme.description}
    if not theme.drafted:
        theme.state = ThemeState.ADDED
    else:
        theme.state = ThemeState.CANDIDATE if theme.drafted == now else ThemeState.EDITED
    _save(deed, theme)
    keep_doubts(deed, analysis=theme.analysis)
    deed.record("theme.restored", analysis=theme.analysis_id, theme=theme.id)


@action("theme.edit")
def add_theme(deed: Deed, *, analysis: Analysis, title: str, description: str) -> Theme:
    """Add a theme that no model drafted."""
    _refuse_signed(deed, analysis)
    numbers = list(analysis.themes.values_list("number", flat=True))
    theme = Theme.objects.create(
        analysis=analysis,
        number=max(numbers, default=0) + 1,
        title=title,
        description=description,
        state=ThemeState.ADDED,
        changed_by_id=deed.by.id,
        changed_at=deed.at,
    )
    keep_doubts(deed, analysis=analysis)
    deed.record("theme.added", analysis=analysis.id, theme=theme.id)
    return theme


@action("theme.edit")
def move_comments(
    deed: Deed, *, analysis: Analysis, comments: Sequence[UUID], theme: Theme | None, into: Theme | None
) -> int:
    """Move comments of the analysis out of a theme (None: they have none) into another (None: into none)."""
    _refuse_signed(deed, analysis)
    for end in (theme, into):
        if end is not None and (end.analysis_id != analysis.id or end.state not in LIVE):
            raise deed.refuse("not_here", "choose a theme of this analysis")
    if theme == into:
        raise deed.refuse("not_another", "choose another theme")
    known = list(comments_of(analysis).filter(id__in=list(comments)).values_list("id", flat=True))
    if not known:
        raise deed.refuse("nothing_chosen", "select at least one comment")
    if theme is not None:
        theme.assignments.filter(comment_id__in=known).update(
            fate=Fate.REJECTED, decided_by_id=deed.by.id, decided_at=deed.at
        )
    if into is not None:
        _take_in(deed, into, known)
    for end in (theme, into):
        if end is not None:
            _count_again(deed, end)
    keep_doubts(deed, analysis=analysis)
    told = {} if theme is None else {"theme": theme.id}
    told |= {} if into is None else {"into": into.id}
    deed.record("theme.comments_moved", analysis=analysis.id, comments=len(known), **told)
    return len(known)


@action("theme.sign_off", alone=True)
def sign_off(deed: Deed, *, analysis: Analysis, as_tags: bool) -> None:
    """Sign the themes off: they are the organisation's own, and change no more. as_tags: add them to the codebook."""
    _refuse_signed(deed, analysis)
    themes = list(analysis.themes.filter(state__in=LIVE))
    if not themes:
        raise deed.refuse("no_themes", "there is no theme to sign off")
    undecided = sum(theme.state == ThemeState.CANDIDATE for theme in themes)
    if undecided:
        what = "1 draft has" if undecided == 1 else f"{undecided} drafts have"
        raise deed.refuse("undecided", f"{what} not been decided about: keep, change, merge or delete each")
    if not Analysis.objects.filter(id=analysis.id, signed_off_at=None).update(
        signed_off_at=deed.at, signed_off_by_id=deed.by.id
    ):
        raise deed.refuse("signed_off", "these themes were signed off already")
    tags = _as_tags(deed, analysis, themes) if as_tags else 0
    analysis.signed_off_at = deed.at
    deed.record("analysis.signed_off", analysis=analysis.id, themes=len(themes), tags=tags)
    deed.after_commit(lambda: forget_vectors(analysis))


def _as_tags(deed: Deed, analysis: Analysis, themes: Sequence[Theme]) -> int:
    """Each theme becomes a tag, suggested for its comments; a tag of the same name takes them in."""
    for theme in themes:
        tag, _ = Tag.objects.get_or_create(
            service=analysis.service,
            name=theme.title[:100],
            defaults={"description": theme.description[:500], "made_by_id": deed.by.id, "made_at": deed.at},
        )
        Theme.objects.filter(id=theme.id).update(tag=tag)
        held = theme.assignments.exclude(fate=Fate.REJECTED).values_list(
            "comment_id", "made_by", "probability", "fate"
        )
        TagAssignment.objects.bulk_create(
            [
                TagAssignment(
                    comment_id=comment,
                    tag=tag,
                    made_by=made_by,
                    probability=probability,
                    fate=fate if fate == Fate.ADDED else Fate.SUGGESTED,
                    decided_by_id=deed.by.id if fate == Fate.ADDED else None,
                    decided_at=deed.at if fate == Fate.ADDED else None,
                )
                for comment, made_by, probability, fate in held
            ],
            ignore_conflicts=True,
            batch_size=500,
        )
    return len(themes)


def _by_stance(held: Sequence[ThemeAssignment]) -> list[Group]:
    return [
        Group(
            held=[each for each in held if each.stance == stance],
            words=STANCE_WORDS[stance],
            stance=stance,
        )
        for stance in ("against", "mixed", "for", "")
    ]


def _copy(deed: Deed, held: object, *, into: Theme) -> int:
    """The same assignments on another theme: whoever made them made them. Return how many came."""
    rows = list(
        held.values_list(
            "comment_id", "made_by", "probability", "stance", "fate", "decided_by_id", "decided_at"
        )  # type: ignore[attr-defined]
    )
    names = ("comment_id", "made_by", "probability", "stance", "fate", "decided_by_id", "decided_at")
    ThemeAssignment.objects.bulk_create(
        [ThemeAssignment(theme=into, **dict(zip(names, row, strict=True))) for row in rows],
        ignore_conflicts=True,
        batch_size=500,
    )
    into.assignments.filter(comment_id__in=[row[0] for row in rows], fate=Fate.REJECTED).update(
        fate=Fate.ADDED, decided_by_id=deed.by.id, decided_at=deed.at
    )
    return len(rows)


def _take_in(deed: Deed, into: Theme, comments: Sequence[UUID]) -> None:
    """A person says that these comments bear a theme; they are in it from then on, whatever was said before."""
    stances = dict(Comment.objects.filter(id__in=comments).values_list("id", "sentiment"))
    decided = {"fate": Fate.ADDED, "decided_by_id": deed.by.id, "decided_at": deed.at, "made_by": PERSON}
    here = set(into.assignments.filter(comment_id__in=comments).values_list("comment_id", flat=True))
    into.assignments.filter(comment_id__in=here).update(**decided)
    ThemeAssignment.objects.bulk_create(
        [
            ThemeAssignment(
                comment_id=comment,
                theme=into,
                stance=FROM_SENTIMENT.get(stances.get(comment, ""), ""),
                **decided,
            )
            for comment in comments
            if comment not in here
        ]
    )


def _count_again(deed: Deed, theme: Theme) -> None:
    """Part of every deed that gives a theme other comments: its stance and its quotes are theirs.

    Quotes that are still in it stay; others make room for its surest comments.
    """
    held = list(
        theme.assignments.exclude(fate=Fate.REJECTED)
        .order_by("-probability", "comment_id")
        .values_list("comment_id", "stance")
    )
    here = [str(comment) for comment, _ in held]
    stay = [key for key in theme.quotes if key in set(here)]
    theme.quotes = [*stay, *(key for key in here if key not in stay)][:QUOTES]
    theme.stance = stance_of(stance for _, stance in held)
    Theme.objects.filter(id=theme.id).update(quotes=theme.quotes, stance=theme.stance)


def _save(deed: Deed, theme: Theme) -> None:
    theme.changed_by_id, theme.changed_at = deed.by.id, deed.at
    theme.save()


def _refuse_signed(deed: Deed, analysis: Analysis) -> None:
    if analysis.state != JobState.DONE:
        raise deed.refuse("not_done", "the themes are not drafted yet")
    if Analysis.objects.filter(id=analysis.id).exclude(signed_off_at=None).exists():
        raise deed.refuse("signed_off", SIGNED_OFF)


def _refuse_unless_open(deed: Deed, theme: Theme) -> None:
    _refuse_signed(deed, theme.analysis)
    if theme.state not in LIVE:
        raise deed.refuse("gone", f"this theme is {theme.get_state_display().lower()} and cannot be changed")
