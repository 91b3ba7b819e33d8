"""What the library asks to be kept, in the database, so that every process that answers sees the same."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import get_random_string

from joinedup.identity import Kept, PendingSignIn
from joinedup_web.identity.models import KeptDocument, PendingStart, SeenOnce
from joinedup_web.identity.sealing import digest_of, opened, sealed

BROWSER = "one_login_browser"
LONGEST_PENDING = timedelta(hours=3)  # the library refuses what took more than two
MOST_PENDING = 5


class DatabasePendingSignIns:
    """The sign-ins that this browser began; an answer that another one brings finds nothing here."""

    def __init__(self, request: HttpRequest) -> None:
        self._session = request.session

    def put(self, pending: PendingSignIn) -> None:
        """Keep it under its state; this browser's oldest go where there are more than five, and all that are stale."""
        if BROWSER not in self._session:
            self._session[BROWSER] = get_random_string(43)
        state, browser = digest_of(pending.state), digest_of(self._session[BROWSER])
        PendingStart.objects.filter(started_at__lt=timezone.now() - LONGEST_PENDING).delete()
        PendingStart.objects.create(
            state=state,
            browser=browser,
            sealed=sealed(json.dumps(pending.as_dict()), context=f"identity.PendingStart {state}"),
            started_at=pending.started_at,
        )
        own = PendingStart.objects.filter(browser=browser).order_by("-started_at")
        old = list(own.values_list("state", flat=True)[MOST_PENDING:])
        if old:
            PendingStart.objects.filter(state__in=old).delete()

    def take(self, state: str) -> PendingSignIn | None:
        """Remove it and give it; of two takers, the one whose deletion counted."""
        if BROWSER not in self._session:
            return None
        mine = PendingStart.objects.filter(state=digest_of(state), browser=digest_of(self._session[BROWSER]))
        row = mine.first()
        if row is None or mine.delete()[0] != 1:
            return None
        text = opened(row.sealed, context=f"identity.PendingStart {row.state}")
        return PendingSignIn.from_dict(json.loads(text))


class DatabaseDocuments:
    """A provider's documents, as all processes share them."""

    def get(self, url: str) -> Kept | None:
        """What was kept under the URL, or None."""
        row = KeptDocument.objects.filter(url=url).first()
        if row is None:
            return None
        return Kept(bytes(row.body), row.fetched_at, row.fresh_until, row.asked_at)

    def put(self, url: str, kept: Kept) -> None:
        """Keep it under the URL, in place of what was there."""
        KeptDocument.objects.bulk_create(
            [KeptDocument(url=url, **vars(kept))],
            update_conflicts=True,
            unique_fields=["url"],
            update_fields=["body", "fetched_at", "fresh_until", "asked_at"],
        )


class DatabaseReplayGuard:
    """Remembers what may come only once, for all processes."""

    def is_first(self, key: str, *, until: datetime) -> bool:
        """Whether the key was not known; it is from now on, at least until then. The row's key decides."""
        SeenOnce.objects.filter(until__lte=timezone.now()).delete()
        try:
            with transaction.atomic():
                SeenOnce.objects.create(key=key, until=until)
        except IntegrityError:
            return False
        return True
