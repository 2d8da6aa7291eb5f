"""The frame as a Django app: its commands, its system checks, and what every page's header needs."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.http import HttpRequest


class FrameConfig(AppConfig):
    name = "dscr"
    verbose_name = "Frame"


def page_context(request: HttpRequest) -> dict[str, Any]:
    return {"local_mode": settings.LOCAL}
