"""Settings, from the environment only (the README has the table of variables).

`DSCR_MODE=local` is one machine with its own PostgreSQL and Redis and demo accounts; anything else is a deployment and
refuses to start with a missing or a demo secret.
"""

import logging
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from environs import Env

from dscr.logs import logging_config
from dscr.schedule import SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()
env.read_env(str(BASE_DIR / ".env"), recurse=False)

MODE = env.str("DSCR_MODE", "production")
LOCAL = MODE == "local"
DEMO_SECRET = "local-demo-secret-never-for-a-deployment"  # noqa: S105  known to everyone, refused elsewhere


def required(name: str, local: str) -> str:
    """A setting that only local mode may leave out."""
    value = env.str(name, local if LOCAL else "")
    if not value or (not LOCAL and "demo" in value.lower()):
        raise ImproperlyConfigured(
            f"{name} is {'a demo value' if value else 'missing'}. Set it in the environment, "
            "or set DSCR_MODE=local to run on one machine with demo data."
        )
    return value


SECRET_KEY = required("SECRET_KEY", DEMO_SECRET)
# Earlier keys, while sessions, links and second factors made under them still have to be read.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", [])
METRICS_TOKEN = required("METRICS_TOKEN", "demo-metrics-token")
DEBUG = env.bool("DEBUG", False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"] if LOCAL else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", [])

INSTALLED_APPS = [
    "allauth",  # before dscr.access, whose admin takes the place of allauth's
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "dscr.frame.FrameConfig",
    "dscr.access",
    "dscr.audit",
    "qmm",
    "products",
    "ratings",
    "dscr.home",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "dscr.api",
    "django_structlog",
    "django_prometheus",
    "csp",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "dscr.access.ended.EndedMembershipMiddleware",
    "dscr.access.stale_forms.StaleFormMiddleware",
    "dscr.access.middleware.AccessMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "dscr.access.address.RequestLog",
    "dscr.audit.middleware.ActorMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "dscr.urls"
URL_RULES = "dscr.url_rules.RULES"
WSGI_APPLICATION = "dscr.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dscr.frame.page_context",
            ],
            "builtins": ["dscr.access.templatetags.forms_of_a_membership", "dscr.templatetags.moments"],
        },
    }
]

# In local mode dscr.local sets DATABASE_URL and REDIS_URL once its own servers run; a command that needs neither never
# asks for them.
DATABASES = {"default": env.dj_db_url("DATABASE_URL", required("DATABASE_URL", "postgres://dscr@127.0.0.1:1/dscr"))}
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# An unreachable host is an error after five seconds, not after two minutes of a waiting page.
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
# Counts of tries and throttles only, and not in Redis: its outage must not open or close a door.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "dscr_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = required("REDIS_URL", "redis://127.0.0.1:1/0")

AUTH_USER_MODEL = "access.User"
LOGIN_URL = "access:sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "access:sign-in"
SESSION_ENGINE = "dscr.access.sessions"
SESSION_COOKIE_AGE = 12 * 60 * 60  # a working day

# Signing in, by django-allauth. People come by invitation; nobody signs up.
AUTHENTICATION_BACKENDS = ["dscr.access.backends.ReaderBackend"]
ACCOUNT_ADAPTER = "dscr.access.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # every address is the operator's or an invitation's, thus confirmed
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = True  # for SESSION_COOKIE_AGE
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/15m/key",  # the lock-out that the sign-in page explains
    "reset_password": "20/m/ip,5/m/key",
    "reset_password_from_key": "20/m/ip",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
    "signup": "20/m/ip",  # accepting an invitation
}
ACCOUNT_FORMS = {
    "login": "dscr.access.forms.SignInForm",
    "reset_password": "dscr.access.forms.ResetForm",
    "reset_password_from_key": "dscr.access.forms.ResetByMailForm",
    "change_password": "dscr.access.forms.ChangePasswordForm",
    "set_password": "dscr.access.forms.SetPasswordForm",
    "reauthenticate": "dscr.access.forms.ReauthenticateForm",
}
MFA_ADAPTER = "dscr.access.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = LOCAL
MFA_RATE_LIMITS = {"webauthn_login": "10/m/ip"}
MFA_FORMS = {
    "authenticate": "dscr.access.forms.SecondFactorForm",
    "reauthenticate": "dscr.access.forms.ReauthenticateByCodeForm",
    "activate_totp": "dscr.access.forms.ActivateAppForm",
    "add_webauthn": "dscr.access.forms.AddPasskeyForm",
    "edit_webauthn": "dscr.access.forms.RenamePasskeyForm",
}
# How many proxies of one's own stand in front: a client writes the rest of X-Forwarded-For as it likes.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# `as_of` is a plain date in the program's time zone; times are stored in UTC.
TIME_ZONE = "America/New_York"
USE_TZ = True
LANGUAGE_CODE = "en-us"
USE_I18N = False

STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
NODE_MODULES = BASE_DIR / "node_modules"
# Front-end packages are served from where npm put them: no copies in the repository.
STATICFILES_DIRS = [
    BASE_DIR / "static",
    *(
        (prefix, NODE_MODULES / folder)
        for prefix, folder in (
            ("uswds", "@uswds/uswds/dist"),
            ("htmx", "htmx.org/dist"),
            ("echarts", "echarts/dist"),
        )
        if (NODE_MODULES / folder).is_dir()
    ),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if LOCAL
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = LOCAL
WHITENOISE_AUTOREFRESH = LOCAL


def local_private_files() -> str:
    """Within the data folder, however that is found; nothing is made yet."""
    from dscr.local.data_folder import CHECKOUT, Identity, default_path  # a deployment has no such folder

    given = env.str("DATA_DIR", "")
    return str((CHECKOUT / Path(given).expanduser() if given else default_path(Identity.needed())) / "private")


# Files given in confidence: web and workers share this folder, and no web server serves it.
PRIVATE_FILES = Path(env.str("PRIVATE_FILES", local_private_files() if LOCAL else "/var/lib/dscr/private"))

# Files of evidence (dscr/evidence): the largest one, and how many a thread takes.
EVIDENCE_MOST_MIB = env.int("EVIDENCE_MOST_MIB", 20)
EVIDENCE_MOST_FILES = env.int("EVIDENCE_MOST_FILES", 20)

SELF = "'self'"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if not LOCAL:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
    # Compose's and a load balancer's own probes come by plain HTTP from inside.
    SECURE_REDIRECT_EXEMPT = [r"^health/$", r"^metrics$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# Mail goes to the console in local mode; by SMTP as EMAIL_URL says, such as smtp+tls://user:password@mail.example:587.
EMAIL_BACKEND = "django.core.mail.backends." + ("console" if LOCAL else "smtp") + ".EmailBackend"
if env.str("EMAIL_URL", ""):
    globals().update(env.dj_email_url("EMAIL_URL"))
EMAIL_TIMEOUT = 10
# Where people open DSCR, such as https://dscr.example: links in mails that no request leads to begin with it.
SITE_URL = env.str("SITE_URL", "").rstrip("/")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", "DSCR <no-reply@localhost>")

# Months before an assessment expires, days before an improvement plan or an action of it is due (a plan: after that
# too), and days after which an action that is late is named again.
EXPIRY_WARNING_MONTHS = env.list("EXPIRY_WARNING_MONTHS", [12, 6, 1], subcast=int)
PLAN_REMINDER_DAYS = env.int("PLAN_REMINDER_DAYS", 14)
ACTION_REMINDER_AGAIN_DAYS = env.int("ACTION_REMINDER_AGAIN_DAYS", 30)

# The broker may die or freeze. These time-outs are for who reads from it; who sends waits far less (dscr/celery.py).
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
    "socket_connect_timeout": 1,
    "socket_timeout": 3,  # longer than the second for which a worker waits for a message
    "ack_emulation": False,  # a message carries nothing, so it is gone once read (see dscr/celery.py)
    "health_check_interval": 2,  # notices a frozen broker within five seconds
}
CELERY_TASK_DEFAULT_QUEUE = "dscr"
CELERY_TASK_IGNORE_RESULT = True
# Killed, not interrupted: an exception in the middle of a batch would be taken for a product that cannot be scored.
CELERY_TASK_TIME_LIMIT = 900
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A pool child is not given up while its parent waits for a frozen broker.
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 60
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 1_500_000  # KiB
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "dscr.celery:Beat"
CELERY_BEAT_SCHEDULE = SCHEDULE

LOGGING = logging_config(as_json=env.bool("LOG_JSON", not LOCAL), level=env.str("LOG_LEVEL", "INFO"))
DJANGO_STRUCTLOG_CELERY_ENABLED = True
# Every second a sweep starts and ends: ratings.tasks logs those that found work.
DJANGO_STRUCTLOG_CELERY_TASK_START_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_CELERY_TASK_SUCCESS_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_CELERY_TASK_RETRY_LOG_LEVEL = logging.DEBUG  # also of a kick that came too late to matter

PROMETHEUS_EXPORT_MIGRATIONS = False
# /health/ says "unavailable" when a mark that is due has waited this long.
HEALTH_OLDEST_MARK_SECONDS = env.int("HEALTH_OLDEST_MARK_SECONDS", 60)

# Files of order lines and KPI workbooks (products/services/raw_files.py); what came of them is kept for good.
RAW_FILES_DAYS_AFTER_USE = env.int("RAW_FILES_DAYS_AFTER_USE", 400)
RAW_FILES_DAYS_UNUSED = env.int("RAW_FILES_DAYS_UNUSED", 30)

# The API (dscr/api). Requests a minute, of one token or session and of one address of the network without either.
API_RATE = env.int("API_RATE", 600)
API_RATE_ANONYMOUS = env.int("API_RATE_ANONYMOUS", 60)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "dscr.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["dscr.api.permissions.RulePermission"],
    "DEFAULT_THROTTLE_CLASSES": ["dscr.api.throttling.RateLimit"],
    "DEFAULT_RENDERER_CLASSES": ["dscr.api.rendering.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["dscr.api.rendering.OrjsonParser"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "dscr.api.errors.handle",
    "URL_FORMAT_OVERRIDE": None,
    "FORMAT_SUFFIX_KWARG": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "DSCR API",
    "VERSION": "1.0.0",
    "DESCRIPTION": (BASE_DIR / "templates" / "api" / "description.md").read_text(encoding="utf-8"),
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_NO_READ_ONLY_REQUIRED": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "RatingStatus": "ratings.api.serializers.STATUS_CHOICES",
        "LookupStatus": "ratings.api.lookup.LOOKUP_STATUSES",
        "DraftState": "products.api.draft_shapes.DRAFT_STATES",
        "AnswerState": "products.api.draft_shapes.ANSWER_STATES",
        "ShortageStatus": "products.models.Shortage.Status",
        "DisclosureRequestState": "products.models.DisclosureRequest.State",
        "CaseState": "qmm.course.steps.State",
        "ActionStanding": "qmm.models.plan.ImprovementAction.Standing",
        "CaseStageEnum": "qmm.api.case_detail.STAGE_CHOICES",
        "FindingKind": "qmm.models.Finding.Kind",
        "FileKind": "qmm.api.case_files.KIND_CHOICES",
        "CalibrationState": "qmm.models.CalibrationCase.State",
        "PracticeArea": "qmm.models.AREAS",
        "EvidenceKindEnum": "qmm.models.SiteEvidence.Kind",
    },
    "AUTHENTICATION_WHITELIST": ["dscr.api.authentication.TokenAuthentication"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "dscr.api.schema.document_problems",
    ],
}
