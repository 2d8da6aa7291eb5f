"""Attesting a draft by the pages: what it lacks, what looks unlikely, and what it would do to the score."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from products.models import Enrolment, KpiDraft, KpiSubmission
from products.queries.due import last_quarter
from products.questionnaire import texts_of
from products.questionnaire.words import day
from products.services.kpi_draft import Change, draft_open, draft_save
from qmm.models import Establishment
from tests.home.conftest import main_words
from tests.pages import factory
from tests.products.conftest import BEFORE, QUARTER, Desk
from tests.products.test_kpi_pages import attest, complete, words


def test_an_attestor_attests_and_both_submissions_stay_readable(desk: Desk, bo: Client) -> None:
    draft = complete(desk)
    draft_save(draft, user=desk.attestor, notes={"days_inventory_on_hand.jump": Change("", "Recall in August.")})
    draft.refresh_from_db()
    assert "I attest that these figures are true" in words(bo, desk.address("review/"))
    done = attest(bo, desk, draft)
    submission = KpiSubmission.objects.get(quarter_end=QUARTER.ends_on, product=desk.product)
    assert done["Location"] == f"/products/{desk.product.ndc}/kpis/submissions/{submission.pk}/"
    text = words(bo, done["Location"])
    assert "by Bo Attestor, Vice President (bo@firm.example)" in text
    assert "1 answer differs from the figures to" in text
    assert "20 days Changed 150 days" in text
    assert "Filled in by Ada Editor (" in text
    assert "Notes on unusual answers Days of inventory on hand Recall in August." in text
    assert "These figures are attested" in words(bo, desk.address())

    bo.post(desk.address("open/"))
    correction = KpiDraft.objects.get(submission=None)
    assert correction.answers["days_inventory_on_hand"] == "20"
    draft_save(correction, user=desk.editor, answers={"days_inventory_on_hand": Change("20", "30")})
    correction.refresh_from_db()
    later = attest(bo, desk, correction)["Location"]
    assert "1 answer differs from the submission that it superseded" in words(bo, later)
    assert "Superseded" in words(bo, done["Location"])
    history = words(bo, f"/products/{desk.product.ndc}/kpis/")
    assert history.count("by Bo Attestor, Vice President") == 2


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": ""}, "Give your full name."),
        ({"title": ""}, "Give your title."),
        ({"agrees": ""}, "Tick the box to attest to the statement."),
        ({"version": "1"}, "Ada Editor changed the draft since you opened this page"),
    ],
)
def test_what_an_attestation_lacks_is_said(desk: Desk, bo: Client, given: dict, message: str) -> None:
    response = attest(bo, desk, complete(desk), **given)
    assert response.status_code == 422
    assert message in main_words(response.content.decode())
    assert KpiSubmission.objects.filter(product=desk.product).count() == 1


def test_open_questions_and_a_withdrawn_product_block_attestation(desk: Desk, bo: Client) -> None:
    assert "Some questions are open." in main_words(attest(bo, desk, desk.draft()).content.decode())
    draft = complete(desk)
    Enrolment.objects.filter(product=desk.product).update(withdrawn_on=QUARTER.ends_on)
    assert attest(bo, desk, draft).status_code == 422
    assert KpiSubmission.objects.filter(product=desk.product).count() == 1


def test_only_an_attestor_attests(desk: Desk, ada: Client) -> None:
    draft = complete(desk)
    assert "once a user with the attestor role has attested them" in words(ada, desk.address("review/"))
    assert attest(ada, desk, draft).status_code == 404


def test_doubts_without_a_note_are_listed_and_do_not_block(desk: Desk, bo: Client) -> None:
    draft = complete(desk)
    assert "It was 150 days last time and is 20 days now." in words(bo, desk.address("review/"))
    draft_save(draft, user=desk.editor, notes={"days_inventory_on_hand.jump": Change("", "Recall in August.")})
    text = words(bo, desk.address("review/"))
    assert "It was 150 days last time" not in text
    assert "Note: Recall in August." in text


def test_every_page_says_alike_which_quarter_a_new_product_owes(desk: Desk, ada: Client) -> None:
    KpiSubmission.objects.all().update(attested_at=None)
    Enrolment.objects.filter(organisation=desk.firm).update(enrolled_on=timezone.localdate())
    owed = QUARTER.next
    due = day(owed.due_on)
    home = words(ada, "/")
    assert f"KPI figures of {owed.name}" in home
    assert f"Due {due}" in home
    assert f"They can be filled in once the quarter has ended, after {day(owed.ends_on)}." in home
    assert "Fill them in" not in home
    page = words(ada, "/figures/")
    assert f"Nothing is owed. The figures of {owed.name} are due by {due}." in page
    assert f"Due after the quarter {owed.name}, by {due}" in page
    assert f"Fill in {QUARTER.name}, which is not owed" in page
    form = words(ada, desk.address())
    assert "not owed: the product was enrolled later" in form
    assert day(QUARTER.due_on) not in form


def test_a_correction_is_judged_beside_the_quarter_before(desk: Desk, bo: Client) -> None:
    first = last_quarter(BEFORE.ends_on - timedelta(days=1))
    by_chance = "Both counts are exactly those of last time."
    draft_open(
        desk.product, organisation=desk.firm, quarter_end=BEFORE.ends_on, user=desk.editor, correcting=desk.before
    )
    review = desk.address("review/", quarter_end=BEFORE.ends_on)
    many = f"/figures/attest/?draft={KpiDraft.objects.get().pk}"
    assert by_chance not in words(bo, review) + words(bo, many)
    page = words(bo, desk.address("", quarter_end=BEFORE.ends_on))
    assert "Attested for this quarter, counts now:" in page
    assert "Fill what is blank" not in page, "nothing is"

    earlier = KpiSubmission.objects.get(pk=desk.before.pk)
    earlier.pk, earlier.quarter_end = None, first.ends_on
    earlier.save(force_insert=True)
    assert by_chance in words(bo, review)
    assert "None differ from what is attested for this quarter, the figures to" in words(bo, review)


def test_a_blank_in_a_correction_is_filled_with_what_it_corrects(desk: Desk, ada: Client) -> None:
    draft = draft_open(desk.product, organisation=desk.firm, quarter_end=BEFORE.ends_on, user=desk.editor)
    page = words(ada, desk.address("", quarter_end=BEFORE.ends_on))
    assert "Fill what is blank with the attested figures to" in page
    ada.post(desk.address("copy/", quarter_end=BEFORE.ends_on))
    draft.refresh_from_db()
    assert draft.answers == texts_of(desk.before)


def test_the_effect_is_what_the_score_becomes(desk: Desk, bo: Client) -> None:
    from ratings.models import ProductRating

    draft = complete(desk)
    text = " ".join(bo.get(f"/drafts/{draft.pk}/effect/", headers={"HX-Request": "true"}).content.decode().split())
    before = ProductRating.objects.get(product=desk.product).score
    attest(bo, desk, draft)
    factory.settle(desk.product)
    after = ProductRating.objects.get(product=desk.product).score
    assert after < before
    assert f"<strong>{before:.1f}</strong>" in text
    assert f"<strong>{after:.1f}</strong>" in text


def test_points_that_other_firms_sites_decide_are_not_told(desk: Desk, ada: Client) -> None:
    """As on the product's page; a firm's own sites are."""
    draft = complete(desk)
    row = re.compile(r"QMM of establishments (\S+) (\S+) (\S+)")
    told = row.search(main_words(ada.get(f"/drafts/{draft.pk}/effect/").content.decode()))
    Establishment.objects.update(owner=desk.firm)
    own = row.search(main_words(ada.get(f"/drafts/{draft.pk}/effect/").content.decode()))
    assert told
    assert own
    assert told.groups() == ("–", "–", "–")
    assert own.group(1) == own.group(2) != "–"


def test_the_first_figures_of_a_product_show_what_they_would_score(desk: Desk, ada: Client) -> None:
    draft = complete(desk)
    KpiSubmission.objects.all().update(attested_at=None)
    text = main_words(ada.get(f"/drafts/{draft.pk}/effect/").content.decode())
    assert "Today Enrolled, not yet rated With these figures" in text
    assert "Insufficient data" not in text


def test_a_past_quarter_changes_nothing_while_a_later_one_counts(desk: Desk, ada: Client) -> None:
    past = BEFORE.ends_on - timedelta(days=100)
    address = desk.address("", quarter_end=_quarter_end(past))
    ada.post(address, {"shelf_life_months": "24", "was-shelf_life_months": ""})
    draft = KpiDraft.objects.get()
    assert "A later quarter is attested" in main_words(ada.get(f"/drafts/{draft.pk}/effect/").content.decode())


def _quarter_end(day: Any) -> Any:
    from products.queries.due import quarter_of

    return quarter_of(day).ends_on
