"""A draft of the rubric, its operator, and people who read."""

import pytest
from django.test import Client

from dscr.access.models import User
from dscr.access.roles import Role
from qmm.models import Rubric
from qmm.services.rubric import draft_begin
from tests.pages import factory


@pytest.fixture
def operator(db: None) -> User:
    return factory.user_of("Office", Role.OPERATOR)


@pytest.fixture
def colleague(operator: User) -> User:
    return factory.user_of("Office", Role.OPERATOR, "colleague@demo.example")


@pytest.fixture
def draft(operator: User) -> Rubric:
    return draft_begin(user=operator)


@pytest.fixture
def page(client: Client, operator: User) -> Client:
    client.force_login(operator)
    return client
