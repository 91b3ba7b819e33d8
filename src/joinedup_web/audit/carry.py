"""The record as one file to carry away: all of it, or one organisation's events with their proofs.

An organisation may not be given another's events, and the whole record cannot be checked without them. So it gets
its own events, each with its inclusion proof (RFC 6962) under the newest checkpoint, which shows that they are in
the record that everybody's checkpoints vouch for, and signed contents, which hold the file to what was exported.
`joinedup audit verify` checks either.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from joinedup.audit import (
    AuditError,
    ExcerptContents,
    Export,
    excerpt_line,
    inclusion_proof,
    keys_text,
    sign_contents,
)
from joinedup.audit.excerpt import EXCERPT_CHECKPOINT, EXCERPT_CONTENTS, EXCERPT_EVENTS, EXCERPT_KEYS
from joinedup_web.audit.evidence import export_to, leaves, subtrees
from joinedup_web.audit.keys import checkpoint_signer, public_keys
from joinedup_web.audit.live import body_rows
from joinedup_web.audit.models import Checkpoint, Head

README = """Unpack all of it into one folder and check that: joinedup audit verify audit-events --public-key keys.txt

One line of events.jsonl is one event: its place in the record, its canonical bytes, its inclusion proof.
The leaf hash is SHA-256 of a zero byte and the event's bytes (RFC 6962); the proof leads from it to the root in
checkpoint.txt, a signed note whose Ed25519 keys are in public-keys.txt. Get the keys by another way, too.
contents.txt, signed too, says how many events there are and their file's SHA-256.

This shows that these events are in the record unchanged. It does not show that they are all that the record holds
of the organisation: only the whole record does, and the platform's auditors can check that.
"""


def whole_record(file: Path) -> Export:
    """Write the whole record as a zip of what `joinedup audit verify` checks. Raises AuditError without a record."""
    if not Head.objects.exists():
        raise AuditError(what="there is no record yet", mend="wait until something is recorded")
    with tempfile.TemporaryDirectory(dir=settings.SITE_DIR) as name:
        folder = Path(name) / "audit-record"
        done = export_to(folder)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
            for part in sorted(folder.iterdir()):
                out.write(part, f"{folder.name}/{part.name}")
    return done


def own_events(file: Path, organisation_id: UUID) -> Export:
    """Write an organisation's events with their proofs. Raises AuditError where no checkpoint is signed yet."""
    checkpoint = Checkpoint.objects.order_by("-size").first()
    if checkpoint is None:
        raise AuditError(what="no checkpoint has been signed yet", mend="wait some minutes and try again")
    count, first, hashed = 0, 0, sha256()
    origin = Head.objects.get(id=1).origin
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        with out.open(f"audit-events/{EXCERPT_EVENTS}", "w", force_zip64=True) as lines:
            for sequence, line in _proved(checkpoint.size, organisation_id):
                lines.write(line)
                hashed.update(line)
                first, count = first or sequence, count + 1
        keys = keys_text(public_keys(origin))
        contents = ExcerptContents(
            origin=origin,
            organisation=str(organisation_id),
            size=checkpoint.size,
            events=count,
            events_sha256=hashed.hexdigest(),
            keys_sha256=sha256(keys.encode()).hexdigest(),
            at=timezone.now(),
        )
        out.writestr(f"audit-events/{EXCERPT_CHECKPOINT}", checkpoint.note)
        out.writestr(f"audit-events/{EXCERPT_CONTENTS}", sign_contents(contents, [checkpoint_signer(origin)]))
        out.writestr(f"audit-events/{EXCERPT_KEYS}", keys)
        out.writestr("audit-events/README.txt", README)
    return Export(first=first, events=count, manifest_digest=hashed.hexdigest())


def _proved(size: int, organisation_id: UUID) -> Iterator[tuple[int, bytes]]:
    leaf, kept = leaves(), subtrees(size)
    for sequence, body in body_rows(upto=size, organisation=organisation_id):
        proof = inclusion_proof(leaf, index=sequence - 1, size=size, kept=kept)
        yield sequence, excerpt_line(sequence, body, proof)
