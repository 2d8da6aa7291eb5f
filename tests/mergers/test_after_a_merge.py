"""Who reads and assesses what after a merge, how it is told, and that nothing names the record that is gone."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from dscr.access.models import Membership, Organisation, User
from dscr.access.roles import Role
from products.models import Product, SupplyNode
from products.services.supply_chain import ChainChangedError, Wanted, chain_change
from qmm.models import (
    Assessment,
    AssessmentCase,
    CaseAssignment,
    ConflictDeclaration,
    Establishment,
    Inspection,
)
from qmm.services.establishment_merge import MergeRefusedError
from ratings.causes import causes_between
from ratings.mergers.services import merge_preview, merge_undo
from ratings.models import RatingSnapshot
from ratings.published_causes import published_causes
from ratings.queries.explained import establishment_ids, establishment_names
from ratings.queries.movers import FELL, ShownMove
from ratings.queries.site_merges import SiteMerges
from tests.mergers.conftest import SUPPLIER, merged
from tests.pages import factory


def case_of(site: Establishment, *team: User, closed_on: date | None = None) -> AssessmentCase:
    case = AssessmentCase.objects.create(
        establishment=site, requested_on=timezone.localdate() - timedelta(days=90), closed_on=closed_on
    )
    for user in team:
        CaseAssignment.objects.create(
            case=case, membership=user.membership, assigned_on=case.requested_on, accepted_at=timezone.now()
        )
    return case


class TestAccess:
    def test_only_the_owner_of_the_site_that_stays_sees_more(
        self, stays: Establishment, goes: Establishment, operator: User
    ) -> None:
        third = Organisation.objects.create(name="Third firm", kinds=["manufacturer"])
        Establishment.objects.filter(pk=goes.pk).update(owner=third)
        owner = factory.user_of("Ashvale Group", Role.MANUFACTURER_EDITOR)
        other = factory.user_of("Third firm", Role.MANUFACTURER_EDITOR)
        buyer = factory.user_of("Halden Group", Role.MANUFACTURER_EDITOR)

        def levels(user: User) -> int:
            return Assessment.objects.for_user(user, "read_maturity").count()

        bought = levels(buyer)
        assert (levels(owner), levels(other)) == (1, 1)
        merged(stays, goes, operator)
        assert (levels(owner), levels(other), levels(buyer)) == (2, 0, bought)

    def test_an_assessor_never_reads_a_firm_it_must_not_assess(self, stays: Establishment, goes: Establishment) -> None:
        """The site of their case is sold to such a firm."""
        free, bound, declared = (
            factory.user_of("Assessors", Role.ASSESSOR, f"{name}@demo.example")
            for name in ("free", "bound", "declared")
        )
        Membership.objects.create(
            user=bound, organisation=stays.owner, role=Role.ATTESTOR, starts_on="2020-01-01", ends_on="2021-01-01"
        )
        for has_conflict, nature in ((False, ""), (True, "Shares")):
            ConflictDeclaration.objects.create(
                user=declared, organisation=stays.owner, has_conflict=has_conflict, nature=nature
            )
        case = case_of(goes, free, bound, declared)

        def levels(user: User) -> int:
            return Assessment.objects.for_user(user, "read_maturity").count()

        assert [levels(user) for user in (free, bound, declared)] == [1, 1, 1]
        Establishment.objects.filter(pk=goes.pk).update(owner=stays.owner)
        assert [levels(user) for user in (free, bound, declared)] == [1, 0, 0]
        for user, count in ((free, 1), (bound, 0), (declared, 0)):
            assert Establishment.objects.for_user(user, "read_establishments").filter(pk=goes.pk).count() == count
        assert AssessmentCase.objects.for_user(bound, "read_cases").get() == case
        ConflictDeclaration.objects.create(user=declared, organisation=stays.owner, has_conflict=False)
        assert levels(declared) == 1

    def test_is_refused_while_an_assessor_at_work_must_not_assess_the_owner(
        self, stays: Establishment, goes: Establishment, operator: User
    ) -> None:
        free, bound = (
            factory.user_of("Assessors", Role.ASSESSOR, f"{name}@demo.example") for name in ("free", "bound")
        )
        Membership.objects.create(
            user=bound, organisation=stays.owner, role=Role.ATTESTOR, starts_on="2020-01-01", ends_on="2021-01-01"
        )
        case = case_of(goes, free, bound)
        said = [
            f"{bound}, who assesses {goes}, works or worked for the firm: {SUPPLIER}. Assign somebody else to that "
            "case first."
        ]
        assert merge_preview(stays.pk, goes.pk).problems == said
        with pytest.raises(MergeRefusedError) as refused:
            merged(stays, goes, operator)
        assert refused.value.reasons == said
        # The owner comes with the record that goes, where the other has none.
        with pytest.raises(MergeRefusedError):
            merged(goes, stays, operator)
        case.assignments.filter(membership__user=bound).update(ended_on=timezone.localdate())
        merged(stays, goes, operator)


def test_a_merge_is_told_as_what_it_is_and_so_is_its_undoing(
    pair: tuple[Product, Product], stays: Establishment, goes: Establishment, operator: User
) -> None:
    product, day = pair[0], timezone.localdate()

    def told(days: int) -> tuple[list[str], list[str]]:
        """What the newest result of the product says it came from, to its maker and to everybody."""
        factory.publish_as_of(product, day + timedelta(days=days))
        snapshots = list(RatingSnapshot.objects.filter(product=product).order_by("-pk")[:2][::-1])
        names, merges = establishment_names(establishment_ids(snapshots)), SiteMerges(snapshots)
        told_to_purchasers = ShownMove(FELL, snapshots[1], snapshots[0], merges).causes
        assert told_to_purchasers[0] == published_causes(*snapshots, merges)[0].text
        return (
            [cause.text for cause in causes_between(*snapshots, names, merges=merges)],
            [cause.text for cause in published_causes(*snapshots, merges)],
        )

    merge = merged(stays, goes, operator)
    own, everybody = told(1)
    assert own[0] == "Two records of one site were merged: Ashvale Chemicals Ltd counts as Ashvale Chemicals"
    assert not any("removed" in text or "share of" in text for text in own)
    assert [text for text in own[1:] if not text.startswith("QMM level of Ashvale Chemicals from")] == []
    assert everybody[0] == "Two records of one site were merged"
    assert not any("Ashvale" in text for text in everybody)

    merge_undo(merge, reason="Two sites", user=operator)
    own, everybody = told(2)
    assert own[0] == (
        "A merge of two records of a site was undone: Ashvale Chemicals Ltd and Ashvale Chemicals count apart again"
    )
    assert not any("added" in text or "share of" in text for text in own)
    assert everybody[0] == "A merge of two records of a site was undone"


def test_no_row_names_a_record_that_was_merged(
    pair: tuple[Product, Product], stays: Establishment, goes: Establishment, operator: User
) -> None:
    merged(stays, goes, operator)
    with pytest.raises(IntegrityError, match=f"merged into establishment {stays.pk}"), transaction.atomic():
        SupplyNode.objects.create(
            product=pair[1], stage="ksm", establishment=goes, share=1, valid_from=timezone.localdate()
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Inspection.objects.create(establishment=goes, classification="NAI", ended_on=timezone.localdate())
    wanted = {"api": [Wanted(goes.pk, 1.0, True, None)]}
    with pytest.raises(ChainChangedError):
        chain_change(pair[1], on=timezone.localdate(), wanted=wanted, user=operator)
