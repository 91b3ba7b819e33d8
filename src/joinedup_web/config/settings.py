"""Django's settings, made from `joinedup.settings`: the one place where the environment is read for the website."""

from __future__ import annotations

import os
from pathlib import Path

import dj_database_url
from csp.constants import NONCE, NONE, SELF

from joinedup.settings import Mode, from_environment
from joinedup_web.config.secret import secret_key

JOINEDUP = from_environment(os.environ)
SITE_DIR = JOINEDUP.directory / "site"
(SITE_DIR / "static").mkdir(parents=True, exist_ok=True)
(SITE_DIR / "incoming").mkdir(mode=0o700, exist_ok=True)
WEB = Path(__file__).resolve().parent.parent

DEBUG = False
SECRET_KEY, SECRET_KEY_FALLBACKS = secret_key(JOINEDUP)
ALLOWED_HOSTS = list(
    dict.fromkeys([*JOINEDUP.hosts, *(["testserver"] if JOINEDUP.mode is Mode.TEST else [])])
)
CSRF_TRUSTED_ORIGINS = [JOINEDUP.url]
ROOT_URLCONF = "joinedup_web.config.urls"
WSGI_APPLICATION = "joinedup_web.config.wsgi.application"
APPEND_SLASH = False  # an address has one spelling; a redirect would hide a rule that is lacking

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_tasks",
    "django_tasks_db",
    "joinedup_web.design",
    "joinedup_web.accounts",
    "joinedup_web.audit",
    "joinedup_web.public",
    "joinedup_web.identity",
    "joinedup_web.linkage",
    "joinedup_web.person_index",
    "joinedup_web.text",
    "joinedup_web.casework",
    "joinedup_web.feedback",
    "joinedup_web.operations",
    *(["joinedup_web.demonstration"] if JOINEDUP.mode is not Mode.PRODUCTION else []),
]

MIDDLEWARE = [
    "joinedup_web.operations.metrics.MetricsMiddleware",
    "joinedup_web.config.middleware.TurnMiddleware",
    # Before whatever may refuse a request by itself, so that the page that says so has its policy and nonce, too.
    "joinedup_web.config.middleware.PolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "joinedup_web.config.middleware.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "joinedup_web.config.sessions.SplitSessionMiddleware",
    "joinedup_web.config.languages.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "joinedup_web.config.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "joinedup_web.design.errors.errors_as_pages",
    "joinedup_web.design.table_downloads.tables_as_csv",
    "joinedup_web.config.middleware.GateMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": False,
        "DIRS": [str(path) for path in sorted(WEB.glob("*/templates"))],
        "OPTIONS": {
            "environment": "joinedup_web.design.environment.environment",
            "context_processors": ["joinedup_web.design.context.page"],
        },
    },
]

DATABASES = {
    "default": dj_database_url.parse(JOINEDUP.database_url, conn_max_age=600, conn_health_checks=True)
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # WAL lets reads go on during a write; FULL makes a commit durable; IMMEDIATE takes the write lock at the
    # start, where waiting is possible, instead of failing in the middle ("database is locked"). Reading by memory map
    # lets all connections share the system's copy of the pages; each one's own cache is small.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
        "PRAGMA mmap_size=268435456;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.StaffUser"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]

# Staff and citizens have separate sessions and cookies: see config/sessions.py.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"  # sign-in comes back from another site by a plain link
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = JOINEDUP.is_secure
SESSION_COOKIE_AGE = 8 * 3600
CSRF_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no cookie of its own
CSRF_COOKIE_NAME = "__Host-joinedup_csrf" if JOINEDUP.is_secure else "joinedup_csrf"
CSRF_FAILURE_VIEW = "joinedup_web.design.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if JOINEDUP.is_secure:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^health/"]  # probes come over the machine's own network
    SECURE_HSTS_SECONDS = 63_072_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
if JOINEDUP.proxies:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

STATIC_URL = "/static/"
STATIC_ROOT = SITE_DIR / "static"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(SITE_DIR / "files")},
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if JOINEDUP.mode is not Mode.TEST
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = JOINEDUP.mode is Mode.TEST
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_TEMP_DIR = SITE_DIR / "incoming"  # people's data under way lie where the rest lies, not in /tmp

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}

USE_TZ = True
TIME_ZONE = "Europe/London"
USE_I18N = True
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("cy", "Cymraeg")]
LOCALE_PATHS = [WEB / "locale"]
LANGUAGE_COOKIE_NAME = "joinedup_language"
FORMAT_MODULE_PATH = None

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "joinedup_web.operations.logs.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
}
