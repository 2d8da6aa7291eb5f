"""What a merge does to marks, scores, history and access, and that its record takes all of it back."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import InternalError, connection, transaction
from django.utils import timezone

from dscr.access.models import Organisation, User
from products.models import Product, SupplyNode
from products.services.supply_chain import Wanted, chain_change, chain_on, nodes_of
from qmm.models import (
    Assessment,
    AssessmentCase,
    Establishment,
    EstablishmentIdentifier,
    EstablishmentMerge,
    Inspection,
)
from qmm.services.establishment_merge import MergeRefusedError
from ratings.marks import expand
from ratings.mergers.services import PairChangedError, establishments_merge, merge_preview, merge_undo
from ratings.models import PlannerEffort, ProductRating, RatingSnapshot, Scenario, StaleMark
from tests.mergers.conftest import WHY, merged
from tests.pages import factory

TABLES = (Establishment, EstablishmentIdentifier, Assessment, Inspection, AssessmentCase)


def stored() -> dict[str, list[dict[str, Any]]]:
    """All that counts, row by row; a node that is voided counts no more."""
    rows = {model.__name__: list(model.objects.order_by("pk").values()) for model in TABLES}
    rows["nodes"] = list(SupplyNode.objects.filter(voided_at=None).order_by("pk").values())
    return rows


def api_on(product: Product, day: Any) -> dict[str, float]:
    held = chain_on(nodes_of(product), day)
    return {node.establishment.name: node.share for node in held if node.stage == "api"}


class TestMerge:
    def test_what_is_known_moves(self, stays: Establishment, goes: Establishment, operator: User) -> None:
        Inspection.objects.create(
            establishment=goes, classification="VAI", ended_on=timezone.localdate() - timedelta(days=9)
        )
        merged(stays, goes, operator)
        goes.refresh_from_db()
        assert goes.merged_into == stays
        assert set(stays.identifiers.values_list("scheme", "value")) == {("fei", "3001000002"), ("duns", "912345678")}
        assert stays.assessments.count() == 2
        assert stays.inspections.count() == 1
        assert not goes.assessments.exists()
        assert not goes.identifiers.exists()

    def test_shares_of_overlapping_nodes_add_up_on_every_day(
        self, pair: tuple[Product, Product], stays: Establishment, goes: Establishment, operator: User
    ) -> None:
        today = timezone.localdate()
        days = [today - timedelta(days=ago) for ago in (450, 101, 100, 0)]
        sums = [sum(api_on(pair[0], day).values()) for day in days]
        merged(stays, goes, operator)
        assert [sum(api_on(pair[0], day).values()) for day in days] == pytest.approx(sums)
        assert [api_on(pair[0], day)[stays.name] for day in days] == pytest.approx([0.2, 0.2, 0.6, 0.6])
        begun = SupplyNode.objects.filter(product=pair[0], stage="api", establishment=stays, voided_at=None)
        assert [(node.valid_from, node.valid_to) for node in begun.order_by("valid_from")] == [
            (today - timedelta(days=500), today - timedelta(days=100)),
            (today - timedelta(days=100), None),
        ]
        assert all(node.is_qualified for node in begun)
        replaced = SupplyNode.objects.filter(product=pair[0], stage="api", voided_at__isnull=False)
        assert {node.void_reason for node in replaced} == {
            f"Merged: Ashvale Chemicals Ltd (establishment {goes.pk}) is the same site"
        }

    def test_a_node_without_its_like_keeps_its_row(
        self, pair: tuple[Product, Product], stays: Establishment, goes: Establishment, operator: User
    ) -> None:
        node = SupplyNode.objects.create(
            product=pair[1], stage="ksm", establishment=goes, share=1, valid_from=timezone.localdate()
        )
        merged(stays, goes, operator)
        node.refresh_from_db()
        assert node.establishment == stays
        assert node.voided_at is None

    def test_every_product_touched_is_marked_and_scored_as_the_preview_said(
        self, pair: tuple[Product, Product], stays: Establishment, goes: Establishment, operator: User
    ) -> None:
        before = {rating.product_id: rating.score for rating in ProductRating.objects.all()}
        preview = merge_preview(stays.pk, goes.pk)
        assert preview.effects is not None
        told = {effect.product: effect.score_then for effect in preview.effects}
        assert set(told) == {pair[0].pk, pair[1].pk}  # the other product has a node at the site that is assessed anew
        assert not StaleMark.objects.exists()
        merged(stays, goes, operator)
        with connection.cursor() as cursor:
            expand(cursor)
        assert set(StaleMark.objects.values_list("kind", "key")) == {("product", product.pk) for product in pair}
        factory.settle(*pair)
        after = {rating.product_id: rating.score for rating in ProductRating.objects.all()}
        assert after == {pk: pytest.approx(round(score, 1), abs=0.05) for pk, score in told.items()}
        assert after != before

    def test_history_is_kept(
        self, pair: tuple[Product, Product], stays: Establishment, goes: Establishment, operator: User
    ) -> None:
        snapshots = repr(list(RatingSnapshot.objects.order_by("pk").values()))  # NaN equals nothing
        merge = merged(stays, goes, operator)
        assert repr(list(RatingSnapshot.objects.order_by("pk").values())) == snapshots
        assert merge.moved["identifiers"]
        assert (merge.reason, merge.merged_by) == (WHY, operator)
        with pytest.raises(InternalError, match="never edited"), transaction.atomic():
            EstablishmentMerge.objects.filter(pk=merge.pk).update(reason="Other")
        with pytest.raises(InternalError, match="never edited"), transaction.atomic():
            merge.delete()

    def test_blanks_are_filled_and_nothing_else(
        self, stays: Establishment, goes: Establishment, operator: User
    ) -> None:
        firm = Organisation.objects.create(name="Third firm", kinds=["manufacturer"])
        Establishment.objects.filter(pk=goes.pk).update(operations="API MANUFACTURE", owner=firm)
        merged(stays, goes, operator)
        stays.refresh_from_db()
        assert stays.operations == "API MANUFACTURE"
        assert stays.owner.name == "Ashvale Group"
        assert stays.name == "Ashvale Chemicals"

    def test_what_a_firm_gave_in_confidence_fills_nothing(
        self, stays: Establishment, goes: Establishment, operator: User
    ) -> None:
        firm = Organisation.objects.get(name="Halden Group")
        Establishment.objects.filter(pk=stays.pk).update(address="")
        Establishment.objects.filter(pk=goes.pk).update(reported_by=firm)
        merged(stays, goes, operator)
        stays.refresh_from_db()
        assert (stays.address, stays.reported_by) == ("", None)

    def test_a_second_fei_stays_and_leads_to_the_site(
        self, stays: Establishment, goes: Establishment, operator: User
    ) -> None:
        EstablishmentIdentifier.objects.create(establishment=goes, scheme="fei", value="3009999999")
        merged(stays, goes, operator)
        assert list(goes.identifiers.values_list("value", flat=True)) == ["3009999999"]
        assert stays.identifiers.get(scheme="fei").value == "3001000002"

    def test_those_that_led_here_lead_on(self, stays: Establishment, goes: Establishment, operator: User) -> None:
        first = Establishment.objects.create(name="Ashvale Chem", is_synthetic=True)
        early = merged(goes, first, operator)
        late = merged(stays, goes, operator)
        first.refresh_from_db()
        assert first.merged_into == stays
        with pytest.raises(MergeRefusedError) as refused:
            merge_undo(early, reason="Two sites", user=operator)
        assert refused.value.reasons == [
            "Ashvale Chemicals Ltd was merged into another record since. Undo that merge first."
        ]
        merge_undo(late, reason="Two sites", user=operator)
        first.refresh_from_db()
        assert first.merged_into == goes

    def test_plans_name_the_site_that_stays(
        self, pair: tuple[Product, Product], stays: Establishment, goes: Establishment, operator: User
    ) -> None:
        firm = Organisation.objects.get(name="Halden Group")
        effort = PlannerEffort.objects.create(organisation=firm, action=f"qualify:api:{goes.pk}", effort=2)
        scenario = Scenario.objects.create(
            product=pair[0],
            organisation=firm,
            name="More",
            query=f"level_{goes.pk}=4.8&order_to_ship_days={goes.pk}",
            methodology="2026.1",
            created_by=operator,
        )
        merge = merged(stays, goes, operator)
        effort.refresh_from_db()
        scenario.refresh_from_db()
        assert effort.action == f"qualify:api:{stays.pk}"
        assert scenario.query == f"level_{stays.pk}=4.8&order_to_ship_days={goes.pk}"
        assert "4.8" not in str(merge.moved["plans"])
        merge_undo(merge, reason="Two sites", user=operator)
        effort.refresh_from_db()
        scenario.refresh_from_db()
        assert effort.action == f"qualify:api:{goes.pk}"
        assert scenario.query == f"level_{goes.pk}=4.8&order_to_ship_days={goes.pk}"


class TestRefused:
    def test_two_open_cases(self, stays: Establishment, goes: Establishment, operator: User) -> None:
        for site in (stays, goes):
            AssessmentCase.objects.create(establishment=site, requested_on=timezone.localdate())
        before = stored()
        with pytest.raises(MergeRefusedError) as refused:
            merged(stays, goes, operator)
        assert refused.value.reasons == [
            "Both have an open assessment case. Close one of them first: a site has one open case at a time."
        ]
        assert stored() == before
        AssessmentCase.objects.filter(establishment=goes).update(closed_on=timezone.localdate())
        merged(stays, goes, operator)
        assert stays.cases.count() == 2

    def test_a_record_given_in_confidence_does_not_stand_for_one_that_others_know(
        self, stays: Establishment, goes: Establishment, operator: User
    ) -> None:
        Establishment.objects.filter(pk=goes.pk).update(reported_by=Organisation.objects.get(name="Halden Group"))
        with pytest.raises(MergeRefusedError) as refused:
            merged(goes, stays, operator)
        assert refused.value.reasons[0].startswith("Ashvale Chemicals Ltd was given in confidence by one firm")

    def test_one_that_was_merged(self, stays: Establishment, goes: Establishment, operator: User) -> None:
        merged(stays, goes, operator)
        with pytest.raises(MergeRefusedError):
            merged(stays, goes, operator)
        assert merge_preview(stays.pk, stays.pk).problems == ["This is one record. Choose two."]

    def test_when_something_changed_since_it_was_seen(
        self, stays: Establishment, goes: Establishment, operator: User
    ) -> None:
        seen = merge_preview(stays.pk, goes.pk).seen
        assert merge_preview(stays.pk, goes.pk).seen == seen
        Inspection.objects.create(establishment=goes, classification="NAI", ended_on=timezone.localdate())
        before = stored()
        with pytest.raises(PairChangedError):
            establishments_merge(stays.pk, goes.pk, reason=WHY, user=operator, seen=seen)
        assert stored() == before

    def test_a_preview_changes_nothing(self, stays: Establishment, goes: Establishment) -> None:
        before = stored()
        merge_preview(stays.pk, goes.pk)
        assert stored() == before
        assert not EstablishmentMerge.objects.exists()


class TestUndo:
    def test_restores_exactly_what_moved(
        self, pair: tuple[Product, Product], stays: Establishment, goes: Establishment, operator: User
    ) -> None:
        Establishment.objects.filter(pk=goes.pk).update(operations="API MANUFACTURE")
        AssessmentCase.objects.create(establishment=goes, requested_on=timezone.localdate())
        before = stored()
        scores = {rating.product_id: rating.score for rating in ProductRating.objects.all()}
        merge = merged(stays, goes, operator)
        assert stored() != before
        factory.settle(*pair)
        assert {rating.product_id: rating.score for rating in ProductRating.objects.all()} != scores
        merge_undo(merge, reason="Two sites after all", user=operator)
        assert stored() == before
        merge.refresh_from_db()
        assert (merge.undone_by, merge.undone_reason) == (operator, "Two sites after all")
        with connection.cursor() as cursor:
            expand(cursor)
        assert {mark.key for mark in StaleMark.objects.all()} == {product.pk for product in pair}
        factory.settle(*pair)
        assert {rating.product_id: rating.score for rating in ProductRating.objects.all()} == scores
        with pytest.raises(MergeRefusedError) as refused:
            merge_undo(merge, reason="Again", user=operator)
        assert refused.value.reasons == ["It was undone already."]

    def test_what_came_later_stays(self, stays: Establishment, goes: Establishment, operator: User) -> None:
        merge = merged(stays, goes, operator)
        later = Inspection.objects.create(establishment=stays, classification="NAI", ended_on=timezone.localdate())
        Establishment.objects.filter(pk=stays.pk).update(operations="ANALYSIS")
        merge_undo(merge, reason="Two sites", user=operator)
        later.refresh_from_db()
        assert later.establishment == stays
        stays.refresh_from_db()
        assert stays.operations == "ANALYSIS"

    def test_is_refused_where_a_supply_chain_was_changed_since(
        self, pair: tuple[Product, Product], stays: Establishment, goes: Establishment, operator: User
    ) -> None:
        merge = merged(stays, goes, operator)
        today = timezone.localdate()
        wanted = {"api": [Wanted(stays.pk, 1.0, True, today)]}
        chain_change(pair[0], on=today, wanted=wanted, user=operator)
        before = stored()
        with pytest.raises(MergeRefusedError) as refused:
            merge_undo(merge, reason="Two sites", user=operator)
        assert refused.value.reasons == [
            f"NDC {pair[0].display_ndc}, active ingredient (API): its supply nodes were changed since the merge. "
            "Correct the supply chain by hand instead."
        ]
        assert stored() == before

    def test_is_refused_where_a_row_was_deleted(
        self, stays: Establishment, goes: Establishment, operator: User
    ) -> None:
        merge = merged(stays, goes, operator)
        EstablishmentIdentifier.objects.filter(value="912345678").delete()
        with pytest.raises(MergeRefusedError) as refused:
            merge_undo(merge, reason="Two sites", user=operator)
        assert refused.value.reasons == ["Of the 1 identifiers that moved, 1 went elsewhere or were deleted."]
