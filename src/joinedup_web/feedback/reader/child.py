"""The process that reads comments: it holds the models, knows no Django and no database, and gives way to others.

`python -m joinedup_web.feedback.reader.child` takes one order a line as JSON from stdin, and answers each with JSON
lines: progress, then one of `finished`, `problem` (a JoinedupError's three parts) or `fault` (its kind alone). Texts
come masked, go nowhere else, and are gone when it ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from joinedup.errors import JoinedupError, LimitError
from joinedup_web.feedback.reader import learn, work
from joinedup_web.feedback.reader.models import Models

NICENESS = 10
"""Of its share of a busy processor it takes about a tenth of what the website's processes get."""

Answer = dict[str, Any]
DO: Mapping[str, Callable[..., Answer]] = {
    "read": work.read,
    "fit": learn.fit,
    "themes": work.themes,
}


def answer(order: Answer, *, models: Models, tell: Callable[[str, int, int], None]) -> Answer:
    """Carry out one order and return how it ended, under its own word."""
    try:
        models.lie_in(order.get("model_folder"))
        return {"finished": DO[order["do"]](order, models=models, tell=tell)}
    except JoinedupError as error:
        return {"problem": error.as_dict()}
    except MemoryError:
        mend = "choose a shorter period, or use a larger machine"
        return {
            "problem": LimitError(what="the comments need more memory than there is", mend=mend).as_dict()
        }
    except Exception as error:  # the door: its message may quote a text, so its kind alone goes on
        return {"fault": type(error).__name__}


def run() -> int:
    """Answer orders until there are no more."""
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    models = Models()

    def say(document: Answer) -> None:
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    for line in sys.stdin:
        say(
            answer(
                json.loads(line),
                models=models,
                tell=lambda stage, done, total: say({"stage": stage, "done": done, "total": total}),
            )
        )
    return 0


if __name__ == "__main__":
    sys.exit(run())
