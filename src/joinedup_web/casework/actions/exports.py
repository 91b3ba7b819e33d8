"""Lists of cases and teams that leave as files."""

from __future__ import annotations

from joinedup_web.audit.deed import Deed, action


@action("case.view")
def export_cases(deed: Deed, *, rows: int, is_filtered: bool) -> None:
    """The list of cases is downloaded."""
    deed.record("table.exported", table="cases", rows=rows, filtered=is_filtered)


@action("service.manage")
def export_teams(deed: Deed, *, rows: int) -> None:
    """The list of teams is downloaded."""
    deed.record("table.exported", table="teams", rows=rows, filtered=False)
