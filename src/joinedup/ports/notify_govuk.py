"""E-mail and text messages through GOV.UK Notify's HTTP API.

Notify sends every request it takes, the same reference or not. It can be asked what it has of a
reference, and is, wherever a try might have gone through: after an answer that did not come, after a
fault of its own, and for a message that says `again`.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote
from uuid import UUID

from joinedup.errors import ServiceError, UsageError
from joinedup.ports.clock import Clock
from joinedup.ports.http import HttpAnswer, HttpClient
from joinedup.ports.notify import (
    Channel,
    Language,
    Message,
    NotifyError,
    Receipt,
    SentRecord,
    delivery_address,
)
from joinedup.ports.notify_templates import Templates

BASE_URL = "https://api.notifications.service.gov.uk"
_ADDRESS_FIELD = {Channel.EMAIL: "email_address", Channel.SMS: "phone_number"}
_MEND = {
    400: "check the template's gaps in Notify, and the recipient",
    401: "check the API key",
    403: "check the API key, and that this machine's clock is right to 30 seconds",
    404: "check the template's id",
    429: "try again later; the daily limit may be reached",
}


class GovukNotifier:
    """Sends by Notify, under its templates.

    api_key: as Notify shows it: name, service id, secret. template_ids: Notify's id for every
    template in each language; the texts there should be those of `templates`, whose gaps are checked here.
    """

    def __init__(
        self,
        api_key: str,
        templates: Templates,
        *,
        template_ids: Mapping[tuple[str, Language], str],
        http: HttpClient,
        clock: Clock,
        sent: SentRecord,
        base_url: str = BASE_URL,
        tries: int = 3,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._service, self._secret = _read_api_key(api_key)
        self._templates, self._ids = templates, dict(template_ids)
        self._http, self._clock, self._sent = http, clock, sent
        self._url, self._tries, self._pause = base_url.rstrip("/"), tries, pause
        without = sorted({t.name for t in templates if (t.name, t.language) not in self._ids})
        if without:
            raise UsageError(
                what=f"templates without an id at Notify: {', '.join(without)}",
                mend="give the id of each in both languages",
            )

    def send(self, message: Message) -> Receipt:
        """Hand the message to Notify. NotifyError as the port says."""
        template = self._templates.of(message)
        to = delivery_address(message.to, channel=template.channel, where=message.place)
        template.fill(message.personalisation, where=message.place)  # refuses gaps before Notify does
        found = self._sent.find(message.reference)
        if found is None and message.again:
            found = self._ask(message, template.channel)
        if found is None:
            content = {
                _ADDRESS_FIELD[template.channel]: to,
                "template_id": self._ids[template.name, template.language],
                "personalisation": {name: message.personalisation[name] for name in sorted(template.gaps)},
                "reference": message.reference,
            }
            found = self._post(content, message, template.channel)
        self._sent.keep(found)
        return found

    def _post(self, content: object, message: Message, channel: Channel) -> Receipt:
        url = f"{self._url}/v2/notifications/{channel.value}"
        failed: NotifyError | None = None
        for attempt in range(1, self._tries + 1):
            if attempt > 1:
                self._pause(2.0 ** (attempt - 2))
            try:
                answer = self._http.post_json(url, content, headers=self._headers())
            except ServiceError as error:
                return self._ask_after_silence(message, channel, what=error.what)
            if answer.is_good:
                return self._receipt(_object(answer).get("id"), message, channel)
            if answer.status >= 500:
                return self._ask_after_silence(message, channel, what=f"status {answer.status}")
            failed = _refusal(answer, where=message.place)
            if not failed.may_try_again:
                break
        raise failed or NotifyError(what="no try was allowed", where=message.place)

    def _ask_after_silence(self, message: Message, channel: Channel, *, what: str) -> Receipt:
        """What Notify has of it, after a try that may have gone through."""
        self._pause(1.0)
        try:
            found = self._ask(message, channel)
        except NotifyError:
            found = None  # silent still: the same uncertainty, told below
        if found is not None:
            return found
        raise NotifyError(
            what=f"Notify did not say whether it took the message ({what})",
            where=message.place,
            mend="try again in some minutes with `again`, which asks Notify first",
            may_have_gone=True,
        )

    def _ask(self, message: Message, channel: Channel) -> Receipt | None:
        url = f"{self._url}/v2/notifications?reference={quote(message.reference, safe='')}"
        try:
            answer = self._http.get(url, headers=self._headers())
        except ServiceError as error:
            raise NotifyError(
                what=f"Notify cannot be asked ({error.what})", where=message.place, may_have_gone=True
            ) from None
        if not answer.is_good:
            raise NotifyError(
                what=f"Notify cannot be asked (status {answer.status})",
                where=message.place,
                mend=_MEND.get(answer.status, "try again later"),
                may_have_gone=True,
            )
        known = _object(answer).get("notifications")
        ours = [
            each
            for each in (known if isinstance(known, list) else [])
            if isinstance(each, dict) and each.get("reference") == message.reference
        ]
        return self._receipt(ours[0].get("id"), message, channel) if ours else None

    def _receipt(self, provider_id: object, message: Message, channel: Channel) -> Receipt:
        name = provider_id if isinstance(provider_id, str) else ""
        return Receipt(reference=message.reference, channel=channel, provider_id=name, sent=self._clock.now())

    def _headers(self) -> dict[str, str]:
        issued = int(self._clock.now().timestamp())
        return {"Authorization": f"Bearer {_token(self._service, self._secret, issued=issued)}"}


def _token(service: str, secret: str, *, issued: int) -> str:
    """The JSON Web Token that Notify asks for: HS256, our service as issuer, good for 30 seconds."""
    parts = ({"typ": "JWT", "alg": "HS256"}, {"iss": service, "iat": issued})
    signed = ".".join(_b64(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    return f"{signed}.{_b64(hmac.digest(secret.encode(), signed.encode(), 'sha256'))}"


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _read_api_key(api_key: str) -> tuple[str, str]:
    """Service id and secret: the last two of its parts, each a UUID of 36 characters."""
    service, secret = api_key.strip()[-73:-37], api_key.strip()[-36:]
    try:
        UUID(service), UUID(secret)
    except ValueError:
        raise UsageError(
            what="the Notify API key is not whole", mend="copy it again: name, service id and secret"
        ) from None
    return service, secret


def _refusal(answer: HttpAnswer, *, where: str) -> NotifyError:
    errors = _object(answer).get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    kind = str(first.get("error", ""))
    # Its message may quote what was sent; the kind is one word of a known list.
    named = f" {kind}" if re.fullmatch(r"[A-Za-z]{1,40}", kind) else ""
    return NotifyError(
        what=f"Notify refused the message (status {answer.status}{named}), so it was not sent",
        where=where,
        mend=_MEND.get(answer.status, "look at Notify's API documentation"),
        # TooManyRequestsError is the daily limit: waiting seconds does not help.
        may_try_again=answer.status == 429 and kind == "RateLimitError",
    )


def _object(answer: HttpAnswer) -> dict[str, Any]:
    try:
        read = answer.json()
    except ServiceError:
        return {}  # the status has told what matters
    return read if isinstance(read, dict) else {}
