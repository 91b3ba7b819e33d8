"""Which pages there are for whom: Django's addresses, the roles' permissions, and what support.full_site has made."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from joinedup_web.gate.permissions import role_kinds
from joinedup_web.gate.rules import Audience
from support.addresses import Address, addresses

NOBODY, CITIZEN = "nobody", "citizen"
NOT_PAGES: Mapping[str, str] = {
    "public:robots": "plain words for programs",
    "public:security": "plain words for programs",
    "operations:live": "plain words for programs",
    "operations:ready": "plain words for programs",
    "operations:metrics": "figures for programs",
    "identity:start": "leads on to GOV.UK One Login",
    "identity:start_identity": "leads on to GOV.UK One Login",
    "identity:come_back": "comes from GOV.UK One Login; its faults are pages of test_citizen_walk.py",
    "identity:back_channel_logout": "for the provider's machine",
    "identity:keys": "keys for programs",
    "identity:sign_out": "a deed",
    "identity:token": "for programs",
    "api:openapi": "for programs",
    "accounts:passkey": "a deed",
    "accounts:passkey_options": "for the script of the page",
    "accounts:own_passkey_options": "for the script of the page",
    "accounts:set_up_passkey_options": "for the script of the page",
    "accounts:confirm_passkey_options": "for the script of the page",
    "accounts:confirm_passkey": "a deed",
    "accounts:provider_start": "leads on to the provider",
    "accounts:provider_return": "comes from the provider",
    "accounts:sign_out": "a deed",
    "accounts:end_session": "a deed",
    "accounts:review_item": "a deed",
    "accounts:close_emergency": "a deed",
    "accounts:invitation_link": "leads on to the page without the token",
    "accounts:recover_link": "leads on to the page without the token",
    "audit:proof": "a file",
    "audit:consistency": "a file",
    "audit:verify": "a deed",
    "linkage:source_progress": "for the script of the page",
    "linkage:run_progress": "for the script of the page",
    "linkage:rows_aside": "a file",
    "linkage:quality_report": "a file, tried in test_quality_page.py",
    "linkage:action_plan": "a file",
    "linkage:report": "a file",
    "linkage:download": "a file",
    "linkage:resume": "a deed",
    "linkage:next_pair": "leads on to a pair",
    "linkage:skip_pair": "a deed",
    "linkage:undo_decision": "a deed",
    "linkage:review_shortcuts": "a deed",
    "linkage:draw_sample": "a deed",
    "linkage:retrain": "a deed",
    "linkage:search_people": "a deed",
    "linkage:clear_search": "a deed",
    "linkage:end_purpose": "a deed",
    "index:decisions": "a deed",
    "index:undo": "a deed",
    "operations:decide_erasure": "a deed",
    "feedback:read_again": "a deed",
    "feedback:retire_tag": "a deed",
    "feedback:next_comment": "leads on to a comment",
    "feedback:analysis_progress": "for the script of the page",
    "feedback:analysis_csv": "a file",
    "feedback:keep_theme": "a deed",
    "feedback:restore_theme": "a deed",
    "feedback:acknowledge_flag": "a deed",
    "feedback:reopen_flag": "a deed",
    "feedback:moderate_many": "a deed",
    "feedback:let_through": "a deed",
    "feedback:restore_response": "a deed",
    "feedback:confirm_masks": "a deed",
    "feedback:mask_anew": "a deed",
    "feedback_public:short": "leads on to the form",
    "feedback:close_form": "a deed",
    "feedback:move_question": "a deed",
    "feedback:remove_quota": "a deed",
    "feedback:point_state": "a deed",
    "feedback:point_svg": "a picture, on its point's page",
    "feedback:point_png": "a picture to download",
    "casework:to_give": "leads on to the list",
    "casework:take": "a deed",
    "casework:note": "a deed",
    "casework:go_on": "a deed",
    "casework:part": "a deed",
    "casework:send_again": "a deed",
    "casework:close_team": "a deed",
    "casework:open_team": "a deed",
    "casework:set_day": "a deed",
    "casework:unset_day": "a deed",
    "feedback:take_out_of_case": "a deed",
    "feedback:confirm_import": "a deed",
    "feedback:drop_import": "a deed",
    "feedback:import_aside": "a file",
    "feedback:stop_invitations": "a deed",
    "feedback:offline_page": "a file, walked in test_offline_walk.py",
    "text:evaluate": "a deed",
    "feedback:improvement_unquote": "a deed",
    "feedback:improvement_submit": "a deed",
    "feedback:improvement_measure": "a deed",
    "feedback:dashboard_csv": "a file",
    "feedback:digest_choose": "a deed",
    "feedback:digest_leave": "a deed",
    "feedback_public:figures_csv": "a file",
    "feedback_public:figures_json": "a file",
    "feedback_public:figures_metadata": "a file",
    "feedback_public:ask": "for the script on another website's page",
    "feedback_public:script": "a script",
}
ON_THE_WAY: Mapping[str, str] = {
    "accounts:code": "after the password",
    "accounts:recovery_code": "after the password",
    "accounts:set_up": "after the first password",
    "accounts:set_up_app": "after the first password",
    "accounts:set_up_passkey": "after the first password",
    "accounts:set_up_codes": "after the first factor",
    "accounts:invitation": "after the link of an invitation",
    "accounts:recover": "after the link of a recovery",
    "accounts:remove_app": "with an app that is set up",
    "accounts:remove_passkey": "with a passkey that is set up",
    "identity:client_secret": "after a client was registered",
}
"""Pages that one comes to by doing something first; test_every_page.py goes there."""
NOT_FOR: Mapping[str, tuple[str, ...]] = {
    # who works over all organisations has none of their own to make a role for
    "platform_administrator": ("accounts:add_role", "accounts:change_role", "accounts:withdraw_role"),
}
ELSEWHERE = ("demonstration:",)
"""Pages of a demonstration alone: test_screenshots.py goes there."""


def pages_for(role: str, made: Mapping[str, list[dict[str, Any]]], *, empty: bool = False) -> list[str]:
    """The addresses that a role may go to, without those of NOT_PAGES and ON_THE_WAY.

    empty: those that every organisation has, with nothing in it.
    """
    return list(dict.fromkeys(_pages_for(role, made, empty=empty)))


def unaccounted(made: Mapping[str, list[dict[str, Any]]]) -> list[str]:
    """Addresses that neither are listed above nor can be reached with what was made."""
    listed = {*NOT_PAGES, *ON_THE_WAY}
    return [
        address.name
        for address in _named()
        if address.name not in listed and address.takes and address.name not in made
    ]


def listed_in_vain() -> list[str]:
    """Names above that no address has (any more)."""
    return sorted({*NOT_PAGES, *ON_THE_WAY} - {address.name for address in addresses()})


def _pages_for(role: str, made: Mapping[str, list[dict[str, Any]]], *, empty: bool) -> Iterator[str]:
    for address in _named():
        if address.name in NOT_PAGES or address.name in ON_THE_WAY or not _may(role, address):
            continue
        if address.name in NOT_FOR.get(role, ()):
            continue
        if not address.takes:
            yield address.path
        elif not empty:
            for kwargs in made[address.name]:
                if role in kwargs.get("only", [role]):
                    yield _filled(address.path, kwargs)


def _named() -> list[Address]:
    """Addresses with a name, but those of programs and of demonstrations alone."""
    return [
        address
        for address in addresses()
        if address.name and not address.name.startswith(ELSEWHERE) and address.rule is not None
        and address.rule.audience in (Audience.EVERYONE, Audience.STAFF, Audience.CITIZENS)
    ]  # fmt: skip


def _may(role: str, address: Address) -> bool:
    rule = address.rule
    assert rule is not None
    if role == NOBODY:
        return rule.audience is Audience.EVERYONE
    if role == CITIZEN:
        return rule.audience is Audience.CITIZENS
    held = role_kinds()[role].permissions
    return rule.audience is Audience.STAFF and (rule.permission is None or rule.permission in held)


def _filled(path: str, kwargs: Mapping[str, Any]) -> str:
    query = f"?{kwargs['query']}" if "query" in kwargs else ""
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(kwargs[found[1]]), path) + query
