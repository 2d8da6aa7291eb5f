"""Structured logs with request and task ids: readable on one machine, JSON in a deployment."""

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

# What follows in these addresses opens an account: who reads the log must not be able to use it.
SECRET_PATH = re.compile(r"(/invitations/|/password/reset/key/)[^/\s]+")
NOISY = ("celery.beat", "celery.worker.request", "celery.worker.strategy")


def without_secrets(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The address of a request without the token in it."""
    if "request" in event:
        event["request"] = SECRET_PATH.sub(r"\1…", str(event["request"]))
    return event


SHARED = [
    without_secrets,
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]


def _console() -> Any:
    """Tracebacks as Python writes them: drawn with every local variable they take a minute, and tell what was typed."""
    return structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)


def logging_config(*, as_json: bool, level: str) -> dict[str, Any]:
    """The dict for Django's LOGGING; configures structlog to go through it."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    # JSON needs a traceback as text, also that of a library's record; the console draws its own.
    foreign = [*SHARED, structlog.processors.format_exc_info] if as_json else SHARED
    renderer = structlog.processors.JSONRenderer() if as_json else _console()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processor": renderer,
                "foreign_pre_chain": foreign,
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            # These say something each second, for every sweep.
            **{name: {"level": "WARNING"} for name in NOISY},
            # "Not found" and its like stand in request_finished, which has the request's id.
            "django.request": {"level": "ERROR"},
            # A failed task is logged once, by django-structlog with its ids.
            "celery.app.trace": {"level": "CRITICAL"},
        },
    }
