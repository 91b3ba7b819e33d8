"""Responses, moderation, masks, flags."""

from django.urls import path

from joinedup_web.feedback.views import protect_flags as flags
from joinedup_web.feedback.views import protect_masks as masks
from joinedup_web.feedback.views import protect_moderation as moderation
from joinedup_web.feedback.views import protect_responses as responses

urlpatterns = [
    path("feedback/flags", flags.flags, name="flags"),
    path("feedback/flags/<uuid:flag_id>", flags.flag, name="flag"),
    path("feedback/flags/<uuid:flag_id>/acknowledge", flags.acknowledge, name="acknowledge_flag"),
    path("feedback/flags/<uuid:flag_id>/note", flags.note, name="note_on_flag"),
    path("feedback/flags/<uuid:flag_id>/change", flags.change, name="change_flag"),
    path("feedback/flags/<uuid:flag_id>/close", flags.close, name="close_flag"),
    path("feedback/flags/<uuid:flag_id>/reopen", flags.reopen, name="reopen_flag"),
    path("feedback/services/<uuid:service_id>/responses", responses.responses, name="responses"),
    path(
        "feedback/services/<uuid:service_id>/responses/moderate",
        moderation.moderate_many,
        name="moderate_many",
    ),
    path("feedback/services/<uuid:service_id>/masks", masks.masks, name="masks"),
    path("feedback/services/<uuid:service_id>/blocks", moderation.blocks, name="blocks"),
    path("feedback/blocks/<uuid:block_id>/lift", moderation.lift_block, name="lift_block"),
    path("feedback/responses/<uuid:response_id>", responses.response, name="response"),
    path("feedback/responses/<uuid:response_id>/hide", moderation.hide, name="hide_response"),
    path("feedback/responses/<uuid:response_id>/let-through", moderation.let_through, name="let_through"),
    path("feedback/responses/<uuid:response_id>/restore", moderation.restore, name="restore_response"),
    path("feedback/responses/<uuid:response_id>/unmask", masks.unmask, name="unmask"),
    path("feedback/responses/<uuid:response_id>/confirm-masks", masks.confirm, name="confirm_masks"),
    path("feedback/responses/<uuid:response_id>/mask-anew", masks.mask_anew, name="mask_anew"),
    path("feedback/comments/<uuid:comment_id>/mask", masks.missed, name="mask_missed"),
    path("feedback/comments/<uuid:comment_id>/wrong-mask", masks.wrong, name="wrong_mask"),
    path("feedback/comments/<uuid:comment_id>/flag", masks.raise_flag, name="raise_flag"),
]
