"""How often the same text came, and how many responses from one address: counted under keyed digests.

One statement for all counts of a response, since it runs within the deed that keeps it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils.crypto import salted_hmac

from joinedup.feedback.spam import PLACE_SECONDS
from joinedup_web.identity.models import Attempts

DAY = 86_400


def counted(*, service_id: UUID, texts: tuple[str, ...], address: str, at: datetime) -> tuple[int, int]:
    """Count a response, and return how many came before it: with one of its texts today, from its address lately.

    texts: as they are compared (joinedup.feedback.spam.plain_words).
    """
    now = int(at.timestamp())
    subjects: dict[str, int] = {
        _subject("text", f"{service_id}\0{text}"): now - now % DAY for text in dict.fromkeys(texts)
    }
    place = _subject("place", f"{service_id}\0{address}") if address else ""
    if place:
        subjects[place] = now - now % PLACE_SECONDS
    if not subjects:
        return 0, 0
    counts = _counted(subjects)
    from_place = counts.pop(place, 1) - 1 if place else 0
    return max(counts.values(), default=1) - 1, from_place


def _counted(subjects: dict[str, int]) -> dict[str, int]:
    table = connection.ops.quote_name(Attempts._meta.db_table)
    rows = ", ".join("(%s, %s, 1)" for _ in subjects)
    values = [
        value for pair in sorted(subjects.items()) for value in pair
    ]  # one order, so that none waits in a ring
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO {table} (subject, "window", count) VALUES {rows} '  # noqa: S608 - names of our own
            f'ON CONFLICT (subject, "window") DO UPDATE SET count = {table}.count + 1 RETURNING subject, count',
            values,
        )
        return dict(cursor.fetchall())


def _subject(kind: str, text: str) -> str:
    return salted_hmac(f"joinedup.feedback.{kind}", text, algorithm="sha256").hexdigest()
