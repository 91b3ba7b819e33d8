"""Pages about comments, codebooks, analyses and themes, of a site with everything in it."""

from __future__ import annotations

from typing import Any

from joinedup_web.accounts.models import Organisation
from support.feedback_forms import service as service_named
from support.feedback_forms import version
from support.understood import understood_things

Pages = dict[str, list[dict[str, Any]]]


def understood_pages(place: Organisation) -> Pages:
    """Comments that models have read, their codebook, analyses and themes; and a service without any."""
    service = service_named("Blue badges", where=place)
    version(of=service, name="Blue badges")
    things = {name: str(thing) for name, thing in understood_things(service.id).items()}
    of = {"service_id": str(service.id)}
    empty = {"service_id": str(service_named("Library cards", where=place).id)}
    drafts, theme = {"analysis_id": things["analysis"]}, {"theme_id": things["theme"]}
    comments = service.comments.filter(is_readable=True, tag_assignments__isnull=False)
    named = ("understand", "codebook", "trends", "segments", "analyses", "new_analysis", "tagging")
    pages: Pages = {f"feedback:{name}": [of, empty] for name in named}
    pages |= {f"feedback:{name}": [drafts] for name in ("sign_off", "add_theme")}
    pages |= {f"feedback:{name}_theme": [theme] for name in ("edit", "merge", "split", "delete")}
    return pages | {
        "feedback:add_tag": [of],
        "feedback:add_tags": [of],
        "feedback:merge_tag": [{"tag_id": things["tag"]}],
        "feedback:change_tag": [{"tag_id": things["tag"]}],
        "feedback:check_comment": [
            {"comment_id": str(comments[0].id)},
            {"comment_id": things["unread_comment"]},
        ],
        "feedback:analysis": [
            {"analysis_id": things[f"{name}analysis"]} for name in ("", "signed_", "waiting_", "failed_")
        ],
        "feedback:compare_analyses": [drafts | {"query": f"with={things['signed_analysis']}"}],
        "feedback:others_of_analysis": [drafts, drafts | {"query": "which=people"}],
        "feedback:theme": [theme, {"theme_id": things["deleted_theme"]}],
    }
