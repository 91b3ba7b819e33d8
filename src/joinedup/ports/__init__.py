"""The outside world as small protocols, each with its real client and a verified fake."""

from __future__ import annotations

from .clock import Clock, SetClock, SystemClock
from .field_encryption import (
    SubjectKey,
    decrypt,
    encrypt,
    is_under_current_key,
    new_subject_key,
    open_subject_key,
    rewrap_subject_key,
)
from .http import (
    HttpAnswer,
    HttpClient,
    HttpxClient,
    RecordedHttp,
    Sent,
    address,
    is_safe_to_call,
    user_agent,
)
from .key_command import CommandKeyStore
from .key_environment import EnvironmentKeyStore
from .key_errors import KeyLockError, KeyStoreError
from .key_file import FileKeyStore, lock_kind
from .key_locks import (
    KeyLock,
    MasterKey,
    Passphrase,
    Recipient,
    RecipientKey,
    locked_by,
    master_key_from_text,
    new_recipient,
    recipient_from_pem,
    seal,
    unseal,
)
from .key_material import Algorithm
from .key_memory import InMemoryKeyStore
from .keys import Key, KeyPurpose, KeyState, KeyStore, find_key, make_missing_keys
from .notify import (
    Channel,
    InMemorySentRecord,
    Language,
    Message,
    Notifier,
    NotifyError,
    Receipt,
    SentRecord,
    delivery_address,
)
from .notify_govuk import GovukNotifier
from .notify_outbox import OutboxMessage, OutboxNotifier
from .notify_smtp import SmtpNotifier, SmtpServer
from .notify_templates import Template, Templates, own_templates, templates_from_toml

__all__ = [
    "Algorithm",
    "Channel",
    "Clock",
    "CommandKeyStore",
    "EnvironmentKeyStore",
    "FileKeyStore",
    "GovukNotifier",
    "HttpAnswer",
    "HttpClient",
    "HttpxClient",
    "InMemoryKeyStore",
    "InMemorySentRecord",
    "Key",
    "KeyLock",
    "KeyLockError",
    "KeyPurpose",
    "KeyState",
    "KeyStore",
    "KeyStoreError",
    "Language",
    "MasterKey",
    "Message",
    "Notifier",
    "NotifyError",
    "OutboxMessage",
    "OutboxNotifier",
    "Passphrase",
    "Receipt",
    "Recipient",
    "RecipientKey",
    "RecordedHttp",
    "Sent",
    "SentRecord",
    "SetClock",
    "SmtpNotifier",
    "SmtpServer",
    "SubjectKey",
    "SystemClock",
    "Template",
    "Templates",
    "address",
    "decrypt",
    "delivery_address",
    "encrypt",
    "find_key",
    "is_safe_to_call",
    "is_under_current_key",
    "lock_kind",
    "locked_by",
    "make_missing_keys",
    "master_key_from_text",
    "new_recipient",
    "new_subject_key",
    "open_subject_key",
    "own_templates",
    "recipient_from_pem",
    "rewrap_subject_key",
    "seal",
    "templates_from_toml",
    "unseal",
    "user_agent",
]
