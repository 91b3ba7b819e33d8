"""What else there is of a service: links from its page, a line for each list that an app or a file of views adds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """One link. view_name: of a view that takes the service's id. permission: what that view asks for."""

    view_name: str
    words: str
    permission: str


PARTS: tuple[Part, ...] = (
    Part("feedback:understand", "What people wrote: tags, themes and trends", "feedback.view"),
    Part("feedback:responses", "Responses", "feedback.view"),
    Part("feedback:imports", "Responses from elsewhere", "feedback.import"),
    Part("feedback:masks", "Check masks", "feedback.moderate"),
    Part("feedback:blocks", "What is held back", "feedback.moderate"),
    Part("feedback:dashboard", "Dashboard", "measure.view"),
    Part("feedback:scorecard", "Scorecard", "measure.view"),
    Part("feedback:figures", "Figures by month", "measure.view"),
    Part("feedback:open_data", "Open data", "improvement.publish"),
    Part("feedback:improvements", "You said, we did", "feedback.view"),
)
