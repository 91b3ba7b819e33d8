"""What the page of a refused sign-in says: what happened, what to do, and where the button leads.

By the kind of fault; a few codes have words of their own, because the person can do something about them.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from joinedup.identity import FaultCode, FaultKind, IdentityFault


@dataclass(frozen=True)
class FaultWords:
    """heading; sentences; button: what the way on is called; ask_for_help: whether the code should be told to us."""

    heading: str
    sentences: tuple[str, ...]
    button: str
    ask_for_help: bool = False


def fault_words(fault: IdentityFault, *, in_identity: bool) -> FaultWords:
    """The words of a fault, in the page's language. in_identity: it was met in proving who one is."""
    own = _by_code(fault.code)
    if own is not None:
        return own
    if in_identity:
        return _in_identity(fault.kind)
    return _in_sign_in(fault.kind)


def _by_code(code: FaultCode) -> FaultWords | None:
    if code is FaultCode.ACCESS_DENIED:
        return FaultWords(
            _("You have not signed in"),
            (
                _("You stopped signing in, or GOV.UK One Login could not let you go on."),
                _("Nothing has been changed. You can try again."),
            ),
            _("Sign in again"),
        )
    if code is FaultCode.IDENTITY_NOT_PROVED:
        return FaultWords(
            _("GOV.UK One Login could not prove who you are"),
            (
                _("This does not mean that you did anything wrong."),
                _("It happens when you stop, or when there is not enough to check you against."),
                _("You can try again, for example with another document."),
            ),
            _("Try to prove who you are again"),
        )
    if code in (FaultCode.STATE_UNKNOWN, FaultCode.SIGN_IN_TOO_OLD):
        return FaultWords(
            _("You need to start again"),
            (
                _("You took too long, went back, or began in another browser or window."),
                _("We use a link to sign in only once, to keep your account safe."),
            ),
            _("Sign in again"),
        )
    if code is FaultCode.SUBJECT_CHANGED:
        return FaultWords(
            _("You signed in to a different GOV.UK One Login"),
            (
                _("Proving who you are must be done with the GOV.UK One Login that you started with."),
                _("We have signed you out to keep both accounts safe."),
            ),
            _("Sign in again"),
        )
    if code is FaultCode.LOGIN_REQUIRED:
        return FaultWords(
            _("You have been signed out"),
            (_("Your GOV.UK One Login session has ended, so we have signed you out here too."),),
            _("Sign in again"),
        )
    return None


def _in_sign_in(kind: FaultKind) -> FaultWords:
    if kind is FaultKind.OUTAGE:
        return FaultWords(
            _("Sorry, you cannot sign in at the moment"),
            (
                _("GOV.UK One Login is not answering."),
                _("Nothing is wrong with your account. Try again in a few minutes."),
            ),
            _("Try again"),
        )
    if kind is FaultKind.OURS:
        return FaultWords(
            _("Sorry, you cannot sign in because of a problem with this service"),
            (
                _("It is a fault of ours and has been written down for those who look after the service."),
                _("Nothing is wrong with your account. Try again later."),
            ),
            _("Try again"),
            ask_for_help=True,
        )
    if kind is FaultKind.REFUSED:
        return FaultWords(
            _("Sorry, we could not check your sign-in"),
            (
                _("What came back from GOV.UK One Login did not pass our checks, so we did not sign you in."),
                _("Start again. If it happens twice, tell us."),
            ),
            _("Sign in again"),
            ask_for_help=True,
        )
    return FaultWords(
        _("You need to sign in again"),
        (_("Your sign-in could not be finished. Nothing is wrong with your account."),),
        _("Sign in again"),
    )


def _in_identity(kind: FaultKind) -> FaultWords:
    if kind is FaultKind.OUTAGE:
        return FaultWords(
            _("Sorry, you cannot prove who you are at the moment"),
            (
                _("GOV.UK One Login is not answering."),
                _("You may have to answer its questions again. Try again in a few minutes."),
            ),
            _("Try again"),
        )
    if kind is FaultKind.OURS:
        return FaultWords(
            _("Sorry, you cannot prove who you are because of a problem with this service"),
            (_("It is a fault of ours and has been written down for those who look after the service."),),
            _("Try again"),
            ask_for_help=True,
        )
    if kind is FaultKind.REFUSED:
        return FaultWords(
            _("Sorry, we could not check who you are"),
            (
                _("What came back from GOV.UK One Login did not pass our checks, so we kept nothing of it."),
                _("Try again. If it happens twice, tell us."),
            ),
            _("Try again"),
            ask_for_help=True,
        )
    return FaultWords(
        _("You need to start again"),
        (_("Proving who you are could not be finished. Nothing has been changed."),),
        _("Try again"),
    )
