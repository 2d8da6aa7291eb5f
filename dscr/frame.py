"""The frame as a Django app: its commands, its system checks, and what every page's header needs."""

import gc
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject


class FrameConfig(AppConfig):
    name = "dscr"
    verbose_name = "Frame"

    def ready(self) -> None:
        """All apps are loaded: from here on garbage is looked for, among what comes."""
        gc.freeze()
        gc.enable()


def page_context(request: HttpRequest) -> dict[str, Any]:
    """For every template: whether this is local mode, and who reads (asked only where a template shows it)."""
    return {"local_mode": settings.LOCAL, "viewer": SimpleLazyObject(lambda: _viewer(request))}


def _viewer(request: HttpRequest) -> dict[str, Any]:
    from dscr.access.roles import Scope
    from dscr.access.rules import opens, rule_of
    from dscr.access.scoping import may, scope_of
    from dscr.navigation import links

    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {
        "name": str(user),
        "membership": user.membership,
        "links": links(request),
        "reads_ratings": opens(rule_of("ratings:rating-list"), user),
        "reads_audit": may(user, "read_audit"),
        "reads_program": opens(rule_of("ratings:program"), user),
        "works_on_cases": scope_of(user, "read_cases") == Scope.ASSIGNED,
        "uses_admin": user.is_staff and may(user, "change_records"),
    }
