"""Tables of this room that are carried off."""

from __future__ import annotations

from joinedup_web.audit.deed import Deed, action


@action("feedback.view")
def export_table(deed: Deed, *, table: str, rows: int, is_filtered: bool = False) -> None:
    """Keep that a table is downloaded. table: its name, a word of ours."""
    deed.record("table.exported", table=table, rows=rows, filtered=is_filtered)
