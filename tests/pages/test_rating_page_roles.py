"""The product's page as each role sees it: what is there, and that what is hidden is nowhere in the answer."""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dscr.access.models import Organisation, User
from dscr.access.roles import Role
from products.models import Enrolment, KpiSubmission, Product
from qmm.models import AREAS, Assessment, Establishment, Inspection
from ratings.models import ProductRating, RatingSnapshot
from ratings.queries.published import published_view, whole_losses
from ratings.queries.rating_detail import rating_detail, rating_history, rating_summary
from tests.pages import factory
from tests.pages.conftest import page
from tests.pages.test_rating_page import words

FIRM = "Halden Group"
# A supplier's name and country, reported figures, a supplier's level and its points on the scale of 100.
SUPPLIERS = ("Ashvale", "Corvo", "India", "Italy")
FIGURES = ("137.31", "1,370")
LEVELS = (
    "3.17",
    "63.5",
    "2.93",
    "58.6",
    "official action open<",
    "official\u00a0action\u00a0open",
    "official action at Ashvale",
)
READERS = {
    "purchaser": (Role.PURCHASER, "Fernwick"),
    "coordinator": (Role.COORDINATOR, "Coordination"),
    "contact": (Role.ESTABLISHMENT_CONTACT, FIRM),
    "editor of another firm": (Role.MANUFACTURER_EDITOR, "Another firm"),
    "attestor of another firm": (Role.ATTESTOR, "Another firm"),
    "editor": (Role.MANUFACTURER_EDITOR, FIRM),
    "attestor": (Role.ATTESTOR, FIRM),
    "operator": (Role.OPERATOR, "Office"),
    "auditor": (Role.AUDITOR, "Office"),
}
AS_PUBLISHED = [name for name in READERS if "another" in name or name in ("purchaser", "coordinator", "contact")]
MAKERS, OVERSIGHT = ("editor", "attestor"), ("operator", "auditor")


@dataclass
class Reader:
    client: Client
    user: User


@pytest.fixture
def reader(request: pytest.FixtureRequest, canaries: Product) -> Reader:
    role, firm = READERS[request.param]
    user = factory.user_of(firm, role)
    client = Client()
    client.force_login(user)
    return Reader(client, user)


def levels(site: str, value: float) -> None:
    Assessment.objects.filter(establishment__name=site).update(**dict.fromkeys(AREAS, value))


@pytest.fixture
def canaries(pair: tuple[Product, Product]) -> Product:
    """Told now, and told in the history as the cause of a change."""
    firm = Organisation.objects.get(name=FIRM)
    Establishment.objects.filter(name="Halden Plant 2").update(owner=firm)
    KpiSubmission.objects.filter(product=pair[0]).update(days_inventory_on_hand=137.31, fill_rate_numerator=1_370)
    levels("Ashvale Chemicals", 3.173)
    levels("Corvo Fine Chem", 2.929)
    factory.settle(*pair)
    Inspection.objects.create(
        establishment=Establishment.objects.get(name="Ashvale Chemicals"),
        classification="OAI",
        ended_on=timezone.localdate() - timedelta(days=3),
    )
    factory.settle(*pair)
    return pair[0]


def everyone(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("reader", names, indirect=True)


@everyone(*AS_PUBLISHED)
def test_who_sees_what_was_published_finds_no_figure_and_no_site(reader: Reader, canaries: Product) -> None:
    html = page(reader.client, canaries)
    for canary in (*SUPPLIERS, *FIGURES, *LEVELS, "Halden Plant"):
        assert canary not in html, canary
    text = words(html)
    for title in ("Supply chain", "Every figure behind it", "What to do next", "Days of inventory", "Fill rate"):
        assert title not in text, title
    for said in ("Where the points went", "Strength", "History", "Other NDCs of this molecule", "Enrolled by"):
        assert said in text, said
    assert "Limits the band to Moderate. An establishment that supplies this product was last inspected" in text
    assert "It is " not in text


@everyone(*AS_PUBLISHED)
def test_causes_are_told_by_domain(reader: Reader, canaries: Product) -> None:
    told = [[cause.text for cause in point.causes] for point in rating_history(reader.user, canaries).points]
    assert told[0] == ["First result"]
    assert told[1] == [
        "Delivery declined",
        "Quality management maturity (QMM) of the sites declined",
        "Inventory declined",
    ]
    assert "Unresolved official action" in told[2]
    assert all("Sourcing" in text or "Unresolved" in text for text in told[2])


@everyone(*AS_PUBLISHED)
def test_points_are_whole_and_add_up(reader: Reader, canaries: Product) -> None:
    published = reader.client.get(f"/products/{canaries.ndc}/").context["published"]
    assert published.points_lost == sum(domain.loss for domain in published.domains)
    assert abs(published.points_lost - (100 - published.score)) <= 0.5
    assert all(isinstance(domain.loss, int) for domain in published.domains)
    rows = reader.client.get(f"/products/{canaries.ndc}/").context["points_chart"]["rows"]
    assert all(re.fullmatch("−\\d+", row["text"]) for row in rows if row["kind"] == "loss")
    html = page(reader.client, canaries)
    assert "Total, rounded to whole points" in html
    assert "A weak domain can lose more than its weight, because the domains are multiplied" in words(html)
    assert f"/{published.methodology.version}/#mean" in html


@everyone(*MAKERS)
def test_a_manufacturer_sees_its_figures_and_of_its_suppliers_only_what_it_reported(
    reader: Reader, canaries: Product
) -> None:
    html = page(reader.client, canaries)
    text = words(html)
    for canary in LEVELS:
        assert canary not in html, canary
    for said in (*SUPPLIERS, *FIGURES, "Ashvale Chemicals 60% of the stage", "Supply chain", "What to do next"):
        assert said in text, said
    assert "Halden Plant 2 100% of the stage, mean level 3.8" in text
    assert "QMM of an API source rose" in text
    assert "An official action opened at an API site" in text
    assert "It is Ashvale" not in text
    assert "The levels of a site belong to its owner" in text
    assert not re.search(r'data-label="[^"]+"></td>', html)
    assert "The API rests on one source, because an official action is open at another site" in text


@everyone(*MAKERS)
def test_a_stage_with_a_foreign_site_shows_its_loss_alone(reader: Reader, canaries: Product) -> None:
    view = rating_detail(reader.user, canaries.ndc).figures  # type: ignore[union-attr]
    assert view is not None
    api, fdf = view.stages[1], view.stages[2]
    assert api.loss is not None
    assert (api.value, [node.loss for node in api.nodes], [node.level for node in api.nodes]) == (
        None,
        [None] * 2,
        [None] * 2,
    )
    assert fdf.value is not None
    assert [node.level for node in fdf.nodes] == [3.8]
    assert view.qmm_coverage is None
    assert (view.domains[0].value, view.domains[0].coverage) == (None, None)
    assert [step.code for step in view.costliest] == ["backup_api_suppliers", "fill_rate", "manufacturing_redundancy"]


@everyone(*OVERSIGHT)
def test_oversight_sees_everything(reader: Reader, canaries: Product) -> None:
    text = words(page(reader.client, canaries))
    for said in (
        *SUPPLIERS,
        *FIGURES,
        "3.17",
        "63.5",
        "It is Ashvale Chemicals.",
        "Unresolved official action at Ashvale",
    ):
        assert said in text, said
    assert "What to do next" not in text
    assert "The levels of a site belong" not in text


@pytest.mark.parametrize(
    ("reader", "queries"),
    [
        ("purchaser", 8),  # session, user, product, enrollments, snapshots, drug lists, peers twice
        ("coordinator", 8),
        ("editor of another firm", 9),  # whether it is its own
        ("editor", 13),  # its own, its sites, names, to whom it is disclosed, note of the view
        ("operator", 10),  # names, note of the view
        ("auditor", 10),
    ],
    indirect=["reader"],
)
def test_queries(
    reader: Reader, canaries: Product, queries: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    page(reader.client, canaries)
    with django_assert_num_queries(queries):
        page(reader.client, canaries)


@everyone("purchaser", "editor", "operator")
def test_the_summary_takes_two_queries_more_and_says_the_same(
    reader: Reader, canaries: Product, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert reader.user.membership
    with django_assert_num_queries(2):
        summary = rating_summary(reader.user, canaries.ndc)
    detail = rating_detail(reader.user, canaries.ndc)
    assert summary
    assert detail
    assert summary.published == detail.published
    assert rating_summary(reader.user, "000000-0000") is None


def test_history_before_one_s_own_enrolment(pair: tuple[Product, Product]) -> None:
    product, today = pair[1], timezone.localdate()
    other = Product.objects.create(
        ndc="999017-0001", display_ndc="99917-001", molecule="OTHER", substances=["OTHER"], nonproprietary_name="other"
    )
    old, new = (Organisation.objects.create(name=name, kinds=["manufacturer"]) for name in ("Old firm", "New firm"))
    for node in product.supply_nodes.all():
        node.pk, node.product = None, other
        node.save()
    submission = KpiSubmission.objects.get(product=product)
    submission.pk, submission.product = None, other
    submission.quarter_end = factory.last_quarter_end()
    submission.days_inventory_on_hand = 137.31
    submission.save()
    Enrolment.objects.create(
        product=other, organisation=old, enrolled_on=today - timedelta(days=300), withdrawn_on=today - timedelta(days=9)
    )
    factory.publish_as_of(other, today - timedelta(days=30))
    KpiSubmission.objects.filter(product=other).update(days_inventory_on_hand=138.42)
    factory.publish_as_of(other, today - timedelta(days=20))
    Enrolment.objects.create(product=other, organisation=new, enrolled_on=today - timedelta(days=9))
    KpiSubmission.objects.filter(product=other).update(days_inventory_on_hand=139.53)
    factory.publish_as_of(other, today - timedelta(days=5))
    KpiSubmission.objects.filter(product=other).update(days_inventory_on_hand=140.64)
    factory.settle(other)

    told = {}
    for firm in ("Old firm", "New firm"):
        client = Client()
        client.force_login(factory.user_of(firm, Role.MANUFACTURER_EDITOR))
        told[firm] = page(client, other)
    for figure in ("137.31", "138.42"):
        assert figure not in told["New firm"]
    assert "139.53\u00a0days → 140.64\u00a0days" in told["New firm"]
    assert "Inventory improved" in told["New firm"]
    for figure in ("137.31", "138.42", "139.53", "140.64"):
        assert figure not in told["Old firm"]


@everyone("purchaser", "editor")
def test_why_it_cannot_be_computed_is_for_those_who_see_figures(reader: Reader, canaries: Product) -> None:
    ProductRating.objects.filter(product=canaries).update(failed_count=2, failure="the shares of api add up to 0.6137")
    text = words(page(reader.client, canaries))
    polled = words(page(reader.client, canaries, "freshness/"))
    makes_it = reader.user.membership.role == Role.MANUFACTURER_EDITOR  # type: ignore[union-attr]
    assert ("0.6137" in text, "0.6137" in polled) == (makes_it, False)
    assert ("Cannot be computed at present" in text) != makes_it


@everyone("purchaser", "operator")
def test_why_it_is_suspended_is_for_those_who_see_figures(reader: Reader, canaries: Product) -> None:
    Enrolment.objects.filter(product=canaries).update(
        suspended_on=timezone.localdate(), suspension_reason="Fill rate of 1.37 % was invented."
    )
    factory.settle(canaries)
    html = page(reader.client, canaries)
    assert ("was invented" in html) == (reader.user.membership.role == Role.OPERATOR)  # type: ignore[union-attr]
    assert "Suspended on" in html


@everyone("purchaser")
def test_insufficient_data_names_no_site_and_no_gap(reader: Reader, canaries: Product) -> None:
    Assessment.objects.all().delete()
    factory.settle(canaries)
    text = words(page(reader.client, canaries))
    assert "Too little is known for a score" in text
    assert "What is known" not in text
    assert "Sites’ QMM known" not in text


@everyone("coordinator")
def test_the_coordinator_is_led_to_what_it_depends_on(reader: Reader, canaries: Product) -> None:
    html = page(reader.client, canaries)
    assert f"/establishments/?product={canaries.ndc}" in html
    listed = words(reader.client.get(f"/establishments/?product={canaries.ndc}").content.decode())
    assert "Ashvale Chemicals" in listed
    assert "60%" not in listed


@pytest.mark.parametrize("score", [80.1, 80.5, 99.9, 0.4, 100.0])
def test_whole_losses_add_up(score: float) -> None:
    lost = 100 - score
    parts = [lost * share for share in (0.57, 0.15, 0.1, 0.086, 0.055, 0.035, 0.004, 0)]
    whole = whole_losses(parts, score)
    assert sum(whole) == int(lost + 0.5)
    assert all(abs(a - b) < 1 for a, b in zip(parts, whole, strict=True))


def test_the_published_shape_holds_no_figure(canaries: Product) -> None:
    """Its text form holds everything that a template or an answer of the API could show."""
    snapshot = RatingSnapshot.objects.filter(product=canaries).latest("pk")
    view = published_view(snapshot)
    assert str(snapshot.inputs[5]) not in repr(view.domains)
    for canary in (*SUPPLIERS, *FIGURES, *LEVELS):
        assert canary not in repr(view)


@everyone(*READERS)
def test_an_open_page_is_told_of_a_new_result(reader: Reader, canaries: Product) -> None:
    found = re.search(r"freshness/\?state=([^\"]+)", page(reader.client, canaries))
    assert found
    KpiSubmission.objects.filter(product=canaries).update(fill_rate_numerator=99_000)
    factory.settle(canaries)
    polled = reader.client.get(f"/products/{canaries.ndc}/freshness/?state={found.group(1)}")
    assert (polled.status_code, polled["HX-Trigger"]) == (204, "rating-changed")
