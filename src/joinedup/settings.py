"""What an administrator sets, read once at the doors from the environment and told apart from what rooms know.

`from_environment` takes the mapping (never `os.environ` by itself), so tests and commands pass their own. Every
variable is listed in `VARIABLES`, from which docs/reference/settings.md is made. Rooms get values, never this.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from joinedup.errors import UsageError
from joinedup.llm import Kind, Supplier
from joinedup.ports import is_safe_to_call


class Mode(StrEnum):
    """How the website runs. Demonstration accounts and providers exist in DEMONSTRATION alone."""

    PRODUCTION = "production"
    DEMONSTRATION = "demonstration"
    TEST = "test"


@dataclass(frozen=True)
class Variable:
    """One environment variable: what it means and what holds without it."""

    name: str
    what: str
    default: str = ""


VARIABLES: tuple[Variable, ...] = (
    Variable("JOINEDUP_MODE", "production, demonstration or test", "production"),
    Variable("JOINEDUP_DIR", "the folder of everything the website keeps on disk", "workspace"),
    Variable(
        "DATABASE_URL", "the database, as postgres://user:password@host:5432/name", "SQLite in the folder"
    ),
    Variable("JOINEDUP_URL", "the public address of the site; HTTPS in production", "http://127.0.0.1:8000"),
    Variable("JOINEDUP_HOSTS", "further host names that it answers to, separated by commas"),
    Variable("JOINEDUP_PROXIES", "how many proxies stand before the site and set X-Forwarded-For", "0"),
    Variable("JOINEDUP_SERVICE_NAME", "the name in the header", "Joinedup"),
    Variable("JOINEDUP_CONTACT", "the e-mail address that pages give for help and complaints"),
    Variable(
        "JOINEDUP_SECURITY_CONTACT",
        "whom /.well-known/security.txt names for faults of security: mailto: or https: addresses, separated by "
        "commas; without it there is no such file",
    ),
    Variable(
        "JOINEDUP_SECURITY_EXPIRES",
        "the last day on which that contact holds, as 2027-06-30; afterwards the file is gone",
    ),
    Variable("JOINEDUP_CROWN", "yes on GOV.UK only: the crown and GDS Transport", "no"),
    Variable(
        "JOINEDUP_KEYS",
        "where keys are kept: a folder, 'environment', or 'command:PROGRAM'",
        "keys in the folder",
    ),
    Variable(
        "JOINEDUP_MODEL_DIR",
        "the folder of the model that reads what comments mean (joinedup text fetch-model)",
        "beside the installed packages",
    ),
    Variable(
        "JOINEDUP_PRESIDIO",
        "the spaCy model, by name or folder, with which Presidio finds names and places to mask (extra presidio)",
        "our own rules alone",
    ),
    Variable("JOINEDUP_KEYS_PASSPHRASE_FILE", "a file with the passphrase that key files are encrypted with"),
    Variable(
        "JOINEDUP_CHECKPOINTS",
        "a second folder that signed checkpoints of the audit record are carried to, best on other storage",
    ),
    Variable("JOINEDUP_METRICS_TOKEN_FILE", "a file with the bearer token that may read /metrics"),
    Variable(
        "JOINEDUP_ONE_LOGIN_CLIENT_ID", "client id at GOV.UK One Login; without it citizens cannot sign in"
    ),
    Variable(
        "JOINEDUP_ONE_LOGIN_ISSUER", "issuer of GOV.UK One Login", "https://oidc.integration.account.gov.uk/"
    ),
    Variable(
        "JOINEDUP_ONE_LOGIN_IDENTITY_ISSUER",
        "issuer of the core identity JWT, another host than the issuer",
        "https://identity.integration.account.gov.uk/",
    ),
    Variable(
        "JOINEDUP_ONE_LOGIN_DID_URL",
        "the fixed address of the DID document",
        "https://identity.integration.account.gov.uk/.well-known/did.json",
    ),
    Variable(
        "JOINEDUP_STAFF_ISSUER", "issuer of the staff OpenID Connect provider; without it local accounts only"
    ),
    Variable("JOINEDUP_STAFF_CLIENT_ID", "client id at the staff provider"),
    Variable(
        "JOINEDUP_STAFF_CLIENT_SECRET_FILE", "a file with its secret; without it private_key_jwt is used"
    ),
    Variable("JOINEDUP_STAFF_NAME", "what the button says: Sign in with …", "your organisation account"),
    Variable("JOINEDUP_NOTIFY", "outbox, smtp://user@host:587 or govuk-notify", "outbox"),
    Variable("JOINEDUP_NOTIFY_SECRET_FILE", "a file with the SMTP password or the GOV.UK Notify key"),
    Variable(
        "JOINEDUP_NOTIFY_TEMPLATES_FILE",
        "a TOML file with GOV.UK Notify's id of each template: a table a template, in it en and cy",
        "site/notify-templates.toml in the folder",
    ),
    Variable("JOINEDUP_NOTIFY_FROM", "the address that e-mail comes from"),
    Variable(
        "JOINEDUP_HTTPS_PROXY",
        "the proxy by which other services are reached, as http://proxy.example:3128; this machine never by it",
    ),
    Variable(
        "JOINEDUP_RECORDS_A_DAY",
        "of how many people one member of staff may open the records within a day before auditors are told",
        "100",
    ),
    Variable("JOINEDUP_UPLOAD_LIMIT_MB", "the largest file that may be uploaded, in MB", "2000"),
    Variable(
        "JOINEDUP_LLM_KIND",
        "who serves the language model: azure, bedrock, openai, ollama or vllm; without it none is ever asked",
    ),
    Variable(
        "JOINEDUP_LLM_URL", "its address, as https://NAME.openai.azure.com; plain HTTP for this machine alone"
    ),
    Variable("JOINEDUP_LLM_MODEL", "the model that is asked; at Azure OpenAI the name of the deployment"),
    Variable("JOINEDUP_LLM_KEY_FILE", "a file with its key"),
    Variable(
        "JOINEDUP_LLM_SECONDS", "the longest wait for one answer of the language model, in seconds", "120"
    ),
)


@dataclass(frozen=True)
class OneLogin:
    """GOV.UK One Login as this deployment uses it."""

    client_id: str
    issuer: str
    identity_issuer: str
    did_url: str


@dataclass(frozen=True)
class StaffProvider:
    """The OpenID Connect provider of staff. client_secret: None for private_key_jwt."""

    name: str
    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)


@dataclass(frozen=True)
class Notify:
    """Where messages go. kind: outbox, smtp or govuk-notify. template_ids: name, language and Notify's id of each."""

    kind: str
    address: str = ""
    sender: str = ""
    secret: str = field(default="", repr=False)
    template_ids: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class SecurityContact:
    """Whom to tell of a fault of security. addresses: each with its scheme. until: when that ends, in UTC."""

    addresses: tuple[str, ...]
    until: datetime


@dataclass(frozen=True)
class Settings:
    """Everything an administrator may set. upload_limit: bytes. records_a_day: people, of whom one person reads.

    presidio: the spaCy model that Presidio reads with; empty where the rules alone mask.
    """

    mode: Mode
    directory: Path
    database_url: str
    url: str
    hosts: tuple[str, ...]
    proxies: int
    service_name: str
    contact: str
    crown: bool
    keys: str
    keys_passphrase: str | None = field(repr=False)
    checkpoints: Path | None
    metrics_token: str | None = field(repr=False)
    one_login: OneLogin | None
    staff_provider: StaffProvider | None
    notify: Notify
    upload_limit: int
    https_proxy: str | None = None
    records_a_day: int = 100
    language_model: Supplier | None = None
    language_model_seconds: int = 120
    model_folder: Path | None = None
    presidio: str = ""
    security_contact: SecurityContact | None = None

    @property
    def is_secure(self) -> bool:
        """Whether the public address is HTTPS."""
        return self.url.startswith("https://")

    @property
    def is_demonstration(self) -> bool:
        """Whether demonstration accounts, their page and the built-in citizen provider exist."""
        return self.mode is Mode.DEMONSTRATION


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Return the settings that an environment asks for.

    Raises UsageError naming the variable: unknown JOINEDUP_* names (a slip would go unseen otherwise), values out
    of range, files that cannot be read, plain HTTP in production, a demonstration that others could reach.
    """
    _refuse_unknown(environment)
    read = _Reader(environment)
    try:
        mode = Mode(read.text("JOINEDUP_MODE"))
    except ValueError:
        raise _wrong("JOINEDUP_MODE", "not a mode", "production, demonstration or test") from None
    directory = Path(read.text("JOINEDUP_DIR")).expanduser().absolute()
    url = read.text("JOINEDUP_URL").rstrip("/")
    host = urlsplit(url).hostname
    if host is None or urlsplit(url).scheme not in {"http", "https"}:
        raise _wrong("JOINEDUP_URL", "not a web address", "write it as https://service.example.gov.uk")
    loopback = is_loopback(host)
    hosts = tuple(name.strip() for name in read.text("JOINEDUP_HOSTS").split(",") if name.strip())
    proxies = read.number("JOINEDUP_PROXIES")
    if mode is Mode.PRODUCTION and not url.startswith("https://") and not loopback:
        raise _wrong("JOINEDUP_URL", "plain HTTP beyond this machine", "give the HTTPS address of the proxy")
    if mode is Mode.DEMONSTRATION and not loopback:
        raise _wrong("JOINEDUP_MODE", "a demonstration is for this machine alone", "use production")
    if mode is Mode.DEMONSTRATION and not all(is_loopback(name) for name in hosts):
        raise _wrong("JOINEDUP_HOSTS", "a demonstration is for this machine alone", "unset it")
    if mode is Mode.DEMONSTRATION and proxies:
        raise _wrong("JOINEDUP_PROXIES", "a demonstration is for this machine alone", "unset it")
    database = environment.get("DATABASE_URL", "").strip()
    if mode is Mode.DEMONSTRATION and database:
        raise _wrong(
            "DATABASE_URL", "a demonstration keeps its own SQLite database", "unset it, or use production"
        )
    return Settings(
        mode=mode,
        directory=directory,
        database_url=database or f"sqlite:///{directory / 'site' / 'joinedup.sqlite3'}",
        url=url,
        hosts=(host, *hosts),
        proxies=proxies,
        service_name=read.text("JOINEDUP_SERVICE_NAME"),
        contact=read.text("JOINEDUP_CONTACT"),
        crown=read.yes("JOINEDUP_CROWN"),
        keys=environment.get("JOINEDUP_KEYS", "").strip() or str(directory / "site" / "keys"),
        keys_passphrase=read.secret("JOINEDUP_KEYS_PASSPHRASE_FILE"),
        checkpoints=read.folder("JOINEDUP_CHECKPOINTS"),
        metrics_token=read.secret("JOINEDUP_METRICS_TOKEN_FILE"),
        one_login=_one_login(read),
        staff_provider=_staff_provider(read),
        notify=_notify(read, directory),
        https_proxy=_proxy(read),
        records_a_day=read.number("JOINEDUP_RECORDS_A_DAY"),
        upload_limit=read.number("JOINEDUP_UPLOAD_LIMIT_MB") * 1_000_000,
        language_model=_language_model(read),
        language_model_seconds=read.number("JOINEDUP_LLM_SECONDS"),
        model_folder=read.folder("JOINEDUP_MODEL_DIR") if read.is_given("JOINEDUP_MODEL_DIR") else None,
        presidio=read.text("JOINEDUP_PRESIDIO") if read.is_given("JOINEDUP_PRESIDIO") else "",
        security_contact=_security_contact(read),
    )


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own, which no other can reach.

    >>> is_loopback("127.0.0.1"), is_loopback("0.0.0.0")
    (True, False)
    """
    return host in {"127.0.0.1", "localhost", "::1"}


def _security_contact(read: _Reader) -> SecurityContact | None:
    given, day = read.text("JOINEDUP_SECURITY_CONTACT"), read.text("JOINEDUP_SECURITY_EXPIRES")
    if not given and not day:
        return None
    addresses = tuple(each.strip() for each in given.split(",") if each.strip())
    good = ("mailto:", "https://", "tel:")  # RFC 9116, section 2.5.3: a URI, and of web addresses HTTPS alone
    if not addresses or not all(each.startswith(good) and len(each.split()) == 1 for each in addresses):
        raise _wrong(
            "JOINEDUP_SECURITY_CONTACT", "not an address", "write it as mailto:security@example.gov.uk"
        )
    try:
        last = date.fromisoformat(day)
    except ValueError:
        raise _wrong("JOINEDUP_SECURITY_EXPIRES", "not a day", "write it as 2027-06-30") from None
    return SecurityContact(addresses, datetime.combine(last, time(23, 59, 59), tzinfo=UTC))


def _one_login(read: _Reader) -> OneLogin | None:
    client_id = read.text("JOINEDUP_ONE_LOGIN_CLIENT_ID")
    if not client_id:
        return None
    return OneLogin(
        client_id=client_id,
        issuer=read.text("JOINEDUP_ONE_LOGIN_ISSUER"),
        identity_issuer=read.text("JOINEDUP_ONE_LOGIN_IDENTITY_ISSUER"),
        did_url=read.text("JOINEDUP_ONE_LOGIN_DID_URL"),
    )


def _staff_provider(read: _Reader) -> StaffProvider | None:
    issuer, client_id = read.text("JOINEDUP_STAFF_ISSUER"), read.text("JOINEDUP_STAFF_CLIENT_ID")
    if not issuer and not client_id:
        return None
    if not issuer or not client_id:
        raise _wrong(
            "JOINEDUP_STAFF_ISSUER", "the issuer and the client id go together", "set both or neither"
        )
    secret = read.secret("JOINEDUP_STAFF_CLIENT_SECRET_FILE")
    return StaffProvider(read.text("JOINEDUP_STAFF_NAME"), issuer, client_id, secret)


def _proxy(read: _Reader) -> str | None:
    given = read.text("JOINEDUP_HTTPS_PROXY")
    if not given:
        return None
    try:
        parts = urlsplit(given)
        is_good = parts.scheme in {"http", "https"} and parts.hostname and (parts.port or True)
    except ValueError:
        is_good = False
    if not is_good:
        raise _wrong("JOINEDUP_HTTPS_PROXY", "not a proxy's address", "write it as http://proxy.example:3128")
    if parts.username or parts.password:
        raise _wrong(
            "JOINEDUP_HTTPS_PROXY",
            "it holds a password, which an environment shows in too many places",
            "let the proxy know this machine by its address",
        )
    return given


def _language_model(read: _Reader) -> Supplier | None:
    given = read.text("JOINEDUP_LLM_KIND")
    url, model = read.text("JOINEDUP_LLM_URL"), read.text("JOINEDUP_LLM_MODEL")
    if not given and not url and not model:
        return None
    if given not in set(Kind):
        raise _wrong("JOINEDUP_LLM_KIND", "not a kind of server", "azure, bedrock, openai, ollama or vllm")
    if not is_safe_to_call(url):
        raise _wrong(
            "JOINEDUP_LLM_URL",
            "not an address that may be called",
            "write it as https://host/v1, without a key in it; plain HTTP for this machine alone",
        )
    try:
        return Supplier(Kind(given), url, model, read.secret("JOINEDUP_LLM_KEY_FILE") or "")
    except UsageError as error:
        raise _wrong("JOINEDUP_LLM_KIND", error.what, error.mend) from None


def _notify(read: _Reader, directory: Path) -> Notify:
    given = read.text("JOINEDUP_NOTIFY")
    kind = "smtp" if given.startswith("smtp://") else given
    if kind not in {"outbox", "smtp", "govuk-notify"}:
        raise _wrong("JOINEDUP_NOTIFY", "not a way to send", "outbox, smtp://user@host:587 or govuk-notify")
    secret = read.secret("JOINEDUP_NOTIFY_SECRET_FILE") or ""
    if kind == "govuk-notify" and not secret:
        raise _wrong(
            "JOINEDUP_NOTIFY_SECRET_FILE", "GOV.UK Notify needs its key", "give the file that holds it"
        )
    ids = _template_ids(read, directory) if kind == "govuk-notify" else ()
    return Notify(kind, given if kind == "smtp" else "", read.text("JOINEDUP_NOTIFY_FROM"), secret, ids)


def _template_ids(read: _Reader, directory: Path) -> tuple[tuple[str, str, str], ...]:
    name = "JOINEDUP_NOTIFY_TEMPLATES_FILE"
    place = directory / "site" / "notify-templates.toml"
    if read.is_given(name):
        place = Path(read.text(name)).expanduser()
    try:
        told = tomllib.loads(place.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise _wrong(
            name, "its file cannot be read", "write a table a template, in it en and cy with the ids"
        ) from None
    except tomllib.TOMLDecodeError:
        raise _wrong(name, "its file is not TOML", "write [staff_invitation], then en = and cy =") from None
    found = []
    for template, ids in told.items():
        if not isinstance(ids, dict) or set(ids) != {"en", "cy"}:
            raise _wrong(
                name, f"[{template}] lacks en or cy", "give the id of the template in both languages"
            )
        for language, own in ids.items():
            try:
                found.append((template, language, str(UUID(own))))
            except (ValueError, TypeError, AttributeError):
                raise _wrong(
                    name, f"{language} of [{template}] is no id of GOV.UK Notify", "copy it from the template"
                ) from None
    return tuple(found)


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._defaults = {variable.name: variable.default for variable in VARIABLES}

    def text(self, name: str) -> str:
        return self._environment.get(name, "").strip() or self._defaults[name]

    def is_given(self, name: str) -> bool:
        """Whether the environment says it, so that a default in words is not taken for a value."""
        return bool(self._environment.get(name, "").strip())

    def folder(self, name: str) -> Path | None:
        text = self.text(name)
        return Path(text).expanduser().absolute() if text else None

    def number(self, name: str) -> int:
        text = self.text(name)
        if not text.isdecimal():
            raise _wrong(name, "not a whole number", "write digits alone")
        return int(text)

    def yes(self, name: str) -> bool:
        text = self.text(name).lower()
        if text not in {"yes", "no"}:
            raise _wrong(name, "neither yes nor no", "write yes or no")
        return text == "yes"

    def secret(self, name: str) -> str | None:
        """A secret lies in a file, as platforms mount it; an environment is shown in too many places."""
        place = self.text(name)
        if not place:
            return None
        try:
            return Path(place).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise _wrong(name, "its file cannot be read", "check the path and who may read it") from None


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    known = {variable.name for variable in VARIABLES} | {"JOINEDUP_SHARED"}
    for name in sorted(environment):
        theirs = name.startswith(
            ("JOINEDUP_TEST_", "JOINEDUP_KEY_")
        )  # of the tests, and of the key store itself
        if name.startswith("JOINEDUP_") and not theirs and name not in known:
            raise _wrong(name, "no such setting", "see docs/reference/settings.md for the names")


def _wrong(name: str, what: str, mend: str) -> UsageError:
    return UsageError(what=what, where=name, mend=mend)
