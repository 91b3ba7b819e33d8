"""Comments that models have read, a codebook, and analyses in each of their states: for every page about them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from joinedup_web.casework.models import Team
from joinedup_web.feedback.actions.analyses import keep_doubts
from joinedup_web.feedback.models import (
    Analysis,
    Comment,
    FittedModel,
    FormVersion,
    JobState,
    RouteSuggestion,
    Service,
    Tag,
    TagAssignment,
    Theme,
    ThemeAssignment,
)
from joinedup_web.feedback.reader.stance import stance_of
from support.comments_read import PARKING, PAYING, STAFF, WELSH, commented

DRAFTS = (
    ("Payment, card, broken", PAYING, "against"),
    ("Parking, bays, street", PARKING, "against"),
    ("Helpful, staff, telephone", STAFF, "for"),
)


def understood_things(service_id: UUID, *, mark: Callable[[str], str] | None = None) -> dict[str, Any]:
    """Things: tag, retired_tag, unread_comment (in Welsh), analysis (drafts), signed_analysis, waiting_analysis,
    failed_analysis, theme, deleted_theme.

    mark: puts a mark into texts of people.
    """
    service = Service.objects.get(id=service_id)
    told = mark or (lambda what: "")
    version = FormVersion.objects.filter(form__service=service).first()
    assert version is not None, "the service has a form"
    now = timezone.now()
    members: dict[str, list[Comment]] = {title: [] for title, _, _ in DRAFTS}
    for weeks_ago in range(1, 9):
        for title, texts, stance in DRAFTS:
            more = 2 if weeks_ago == 1 and stance == "for" else 1
            said = [f"{text} {told('COMMENT')}".strip() for text in texts] * more
            made = commented(version, said, at=now - timedelta(weeks=weeks_ago))
            feeling = "positive" if stance == "for" else "negative"
            Comment.objects.filter(id__in=[each.id for each in made]).update(
                read_at=now, sentiment=feeling, sentiment_by="1", doubt=0.2
            )
            members[title] += made
    (welsh, _) = commented(
        version, WELSH, language="cy", is_readable=False, at=now - timedelta(weeks=2), state="open"
    )
    tag = Tag.objects.create(
        service=service, name=told("TAG") or "Paying online", description="Cards, refunds, the payment page"
    )
    retired = Tag.objects.create(service=service, name=f"{told('TAG')} Old tag".strip(), is_active=False)
    team = Team.objects.filter(organisation=service.organisation).first() or Team.objects.create(
        organisation=service.organisation, name=told("TEAM") or "Payments", purpose="Payments and refunds"
    )
    paying = members[DRAFTS[0][0]]
    TagAssignment.objects.bulk_create(
        [
            TagAssignment(comment=each, tag=tag, made_by="1", probability=0.8, fate=fate)
            for each, fate in zip(
                paying, ("accepted", "accepted", "rejected", *["suggested"] * 100), strict=False
            )
        ]
    )
    RouteSuggestion.objects.bulk_create(
        [RouteSuggestion(comment=each, suggested=team, probability=0.7, made_by="1") for each in paying[:5]]
    )
    FittedModel.objects.create(
        service=service,
        feature="tag",
        version="0123456789abcdef",
        decisions=120,
        figures={"texts": 30, "samples_f1": [0.71, 0.62, 0.8], "macro_f1": 0.66, "examples": 120},
    )
    drafts = _analysis(service, state=JobState.DONE)
    theme, deleted = _themes(drafts, members, told)
    signed = _analysis(service, state=JobState.DONE, signed_off_at=now)
    _themes(signed, members, told)
    signed.themes.filter(state="candidate").update(state="kept")
    waiting = _analysis(
        service, state=JobState.RUNNING, counts={"stage": "reading", "done": 40, "total": 146}
    )
    failed = _analysis(
        service,
        state=JobState.FAILED,
        counts={},
        problem={
            "what": told("WHY") or "there are 3 comments that a model can read",
            "where": "",
            "mend": "",
        },
    )
    return {
        "tag": tag.id,
        "retired_tag": retired.id,
        "unread_comment": welsh.id,
        "analysis": drafts.id,
        "signed_analysis": signed.id,
        "waiting_analysis": waiting.id,
        "failed_analysis": failed.id,
        "theme": theme.id,
        "deleted_theme": deleted.id,
    }


def _analysis(service: Service, **fields: Any) -> Analysis:
    today = timezone.localdate()
    return Analysis.objects.create(
        service=service,
        question="improve",
        first_day=today - timedelta(days=90),
        last_day=today,
        method="clusters",
        heartbeat_at=timezone.now(),
        models_used={"embedder": ["all-MiniLM-L6-v2 int8", "53aa51172d14-int8-1"]},
        variance={"agreement": 0.82, "runs": 3},
        **{"counts": {"comments": 152, "used": 150, "noise": 0, "languages": {"cy": 2}}, **fields},
    )


def _themes(
    analysis: Analysis, members: dict[str, list[Comment]], told: Callable[[str], str]
) -> tuple[Theme, Theme]:
    """Each draft as a theme; the last is deleted, and one that was merged stands beside them."""
    made = []
    for number, (title, _, stance) in enumerate(DRAFTS, start=1):
        held = members[title]
        made.append(
            Theme.objects.create(
                analysis=analysis,
                number=number,
                title=f"{title} {told('THEME')}".strip(),
                drafted={"title": title, "description": ""},
                stance=stance_of([stance] * len(held)),
                terms=title.lower().split(", "),
                quotes=[str(each.id) for each in held[:3]],
                state="candidate",
            )
        )
        ThemeAssignment.objects.bulk_create(
            [
                ThemeAssignment(comment=each, theme=made[-1], made_by="1", probability=0.9, stance=stance)
                for each in held
            ]
        )
    deleted = Theme.objects.create(
        analysis=analysis, number=4, title="Thank, you", drafted={"title": "Thank, you"}, state="deleted"
    )
    Theme.objects.create(
        analysis=analysis,
        number=5,
        title="Card, refund",
        drafted={"title": "Card, refund"},
        state="merged",
        merged_into=made[0],
    )
    keep_doubts(None, analysis=analysis)  # type: ignore[arg-type]
    return made[0], deleted
