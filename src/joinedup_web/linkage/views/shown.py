"""What the pages of the main job share: who asks, state tags, answers to a progress bar, files as downloads."""

from __future__ import annotations

from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.text import slugify
from markupsafe import Markup

from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import Refused, decide
from joinedup_web.linkage.models import Project, RunState, Source, SourceState
from joinedup_web.linkage.words import RUN_STANDING, SOURCE_STANDING

SECONDS_BETWEEN_PAGES = 10
FRESH = 30  # minutes since one last proved who one is, before people's data are taken away
COLOURS = {"good": "green", "bad": "red", "attention": "yellow", "working": "blue", "waiting": "purple"}


def by_of(request: HttpRequest) -> Actor:
    """Who asks."""
    by: Actor = request.actor  # type: ignore[attr-defined]
    return by


def may(by: Actor, permission: str) -> bool:
    """Whether they may; for what pages offer, never instead of the gate."""
    return decide(by, permission).allowed


def sentence(refused: Refused) -> str:
    """Why the gate refused, as a sentence without its full stop."""
    words = "; ".join(refused.decision.reasons)
    return words[:1].upper() + words[1:]


def tag(words: str, standing: str) -> Markup:
    """A state as a tag, for cells of lists."""
    colour = COLOURS.get(standing, "grey")
    return Markup('<strong class="govuk-tag govuk-tag--{}">{}</strong>').format(colour, words)


def run_tag(state: str) -> Markup:
    """The tag of a run's state."""
    return tag(RunState(state).label, RUN_STANDING[state])


def source_tag(source: Source) -> Markup:
    """The tag of a source's state; a ready one whose meanings nobody has looked over says so."""
    if source.state == SourceState.READY and source.checked_at is None:
        return tag("Columns to check", "attention")
    return tag(SourceState(source.state).label, SOURCE_STANDING[source.state])


def again_by_itself(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """Without JavaScript a page reloads by itself only where the person asked for it (WCAG 2.2.1): ?again=yes."""
    if request.GET.get("again") == "yes":
        answer["Refresh"] = str(SECONDS_BETWEEN_PAGES)
    return answer


def file_name(project: Project, *parts: str) -> str:
    """A name for a download, of letters, digits and hyphens: fernshire-residents-run-2-people.csv."""
    return "-".join([slugify(project.name)[:60] or "project", *parts])


def attachment(path: Path, name: str, kind: str) -> FileResponse:
    """A file as a download. Raises Http404 where it is not there (the source was removed)."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    answer = FileResponse(file, as_attachment=True, filename=name, content_type=kind)
    answer["Cache-Control"] = "no-store"
    return answer
