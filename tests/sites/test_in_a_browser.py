"""The pages of duplicates, owners and imports in a real Chromium: axe finds nothing, none is wider than a phone."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from dscr.access.roles import Role
from products.models import SupplyNode
from qmm.models import (
    Establishment,
    EstablishmentContact,
    EstablishmentIdentifier,
    EstablishmentMerge,
    SiteEvidence,
    SiteGrant,
)
from qmm.services.duplicates import duplicates_find
from tests.browser.test_every_page import assert_page_sound
from tests.chromium import OpenAs
from tests.pages import factory
from tests.sites import conftest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def twin(site: Establishment) -> Establishment:
    """A second record of the site, at a stage where it supplies too."""
    Establishment.objects.filter(pk=site.pk).update(
        address="1 Lantern Road, Pune 411001", last_seen_on=date(2026, 1, 1)
    )
    twin = Establishment.objects.create(
        name="Ashvale Chemicals Ltd", country=site.country, address="1 Lantern Rd, Pune 411001", is_synthetic=True
    )
    EstablishmentIdentifier.objects.create(establishment=twin, scheme="duns", value="912345678")
    node = SupplyNode.objects.filter(establishment=site, voided_at=None).select_related("product").first()
    assert node is not None
    SupplyNode.objects.filter(pk=node.pk).update(share=node.share / 2)
    SupplyNode.objects.create(
        product=node.product,
        stage=node.stage,
        establishment=twin,
        share=node.share / 2,
        valid_from=timezone.localdate() - timedelta(days=40),
    )
    duplicates_find()
    return twin


def test_a_merge_from_the_queue_to_its_undoing(site: Establishment, twin: Establishment, open_as: OpenAs) -> None:
    tab = open_as(factory.user_of("Office", Role.OPERATOR))
    assert_page_sound(tab, "/establishments/duplicates/")
    tab.get_by_role("link", name="Merge… Ashvale").first.click()
    address = tab.url
    assert_page_sound(tab, address)
    tab.goto(address)
    if "Ashvale Chemicals Ltd into" not in tab.locator("h1").inner_text():
        tab.get_by_role("link", name="stay instead").click()
    tab.get_by_label("Reason").fill("One plant, two numbers")
    tab.get_by_role("button", name="Merge").click()
    merge = EstablishmentMerge.objects.get()
    assert (merge.stays, merge.goes) == (site, twin)
    assert_page_sound(tab, f"/establishments/merges/{merge.pk}/")
    tab.get_by_label("Reason").fill("Two plants after all")
    tab.get_by_role("button", name="Undo the merge").click()
    merge.refresh_from_db()
    assert merge.undone_at is not None


def test_an_owner_s_and_the_operator_s_pages(site: Establishment, open_as: OpenAs) -> None:
    attestor = factory.user_of(conftest.OWNER, Role.ATTESTOR)
    today = timezone.localdate()
    SiteGrant.objects.create(
        establishment=site,
        organisation=site.owner,
        to_all_makers=True,
        valid_from=today,
        valid_to=today + timedelta(days=9),
        granted_by=attestor,
    )
    EstablishmentContact.objects.create(
        establishment=site, name="Ira Quill", email="ira@ashvale.example", purpose="Visits", named_by=attestor
    )
    SiteEvidence.objects.create(
        establishment=site, kind="ispe_apq", result="Level 3", issuer="ISPE", dated_on=today, recorded_by=attestor
    )
    tab = open_as(attestor)
    for page in ("", "shown/", "shown/new/", "contacts/", "evidence/new/"):
        assert_page_sound(tab, f"/establishments/{site.pk}/{page}")
    tab = open_as(factory.user_of("Office", Role.OPERATOR))
    for page in ("/assessments/imports/", "/assessments/imports/fda-report/", "/establishments/merge/"):
        assert_page_sound(tab, page)
    tab.goto("/assessments/imports/")
    rows = "FEI,DUNS,Completed on,Assessor firm,Management commitment to quality,Business continuity,"
    rows += "Advanced pharmaceutical quality system,Technical excellence,Employee engagement\n"
    good, bad = "3001000002,,2026-03-04,Quill,4,4,4,4,4\n", "3001000002,,2026-03-05,Quill,4,9,4,4,4\n"
    for text, said in ((rows + good + bad, "1 fault found"), (rows + good, "No fault found")):
        tab.goto("/assessments/imports/")
        tab.get_by_label("File").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": text.encode()})
        tab.get_by_role("button", name="Check the file").click()
        assert said in tab.inner_text("main")
    tab.get_by_role("button", name="Import all of them").click()
    assert "1 assessment imported." in tab.inner_text("main")
