"""The API: `preview` of one rating for a maker's own tokens and the office's, null for all others."""

from typing import Any

import pytest
from django.test import Client
from django.utils.dateparse import parse_datetime
from pytest_django import DjangoAssertNumQueries

from dscr.access.roles import Role
from dscr.api.tokens import token_create
from dscr.audit.models import AuditEntry
from products.models import Product
from ratings.models import Preview
from ratings.previews import published_from
from tests.pages import factory
from tests.preview.conftest import FIRM, PREVIEWED, PUBLISHED, keep_stock, set_days, words


def answer_to(firm: str, role: str, product: Product) -> Any:
    _, secret = token_create(factory.user_of(firm, role).membership, name="test")
    return Client().get(f"/api/v1/ratings/{product.ndc}/", headers={"Authorization": f"Token {secret}"})


@pytest.mark.parametrize("role", [Role.MANUFACTURER_EDITOR, Role.ATTESTOR])
def test_a_makers_token_reads_what_waits(previewed: Product, role: str) -> None:
    found = answer_to(FIRM, role, previewed).json()
    assert (found["score"], found["band"], found["status"]) == (PUBLISHED, 4, "rated")
    preview = found["preview"]
    since = Preview.objects.get().since
    assert parse_datetime(preview.pop("since")) == since
    assert parse_datetime(preview.pop("published_from")) == published_from(since, 14)
    assert preview.pop("as_of")
    assert [words(cause["text"]) for cause in preview.pop("causes")] == ["Days of inventory on hand 150 days → 20 days"]
    assert preview == {
        "status": "rated",
        "score": PREVIEWED,
        "band": 4,
        "band_label": "High",
        "methodology": "2026.1",
        "coverage": 1.0,
        "gates": [],
        "change": -4.3,
    }
    assert AuditEntry.objects.filter(action="viewed", detail="preview").count() == 1


@pytest.mark.parametrize(
    ("role", "firm"),
    [
        (Role.PURCHASER, "Fernwick"),
        (Role.COORDINATOR, "Coordination"),
        (Role.MANUFACTURER_EDITOR, "Another firm"),
        (Role.ESTABLISHMENT_CONTACT, FIRM),
    ],
)
def test_for_all_others_it_is_null(previewed: Product, role: str, firm: str) -> None:
    found = answer_to(firm, role, previewed).json()
    assert (found["score"], found["preview"]) == (PUBLISHED, None)


def test_the_etag_of_a_maker_follows_the_preview(pair: tuple[Product, Product]) -> None:
    from tests.preview.conftest import compute, head

    set_days(14)
    tags = {}
    for firm, role in ((FIRM, Role.MANUFACTURER_EDITOR), ("Fernwick", Role.PURCHASER)):
        tags[role] = answer_to(firm, role, pair[0])["ETag"]
    keep_stock(pair[0], 20)
    compute(pair[0], head(pair[0]).verified_at)
    assert answer_to(FIRM, Role.ATTESTOR, pair[0])["ETag"] != tags[Role.MANUFACTURER_EDITOR]
    assert answer_to("Other buyer", Role.PURCHASER, pair[0])["ETag"] == tags[Role.PURCHASER]


def test_nothing_more_is_asked_of_the_database_for_others(
    previewed: Product, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = Client()
    client.force_login(factory.user_of("Fernwick", Role.PURCHASER))
    address = f"/api/v1/ratings/{previewed.ndc}/"
    client.get(address)
    with django_assert_num_queries(4) as captured:
        client.get(address)
    assert not any("ratings_preview" in query["sql"] for query in captured)
