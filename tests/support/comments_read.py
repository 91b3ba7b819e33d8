"""Comments for tests of reading and of themes, and the models in this process instead of one of their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

import numpy as np
from django.utils import timezone

from joinedup_web.feedback.models import Channel, Comment, Ending, FormVersion, Response
from joinedup_web.feedback.reader import child
from joinedup_web.feedback.reader.engine import OnProgress, Stopped
from joinedup_web.feedback.reader.models import Models

PAYING = (
    "I could not pay by card because the payment page was broken",
    "The payment page would not take my card and I gave up paying",
    "My card payment was taken twice and nobody refunds the payment",
    "Paying by card failed three times, the payment page is broken",
    "Card payment kept failing on the last page so I could not pay",
    "The page for paying by card is broken and shows an error",
)
PARKING = (
    "There are never any parking bays free on my street for permit holders",
    "Visitors take all the permit parking bays on our street",
    "More parking bays are needed on the street near the school",
    "I pay for a permit and still cannot find a parking bay on my street",
    "Parking bays on the street are full of vans without a permit",
    "Please paint more permit parking bays on our street",
)
STAFF = (
    "The staff on the telephone were friendly and helpful, thank you",
    "Really helpful staff who answered the telephone quickly",
    "Friendly and helpful person on the telephone, great staff",
    "The staff were polite and helpful when I telephoned",
    "Lovely helpful staff, my telephone call was answered at once",
    "Very friendly staff on the telephone who helped me quickly",
)
WELSH = (
    "Roedd y staff yn garedig iawn ond roedd y ffurflen yn rhy hir i mi ei llenwi",
    "Nid oedd yn bosibl talu gyda cherdyn ar y wefan ac nid atebodd neb y ffôn",
)


class WordVectors:
    """Places texts by their words, each at a place that its letters give: the same on every machine, and quick."""

    name, version, dimensions = "words of a test", "1", 64

    def encode(self, texts: Sequence[str], *, on_progress: Any = None) -> Any:
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        rows[:, -1] = 0.01  # a text without a word lies by itself
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().replace(",", " ").split():
                if len(word) > 3:
                    row[
                        sum(ord(letter) * at for at, letter in enumerate(word, 1)) % (self.dimensions - 1)
                    ] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


class EngineHere:
    """Carries orders out in this process. Keeps them. spoils: a text that ends the process that reads it.

    stops_at: the number of the order (from 1) at which the worker leaves. answers: given instead of the models' own.
    """

    def __init__(
        self, *, spoils: str = "", stops_at: int = 0, answers: Sequence[dict[str, Any]] = ()
    ) -> None:
        self.models = Models(WordVectors())
        self.orders: list[dict[str, Any]] = []
        self.spoils, self.stops_at, self.answers = spoils, stops_at, list(answers)
        self.is_closed = False

    def ask(self, order: dict[str, Any], *, on_progress: OnProgress | None = None) -> dict[str, Any]:
        self.orders.append(order)
        if len(self.orders) == self.stops_at:
            raise Stopped
        if self.answers:
            return self.answers.pop(0)
        if self.spoils and any(self.spoils in text for text in order["texts"]):
            return {"fault": "ZeroDivisionError"}
        tell = on_progress or (lambda stage, done, total: None)
        return child.answer(order, models=self.models, tell=tell)

    def close(self) -> None:
        self.is_closed = True


def commented(
    of: FormVersion,
    texts: Sequence[str],
    *,
    question: str = "improve",
    at: datetime | None = None,
    language: str = "en",
    is_readable: bool = True,
    **fields: Any,
) -> list[Comment]:
    """Comments as `receive` leaves them, many at a time: one response each. fields: of the response."""
    when = at or timezone.now()
    service = of.form.service
    responses = [
        Response(
            organisation_id=service.organisation_id,
            service=service,
            version=of,
            channel=fields.get("channel", Channel.WEB),
            ending=fields.get("ending", Ending.COMPLETED),
            submission=uuid4(),
            language="cy" if language == "cy" else "en",
            answers={question: text, **fields.get("answers", {})},
            received_at=when,
            **{name: value for name, value in fields.items() if name not in ("channel", "ending", "answers")},
        )
        for text in texts
    ]
    Response.objects.bulk_create(responses)
    comments = [
        Comment(
            response=response,
            organisation_id=service.organisation_id,
            service=service,
            question=question,
            text=text,
            language=language,
            is_readable=is_readable,
            received_at=when,
        )
        for response, text in zip(responses, texts, strict=True)
    ]
    Comment.objects.bulk_create(comments)
    return comments
