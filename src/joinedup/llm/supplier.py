"""Who serves the model: where the question goes, how the key is shown, and what each is known to take.

All speak OpenAI's chat completions. Azure OpenAI: its v1 API, the model is the name of the deployment. Amazon
Bedrock: its OpenAI-compatible endpoint with a Bedrock API key. Ollama and vLLM: servers of one's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from joinedup.errors import UsageError


class Kind(StrEnum):
    """The kinds of server that are known."""

    OPENAI = "openai"
    AZURE = "azure"
    BEDROCK = "bedrock"
    OLLAMA = "ollama"
    VLLM = "vllm"


_NEEDS_KEY = frozenset({Kind.OPENAI, Kind.AZURE, Kind.BEDROCK})
_NEW_LIMIT = frozenset({Kind.OPENAI, Kind.AZURE})  # they call it max_completion_tokens


@dataclass(frozen=True)
class Supplier:
    """One server and the model asked of it. url: as an administrator wrote it."""

    kind: Kind
    url: str
    model: str
    key: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
            raise UsageError(
                what="not the address of a language model",
                where=self.kind.value,
                mend="write it as https://host/v1, without a key or a question mark in it",
            )
        if not self.model:
            raise UsageError(what="no model is named", where=self.kind.value, mend="name the model")
        if self.kind in _NEEDS_KEY and not self.key:
            raise UsageError(
                what="the key is missing", where=self.kind.value, mend="give the file of the key"
            )

    @property
    def host(self) -> str:
        """The host that is asked."""
        return urlsplit(self.url).hostname or ""

    @property
    def address(self) -> str:
        """Where questions go. A bare host is given the path that the supplier documents."""
        base = self.url.rstrip("/")
        if not urlsplit(base).path:
            runtime = self.kind is Kind.BEDROCK and self.host.startswith("bedrock-runtime")
            base += "/openai/v1" if self.kind is Kind.AZURE or runtime else "/v1"
        return base if base.endswith("/chat/completions") else f"{base}/chat/completions"

    @property
    def headers(self) -> Mapping[str, str]:
        """The key as this supplier wants it shown."""
        if not self.key:
            return {}
        if self.kind is Kind.AZURE:
            return {"api-key": self.key}
        return {"Authorization": f"Bearer {self.key}"}

    @property
    def limit_name(self) -> str:
        """What this supplier calls the most tokens of an answer."""
        return "max_completion_tokens" if self.kind in _NEW_LIMIT else "max_tokens"
