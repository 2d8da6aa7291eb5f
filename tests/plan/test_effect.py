"""What a plan would do to scores: to the digit what the scorer says of such levels, and for own products only."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from dscr.access.models import Organisation
from products.models import Enrolment, Product
from qmm.course.levels import area_levels
from qmm.models import Assessment, ConsensusScore, ImprovementAction
from qmm.services.plan import draft_leave_out
from ratings.models import ProductRating, StaleMark
from ratings.plan_effect_sentences import effect_sentence
from ratings.queries.plan_effect import plan_effect
from tests.course.conftest import client_of
from tests.pages import factory
from tests.plan.conftest import Planner


def scores(*products: Product) -> list[float]:
    factory.settle(*products)
    heads = ProductRating.objects.filter(product__in=products).order_by("product__ndc")
    return [head.published_snapshot.score for head in heads]


def with_levels(planner: Planner, **levels: int) -> list[float]:
    """Scores of both products if the assessment had found these; it counts again afterwards."""
    agreed = dict(ConsensusScore.objects.filter(case=planner.case).values_list("element", "level")) | levels
    kept = Assessment.objects.filter(pk=planner.case.assessment_id)
    kept.update(voided_at=timezone.now(), void_reason="Supposed otherwise")
    row = kept.get()
    other = Assessment.objects.create(
        establishment=row.establishment, completed_on=row.completed_on, **area_levels(agreed)
    )
    found = scores(planner.product, planner.twin)
    other.delete()
    kept.update(voided_at=None, void_reason="")
    return found


def test_each_action_and_all_together_score_as_the_scorer_does(planner: Planner) -> None:
    planner.draft(answers="MC1", target="4")
    planner.draft(answers="BC2", target="3")
    planner.draft(answers="TE2", target="5")
    planner.draft(answers="TE2", target="4")  # the same element twice: the higher one counts
    planner.draft(answers="", target="5")
    draft_leave_out(planner.case, 5, user=planner.contact, left_out=True)
    effect = plan_effect(planner.contact, planner.case)
    rows = sorted(effect.rows, key=lambda row: row.product.ndc)
    assert [row.product for row in rows] == [planner.product, planner.twin]
    assert [row.now.score for row in rows] == with_levels(planner)
    for place, levels in enumerate(({"MC1": 4}, {"BC2": 3}, {"TE2": 5}, {"TE2": 4})):
        assert [row.alone[place].score for row in rows] == with_levels(planner, **levels), levels
    assert [row.all.score for row in rows] == with_levels(planner, MC1=4, BC2=3, TE2=5)
    assert effect.counts
    assert (round(effect.level_now, 4), round(effect.level_then, 4)) == (2.9834, 3.3166)
    assert [row.points for row in effect.rows] == sorted((row.points for row in rows), reverse=True)
    assert {gain.aim.number for gain in effect.gains} == {1, 2, 3, 4}
    assert effect.gains[0].total == max(gain.total for gain in effect.gains)
    assert effect.gains[0].products == 2
    low, high = sorted(row.points for row in rows)
    said = effect_sentence(effect, "your")
    assert said.startswith(
        "If all four actions were achieved, both of your products made there would gain between "
        f"{low:.1f} and {high:.1f} points."
    )
    assert said.endswith("The establishment’s mean level would go from 2.98 to 3.32 of 5.")


def test_what_was_dropped_brings_nothing(planner: Planner) -> None:
    action = planner.sent(target="5")
    assert [aim.target for aim in plan_effect(planner.contact, planner.case).aims] == [5]
    ImprovementAction.objects.filter(pk=action.pk).update(standing="dropped")
    effect = plan_effect(planner.contact, planner.case)
    assert (effect.aims, effect.rows) == ([], [])
    assert effect_sentence(effect, "your").startswith("No action says yet")


def test_only_the_owners_own_products_are_told(planner: Planner) -> None:
    planner.draft(answers="MC1", target="4")
    other = Organisation.objects.create(name="Other Makers", kinds=["manufacturer"])
    today = timezone.localdate()
    Enrolment.objects.filter(product=planner.twin).update(withdrawn_on=today - timedelta(days=1))
    Enrolment.objects.create(product=planner.twin, organisation=other, enrolled_on=today)
    effect = plan_effect(planner.operator, planner.case)
    assert [row.product for row in effect.rows] == [planner.product]
    assert "the one of Halden Group’s products made there would gain" in effect_sentence(effect, "Halden Group’s")
    Enrolment.objects.filter(product=planner.product).update(withdrawn_on=today)
    effect = plan_effect(planner.contact, planner.case)
    assert effect.rows == []
    page = client_of(planner.contact).get(f"/assessments/{planner.case.pk}/plan/effect/").content.decode()
    assert "None of your own products names this establishment in its supply chain" in page
    assert planner.twin.display_ndc not in page


def test_a_plan_of_an_assessment_that_counts_no_more_changes_no_score(planner: Planner) -> None:
    planner.draft(answers="MC1", target="4")
    planner.later(3)
    Assessment.objects.create(
        establishment=planner.site,
        completed_on=timezone.localdate(),
        **area_levels({"MC1": 4, "BC1": 4, "PQ1": 4, "TE1": 4, "EE1": 4}),
    )
    effect = plan_effect(planner.contact, planner.case)
    assert (effect.counts, effect.rows) == (False, [])
    assert effect_sentence(effect, "your").startswith("This assessment is no longer the one by which")


def test_who_reads_the_effect(planner: Planner) -> None:
    planner.draft(answers="MC1", target="4")
    address = f"/assessments/{planner.case.pk}/plan/effect/"
    for user, status in (
        (planner.contact, 200),
        (planner.attestor, 200),
        (planner.operator, 200),
        (planner.auditor, 200),
        (planner.stranger, 404),
        (planner.lead, 404),
    ):
        assert client_of(user).get(address).status_code == status, user
    part = client_of(planner.contact).get(address, headers={"HX-Request": "true"}).content.decode()
    assert part.startswith('\n<p class="lead">') or '<p class="lead">If the one action were achieved' in part
    assert "<html" not in part


def test_a_request_for_another_assessment_changes_no_score(planner: Planner) -> None:
    before = scores(planner.product, planner.twin)
    snapshots = list(ProductRating.objects.order_by("pk").values_list("published_snapshot", flat=True))
    StaleMark.objects.all().delete()
    planner.request()
    assert not StaleMark.objects.exists()
    assert scores(planner.product, planner.twin) == before
    assert list(ProductRating.objects.order_by("pk").values_list("published_snapshot", flat=True)) == snapshots


def test_number_of_queries(planner: Planner, django_assert_num_queries: Any) -> None:
    planner.draft(answers="MC1", target="4")
    client = client_of(planner.contact)
    address = f"/assessments/{planner.case.pk}/plan/effect/"
    client.get(address)
    with django_assert_num_queries(29):
        client.get(address)


@pytest.mark.parametrize("target", ["3", "5"])
def test_a_higher_aim_never_brings_less(planner: Planner, target: str) -> None:
    planner.draft(answers="BC2", target=target)
    planner.draft(answers="BC2", target="2")
    [first, second] = [
        next(gain for gain in plan_effect(planner.contact, planner.case).gains if gain.aim.number == number)
        for number in (1, 2)
    ]
    assert first.total >= second.total > 0
