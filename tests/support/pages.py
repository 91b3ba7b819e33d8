"""What a page says, for tests that read it as a person does."""

from __future__ import annotations

import html
import re
from typing import Any


def words(answer: Any) -> str:
    """The text of a page, its markup and needless space taken out."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", answer.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def heading(answer: Any) -> str:
    """The page's one h1."""
    found = re.findall(r"<h1[^>]*>(.*?)</h1>", answer.content.decode(), flags=re.DOTALL)
    assert len(found) == 1, found
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", found[0])).split())


def problems(answer: Any) -> list[str]:
    """The lines of the error summary."""
    found = re.search(r'govuk-error-summary__list">(.*?)</ul>', answer.content.decode(), flags=re.DOTALL)
    lines = re.findall(r"<li>(.*?)</li>", found.group(1), flags=re.DOTALL) if found else []
    return [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", line)).split()) for line in lines]


def body(answer: Any) -> bytes:
    """Everything that was sent, streamed or not."""
    return b"".join(answer.streaming_content) if answer.streaming else answer.content
