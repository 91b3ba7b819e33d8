"""What happened, provably: event kinds, hash chain, Merkle tree, signed checkpoints, export and verification."""

from joinedup.audit.chain import CHAIN_START, Head, SequencedEvent, link, sequence_events
from joinedup.audit.checkpoint import (
    Checkpoint,
    checkpoint_of,
    read_checkpoint,
    sign_checkpoint,
    verify_checkpoint,
)
from joinedup.audit.error import AuditError
from joinedup.audit.event import EVENT_KINDS, check_fields
from joinedup.audit.event_kind import EventKind
from joinedup.audit.excerpt import ExcerptContents, excerpt_line, sign_contents, verify_excerpt
from joinedup.audit.export import Export, verify_export, write_export
from joinedup.audit.field import FieldSpec, FieldType, FieldValue, instant_text
from joinedup.audit.merkle import (
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)
from joinedup.audit.note import Ed25519Signer, NoteKey, Signer, key_of, keys_text, read_keys
from joinedup.audit.record import (
    ActorKind,
    AuditEvent,
    Receipt,
    Writer,
    canonical_bytes,
    digest,
    draft_event,
    read_event,
    receipt,
)
from joinedup.audit.subject import SubjectSalts, SubjectTokens, subject_reference, subject_token
from joinedup.audit.verify import Problem, VerifyReport, verify_events

__all__ = [
    "CHAIN_START",
    "EVENT_KINDS",
    "ActorKind",
    "AuditError",
    "AuditEvent",
    "Checkpoint",
    "Ed25519Signer",
    "EventKind",
    "ExcerptContents",
    "Export",
    "FieldSpec",
    "FieldType",
    "FieldValue",
    "Frontier",
    "Head",
    "NoteKey",
    "Problem",
    "Receipt",
    "SequencedEvent",
    "Signer",
    "SubjectSalts",
    "SubjectTokens",
    "VerifyReport",
    "Writer",
    "canonical_bytes",
    "check_fields",
    "checkpoint_of",
    "consistency_proof",
    "digest",
    "draft_event",
    "excerpt_line",
    "inclusion_proof",
    "instant_text",
    "key_of",
    "keys_text",
    "leaf_hash",
    "link",
    "node_hash",
    "read_checkpoint",
    "read_event",
    "read_keys",
    "receipt",
    "root",
    "sequence_events",
    "sign_checkpoint",
    "sign_contents",
    "subject_reference",
    "subject_token",
    "verify_checkpoint",
    "verify_consistency",
    "verify_events",
    "verify_excerpt",
    "verify_export",
    "verify_inclusion",
    "write_export",
]
