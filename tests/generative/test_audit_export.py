"""Whatever one thing is done to an export, it is found and located; an untouched one holds."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joinedup.audit import sequence_events, verify_events, verify_export, write_export
from joinedup.audit.chain import Head
from support.audit_record import KEY, excerpt, export, record

EVENTS, SEGMENT = 40, 15
CHECKPOINTS_AT = (0, 13, 40)


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    return export(
        tmp_path_factory.mktemp("audit") / "export", EVENTS, checkpoints_at=CHECKPOINTS_AT, segment=SEGMENT
    )


@pytest.fixture(scope="module")
def of_one(tmp_path_factory):
    return excerpt(tmp_path_factory.mktemp("audit") / "excerpt", EVENTS)


def segments(folder):
    return sorted(folder.glob("events-*.jsonl"))


def lines(folder):
    """Each event's line with its file, in order."""
    return [(file, line) for file in segments(folder) for line in file.read_bytes().splitlines(keepends=True)]


def put(folder, rows):
    for file in segments(folder):
        file.write_bytes(b"".join(line for where, line in rows if where == file))


def with_copy(original, spoil):
    with tempfile.TemporaryDirectory() as place:
        folder = Path(shutil.copytree(original, Path(place) / "export"))
        spoil(folder)
        return verify_export(folder, [KEY])


@given(st.integers(0, 80), st.integers(1, 30), st.data())
@settings(max_examples=25, deadline=None)
def test_an_untouched_export_holds(count, segment, data):
    at = tuple(sorted(data.draw(st.sets(st.integers(0, count), max_size=4)) | {count}))
    with tempfile.TemporaryDirectory() as place:
        report = verify_export(
            export(Path(place) / "export", count, checkpoints_at=at, segment=segment), [KEY]
        )

    assert report.problems == ()
    assert report.ok
    assert (report.events, report.checkpoints_verified, report.events_sealed) == (count, len(at), count)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_byte_of_any_file_changed_is_found(original, data):
    file = data.draw(st.sampled_from(sorted(original.iterdir())))
    raw = file.read_bytes()
    at = data.draw(st.integers(0, len(raw) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != raw[at]))

    report = with_copy(
        original, lambda folder: (folder / file.name).write_bytes(raw[:at] + bytes([byte]) + raw[at + 1 :])
    )

    assert not report.ok
    if file.name.startswith("events"):
        number = raw[:at].count(b"\n") + SEGMENT * (int(file.name[7:13]) - 1) + 1
        assert report.first_bad_sequence == number


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_an_event_whose_quote_of_another_is_changed_is_blamed_and_not_the_other(original, data):
    file = data.draw(st.sampled_from(sorted(original.glob("events*"))))
    raw = file.read_bytes()
    quotes = [found.start(1) for found in re.finditer(rb'"writer_previous":"([0-9a-f]+)"', raw)]
    at = data.draw(st.sampled_from(quotes)) + data.draw(st.integers(0, 63))
    digit = data.draw(st.sampled_from([digit for digit in b"0123456789abcdef" if digit != raw[at]]))

    report = with_copy(
        original, lambda folder: (folder / file.name).write_bytes(raw[:at] + bytes([digit]) + raw[at + 1 :])
    )

    assert not report.ok
    assert report.first_bad_sequence == raw[:at].count(b"\n") + SEGMENT * (int(file.name[7:13]) - 1) + 1


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_any_byte_taken_out_or_put_in_is_found(original, data):
    file = data.draw(st.sampled_from(sorted(original.iterdir())))
    raw = file.read_bytes()
    at = data.draw(st.integers(0, len(raw) - 1))
    more = data.draw(st.binary(max_size=3))

    report = with_copy(
        original, lambda folder: (folder / file.name).write_bytes(raw[:at] + more + raw[at + (not more) :])
    )

    assert not report.ok


@given(st.integers(0, EVENTS - 1), st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_events_deleted_are_found_and_located(original, first, count):
    def spoil(folder):
        rows = lines(folder)
        put(folder, rows[:first] + rows[first + count :])

    report = with_copy(original, spoil)

    assert report.first_bad_sequence == first + 1


@given(st.integers(0, EVENTS - 1), st.integers(0, EVENTS - 1))
@settings(max_examples=40, deadline=None)
def test_events_that_changed_places_are_found_and_located(original, one, other):
    if one == other:
        return

    def spoil(folder):
        rows = lines(folder)
        rows[one], rows[other] = (rows[one][0], rows[other][1]), (rows[other][0], rows[one][1])
        put(folder, rows)

    report = with_copy(original, spoil)

    assert report.first_bad_sequence == min(one, other) + 1


@given(st.integers(0, EVENTS - 1), st.integers(0, EVENTS))
@settings(max_examples=40, deadline=None)
def test_an_event_there_twice_is_found(original, which, to):
    def spoil(folder):
        rows = lines(folder)
        where = rows[min(to, EVENTS - 1)][0]
        put(folder, [*rows[:to], (where, rows[which][1]), *rows[to:]])

    report = with_copy(original, spoil)

    assert not report.ok
    assert report.first_bad_sequence <= max(which, to) + 1


@given(st.integers(0, EVENTS - 1))
@settings(max_examples=30, deadline=None)
def test_an_end_cut_off_is_found_even_if_the_export_is_written_anew(kept):
    placed, notes = record(EVENTS, checkpoints_at=CHECKPOINTS_AT)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "export"
        write_export(folder, placed[:kept], notes, [KEY])
        report = verify_export(folder, [KEY])

    assert report.first_bad_sequence == kept + 1


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_history_rewritten_and_chained_anew_meets_the_next_checkpoint(data):
    """The forger has the whole database but not the key: everything agrees again, except what was signed."""
    placed, notes = record(EVENTS, checkpoints_at=CHECKPOINTS_AT)
    bodies = [event.body for event in placed]
    at = data.draw(st.integers(0, EVENTS - 1))
    deed = data.draw(st.sampled_from(["edit", "delete", "swap", "double"]))
    match deed:
        case "edit":
            bodies[at] = bodies[at].replace(b"T10:00:00.", b"T10:00:01.")
        case "delete":
            del bodies[at]
        case "swap":
            other = (at + 1) % EVENTS
            bodies[at], bodies[other] = bodies[other], bodies[at]
        case "double":
            bodies.insert(at, bodies[at])
    _, forged = sequence_events(Head.start(), bodies)

    report = verify_events(forged, notes, [KEY])

    assert not report.ok
    first = {"double": at + 2, "swap": min(at, (at + 1) % EVENTS) + 1}.get(deed, at + 1)
    sealed_before = max(size for size in CHECKPOINTS_AT if size < first)
    assert sealed_before < report.first_bad_sequence
    # One event fewer and the last checkpoint is never reached: then its writer's next event tells, or the end.
    assert report.first_bad_sequence <= first or (deed == "delete" and first > CHECKPOINTS_AT[1])


@given(st.integers(1, 60), st.integers(1, 5))
@settings(max_examples=25, deadline=None)
def test_an_untouched_excerpt_holds(count, organisations):
    with tempfile.TemporaryDirectory() as place:
        folder = excerpt(Path(place) / "excerpt", count, organisations=organisations)
        report = verify_export(folder, [KEY])

    assert report.problems == ()
    assert (report.is_excerpt, report.organisation) == (True, "1")
    assert (report.events, report.events_sealed) == (-(-count // organisations), count)


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_any_byte_of_an_excerpt_changed_is_found(of_one, data):
    """Of an event, a proof, the checkpoint, the contents, the keys; and where only the line can be at fault, it."""
    file = data.draw(st.sampled_from(sorted(file for file in of_one.iterdir() if file.name != "README.txt")))
    raw = file.read_bytes()
    at = data.draw(st.integers(0, len(raw) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != raw[at]))
    changed = raw[:at] + bytes([byte]) + raw[at + 1 :]

    report = with_copy(of_one, lambda folder: (folder / file.name).write_bytes(changed))

    assert not report.ok
    if file.name == "events.jsonl":
        line = raw[:at].count(b"\n") + 1
        assert any(f"line {line}" in problem.where or problem.sequence for problem in report.problems)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_an_event_or_proof_changed_is_found_without_the_signed_contents_too(of_one, data):
    """The proofs alone find it: whoever holds the key to the contents cannot alter an event either."""
    raw = (of_one / "events.jsonl").read_bytes()
    at = data.draw(st.integers(0, len(raw) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != raw[at]))

    def spoil(folder):
        (folder / "contents.txt").unlink()
        (folder / "events.jsonl").write_bytes(raw[:at] + bytes([byte]) + raw[at + 1 :])

    report = with_copy(of_one, spoil)

    assert {problem.where for problem in report.problems} - {"contents.txt"}


@given(st.sampled_from(["take out", "double", "swap", "cut off"]), st.data())
@settings(max_examples=60, deadline=None)
def test_lines_of_an_excerpt_taken_out_doubled_or_swapped_are_found(of_one, deed, data):
    rows = (of_one / "events.jsonl").read_bytes().splitlines(keepends=True)
    at = data.draw(st.integers(0, len(rows) - 2))
    match deed:
        case "take out":
            del rows[at]
        case "double":
            rows.insert(at, rows[at])
        case "swap":
            rows[at], rows[at + 1] = rows[at + 1], rows[at]
        case "cut off":
            del rows[at + 1 :]

    report = with_copy(of_one, lambda folder: (folder / "events.jsonl").write_bytes(b"".join(rows)))

    assert not report.ok
