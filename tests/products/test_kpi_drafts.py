"""Saving, copying, withholding and attesting a draft."""

from datetime import timedelta

import pytest
from django.utils import timezone

from products.models import Enrolment, KpiSubmission
from products.questionnaire import QUESTIONS, texts_of
from products.services.kpi_draft import (
    Change,
    DraftClosedError,
    VersionError,
    draft_copy_forward,
    draft_discard,
    draft_open,
    draft_save,
    draft_withhold_open,
)
from products.services.kpi_submission import STATEMENT, NotCompleteError, NotEnrolledError, submission_attest
from ratings.recompute import recompute_pending
from tests.products.conftest import QUARTER, Desk


def attest(desk: Desk, draft, **given) -> KpiSubmission:  # type: ignore[no-untyped-def]
    given = {"version": draft.version} | given
    return submission_attest(draft, user=desk.attestor, name="Bo Attestor", title="Vice President", **given)


def filled(desk: Desk):  # type: ignore[no-untyped-def]
    draft = desk.draft()
    draft_copy_forward(draft, previous=desk.before, user=desk.editor)
    draft.refresh_from_db()
    draft_withhold_open(draft, user=desk.editor)
    draft.refresh_from_db()
    return draft


def test_different_answers_of_two_people_merge(desk: Desk) -> None:
    draft = desk.draft()
    draft_save(draft, user=desk.editor, answers={"shelf_life_months": Change("", "24")})
    saved = draft_save(draft, user=desk.attestor, answers={"order_to_ship_days": Change("", "3")})
    draft.refresh_from_db()
    assert saved.conflicts == {}
    assert draft.answers == {"shelf_life_months": "24", "order_to_ship_days": "3"}
    assert (draft.edits["shelf_life_months"]["name"], draft.edits["order_to_ship_days"]["name"]) == (
        "Ada Editor",
        "Bo Attestor",
    )


def test_nobody_is_overwritten_unseen(desk: Desk) -> None:
    draft = desk.draft(shelf_life_months="24")
    saved = draft_save(draft, user=desk.attestor, answers={"shelf_life_months": Change("", "36")})
    assert {key: (told["now"], told["name"]) for key, told in saved.conflicts.items()} == {
        "shelf_life_months": ("24", "Ada Editor")
    }
    draft.refresh_from_db()
    assert (draft.answers["shelf_life_months"], draft.version) == ("24", 2)


def test_what_two_people_wrote_alike_is_no_conflict(desk: Desk) -> None:
    draft = desk.draft(shelf_life_months="24")
    assert draft_save(draft, user=desk.attestor, answers={"shelf_life_months": Change("", "24")}).conflicts == {}


@pytest.mark.parametrize("change", [{"answers": {"no_such": Change("", "1")}}, {"notes": {"no_such": Change("", "1")}}])
def test_an_answer_to_no_question_is_refused(desk: Desk, change: dict) -> None:
    with pytest.raises(KeyError, match="no_such"):
        draft_save(desk.draft(), user=desk.editor, **change)


def test_with_a_version_it_is_all_or_nothing(desk: Desk) -> None:
    draft = desk.draft(shelf_life_months="24")
    with pytest.raises(VersionError):
        draft_save(draft, user=desk.editor, answers={"order_to_ship_days": Change("", "3")}, version=1)


def test_copy_forward_fills_only_what_is_wholly_blank(desk: Desk) -> None:
    draft = desk.draft(fill_rate_numerator="5", shelf_life_months_state="not_disclosed")
    draft_copy_forward(draft, previous=desk.before, user=desk.editor)
    draft.refresh_from_db()
    given = texts_of(desk.before)
    assert "fill_rate_denominator" not in draft.answers
    assert "shelf_life_months" not in draft.answers
    assert draft.answers["on_time_delivery_numerator"] == given["on_time_delivery_numerator"]


def test_copy_forward_can_fill_one_section(desk: Desk) -> None:
    draft = desk.draft()
    draft_copy_forward(draft, previous=desk.before, user=desk.editor, questions=["order_to_ship_days"])
    draft.refresh_from_db()
    assert set(draft.answers) <= {"order_to_ship_days", "order_to_ship_days_state"}
    assert draft.answers


def test_withholding_answers_what_is_blank_and_leaves_what_is_half_filled(desk: Desk) -> None:
    draft = desk.draft(fill_rate_numerator="5")
    draft_withhold_open(draft, user=desk.editor)
    draft.refresh_from_db()
    states = [key for key, text in draft.answers.items() if text == "not_disclosed"]
    assert len(states) == len(QUESTIONS) - 1
    assert "fill_rate_state" not in states


def test_attestation_keeps_who_what_and_when_and_the_score_follows(desk: Desk) -> None:
    draft = filled(desk)
    submission = attest(desk, draft)
    draft.refresh_from_db()
    assert draft.submission == submission
    assert not draft.is_open
    assert (submission.attestor_name, submission.attestor_title, submission.attested_by) == (
        "Bo Attestor",
        "Vice President",
        desk.attestor,
    )
    assert submission.attestation == STATEMENT
    assert submission.fill_rate_numerator == desk.before.fill_rate_numerator
    with pytest.raises(DraftClosedError):
        attest(desk, draft)
    with pytest.raises(DraftClosedError):
        draft_save(draft, user=desk.editor, answers={"shelf_life_months": Change("", "1")})


def test_a_correction_supersedes_and_both_stay(desk: Desk) -> None:
    first = attest(desk, filled(desk))
    draft = draft_open(
        desk.product, organisation=desk.firm, quarter_end=QUARTER.ends_on, user=desk.editor, correcting=first
    )
    was = draft.answers["fill_rate_numerator"]
    draft_save(draft, user=desk.editor, answers={"fill_rate_numerator": Change(was, "90000")})
    draft.refresh_from_db()
    second = attest(desk, draft)
    first.refresh_from_db()
    assert (first.superseded_by, first.superseded_at is not None) == (second, True)
    assert (second.fill_rate_numerator, second.superseded_at) == (90_000, None)
    assert KpiSubmission.objects.filter(product=desk.product).count() == 3


def test_what_is_open_or_wrong_is_not_attested(desk: Desk) -> None:
    draft = desk.draft(shelf_life_months="many")
    with pytest.raises(NotCompleteError) as raised:
        attest(desk, draft)
    assert "shelf_life_months" in raised.value.answers.problems
    assert len(raised.value.answers.open) == len(QUESTIONS)


def test_a_draft_that_changed_since_it_was_read_is_not_attested(desk: Desk) -> None:
    draft = filled(desk)
    with pytest.raises(VersionError):
        attest(desk, draft, version=draft.version - 1)


@pytest.mark.parametrize(
    "ended", [{"withdrawn_on": timezone.localdate()}, {"enrolled_on": timezone.localdate() + timedelta(days=1)}]
)
def test_only_enrolled_products_are_attested(desk: Desk, ended: dict) -> None:
    draft = filled(desk)
    Enrolment.objects.filter(product=desk.product).update(**ended)
    with pytest.raises(NotEnrolledError):
        attest(desk, draft)


def test_a_discarded_draft_is_closed_and_a_new_one_is_empty(desk: Desk) -> None:
    draft = desk.draft(shelf_life_months="24")
    draft_discard(draft, user=desk.editor)
    assert desk.draft().pk != draft.pk
    assert desk.draft().answers == {}


@pytest.mark.django_db(transaction=True)
def test_the_rating_follows_an_attestation(transactional_db: None) -> None:
    from ratings.models import ProductRating
    from tests.products.conftest import make_desk

    desk = make_desk()
    recompute_pending()
    before = ProductRating.objects.get(product=desk.product).score
    draft = filled(desk)
    old = draft.answers["fill_rate_numerator"]
    draft_save(draft, user=desk.editor, answers={"fill_rate_numerator": Change(old, "60000")})
    draft.refresh_from_db()
    attest(desk, draft)
    recompute_pending()
    assert ProductRating.objects.get(product=desk.product).score < before
