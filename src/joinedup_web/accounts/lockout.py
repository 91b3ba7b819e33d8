"""Failed attempts slow down, by account and by address, with a delay that doubles.

Counted alike for accounts that do not exist. Passkeys are not slowed by the account's count: nobody guesses
them, and so nobody can lock a colleague out of theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from joinedup_web.accounts.models import FailureCount
from joinedup_web.accounts.tokens import keyed_digest

FREE_BY_ACCOUNT, FREE_BY_ADDRESS = 5, 30
FIRST_DELAY, LONGEST_DELAY = timedelta(minutes=1), timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(hours=24)


@dataclass(frozen=True)
class Failure:
    """failures: how many within a day. locked_until: None while attempts are still free."""

    failures: int
    locked_until: datetime | None


def account_subject(email: str) -> str:
    """What attempts at one e-mail address are counted under."""
    return keyed_digest("account", email.strip().lower())


def delay_after(failures: int, *, free: int) -> timedelta | None:
    """Return how long to wait: nothing below `free` failures, then 1, 2, 4… minutes, an hour at most.

    >>> delay_after(5, free=5), delay_after(7, free=5)
    (datetime.timedelta(seconds=60), datetime.timedelta(seconds=240))
    """
    if failures < free:
        return None
    return min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(failures - free, 10))


def locked_until(*subjects: str, at: datetime) -> datetime | None:
    """Return until when any of them is locked; None where none is. One query."""
    found = FailureCount.objects.filter(subject__in=subjects, locked_until__gt=at)
    return max((row.locked_until for row in found if row.locked_until), default=None)


def count_failure(subject: str, *, free: int, at: datetime) -> Failure:
    """Count one failure and return how it stands now. Inside a transaction."""
    FailureCount.objects.get_or_create(subject=subject, defaults={"last_at": at})
    row = FailureCount.objects.select_for_update().get(subject=subject)
    row.failures = 1 if at - row.last_at > FORGOTTEN_AFTER else row.failures + 1
    delay = delay_after(row.failures, free=free)
    row.last_at, row.locked_until = at, at + delay if delay else None
    row.save()
    return Failure(row.failures, row.locked_until)


def forget_failures(subject: str) -> None:
    """The account was signed in to, so its count starts anew. Addresses are forgotten by time alone."""
    FailureCount.objects.filter(subject=subject).delete()
