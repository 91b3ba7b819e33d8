"""The tables of an index's ledger, as SQL."""

from __future__ import annotations

import sqlite3

FORMAT = "joinedup-index-ledger/1"

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE version (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, by TEXT NOT NULL, reason TEXT NOT NULL,
    frame INTEGER, counts TEXT);
CREATE TABLE source (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, one_record INTEGER NOT NULL);
CREATE TABLE segment (name TEXT PRIMARY KEY, records INTEGER NOT NULL, added INTEGER NOT NULL, dropped INTEGER)
    WITHOUT ROWID;
CREATE TABLE record (
    number INTEGER PRIMARY KEY, source INTEGER NOT NULL, id TEXT, place INTEGER NOT NULL,
    digest INTEGER NOT NULL, added INTEGER NOT NULL, removed INTEGER, why TEXT, in_files INTEGER NOT NULL);
CREATE TABLE pair (
    a INTEGER NOT NULL, b INTEGER NOT NULL, weight REAL NOT NULL, pattern INTEGER, PRIMARY KEY (a, b))
    WITHOUT ROWID;
CREATE TABLE person (number INTEGER PRIMARY KEY, created INTEGER NOT NULL, retired INTEGER);
CREATE TABLE member (record INTEGER PRIMARY KEY, person INTEGER NOT NULL, since INTEGER NOT NULL);
CREATE TABLE past_member (
    record INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL, person INTEGER NOT NULL,
    PRIMARY KEY (record, since)) WITHOUT ROWID;
CREATE TABLE decision (
    number INTEGER PRIMARY KEY, verdict TEXT NOT NULL, decided_by TEXT NOT NULL, decided_on TEXT NOT NULL,
    reason TEXT NOT NULL, made INTEGER NOT NULL, withdrawn INTEGER, withdrawn_by TEXT, withdrawn_why TEXT,
    undoes INTEGER);
CREATE TABLE decision_record (
    decision INTEGER NOT NULL, side INTEGER NOT NULL, source TEXT NOT NULL, id TEXT NOT NULL,
    record INTEGER);
CREATE TABLE event (
    number INTEGER PRIMARY KEY, version INTEGER NOT NULL, kind TEXT NOT NULL, person INTEGER NOT NULL,
    other INTEGER, why TEXT NOT NULL, left INTEGER, right INTEGER, weight REAL, decision INTEGER);
CREATE INDEX decision_of_record ON decision_record (record) WHERE record IS NOT NULL;
CREATE INDEX records_of_decision ON decision_record (decision);
CREATE INDEX decision_place ON decision_record (source, id);
CREATE INDEX event_person ON event (person);
CREATE INDEX event_other ON event (other);
CREATE INDEX event_version ON event (version);
CREATE INDEX past_person ON past_member (person);
"""

# A first load fills these tables in one go; their indexes are made when it is done, which is faster.
LATE_INDEXES = """
CREATE INDEX IF NOT EXISTS record_place ON record (source, place);
CREATE INDEX IF NOT EXISTS record_removed ON record (number) WHERE removed IS NOT NULL AND in_files;
CREATE INDEX IF NOT EXISTS record_removal ON record (removed) WHERE removed IS NOT NULL;
CREATE INDEX IF NOT EXISTS pair_b ON pair (b, weight);
CREATE INDEX IF NOT EXISTS member_person ON member (person);
"""


def create_tables(connection: sqlite3.Connection) -> None:
    """Make the tables of an empty ledger; inside a transaction of the caller's."""
    run_each(connection, TABLES)
    connection.executemany("INSERT INTO meta VALUES (?, ?)", [("format", FORMAT), ("width", "6")])


def run_each(connection: sqlite3.Connection, script: str) -> None:
    """Run the statements of a script without the commit that ``executescript`` begins with."""
    for statement in script.split(";"):
        if statement.strip():
            connection.execute(statement)
