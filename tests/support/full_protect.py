"""Pages about responses, flags and masks, for the site with something of every kind in it."""

from __future__ import annotations

from typing import Any

from joinedup_web.accounts.models import Organisation
from support.feedback_forms import service as feedback_service
from support.feedback_things import watched_service
from support.protected_feedback import protected_things


def protected_pages(place: Organisation) -> dict[str, list[dict[str, Any]]]:
    """Responses of each state, flags of each standing, masks to check; and a service that nobody has answered."""
    service = watched_service("Blue badges", where=place)
    things = {
        name: {f"{name.split('_')[-1]}_id": str(each)} for name, each in protected_things(service.id).items()
    }
    empty = {"service_id": str(feedback_service("Library cards", where=place).id)}
    of = {"service_id": str(service.id)}
    moderators, comment = ["moderator", "service_manager"], things["masked_comment"]
    held, hidden = (
        {**things[name], "only": [*moderators, "adviser"]} for name in ("held_response", "hidden_response")
    )
    return {
        "feedback:flag": [things[name] for name in ("flag", "in_hand_flag", "closed_flag")],
        **{
            f"feedback:{name}": [things["in_hand_flag"]]
            for name in ("note_on_flag", "change_flag", "close_flag")
        },
        "feedback:responses": [of, empty],
        "feedback:masks": [of, empty],
        "feedback:blocks": [of, empty],
        "feedback:lift_block": [things["block"]],
        "feedback:response": [things["masked_response"], held, hidden],
        "feedback:hide_response": [things["masked_response"]],
        "feedback:unmask": [things["masked_response"]],
        "feedback:mask_missed": [comment],
        "feedback:wrong_mask": [{**comment, "only": ["moderator"]}],
        "feedback:raise_flag": [comment],
    }
