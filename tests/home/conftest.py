"""The pair of appendix_b as the first pages of its firm and of everyone else show it."""

import html
import re

import pytest
from django.test import Client

from dscr.access.models import Organisation, User
from dscr.access.roles import OrganisationKind
from products.models import Product
from qmm.models import Establishment
from tests.pages import factory

FIRM = "Halden Group"


@pytest.fixture
def pair(db: None) -> tuple[Product, Product]:
    products = factory.appendix_b()
    Organisation.objects.filter(name=FIRM).update(kinds=[OrganisationKind.MANUFACTURER])
    factory.settle(*products)
    return products


@pytest.fixture
def plant(pair: tuple[Product, Product]) -> Establishment:
    """The pair's plant, owned by its firm."""
    site = Establishment.objects.get(name="Halden Plant 2")
    site.owner = Organisation.objects.get(name=FIRM)
    site.save()
    return site


def home_of(user: User) -> str:
    """The words of the first page, between the header and the footer."""
    client = Client()
    client.force_login(user)
    return main_words(client.get("/").content.decode())


def main_words(page: str) -> str:
    main = page.split("<main", 1)[1].split("</main>")[0]
    text = re.sub(r"<script.*?</script>|<[^>]+>", " ", main, flags=re.DOTALL)
    return " ".join(html.unescape(text).split())
