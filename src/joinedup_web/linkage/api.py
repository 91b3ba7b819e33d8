"""The API's endpoints about linkage, for machine clients: runs and their headline figures, nobody's record."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from joinedup_web.gate.rules import for_clients
from joinedup_web.linkage.models import Run, RunState
from joinedup_web.linkage.queries import runs as runs_of

MOST = 100
router = Router(tags=["Linkage"])


class FiguresOut(Schema):
    """The few figures of a run; null where the run does not know."""

    records: int | None = Field(None, description="Records of all sources")
    people: int | None = Field(None, description="People found among them")
    links: int | None = Field(None, description="Pairs of records that were joined")
    pairs: int | None = Field(None, description="Pairs of records that were compared")
    precision: float | None = Field(None, description="Share of links that are right, from 0 to 1")
    recall: float | None = Field(None, description="Share of true links that were found, from 0 to 1")


class RunOut(Schema):
    """One finished run."""

    id: UUID = Field(description="The run’s id")
    project: str = Field(description="The project's name")
    project_id: UUID = Field(description="The project’s id")
    number: int = Field(description="Counts from 1 within the project")
    kind: str = Field(description="dedupe, link or link_and_dedupe")
    finished_at: datetime = Field(description="When it ended, in UTC")
    figures: FiguresOut = Field(description="Its headline figures; null where the run does not know")

    @staticmethod
    def from_run(run: Run) -> dict[str, Any]:
        """The values of one run."""
        return {
            "id": run.id,
            "project": run.project.name,
            "project_id": run.project_id,
            "number": run.number,
            "kind": run.kind,
            "finished_at": run.finished_at,
            "figures": run.headline,
        }


class RunsOut(Schema):
    """A page of runs, the newest first. next_page: null on the last."""

    runs: list[RunOut] = Field(description="The newest first")
    page: int = Field(description="The page that this is")
    next_page: int | None = Field(description="The page to ask for next; null on the last")


@router.get("/runs", response=RunsOut, summary="Finished linkage runs")
@for_clients("linkage.read")
def runs(
    request: HttpRequest,
    page: Annotated[int, Query(ge=1, le=10_000, description="Which page, from 1")] = 1,
    page_size: Annotated[int, Query(ge=1, le=MOST, description="How many runs a page holds")] = 50,
) -> Any:
    """Return the finished linkage runs of the client's organisation with their figures, the newest first."""
    finished = runs_of(request.actor).filter(state=RunState.FINISHED)  # type: ignore[attr-defined]
    start = (page - 1) * page_size
    found = list(finished.order_by("-finished_at", "-id")[start : start + page_size + 1])
    return {
        "runs": [RunOut.from_run(run) for run in found[:page_size]],
        "page": page,
        "next_page": page + 1 if len(found) > page_size else None,
    }
