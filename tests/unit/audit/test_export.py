"""The record as files: complete, checked offline, and refused when anything about them is off."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from joinedup.audit import (
    AuditError,
    Ed25519Signer,
    Head,
    canonical_bytes,
    checkpoint_of,
    key_of,
    receipt,
    sequence_events,
    sign_checkpoint,
    verify_export,
    write_export,
)
from support.audit_record import BEGAN, KEY, ORIGIN, SIGNER, events, excerpt, export, record, sealed


def test_an_export_holds_by_itself_and_by_the_keepers_key(tmp_path):
    folder = export(tmp_path / "out")

    by_itself, by_key = verify_export(folder), verify_export(folder, [KEY])

    assert by_itself.ok
    assert by_itself.keys_from_record
    assert by_key.ok
    assert not by_key.keys_from_record
    assert (by_key.events, by_key.checkpoints_verified, by_key.events_sealed) == (60, 2, 60)


def test_the_files_are_as_documented(tmp_path):
    placed, notes = record(30, checkpoints_at=(30,))
    done = write_export(tmp_path, placed, notes, [KEY], events_per_segment=20)

    names = sorted(file.name for file in tmp_path.iterdir())
    line = (tmp_path / "events-000001.jsonl").read_text().splitlines()[2]
    assert names == [
        *("checkpoints.jsonl", "events-000001.jsonl", "events-000002.jsonl"),
        *("manifest.json", "public_keys.txt"),
    ]
    assert line == f'{{"chain":"{placed[2].chain.hex()}","event":{placed[2].body.decode()},"sequence":3}}'
    assert json.loads((tmp_path / "checkpoints.jsonl").read_text()) == notes[0]
    assert (done.first, done.events) == (1, 30)


def test_an_empty_record_is_exported_too(tmp_path):
    write_export(tmp_path, [], [], [KEY])

    assert verify_export(tmp_path).ok


def test_nothing_is_written_over(tmp_path):
    export(tmp_path)

    with pytest.raises(AuditError, match="not empty"):
        write_export(tmp_path, [], [], [KEY])


def test_keys_of_two_records_do_not_go_together(tmp_path):
    with pytest.raises(AuditError, match="one record"):
        write_export(tmp_path, [], [], [KEY, key_of(Ed25519Signer("other", b"z" * 32))])
    with pytest.raises(AuditError, match="one record"):
        write_export(tmp_path, [], [], [])


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(AuditError, match="no such folder"):
        verify_export(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "name",
    ["manifest.json", "checkpoints.jsonl", "public_keys.txt", "events-000001.jsonl", "events-000002.jsonl"],
)
def test_a_file_taken_out_is_named(tmp_path, name):
    folder = export(tmp_path)
    (folder / name).unlink()

    report = verify_export(folder, [KEY])

    assert not report.ok
    assert name in {problem.where for problem in report.problems}


def test_a_file_put_in_is_found_and_its_name_is_not_repeated(tmp_path):
    folder = export(tmp_path)
    (folder / "Gwen Featherstonehaugh.txt").write_text("hello")
    (folder / "events-000009.jsonl").write_text("hello")

    report = verify_export(folder, [KEY])

    assert report.problems_in_all == 2
    assert "Gwen" not in str(report)


def test_an_event_cut_out_is_named_by_its_number(tmp_path):
    folder = export(tmp_path)
    file = folder / "events-000002.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:3] + lines[4:]))

    report = verify_export(folder, [KEY])

    assert report.first_bad_sequence == 29
    assert "events-000002.jsonl" in {problem.where for problem in report.problems}


def test_a_forger_who_exports_a_changed_record_anew_meets_the_key(tmp_path):
    """All files agree with each other, under a key of the forger's own and the keeper's name."""
    placed, _ = record(60)
    bodies = [event.body for event in placed]
    del bodies[30]
    forged_signer = Ed25519Signer(ORIGIN, b"f" * 32)
    head, forged = sequence_events(Head.start(), bodies)
    note = sign_checkpoint(checkpoint_of(head, origin=ORIGIN, at=BEGAN), [forged_signer])
    write_export(tmp_path, forged, [note], [key_of(forged_signer)])

    assert not verify_export(tmp_path, [KEY]).ok


def test_an_export_cut_short_with_its_checkpoints_meets_one_kept_elsewhere(tmp_path):
    placed, notes = record(60, checkpoints_at=(20, 60))
    write_export(tmp_path, placed[:20], notes[:1], [KEY])

    assert verify_export(tmp_path, [KEY]).ok
    report = verify_export(tmp_path, [KEY], checkpoints=notes)
    assert report.first_bad_sequence == 21


def test_an_export_may_begin_after_events_that_were_removed(tmp_path):
    placed, notes = record(60, checkpoints_at=(20, 60))
    start, _ = sequence_events(Head.start(), [event.body for event in placed[:20]])
    done = write_export(tmp_path, placed[20:], notes, [KEY], start=start)

    report = verify_export(tmp_path, [KEY])

    assert report.ok
    assert (done.first, done.events, report.checkpoints_verified) == (21, 40, 2)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"events": 60', '"events": 61'),
        ('"first": 26', '"first": 27'),
        ('"size": 0', '"size": 1'),
        ("events-000002", "events-000004"),
        ("events-000001.jsonl", "../out/events-000001.jsonl"),
        (ORIGIN, "example.gov.uk/other"),
        ("joinedup-audit-export-1", "joinedup-audit-export-2"),
        ('"events": 60', '"events":60'),
        ("{", "["),
        ('"chain": "00', '"chain": "01'),
    ],
)
def test_no_word_of_the_manifest_goes_unread(tmp_path, old, new):
    folder = export(tmp_path / "out")
    manifest = (folder / "manifest.json").read_text()
    assert old in manifest
    (folder / "manifest.json").write_text(manifest.replace(old, new, 1))

    assert not verify_export(folder, [KEY]).ok


def test_a_line_without_end_does_not_fill_the_memory(tmp_path):
    folder = export(tmp_path, count=5, checkpoints_at=(5,))
    with (folder / "events-000001.jsonl").open("ab") as out:
        out.write(b"x" * 3_000_000)

    assert not verify_export(folder, [KEY]).ok


def test_an_event_made_up_by_the_exporter_is_found_by_its_writer(tmp_path):
    written = events(30, writers=1)
    invented = canonical_bytes(written[3]).replace(written[3].event_id.encode(), b"e" * 32)
    bodies = [canonical_bytes(event) for event in written]
    placed, notes = sealed([*bodies[:10], invented, *bodies[10:]], (31,))
    write_export(tmp_path, placed, notes, [KEY])

    assert verify_export(tmp_path, [KEY]).first_bad_sequence == 11


def test_progress_is_told(tmp_path, monkeypatch):
    folder, told = export(tmp_path), []
    monkeypatch.setattr("joinedup.audit.export.EVENTS_BETWEEN_PROGRESS", 25)

    verify_export(folder, [KEY], progress=lambda done, total: told.append((done, total)))

    assert told == [(25, 60), (50, 60)]


def test_an_organisations_excerpt_holds_and_says_that_it_is_one(tmp_path):
    report = verify_export(excerpt(tmp_path / "out"), [KEY])

    assert (report.ok, report.is_excerpt, report.organisation) == (True, True, "1")
    assert (report.events, report.events_sealed, report.checkpoints_verified) == (20, 60, 1)
    assert not report.keys_from_record


def test_an_event_of_another_organisation_does_not_belong_in_an_excerpt(tmp_path):
    folder = excerpt(tmp_path / "out")
    other = excerpt(tmp_path / "all", organisations=1)
    strange = [(other / "events.jsonl").read_bytes().splitlines(keepends=True)[1]]
    assert not verify_export(folder, [KEY]).problems_in_all
    rows = (folder / "events.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "events.jsonl").write_bytes(b"".join([rows[0], *strange, *rows[1:]]))

    report = verify_export(folder, [KEY])

    assert not report.ok
    assert report.first_bad_sequence == 2


def test_an_excerpt_without_its_signed_contents_says_what_that_hides(tmp_path):
    folder = excerpt(tmp_path / "out")
    (folder / "contents.txt").unlink()

    (problem,) = verify_export(folder, [KEY]).problems

    assert problem.where == "contents.txt"
    assert "taken out would not be missed" in problem.what


@pytest.mark.parametrize("name", ["checkpoint.txt", "events.jsonl", "public-keys.txt"])
def test_a_file_that_an_excerpt_lacks_is_named(tmp_path, name):
    folder = excerpt(tmp_path / "out")
    (folder / name).unlink()

    assert name in {problem.where for problem in verify_export(folder, [KEY]).problems}


def test_a_kept_checkpoint_of_the_same_size_is_held_against_an_excerpt(tmp_path):
    folder = excerpt(tmp_path / "out")
    own = (folder / "checkpoint.txt").read_text()
    _, (forked,) = record(60, checkpoints_at=(60,), seed=2)

    assert verify_export(folder, [KEY], checkpoints=[own]).checkpoints_verified == 2
    report = verify_export(folder, [KEY], checkpoints=[forked])
    assert "two checkpoints of the same size" in report.problems[0].what


def test_contents_signed_by_a_key_out_of_its_time_are_not_believed(tmp_path):
    folder = excerpt(tmp_path / "out", at=BEGAN - timedelta(days=1))
    began = key_of(SIGNER, valid_from=BEGAN)

    assert verify_export(folder, [KEY]).ok
    assert "not valid at the time" in verify_export(folder, [began]).problems[0].what


def test_a_receipt_names_an_event_that_an_excerpt_lacks(tmp_path):
    mine, theirs = (receipt(event) for event in events(60, organisations=3)[:2])
    folder = excerpt(tmp_path / "out")

    assert verify_export(folder, [KEY], receipts=[mine]).ok
    assert theirs.event_id in verify_export(folder, [KEY], receipts=[theirs]).problems[0].where
