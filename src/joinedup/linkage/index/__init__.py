"""The living person index: people that keep their names while records come, change and go."""

from joinedup.linkage.index.build import Built, build
from joinedup.linkage.index.change import Changed, add, remove
from joinedup.linkage.index.check import Checked, check
from joinedup.linkage.index.compact import Compacted, compact
from joinedup.linkage.index.decide import Decided, decide, import_decisions, one_decision, undo
from joinedup.linkage.index.decide import withdraw as withdraw_decision
from joinedup.linkage.index.frame import Frame, load_frame
from joinedup.linkage.index.ledger import Ledger
from joinedup.linkage.index.match import Answer, Match, PersonIndex, open_index, preload
from joinedup.linkage.index.refresh import refresh
from joinedup.linkage.index.rest import at_rest, copy_ledger
from joinedup.linkage.index.status import Status, read_ledger, status
from joinedup.linkage.index.store import ledger_path
from joinedup.linkage.index.told import (
    Event,
    EventKind,
    Followed,
    Held,
    Member,
    Person,
    Settled,
    Version,
    Why,
)
from joinedup.linkage.index.written import WrittenRecord, written_records

__all__ = [
    "Answer",
    "Built",
    "Changed",
    "Checked",
    "Compacted",
    "Decided",
    "Event",
    "EventKind",
    "Followed",
    "Frame",
    "Held",
    "Ledger",
    "Match",
    "Member",
    "Person",
    "PersonIndex",
    "Settled",
    "Status",
    "Version",
    "Why",
    "WrittenRecord",
    "add",
    "at_rest",
    "build",
    "check",
    "compact",
    "copy_ledger",
    "decide",
    "import_decisions",
    "ledger_path",
    "load_frame",
    "one_decision",
    "open_index",
    "preload",
    "read_ledger",
    "refresh",
    "remove",
    "status",
    "undo",
    "withdraw_decision",
    "written_records",
]
