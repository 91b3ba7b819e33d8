"""What can go wrong with evidence: an event that may not be recorded, or a record that cannot be read."""

from __future__ import annotations

from joinedup.errors import JoinedupError


class AuditError(JoinedupError):
    """An event may not be recorded as it is, or the audit record does not hold.

    It never quotes a value: what was refused may be a person's data.
    """

    exit_code = 10
