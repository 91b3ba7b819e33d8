"""Deeds of taking tables away."""

from __future__ import annotations

from joinedup_web.audit.deed import Deed, action


@action("staff.view")
def export_staff(deed: Deed, *, rows: int, is_filtered: bool) -> None:
    """Note that the list of staff is downloaded."""
    deed.record("table.exported", table="staff", rows=rows, filtered=is_filtered)


@action("staff.invite")
def export_invitations(deed: Deed, *, rows: int, is_filtered: bool) -> None:
    """Note that the list of invitations is downloaded."""
    deed.record("table.exported", table="invitations", rows=rows, filtered=is_filtered)


@action("organisation.view")
def export_organisations(deed: Deed, *, rows: int, is_filtered: bool) -> None:
    """Note that the list of organisations is downloaded."""
    deed.record("table.exported", table="organisations", rows=rows, filtered=is_filtered)


@action(None)
def export_emergencies(deed: Deed, *, rows: int, is_filtered: bool) -> None:
    """Note that the list of emergency accesses is downloaded."""
    deed.record("table.exported", table="emergency_access", rows=rows, filtered=is_filtered)


@action("staff.recover")
def export_recoveries(deed: Deed, *, rows: int, is_filtered: bool) -> None:
    """Note that the list of recoveries is downloaded."""
    deed.record("table.exported", table="recoveries", rows=rows, filtered=is_filtered)
