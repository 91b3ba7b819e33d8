"""Which cases that are not closed may be about the same, by the words in them."""

from __future__ import annotations

from dataclasses import dataclass

from joinedup.casework import alike
from joinedup_web.casework.models import Case, CaseState
from joinedup_web.casework.queries.cases import cases
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import require

MOST_COMPARED = 1000
"""The newest that are not closed are compared; whoever looks for an older one knows its number."""
MOST_OFFERED = 5


@dataclass(frozen=True)
class Likely:
    """A case that may be about the same. shared: words that both hold."""

    case: Case
    shared: tuple[str, ...]


def like_text(by: Actor, text: str, *, but: Case | None = None) -> list[Likely]:
    """The cases whose words are most like a text's, the likeliest first. Those that follow another are left out."""
    require(by, "case.view")
    rows = cases(by).filter(duplicate_of=None).exclude(state=CaseState.CLOSED.value)
    if but is not None:
        rows = rows.exclude(id=but.id)
    newest = rows.order_by("-opened_at", "id").values_list("id", "title", "text")[:MOST_COMPARED]
    texts = {key: f"{title} {words}" for key, title, words in newest}
    found = alike(text, texts, most=MOST_OFFERED)
    offered = {case.id: case for case in rows.filter(id__in=[each.key for each in found])}
    return [Likely(offered[each.key], each.shared) for each in found if each.key in offered]


def like_case(by: Actor, of: Case) -> list[Likely]:
    """The cases most like one."""
    return like_text(by, f"{of.title} {of.text}", but=of)
