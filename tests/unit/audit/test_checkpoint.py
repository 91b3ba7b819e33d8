"""Signed notes against other people's, checkpoints, and keys that change."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest

from joinedup.audit import (
    AuditError,
    Checkpoint,
    Ed25519Signer,
    Head,
    checkpoint_of,
    key_of,
    keys_text,
    read_checkpoint,
    read_keys,
    sequence_events,
    sign_checkpoint,
    verify_checkpoint,
)
from joinedup.audit.note import read_note, sign_note, verify_note
from support.audit_record import BEGAN, KEY, ORIGIN, SIGNER, events

# The examples of c2sp.org/signed-note and of Go's golang.org/x/mod/sumdb/note, and two tree heads that the Go
# checksum database has really signed.
SUMDB = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
OTHERS = {
    "specification": (
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "This is an example message.\n\n"
        "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZ"
        "XsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n",
    ),
    "go": (
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZ"
        "SNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n",
    ),
    "checksum database": (
        SUMDB,
        "go.sum database tree\n6476701\nmb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=\n\n"
        "— sum.golang.org Az3grsLX85Gz+s1SiTbgkuqxgItqFq7gsMUEyVnrsa9LM7Us9S+1xbFIGu95"
        "949rj4nPRYfvimWEPWL+o3GeoWwOoAw=\n",
    ),
    "checksum database, with a witness unknown to us": (
        SUMDB,
        "go.sum database tree\n15067302\ngJyioq6dwR9n+NjEWORfYmH+ubeYm3kH42BBQ0bTpYI=\n\n"
        "— sum.golang.org Az3grp1rvWOs5NKlr/xR4GLN/CDyzzakmt1o61uSxYKpK1SerqOP2ClbX/pe"
        "KUZjYnyomH5Xz7GZG3TpB7OeKn4E2ww=\n"
        "— test.example.com qTGhC/xIPQ0AXKHK6Y+9ypRfuvMZWPjRXM8NiOg5M1WREn07VQXyuIXM3NRN"
        "av3ieVFLUqDRK77PWDmL6w8w84UqeAw=\n",
    ),
}
LATER = Ed25519Signer(ORIGIN, b"\x07" * 32)


def a_checkpoint() -> Checkpoint:
    head, _ = sequence_events(Head.start(), events(5))
    return checkpoint_of(head, origin=ORIGIN, at=BEGAN)


@pytest.mark.parametrize("whose", OTHERS)
def test_other_peoples_notes_are_verified(whose):
    verifier_key, note = OTHERS[whose]
    (key,) = read_keys(verifier_key)

    assert verify_note(read_note(note), [key]) == (key,)
    assert key.verifier_key == verifier_key
    with pytest.raises(AuditError, match="does not hold"):
        verify_note(read_note(note.replace("e", "E", 1)), [key])


def test_gos_own_signer_and_ours_give_the_same_note():
    """Its seed is published with its example, and Ed25519 is deterministic (RFC 8032)."""
    type_and_seed = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")
    note = OTHERS["go"][1]

    signed = sign_note(note.rpartition("\n\n")[0] + "\n", [Ed25519Signer("PeterNeumann", type_and_seed[1:])])

    assert signed == note


def test_a_checkpoint_is_written_as_its_format_says():
    text = a_checkpoint().text.split("\n")

    assert text[:2] == [ORIGIN, "5"]
    assert [line.partition(" ")[0] for line in text[3:]] == ["chain", "time", ""]
    assert text[4] == "time 2026-05-01T10:00:00.000000Z"


def test_a_checkpoint_is_read_back_and_verified():
    note = sign_checkpoint(a_checkpoint(), [SIGNER])

    assert read_checkpoint(note) == a_checkpoint()
    assert verify_checkpoint(note, [KEY], origin=ORIGIN) == (a_checkpoint(), (KEY,))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda note: note.replace("\n5\n", "\n6\n"),
        lambda note: note.replace("\n5\n", "\n05\n"),
        lambda note: note.replace("chain ", "chain  "),
        lambda note: note.replace("time 2026", "time 2025"),
        lambda note: note.replace("time ", "noted "),
        lambda note: note.replace("\n\n", "\n"),
        lambda note: note.replace("\n\n", "\nmore\n\n"),
        lambda note: note.replace("— ", "- "),
        lambda note: note[:-1],
        lambda note: note[:-10] + "\n",
        lambda note: note + "\n",
        lambda note: "\x00" + note,
        lambda note: note.partition("\n\n")[0] + "\n\n" + 17 * (note.rpartition("\n\n")[2]),
        lambda note: "",
    ],
)
def test_no_altered_checkpoint_is_believed(spoil):
    note = spoil(sign_checkpoint(a_checkpoint(), [SIGNER]))

    with pytest.raises(AuditError):
        verify_checkpoint(note, [KEY], origin=ORIGIN)


def test_a_signature_by_nobody_known_is_not_enough():
    with pytest.raises(AuditError, match="no known key"):
        verify_checkpoint(sign_checkpoint(a_checkpoint(), [LATER]), [KEY])


def test_another_records_checkpoint_is_refused():
    other = Ed25519Signer("example.gov.uk/other", SIGNER.seed)
    note = sign_checkpoint(
        Checkpoint(other.name, 5, a_checkpoint().root, a_checkpoint().chain, BEGAN), [other]
    )

    with pytest.raises(AuditError, match="another record"):
        verify_checkpoint(note, [key_of(other), KEY], origin=ORIGIN)
    with pytest.raises(AuditError, match="another name"):
        sign_checkpoint(a_checkpoint(), [other])


def test_a_key_is_changed_without_a_gap():
    change = BEGAN + timedelta(days=30)
    old = key_of(SIGNER, valid_until=change + timedelta(days=1))
    new = key_of(LATER, valid_from=change)

    def at(moment, *signers):
        head, _ = sequence_events(Head.start(), events(5))
        return sign_checkpoint(checkpoint_of(head, origin=ORIGIN, at=moment), signers)

    assert verify_checkpoint(at(BEGAN, SIGNER), [old, new])[1] == (old,)
    assert verify_checkpoint(at(change, SIGNER, LATER), [old, new])[1] == (old, new)
    assert verify_checkpoint(at(change, SIGNER, LATER), [new])[1] == (new,)
    assert verify_checkpoint(at(change + timedelta(days=2), LATER), [old, new])[1] == (new,)
    for moment, signer in ((BEGAN, LATER), (change + timedelta(days=2), SIGNER)):
        with pytest.raises(AuditError, match="not valid at the time"):
            verify_checkpoint(at(moment, signer), [old, new])


def test_one_good_signature_does_not_excuse_a_bad_one_of_a_known_key():
    both = [SIGNER, LATER]
    note = sign_checkpoint(a_checkpoint(), both)
    head, _ = sequence_events(Head.start(), events(4))
    foreign = sign_checkpoint(checkpoint_of(head, origin=ORIGIN, at=BEGAN), both).splitlines()[-1]
    mixed = "\n".join([*note.splitlines()[:-1], foreign]) + "\n"

    assert verify_checkpoint(mixed, [KEY])[1] == (KEY,)
    with pytest.raises(AuditError, match="does not hold"):
        verify_checkpoint(mixed, [KEY, key_of(LATER)])


def test_keys_are_kept_as_text():
    keys = (key_of(SIGNER, valid_until=BEGAN), key_of(LATER, valid_from=BEGAN))

    assert read_keys("# the record's keys\n\n" + keys_text(keys)) == keys


@pytest.mark.parametrize(
    "line",
    [
        "",
        "nonsense",
        KEY.verifier_key.replace("+", " ", 1),
        KEY.verifier_key[:-4],
        KEY.verifier_key.replace(KEY.key_id.hex(), "00000000"),
        KEY.verifier_key + " yesterday",
        KEY.verifier_key + " - - -",
    ],
)
def test_what_is_no_key_is_refused_by_its_line(line):
    with pytest.raises(AuditError, match="the keys"):
        read_keys(line, where="the keys")


def test_the_private_key_is_in_no_repr():
    assert "\\x01\\x02" not in repr(SIGNER)
    assert SIGNER.seed.hex() not in repr(SIGNER)
