"""People with a role, and the entries that a test caused."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from dscr.access.models import User
from dscr.access.roles import Role
from dscr.audit.models import AuditEntry
from products.models import Product
from tests.pages import factory


class Trail:
    """The entries since the test began, or since the last look, oldest first."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.last = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    def entries(self, **narrow: Any) -> list[AuditEntry]:
        found = list(AuditEntry.objects.filter(pk__gt=self.last, **narrow).order_by("pk"))
        self.forget()
        return found

    def entry(self, **narrow: Any) -> AuditEntry:
        [only] = self.entries(**narrow)
        return only


@pytest.fixture
def product(db: None) -> Product:
    return factory.appendix_b()[0]


@pytest.fixture
def trail(product: Product) -> Trail:
    return Trail()


@pytest.fixture
def operator(db: None) -> User:
    user = factory.operator()
    user.full_name = "Olivia Operator"
    user.save()
    return user


@pytest.fixture
def auditor_client(db: None) -> Client:
    client = Client()
    client.force_login(factory.user_with(Role.AUDITOR))
    return client


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


def actor_setting() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('dscr.actor', true), '')")
        return cursor.fetchone()[0]
