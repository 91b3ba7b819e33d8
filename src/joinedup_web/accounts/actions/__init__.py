"""Every deed on accounts. Each takes `by`, holds its permission, and writes rows and audit event together."""

from joinedup_web.accounts.actions.emergency import close_emergency, open_emergency, review_emergency
from joinedup_web.accounts.actions.factors import (
    add_passkey,
    begin_app,
    change_password,
    confirm_app,
    make_recovery_codes,
    remove_app,
    remove_passkey,
)
from joinedup_web.accounts.actions.invitations import (
    accept_as_colleague,
    accept_by_provider,
    accept_invitation,
    create_first_administrator,
    invite,
    send_again,
    withdraw_invitation,
)
from joinedup_web.accounts.actions.organisations import (
    add_organisation,
    change_organisation,
    end_officer,
    name_officer,
)
from joinedup_web.accounts.actions.people import (
    close_account,
    end_role,
    grant_role,
    open_account,
    sign_out_person,
)
from joinedup_web.accounts.actions.recovery import (
    approve_recovery,
    ask_for_recovery,
    refuse_recovery,
    use_recovery,
)
from joinedup_web.accounts.actions.reviews import close_review, decide_item, open_review
from joinedup_web.accounts.actions.roles import change_role, define_role, withdraw_role
from joinedup_web.accounts.actions.session import end_own_session, sign_out
from joinedup_web.accounts.actions.sign_in import try_code, try_passkey, try_password, try_recovery_code

__all__ = [
    "accept_as_colleague",
    "accept_by_provider",
    "accept_invitation",
    "add_organisation",
    "add_passkey",
    "approve_recovery",
    "ask_for_recovery",
    "begin_app",
    "change_organisation",
    "change_password",
    "change_role",
    "close_account",
    "close_emergency",
    "close_review",
    "confirm_app",
    "create_first_administrator",
    "decide_item",
    "define_role",
    "end_officer",
    "end_own_session",
    "end_role",
    "grant_role",
    "invite",
    "make_recovery_codes",
    "name_officer",
    "open_account",
    "open_emergency",
    "open_review",
    "refuse_recovery",
    "remove_app",
    "remove_passkey",
    "review_emergency",
    "send_again",
    "sign_out",
    "sign_out_person",
    "try_code",
    "try_passkey",
    "try_password",
    "try_recovery_code",
    "use_recovery",
    "withdraw_invitation",
    "withdraw_role",
]
