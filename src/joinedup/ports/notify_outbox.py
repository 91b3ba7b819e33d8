"""Messages put into an outbox instead of being sent: the embedded default, and what tests look into."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from joinedup.ports.clock import Clock
from joinedup.ports.notify import Channel, Message, Receipt, delivery_address
from joinedup.ports.notify_templates import Templates


@dataclass(frozen=True)
class OutboxMessage:
    """One message as its reader would have got it. language: as the template's, `en` or `cy`."""

    reference: str
    template: str
    language: str
    channel: str
    to: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)
    sent: str


class OutboxNotifier:
    """Keeps messages in memory, or with `directory` in files there (0700, each 0600) for other processes.

    The files hold addresses and links that sign people in: demonstration and development only.
    """

    def __init__(self, templates: Templates, *, clock: Clock, directory: Path | None = None) -> None:
        self._templates, self._clock, self._directory = templates, clock, directory
        self._kept: dict[str, OutboxMessage] = {}

    def send(self, message: Message) -> Receipt:
        """Put it into the outbox, once a reference."""
        template = self._templates.of(message)
        to = delivery_address(message.to, channel=template.channel, where=message.place)
        filled = template.fill(message.personalisation, where=message.place)
        made = OutboxMessage(
            reference=message.reference,
            template=template.name,
            language=template.language.value,
            channel=template.channel.value,
            to=to,
            subject=filled.subject,
            body=filled.body,
            sent=self._clock.now().isoformat(),
        )
        kept = self._keep(made)
        return Receipt(
            reference=kept.reference,
            channel=Channel(kept.channel),
            provider_id=_name(kept.reference),
            sent=datetime.fromisoformat(kept.sent),
        )

    def messages(self) -> tuple[OutboxMessage, ...]:
        """All there are, oldest first."""
        return tuple(sorted(self._all(), key=lambda each: (each.sent, each.reference)))

    def _all(self) -> Iterator[OutboxMessage]:
        if self._directory is None:
            yield from self._kept.values()
        elif self._directory.exists():
            yield from (_read(file) for file in self._directory.glob("*.json"))

    def _keep(self, made: OutboxMessage) -> OutboxMessage:
        if self._directory is None:
            return self._kept.setdefault(made.reference, made)
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self._directory / f"{_name(made.reference)}.json"
        part = file.with_suffix(f".{os.getpid()}.part")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with open(handle, "w", encoding="utf-8") as opened:
            json.dump(asdict(made), opened, ensure_ascii=False, indent=1)
        try:
            os.link(part, file)  # fails where another process was first, and never shows a part
        except FileExistsError:
            return _read(file)
        finally:
            part.unlink()
        return made


def _read(file: Path) -> OutboxMessage:
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return OutboxMessage(**told)


def _name(reference: str) -> str:
    return hashlib.sha256(reference.encode()).hexdigest()[:32]
