"""Reading is scoped in the queryset: `Model.objects.for_user(user, action)` holds what the user may see, or nothing."""

from typing import Any, Self

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models

from dscr.access.roles import MAY, Scope

Reader = AbstractBaseUser | AnonymousUser


def scope_of(user: Reader, action: str) -> Scope | None:
    """How far the user's active membership reaches for `action`; None is not at all, for superusers too."""
    if not user.is_authenticated or not user.is_active:
        return None
    membership = user.membership
    return MAY.get(action, {}).get(membership.role) if membership else None


def may(user: Reader, action: str) -> bool:
    return scope_of(user, action) is not None


class ScopedQuerySet(models.QuerySet):
    def for_user(self, user: Reader, action: str) -> Self:
        """The rows within the user's scope. A model that does not say which rows are one's own has none of them.

        A model says it by `own_rows(membership)` and `assigned_rows(membership)`, static methods that give a Q.
        """
        scope = scope_of(user, action)
        if scope == Scope.ALL:
            return self
        narrow: Any = getattr(self.model, f"{scope}_rows", None)
        return self.none() if scope is None or narrow is None else self.filter(narrow(user.membership))


ScopedManager = models.Manager.from_queryset(ScopedQuerySet)
