"""The walk's small world with its canaries, and a machine for each of its readers."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import orjson
import pytest
from django.db import transaction
from django.test import Client

from dscr.access.models import User
from dscr.api.tokens import token_create
from tests.products.conftest import desk  # noqa: F401  fixture
from tests.walk.world import World, build_world

PASSWORD = "walk-password-1"


class Machine:
    """Asks the API with a token; answers are parsed."""

    def __init__(self, user: User | None) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers: dict[str, str] = {}
        if user is not None:
            self.token, self.secret = token_create(user.membership, name="test")
            self.headers = {"Authorization": f"Token {self.secret}"}

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(_address(path), headers=self.headers | headers)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        return self.client.post(_address(path), data, content_type="application/json", headers=self.headers | headers)

    def put(self, path: str, body: Any, **headers: str) -> Any:
        return self._send("put", path, body, headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self._send("patch", path, body, headers)

    def _send(self, verb: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        """`if_match` and `idempotency_key` among the headers."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        call, data = getattr(self.client, verb), body if isinstance(body, bytes) else orjson.dumps(body)
        return call(_address(path), data, content_type="application/json", headers=self.headers | named)

    def delete(self, path: str, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.delete(_address(path), headers=self.headers | named)

    def upload(self, path: str, *files: Any, **headers: str) -> Any:
        """As a form with `files`."""
        return self.form(path, {"files": list(files)}, **headers)

    def form(self, path: str, fields: dict[str, Any], **headers: str) -> Any:
        """As a form of texts and files."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(_address(path), fields, headers=self.headers | named)


def _address(path: str) -> str:
    return path if path.startswith("http") else f"/api/v1/{path}"


@pytest.fixture(scope="module")
def standing_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Made once for the tests of a file; each of them runs within its transaction and is taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build_world()
        transaction.set_rollback(True)


@pytest.fixture
def world(standing_world: World, db: None) -> World:
    return deepcopy(standing_world)  # a test may change the objects too


@pytest.fixture
def machine(world: World) -> Any:
    """machine("purchaser") asks as that reader of tests/walk/world.py; machine(None) as nobody."""
    return lambda reader=None: Machine(world.users[reader] if reader else None)
