"""The page that is carried along: one HTML file without network, with the form's questions in English and Welsh."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from django.template.loader import render_to_string

from joinedup.feedback import offered
from joinedup_web.feedback.definitions import definition_of
from joinedup_web.feedback.models import FormVersion
from joinedup_web.feedback.offline.locked import FORMAT, MARK, new_lock


def offline_page(version: FormVersion) -> str:
    """Return the file. version: with its form and service."""
    form = version.form
    config: dict[str, Any] = {
        "mark": MARK,
        "format": FORMAT,
        "form": str(form.id),
        "version": version.number,
        "lock": new_lock(form.id, version.number),
        "title": {"en": form.service.name, "cy": form.service.name_cy or form.service.name},
        "questions": [
            {
                "key": each.key,
                "kind": each.kind.value,
                "words": _both(each.words.as_dict()),
                "hint": _both(each.hint.as_dict()),
                "required": each.is_required,
                "longest": each.longest,
                "options": [
                    {"value": option.value, "words": _both(option.words.as_dict())}
                    for option in offered(each)
                ],
                "show_if": None
                if each.show_if is None
                else {"question": each.show_if.question, "values": list(each.show_if.values)},
            }
            for each in definition_of(version).questions
        ],
    }
    told = json.dumps(config, ensure_ascii=False).replace("<", "\\u003c")
    parts = files("joinedup_web.feedback.offline")
    return render_to_string(
        "feedback/intake/offline_file.html",
        {
            "config": told,
            "title": form.service.name,
            "style": (parts / "offline.css").read_text(encoding="utf-8"),
            "script": (parts / "offline.js").read_text(encoding="utf-8"),
        },
    )


def _both(words: dict[str, str]) -> dict[str, str]:
    return {"en": words.get("en", ""), "cy": words.get("cy") or words.get("en", "")}
