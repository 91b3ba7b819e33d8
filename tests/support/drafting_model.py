"""What a language model would answer to our drafting questions, worked out from the words of comments.

It reads the marked lines of the request as any model must, so it sees no more than is sent. Options make it lie.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from support.fake_language_model import Reply, good

BLOCK = re.compile(r"<<data (\S+)>>\n(.*?)\n?<<end of data \1>>", re.S)


def drafting_model(
    subjects: Mapping[str, str], *, change: Callable[[str, dict[str, Any]], dict[str, Any]] | None = None
) -> Callable[[dict[str, Any]], Reply]:
    """subjects: theme title by a word that comments of it hold. change: alters an answer, given its step."""

    def of(text: str) -> list[str]:
        return [title for word, title in subjects.items() if re.search(rf"\b{word}", text, re.I)]

    def reply(body: dict[str, Any]) -> Reply:
        system, user = (message["content"] for message in body["messages"][:2])
        blocks = [[json.loads(line) for line in block[2].splitlines()] for block in BLOCK.finditer(user)]
        if "Make one list of themes" in system:
            step, answer = "condense", _condensed(blocks[0])
        elif "Draft the themes" in system:
            step, answer = "draft", _drafted(blocks[0], of)
        else:
            step, answer = "map", _mapped(*blocks, of)
        return good(change(step, answer) if change is not None else answer)

    return reply


def _drafted(comments: list[dict[str, str]], of: Callable[[str], list[str]]) -> dict[str, Any]:
    shown: dict[str, list[str]] = {}
    for comment in comments:
        for title in of(comment["text"]):
            shown.setdefault(title, []).append(comment["id"])
    return {
        "themes": [
            {"title": title, "description": f"About {title.lower()}.", "comments": ids[:5]}
            for title, ids in shown.items()
        ]
    }


def _condensed(drafts: list[dict[str, str]]) -> dict[str, Any]:
    alike: dict[str, list[str]] = {}
    for draft in drafts:
        alike.setdefault(draft["text"].partition(":")[0], []).append(draft["id"])
    return {
        "themes": [
            {"title": title, "description": f"About {title.lower()}.", "drafts": ids}
            for title, ids in alike.items()
        ]
    }


def _mapped(
    themes: list[dict[str, str]], comments: list[dict[str, str]], of: Callable[[str], list[str]]
) -> dict[str, Any]:
    ids = {theme["text"].partition(":")[0]: theme["id"] for theme in themes}
    return {
        "comments": [
            {
                "id": comment["id"],
                "themes": [
                    {"theme": ids[title], "stance": "against"}
                    for title in of(comment["text"])
                    if title in ids
                ],
            }
            for comment in comments
        ]
    }
