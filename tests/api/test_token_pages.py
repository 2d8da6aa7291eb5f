"""The page of one's tokens."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from dscr.api.models import ApiToken
from dscr.api.tokens import token_create
from tests.api.conftest import Machine
from tests.walk.world import World


def signed_in(world: World, reader: str = "purchaser") -> Client:
    browser = Client()
    browser.force_login(world.users[reader])
    return browser


def wish(world: World, **more: Any) -> dict[str, Any]:
    return {"name": "Night import", "membership": world.users["purchaser"].membership.pk, "days": 30, **more}


def test_a_new_token_is_shown_once(world: World) -> None:
    browser = signed_in(world)
    html = browser.post("/account/tokens/new/", wish(world)).content.decode()
    token = ApiToken.objects.get()
    secret = html.partition('value="dscr_')[2].partition('"')[0]
    assert (token.name, token.expires_at.date()) == ("Night import", (timezone.now() + timedelta(days=30)).date())
    asker = Machine(None)
    asker.headers = {"Authorization": f"Token dscr_{secret}"}
    assert asker.get("ratings/").status_code == 200
    listed = browser.get("/account/tokens/").content.decode()
    assert "Night import" in listed
    assert secret not in listed


def test_a_wrong_wish_is_said(world: World) -> None:
    stranger = world.users["operator"].membership.pk
    for change in ({"name": ""}, {"days": 9999}, {"membership": stranger}):
        response = signed_in(world).post("/account/tokens/new/", wish(world, **change))
        assert response.status_code == 422
    assert not ApiToken.objects.exists()


def test_one_revokes_one_s_own_only(world: World) -> None:
    mine, _ = token_create(world.users["purchaser"].membership, name="Mine")
    other, _ = token_create(world.users["operator"].membership, name="Other")
    browser = signed_in(world)
    assert "Other" not in browser.get("/account/tokens/").content.decode()
    assert browser.post(f"/account/tokens/{other.pk}/revoke/").status_code == 404
    assert browser.post(f"/account/tokens/{mine.pk}/revoke/").status_code == 302
    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.state, other.state) == ("revoked", "active")
