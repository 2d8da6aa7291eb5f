"""The pair of appendix_b, and a second record of its API supplier by which another node of the first product goes."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from dscr.access.models import Organisation, User
from dscr.access.roles import Role
from products.models import Product, SupplyNode
from qmm.models import AREAS, Assessment, Establishment, EstablishmentIdentifier, EstablishmentMerge
from ratings.mergers.services import establishments_merge
from ratings.models import StaleMark
from tests.pages import factory

FIRM, SUPPLIER = "Halden Group", "Ashvale Group"
WHY = "One plant, two DUNS numbers"


def merged(stays: Establishment, goes: Establishment, user: User) -> EstablishmentMerge:
    return establishments_merge(stays.pk, goes.pk, reason=WHY, user=user)


@pytest.fixture
def pair(db: None) -> tuple[Product, Product]:
    products = factory.appendix_b()
    SupplyNode.objects.update(valid_from=timezone.localdate() - timedelta(days=500))
    return products


@pytest.fixture
def stays(pair: tuple[Product, Product]) -> Establishment:
    site = Establishment.objects.get(name="Ashvale Chemicals")
    site.owner, _ = Organisation.objects.get_or_create(name=SUPPLIER, defaults={"kinds": ["manufacturer"]})
    site.address, site.last_seen_on = "1 Lantern Road, Pune 411001", date(2026, 1, 1)
    site.save()
    return site


@pytest.fixture
def goes(stays: Establishment, pair: tuple[Product, Product]) -> Establishment:
    """Known by a DUNS number only, assessed later than the other record, and given beside it at the API stage."""
    site = Establishment.objects.create(
        name="Ashvale Chemicals Ltd", country=stays.country, address="1 Lantern Rd, Pune 411001", is_synthetic=True
    )
    EstablishmentIdentifier.objects.create(establishment=site, scheme="duns", value="912345678")
    Assessment.objects.create(
        establishment=site, completed_on=timezone.localdate() - timedelta(days=2), **dict.fromkeys(AREAS, "4.500")
    )
    node = SupplyNode.objects.get(product=pair[0], stage="api", establishment=stays)
    node.share = 0.2
    node.save()
    day = timezone.localdate()
    SupplyNode.objects.create(
        product=pair[0],
        stage="api",
        establishment=site,
        share=0.4,
        is_qualified=False,
        valid_from=day - timedelta(days=100),
    )
    factory.settle(*pair)
    StaleMark.objects.all().delete()
    return site


@pytest.fixture
def operator(db: None) -> User:
    return factory.user_of("Office", Role.OPERATOR)
