"""One firm with the pair of appendix_b: an editor, an attestor, a second quarter to fill in."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dscr.access.models import Organisation, User
from dscr.access.roles import OrganisationKind, Role
from products.models import KpiDraft, KpiSubmission, Product
from products.queries.due import last_quarter
from products.services.kpi_draft import Change, draft_copy_forward, draft_open, draft_save, draft_withhold_open
from tests.pages import factory

FIRM, OTHER = "Halden Group", "Other Firm"
QUARTER = last_quarter(timezone.localdate())
BEFORE = last_quarter(QUARTER.ends_on - timedelta(days=1))


@dataclass
class Desk:
    """The firm's own product has attested figures of the quarter BEFORE; QUARTER is to be filled in."""

    product: Product
    firm: Organisation
    editor: User
    attestor: User
    before: KpiSubmission

    def draft(self, **answers: str) -> KpiDraft:
        draft = draft_open(self.product, organisation=self.firm, quarter_end=QUARTER.ends_on, user=self.editor)
        if answers:
            draft_save(draft, user=self.editor, answers={key: Change("", text) for key, text in answers.items()})
        draft.refresh_from_db()
        return draft

    def address(self, end: str = "", quarter_end: date | None = None) -> str:
        return f"/products/{self.product.ndc}/kpis/{quarter_end or QUARTER.ends_on}/{end}"


def make_desk() -> Desk:
    products = factory.appendix_b(BEFORE.ends_on)
    factory.settle(*products)
    firm = Organisation.objects.get(name=FIRM)
    firm.kinds = [OrganisationKind.MANUFACTURER]
    firm.save()
    editor = factory.user_of(FIRM, Role.MANUFACTURER_EDITOR, "ada@firm.example")
    attestor = factory.user_of(FIRM, Role.ATTESTOR, "bo@firm.example")
    for user, name in ((editor, "Ada Editor"), (attestor, "Bo Attestor")):
        user.full_name = name
        user.save()
    return Desk(products[0], firm, editor, attestor, KpiSubmission.objects.get(product=products[0]))


@pytest.fixture
def desk(db: None) -> Desk:
    return make_desk()


def client_of(user: User | None, **options: Any) -> Client:
    client = Client(**options)
    if user:
        client.force_login(user)
    return client


@pytest.fixture
def ada(desk: Desk) -> Client:
    return client_of(desk.editor)


@pytest.fixture
def bo(desk: Desk) -> Client:
    return client_of(desk.attestor)


def products_of(desk: Desk) -> list[Product]:
    return list(Product.objects.filter(enrolments__organisation=desk.firm).order_by("ndc"))


def complete(desk: Desk, product: Product, **answers: str) -> KpiDraft:
    """Last figures, but for these answers."""
    draft = draft_open(product, organisation=desk.firm, quarter_end=QUARTER.ends_on, user=desk.editor)
    draft_save(draft, user=desk.editor, answers={key: Change("", text) for key, text in answers.items()})
    draft.refresh_from_db()
    before = KpiSubmission.objects.get(product=product, quarter_end=BEFORE.ends_on)
    draft_copy_forward(draft, previous=before, user=desk.editor)
    draft.refresh_from_db()
    draft_withhold_open(draft, user=desk.editor)
    draft.refresh_from_db()
    return draft


@pytest.fixture
def drafts(desk: Desk) -> list[KpiDraft]:
    first, second = products_of(desk)
    return [complete(desk, first, days_inventory_on_hand="20"), complete(desk, second)]
