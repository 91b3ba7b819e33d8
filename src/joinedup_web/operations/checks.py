"""`joinedup check`: settings, database, keys and assets, and with --deploy what production demands."""

from __future__ import annotations

import io
from typing import Any

from django.conf import settings
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import DatabaseError

from joinedup.errors import JoinedupError, UsageError
from joinedup.settings import Mode
from joinedup_web.accounts.messages import notifier
from joinedup_web.operations import health
from joinedup_web.operations.demonstration_mark import holds_demonstration


def run(*, deploy: bool) -> dict[str, Any]:
    """Return what was found; raise UsageError, with every finding, where something must be mended."""
    found = [
        f"{message.id}: {message.msg}"
        for message in run_checks(include_deployment_checks=deploy)
        if not message.is_silenced()
    ]
    found += [f"{each.name}: {each.what}" for each in health.readiness() if not each.good]
    found += _messages()
    if (deploy or settings.JOINEDUP.mode is Mode.PRODUCTION) and _holds_demonstration():
        found.append("JOINEDUP_DIR: the folder holds a demonstration, which is never served in production")
    if deploy:
        found += _deployment()
    if found:
        raise UsageError(
            what=f"{len(found)} to mend", where="; ".join(found), mend="mend them and check again"
        )
    return {"checked": "deployment" if deploy else "settings", "problems": 0, "lines": ["Nothing to mend"]}


def _holds_demonstration() -> bool:
    try:
        return holds_demonstration()
    except DatabaseError:  # which the readiness has told already
        return False


def _messages() -> list[str]:
    """What is lacking before messages can be sent. Sends nothing."""
    try:
        notifier()
    except JoinedupError as problem:
        return [f"JOINEDUP_NOTIFY: {problem.what}"]
    return []


def _deployment() -> list[str]:
    told = settings.JOINEDUP
    found = []
    if told.mode is not Mode.PRODUCTION:
        found.append("JOINEDUP_MODE: a deployment runs in production mode")
    if not told.is_secure:
        found.append("JOINEDUP_URL: a deployment is reached by HTTPS")
    if told.metrics_token is None:
        found.append("JOINEDUP_METRICS_TOKEN_FILE: without it nobody may read /metrics")
    if told.notify.kind == "outbox":
        found.append("JOINEDUP_NOTIFY: messages go to a folder and reach nobody")
    return found


def django_says(*, deploy: bool) -> str:
    """The words of Django's own check, for a person to read."""
    out = io.StringIO()
    call_command("check", deploy=deploy, stdout=out, stderr=out)
    return out.getvalue()
