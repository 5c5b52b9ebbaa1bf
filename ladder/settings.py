"""All settings in one file; the environment decides.

Nothing set: the embedded default (SQLite and mail under `var/`, memory cache, tasks in process).
`LADDER_MODE=production`: PostgreSQL, Redis and SMTP by URL, and every secret must be given.
Any variable may be given as NAME_FILE, the path of a file that holds the value.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

import environ
import structlog
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

KNOWN = {
    "LADDER_MODE",
    "LADDER_DEBUG",
    "LADDER_SECRET_KEY",
    "LADDER_ALLOWED_HOSTS",
    "LADDER_VAR_DIR",
    "LADDER_FILES_DIR",
    "LADDER_PUBLIC_CATALOGUE",
    "LADDER_SIGNUP",
    "LADDER_KEEP_AFTER_LEAVING_DAYS",
    "LADDER_SIGNUP_DOMAINS",
    "LADDER_OIDC_URL",
    "LADDER_OIDC_CLIENT_ID",
    "LADDER_OIDC_SECRET",
    "LADDER_OIDC_NAME",
    "LADDER_OIDC_ORIGINS",
    "LADDER_TIME_ZONE",
    "LADDER_TRUSTED_PROXIES",
    "LADDER_RELEASE",
    "LADDER_FROM_EMAIL",
    "LADDER_URL",
    "LADDER_DEMO",
    "LADDER_REQUIRE_BROWSER",  # of the tests: a missing browser fails instead of skipping
    "LADDER_CHROMIUM",  # of the tests: where the browser is
}
_given = {name.removesuffix("_FILE") for name in os.environ if name.startswith("LADDER_")}
if _given - KNOWN:
    raise ImproperlyConfigured(
        f"Unknown setting {', '.join(sorted(_given - KNOWN))}; known are {', '.join(sorted(KNOWN))}."
    )

env = environ.FileAwareEnv()

MODE = env.str("LADDER_MODE", default="embedded")
if MODE not in {"embedded", "production"}:
    raise ImproperlyConfigured(f"LADDER_MODE is {MODE!r}; it can be 'embedded' or 'production'.")
PRODUCTION = MODE == "production"
DEBUG = env.bool("LADDER_DEBUG", default=False)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("LADDER_DEBUG shows secrets to visitors; it can't be on in production.")

_SERVICES = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL")
if PRODUCTION and (_missing := [name for name in _SERVICES if not env.str(name, default="")]):
    raise ImproperlyConfigured(
        f"Production needs {', '.join(_missing)}, or the name with _FILE; .env.example says what to write there."
    )

VAR_DIR = Path(env.str("LADDER_VAR_DIR", default=str(BASE_DIR / "var")))


def _embedded_secret() -> str:
    """A key of this installation's own, made once and kept under `var/`."""
    path = VAR_DIR / "secret_key"
    if not path.exists():
        VAR_DIR.mkdir(parents=True, exist_ok=True)
        made = path.with_suffix(f".{os.getpid()}")
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(50))
        with suppress(FileExistsError):
            os.link(made, path)  # the first process wins; the others read its key
        made.unlink()
    return path.read_text()


SECRET_KEY = (
    env.str("LADDER_SECRET_KEY") if PRODUCTION else env.str("LADDER_SECRET_KEY", default="") or _embedded_secret()
)
ALLOWED_HOSTS: list[str] = (
    env.list("LADDER_ALLOWED_HOSTS")
    if PRODUCTION
    else env.list("LADDER_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
)
# Where mail leads to; `manage.py serve` puts its own port in.
SITE_URL = env.str(
    "LADDER_URL", default=f"https://{ALLOWED_HOSTS[0].lstrip('.')}" if PRODUCTION else "http://127.0.0.1:8000"
).rstrip("/")
CSRF_TRUSTED_ORIGINS = [f"https://{host.lstrip('.')}" for host in ALLOWED_HOSTS if host != "*"] if PRODUCTION else []

# ── What an organisation chooses ────────────────────────────────────────────
PUBLIC_CATALOGUE = env.bool("LADDER_PUBLIC_CATALOGUE", default=True)
SIGNUP = env.str("LADDER_SIGNUP", default="closed" if PRODUCTION else "open")
if SIGNUP not in {"open", "invitation", "closed"}:
    raise ImproperlyConfigured(f"LADDER_SIGNUP is {SIGNUP!r}; it can be 'open', 'invitation' or 'closed'.")
# Whose addresses may sign up on their own; none means all. An invitation goes to any address.
SIGNUP_DOMAINS = [name.strip().lower() for name in env.list("LADDER_SIGNUP_DOMAINS", default=[])]
# Single sign-on by OpenID Connect: all three or none. Whom the provider lets in may have an account.
_OIDC = {name: env.str(f"LADDER_OIDC_{name}", default="") for name in ("URL", "CLIENT_ID", "SECRET")}
if any(_OIDC.values()) and (_missing := [f"LADDER_OIDC_{name}" for name, value in _OIDC.items() if not value]):
    raise ImproperlyConfigured(f"Single sign-on needs {', '.join(_missing)} too.")
if PRODUCTION and _OIDC["URL"] and not _OIDC["URL"].startswith("https://"):
    raise ImproperlyConfigured("LADDER_OIDC_URL begins with https:// in production.")
OIDC_NAME = env.str("LADDER_OIDC_NAME", default="single sign-on") if _OIDC["URL"] else ""
KEEP_AFTER_LEAVING_DAYS = env.int("LADDER_KEEP_AFTER_LEAVING_DAYS", default=90)
if KEEP_AFTER_LEAVING_DAYS < 1:
    raise ImproperlyConfigured("LADDER_KEEP_AFTER_LEAVING_DAYS is at least 1: people who leave may take their record.")
DEMO_ALLOWED = not PRODUCTION and env.bool("LADDER_DEMO", default=True)
RELEASE = env.str("LADDER_RELEASE", default="dev")  # part of every page's ETag

# ── Apps, in the order of their imports ─────────────────────────────────────
INSTALLED_APPS = [
    "ladder",
    "people",
    "audit",
    "outbox",
    "competencies",
    "roles",
    "accomplishments",
    "privacy",
    "dashboards",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "django_structlog",
    "lucide",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "ladder.middleware.SignInRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "people.middleware.Locality",
    "people.middleware.ProviderAway",
    "audit.middleware.Origin",
    "ladder.middleware.Logged",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "ladder.urls"
WSGI_APPLICATION = "ladder.wsgi.application"
_LOADERS: list[Any] = [
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
if not DEBUG:
    _LOADERS = [("django.template.loaders.cached.Loader", _LOADERS)]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [("template_partials.loader.Loader", _LOADERS)],
            "builtins": [
                "template_partials.templatetags.partials",
                "django.templatetags.static",
                "lucide.templatetags.lucide",
                "competencies.templatetags.competencies",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "ladder.context.shell",
            ],
        },
    }
]

# ── Data ────────────────────────────────────────────────────────────────────
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'ladder.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    DATABASES["default"]["CONN_MAX_AGE"] = None  # opening a file and setting it up anew costs a quarter of a page
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # a writer waits at the door instead of failing at the till
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
        # so that a trigger that refuses a delete refuses INSERT OR REPLACE as well
        "PRAGMA recursive_triggers=ON;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["CONN_MAX_AGE"] = 0  # the pool keeps the connections
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {"min_size": 1, "max_size": 8}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {
    "default": (
        {"BACKEND": "ladder.cache.ForgivingRedis", "LOCATION": REDIS_URL, "KEY_PREFIX": "ladder"}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 2000}}
    )
}
SESSION_ENGINE = "django.contrib.sessions.backends." + ("cached_db" if REDIS_URL else "db")

CELERY_BROKER_URL = REDIS_URL or "memory://localhost"
CELERY_TASK_ALWAYS_EAGER = not REDIS_URL
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False  # without a broker the page answers at once; the sweep finds what was left
# A killed worker's task comes back after seconds, not after the default hour.
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "visibility_timeout": 120,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 2,
        "socket_timeout": 5,
    }
    if REDIS_URL
    else {}
)

# ── People and sign-in ──────────────────────────────────────────────────────
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "people.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_FORMS = {
    "signup": "people.forms.account.SignupForm",
    "add_email": "people.forms.account.AddEmailForm",
    "change_password": "people.forms.account.ChangePasswordForm",
    "set_password": "people.forms.account.SetPasswordForm",
    "reset_password": "people.forms.account.ResetPasswordForm",
    "reset_password_from_key": "people.forms.account.ResetPasswordKeyForm",
    "reauthenticate": "people.forms.account.ReauthenticateForm",
}
MFA_FORMS = {
    "authenticate": "people.forms.account.AuthenticateForm",
    "reauthenticate": "people.forms.account.ReauthenticateCodeForm",
    "activate_totp": "people.forms.account.ActivateForm",
    "add_webauthn": "people.forms.account.AddPasskeyForm",
    "edit_webauthn": "people.forms.account.EditPasskeyForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if PRODUCTION else "optional"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Ladder] "
ACCOUNT_EMAIL_NOTIFICATIONS = True  # whoever changes how somebody signs in, that somebody reads of it
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = False
ACCOUNT_SESSION_REMEMBER = True
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("LADDER_TRUSTED_PROXIES", default=0)
SOCIALACCOUNT_ADAPTER = "people.adapter.SocialAccountAdapter"
SOCIALACCOUNT_FORMS = {"signup": "people.forms.account.SSOSignupForm"}
# Who has an account with an address that the provider has confirmed is joined to it.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": OIDC_NAME,
                "client_id": _OIDC["CLIENT_ID"],
                "secret": _OIDC["SECRET"],
                "settings": {"server_url": _OIDC["URL"].rstrip("/")},
            }
        ]
        if OIDC_NAME
        else [],
    }
}
MFA_ADAPTER = "people.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
USERSESSIONS_ADAPTER = "people.adapter.UserSessionsAdapter"

# ── Mail ────────────────────────────────────────────────────────────────────
if env.str("EMAIL_URL", default=""):
    vars().update(env.email("EMAIL_URL"))
    OUTBOX_BACKEND = vars()["EMAIL_BACKEND"]
else:
    OUTBOX_BACKEND = "outbox.backend.PrintedAndKept"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_BACKEND = "outbox.backend.Outbox"  # a row first; what sends is OUTBOX_BACKEND
OUTBOX_GATE = "people.mail.may_go"  # asked of each message when it is about to be sent
EMAIL_TIMEOUT = 30  # seconds; less than the lease of a message that is being sent
DEFAULT_FROM_EMAIL = env.str("LADDER_FROM_EMAIL", default="Ladder <ladder@localhost>")

# ── Text, time, files ───────────────────────────────────────────────────────
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English, United Kingdom"), ("en-us", "English, United States")]
FORMAT_MODULE_PATH = ["ladder.formats"]  # how each writes dates and times
TIME_ZONE = env.str("LADDER_TIME_ZONE", default="UTC")
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE = {
    "outbox": {"task": "outbox.jobs.sweep", "schedule": 60.0},  # seconds
    "archives": {"task": "privacy.jobs.sweep", "schedule": 60.0},
    "nightly": {"task": "accomplishments.jobs.nightly", "schedule": crontab(hour="2", minute="30")},
    "digest": {"task": "accomplishments.jobs.digest", "schedule": crontab(minute="0")},  # Friday comes zone by zone
    "privacy": {"task": "privacy.jobs.nightly", "schedule": crontab(hour="3", minute="0")},
}
USE_I18N = True
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION

# Evidence: outside the static tree, served by a view that asks who may see it.
MEDIA_ROOT = Path(env.str("LADDER_FILES_DIR", default=str(VAR_DIR / "files")))
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024  # of a form: more than its fields take, so that they can say so

# ── Safety ──────────────────────────────────────────────────────────────────
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
_origins = env.list("LADDER_OIDC_ORIGINS", default=["/".join(_OIDC["URL"].split("/")[:3])] if OIDC_NAME else [])
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        # Browsers hold a form to this through all redirects: those to the provider of single sign-on, and on from it.
        "form-action": ["'self'", *_origins],
        "img-src": ["'self'", "data:"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# ── Logs ────────────────────────────────────────────────────────────────────
_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso"),
]
structlog.configure(
    processors=[structlog.stdlib.filter_by_level, *_PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
# Tracebacks without the values of variables: those are people's texts.
_RENDER: list[Any] = (
    [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    if PRODUCTION
    else [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
)
_LEVEL = "INFO" if PRODUCTION else "WARNING"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "ladder": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_RENDER],
            "foreign_pre_chain": _PROCESSORS,
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "ladder"}},
    "root": {"handlers": ["console"], "level": _LEVEL},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},  # anybody can send any host
        "django_structlog": {"level": _LEVEL},
    },
}
