"""Who may see what: one table of actions that every page, search, count and fragment asks; the rest is refused."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.urls import Resolver404, resolve
from django.utils import timezone

from dscr.access.models import Membership, User
from dscr.access.roles import Role

WHO_MAY: dict[str, frozenset[str]] = {
    "read_ratings": frozenset({Role.OPERATOR, Role.AUDITOR}),
    "read_operations": frozenset({Role.OPERATOR, Role.AUDITOR}),
}

# Pages that are not every signed-in reader's, by URL name.
PAGE_NEEDS = {"ratings:rating-list": "read_ratings", "ratings:rating-detail": "read_ratings"}

Rows = TypeVar("Rows", bound=Model)


def memberships_today(user: User | AnonymousUser) -> list[Membership]:
    """The user's memberships that hold today, oldest first. Read once a request."""
    if not user.is_authenticated or not user.is_active:
        return []
    known = getattr(user, "_memberships_today", None)
    if known is None:
        today = timezone.localdate()
        known = list(
            Membership.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=today), user=user, starts_on__lte=today)
            .select_related("organisation")
            .order_by("starts_on", "id")
        )
        user._memberships_today = known  # type: ignore[union-attr]
    return known


def may(user: User | AnonymousUser, action: str) -> bool:
    """Whether the user may do `action`; an action that no one listed is refused, for superusers too."""
    roles = WHO_MAY.get(action)
    if roles is None or not user.is_authenticated or not user.is_active:
        return False
    return user.is_superuser or any(membership.role in roles for membership in memberships_today(user))


def in_scope(rows: QuerySet[Rows], user: User | AnonymousUser, action: str) -> QuerySet[Rows]:
    """The rows that the user may see for `action`: so far all or none. Later roles narrow them here."""
    return rows if may(user, action) else rows.none()


def may_open(user: User | AnonymousUser, address: str) -> bool:
    """Whether signing in should lead to the address: a page of the program that the user's role opens."""
    try:
        page = resolve(urlsplit(address).path)
    except (Resolver404, ValueError):
        return False
    if page.app_name == "admin":
        return bool(user.is_active and user.is_staff)
    if page.app_name == "access":
        return False  # to sign in or out again leads nowhere
    needed = PAGE_NEEDS.get(page.view_name)
    return needed is None or may(user, needed)


def signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Sends an anonymous reader to the sign-in page: a page by redirect, a fragment by telling htmx to go there.

    No page has a control character in its address: the database refuses NUL, so such an address must not reach it.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.path.isprintable():
            raise Http404
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.headers.get("HX-Request"):
            return HttpResponse(status=401, headers={"HX-Redirect": resolve_url("access:sign-in")})
        return redirect_to_login(request.get_full_path())

    return guarded
