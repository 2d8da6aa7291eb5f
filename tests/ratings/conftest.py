"""The pair of appendix B, stored, computed, and quiet: no mark is left."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from products.models import Product, Shortage
from qmm.models import Assessment
from ratings.models import MethodologyRelease, StaleMark
from ratings.recompute import recompute_pending
from tests.pages.factory import appendix_b


@dataclass
class Portfolio:
    strong: Product
    fragile: Product
    spare: Product  # not enrolled: what moves can move there

    @property
    def products(self) -> set[int]:
        return {self.strong.pk, self.fragile.pk}


def marks() -> set[tuple[str, int]]:
    """(kind, key) of every mark that waits."""
    return set(StaleMark.objects.values_list("kind", "key"))


def forget_marks() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ratings_stalemark")


def last_quarter_end(today: date) -> date:
    first_month = 3 * ((today.month - 1) // 3) + 1
    return date(today.year, first_month, 1) - timedelta(days=1)


def build() -> Portfolio:
    # A flush takes the released methodology with it, and it is data.
    MethodologyRelease.objects.get_or_create(version="2026.1", defaults={"in_force_from": date(2026, 1, 1)})
    today = timezone.localdate()
    portfolio = Portfolio(
        *appendix_b(last_quarter_end(today)),
        Product.objects.create(ndc="099901-0404", display_ndc="99901-404", substances=["CISPLATIN"]),
    )
    # The brief's dates, moved along with the calendar, so that nothing in them expires.
    Assessment.objects.update(completed_on=F("completed_on") + (today - date(2026, 11, 1)))
    Shortage.objects.create(
        package_ndc=f"{portfolio.strong.ndc}-01", status="resolved", changed_on=date(2026, 2, 1), entry_key="s1"
    )
    return portfolio


@pytest.fixture
def stored(db: None) -> Portfolio:
    """Rows inside the test's own transaction: for what triggers do."""
    portfolio = build()
    forget_marks()
    return portfolio


@pytest.fixture
def computed(transactional_db: None) -> Portfolio:
    """Committed and computed rows: for what workers do."""
    portfolio = build()
    recompute_pending()
    assert not marks()
    return portfolio
