"""Causes: what differs between two snapshots, in words, from real changes of real inputs."""

from datetime import date

import pytest
from django.utils import timezone

from products.models import Enrolment, KpiSubmission, Product, Shortage, SupplyNode
from qmm.models import Assessment, Establishment, Inspection
from ratings.causes import causes_between, short_cause
from ratings.models import RatingSnapshot
from ratings.published_causes import published_causes
from ratings.queries.endings import Endings
from ratings.queries.explained import establishment_ids, establishment_names
from ratings.queries.sight import EVERYTHING, Sight
from tests.pages import factory


def causes_after(product: Product, sight: Sight = EVERYTHING) -> list[str]:
    """Publish again and tell what changed."""
    factory.settle(product)
    old, new = RatingSnapshot.objects.filter(product=product).order_by("-pk")[:2][::-1]
    names = establishment_names(establishment_ids([old, new]))
    endings = Endings(product.pk, names)
    return [cause.text.replace("\u00a0", " ") for cause in causes_between(old, new, names, sight, endings)]


def site(name: str) -> Establishment:
    return Establishment.objects.get(name=name)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"fill_rate_numerator": 96_000}, "Fill rate 98.2% → 96% (98,200 → 96,000 of 100,000)"),
        (
            {"fill_rate_numerator": 48, "fill_rate_denominator": 50},
            "Fill rate 98.2% → 96% (98,200 of 100,000 → 48 of 50)",
        ),
        ({"days_inventory_on_hand": 45}, "Days of inventory on hand 150 days → 45 days"),
        ({"shelf_life_months": None}, "Shelf life no longer disclosed (was 36 months)"),
        ({"qualified_lines": 1}, "Qualified lines 3 lines → 1 line"),
        ({"safety_stock_target_days": 60}, "Safety stock target now disclosed: 60 days"),
        ({"capacity_utilisation_forecast": 0.8}, "Capacity utilization forecast 44% → 80%"),
        ({"capacity_utilisation_historical": 0.8}, "Capacity utilization of the past 40% → 80%"),
        (
            {"risk_management_plan_tested_on": date(2024, 1, 1)},
            "Risk management plan tested within 12 months → reviewed within 12 months",
        ),
        (
            {"disruption_notice_rate_numerator": 1, "disruption_notice_rate_denominator": 4},
            "Disruption notices no disruption → 25% (1 of 4)",
        ),
    ],
)
def test_a_reported_figure(pair: tuple[Product, Product], change: dict[str, object], said: str) -> None:
    KpiSubmission.objects.filter(product=pair[0]).update(**change)
    assert causes_after(pair[0]) == [said]


def test_nodes(pair: tuple[Product, Product]) -> None:
    nodes = SupplyNode.objects.filter(product=pair[0], stage="api")
    nodes.filter(establishment__name="Corvo Fine Chem").update(share=0, is_qualified=False)
    nodes.filter(establishment__name="Ashvale Chemicals").update(share=1)
    assert causes_after(pair[0]) == [
        "API: share of Ashvale Chemicals from 60% to 100%",
        "API: share of Corvo Fine Chem from 40% to backup, no longer qualified: "
        "no longer named in the approved application",
    ]
    nodes.filter(establishment__name="Corvo Fine Chem").delete()
    assert causes_after(pair[0]) == ["API supplier Corvo Fine Chem removed"]
    SupplyNode.objects.create(
        product=pair[0],
        stage="api",
        establishment=site("Corvo Fine Chem"),
        share=0,
        is_qualified=True,
        last_batch_on=date(2026, 9, 1),
        valid_from=date(2026, 9, 1),
    )
    assert causes_after(pair[0]) == ["API supplier Corvo Fine Chem added as a backup"]


def test_establishments(pair: tuple[Product, Product]) -> None:
    Assessment.objects.filter(establishment__name="Ashvale Chemicals").update(management_commitment=5)
    assert causes_after(pair[0]) == ["QMM level of Ashvale Chemicals from 3.1 to 3.5"]
    Assessment.objects.filter(establishment__name="Ashvale Chemicals").update(completed_on=date(2020, 1, 1))
    assert causes_after(pair[0]) == ["QMM assessment of Ashvale Chemicals expired after 36 months (was level 3.5)"]
    Assessment.objects.filter(establishment__name="Ashvale Chemicals").update(completed_on=date(2026, 1, 1))
    assert causes_after(pair[0]) == ["Ashvale Chemicals assessed: QMM level 3.5"]
    Inspection.objects.create(establishment=site("Ashvale Chemicals"), classification="OAI", ended_on=date(2026, 10, 1))
    assert causes_after(pair[0]) == ["Unresolved official action at Ashvale Chemicals"]
    Inspection.objects.update(resolved_on=date(2026, 10, 5))
    assert causes_after(pair[0]) == ["Official action resolved at Ashvale Chemicals"]
    Establishment.objects.filter(name="Ashvale Chemicals").update(country="")
    assert causes_after(pair[0]) == ["Country of Ashvale Chemicals: India → country unknown"]


def test_shortage(pair: tuple[Product, Product]) -> None:
    Shortage.objects.create(
        package_ndc=f"{pair[0].ndc}-01", status="current", changed_on=date(2026, 10, 1), entry_key="one"
    )
    assert causes_after(pair[0]) == ["On the FDA shortage list"]
    Shortage.objects.update(status="resolved")
    assert causes_after(pair[0]) == ["No longer on the FDA shortage list"]


def test_a_status_without_figures_names_only_itself(pair: tuple[Product, Product]) -> None:
    Enrolment.objects.filter(product=pair[0]).update(suspended_on=date(2026, 1, 1), suspension_reason="Data integrity")
    assert causes_after(pair[0]) == ["Suspended"]
    Enrolment.objects.filter(product=pair[0]).update(suspended_on=None)
    assert causes_after(pair[0]) == ["Rated again"]


def test_merged_changes_lose_nothing_and_the_telling_one_comes_first(pair: tuple[Product, Product]) -> None:
    KpiSubmission.objects.filter(product=pair[0]).update(
        order_to_ship_days=3, days_inventory_on_hand=15, contribution_margin=0.4, shelf_life_months=35
    )
    said = causes_after(pair[0])
    assert len(said) == 4
    assert said[0].startswith("Days of inventory on hand")


def test_many_new_figures_have_one_short_name(pair: tuple[Product, Product]) -> None:
    KpiSubmission.objects.filter(product=pair[0]).update(
        order_to_ship_days=3, days_inventory_on_hand=15, contribution_margin=0.4, shelf_life_months=35
    )
    factory.settle(pair[0])
    old, new = RatingSnapshot.objects.filter(product=pair[0]).order_by("pk")
    assert short_cause(causes_between(old, new, {})) == "new figures"


def test_a_deleted_establishment_keeps_its_number(pair: tuple[Product, Product]) -> None:
    snapshot = RatingSnapshot.objects.filter(product=pair[0]).get()
    names = establishment_names([*establishment_ids([snapshot]), 999_999])
    assert names[999_999] == "Establishment 999999"


def test_to_readers_without_figures_the_domain_that_moved_comes_before_what_is_known(
    pair: tuple[Product, Product],
) -> None:
    KpiSubmission.objects.filter(product=pair[0]).update(fill_rate_numerator=None, fill_rate_denominator=None)
    factory.settle(pair[0])
    old, new = RatingSnapshot.objects.filter(product=pair[0]).order_by("-pk")[:2][::-1]
    told = [cause.text.replace("\u00a0", " ") for cause in published_causes(old, new)]
    assert told == ["Delivery declined", "Less of what applies is known: 100% → 95%"]


def test_the_first_snapshot(pair: tuple[Product, Product]) -> None:
    snapshot = RatingSnapshot.objects.filter(product=pair[0]).get()
    assert [cause.text for cause in causes_between(None, snapshot, {})] == ["First result"]


class TestEndings:
    def test_an_assessment_that_was_voided_or_withdrawn(self, pair: tuple[Product, Product]) -> None:
        made = Assessment.objects.filter(establishment__name="Ashvale Chemicals")
        made.update(voided_at=timezone.now(), void_reason="Wrong site")
        assert causes_after(pair[0]) == ["QMM assessment of Ashvale Chemicals was voided (was level 3.1)"]
        made.update(voided_at=None, void_reason="")
        factory.settle(pair[0])
        made.delete()
        assert causes_after(pair[0]) == ["QMM assessment of Ashvale Chemicals was withdrawn (was level 3.1)"]

    def test_a_qualification_that_grew_too_old_or_was_taken_back(self, pair: tuple[Product, Product]) -> None:
        nodes = SupplyNode.objects.filter(product=pair[0], establishment__name="Corvo Fine Chem")
        nodes.update(last_batch_on=date(2020, 1, 1))
        assert causes_after(pair[0]) == [
            "API supplier Corvo Fine Chem no longer qualified: no batch there for 36 months"
        ]
        nodes.update(last_batch_on=timezone.localdate())
        factory.settle(pair[0])
        nodes.update(is_qualified=False)
        assert causes_after(pair[0]) == [
            "API supplier Corvo Fine Chem no longer qualified: no longer named in the approved application"
        ]


def test_a_site_that_the_reader_may_not_read_has_no_name_and_no_level(pair: tuple[Product, Product]) -> None:
    hidden = Sight(figures=True, maturity=frozenset(), since=None)
    ashvale = Assessment.objects.filter(establishment__name="Ashvale Chemicals")
    ashvale.update(management_commitment=5)
    assert causes_after(pair[0], hidden) == ["QMM of an API source rose"]
    ashvale.update(management_commitment=1)
    assert causes_after(pair[0], hidden) == ["QMM of an API source fell"]
    ashvale.update(completed_on=date(2020, 1, 1))
    assert causes_after(pair[0], hidden) == ["QMM assessment of an API source ended"]
    ashvale.update(completed_on=date(2026, 1, 1))
    assert causes_after(pair[0], hidden) == ["An API source was assessed"]
    Inspection.objects.create(establishment=site("Ashvale Chemicals"), classification="OAI", ended_on=date(2026, 10, 1))
    assert causes_after(pair[0], hidden) == ["An official action opened at an API site"]
    Inspection.objects.update(resolved_on=date(2026, 10, 5))
    assert causes_after(pair[0], hidden) == ["An official action was resolved at an API site"]
