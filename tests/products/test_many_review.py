"""The review of many drafts: what it lists and leaves out, in parts, and what attesting them would do."""

import re
from importlib import import_module

import pytest
from django.test import Client
from django.utils import timezone

from dscr.access.roles import Role
from dscr.audit.models import AuditEntry
from products.models import Enrolment, FiguresJob, KpiDraft, KpiSubmission
from products.services.figures_jobs import jobs_run
from products.services.kpi_draft import Change, draft_save
from products.views import many_review
from ratings.models import ProductRating
from tests.home.conftest import main_words
from tests.pages import factory
from tests.products.conftest import BEFORE, OTHER, QUARTER, Desk, client_of, products_of
from tests.products.test_many_figures import ATTEST, GIVEN, change, form_of


def test_the_list_leads_to_the_review_of_all_or_of_those_ticked(desk: Desk, bo: Client, drafts: list[KpiDraft]) -> None:
    page = bo.get("/figures/").content.decode()
    assert "Review and attest all 2 complete drafts" in page
    assert page.count('name="draft"') == 2
    text = main_words(bo.get(f"{ATTEST}?all=yes").content.decode())
    assert "Review and attest 2 products" in text
    assert "Figures of 1 product changed since last time; of 1, every answer is the same as before." in text
    assert re.search(r"Days of inventory on hand: [\d.,]+ days → 20 days", text)
    assert f"The same as to {BEFORE.ends_on:%b} {BEFORE.ends_on.day}, {BEFORE.ends_on.year}" in text
    one = main_words(bo.get(f"{ATTEST}?draft={drafts[1].pk}").content.decode())
    assert "Review and attest 1 product" in one
    assert AuditEntry.objects.filter(action="viewed", kind="kpi-draft").count() == 2


def test_an_editor_neither_chooses_nor_attests(desk: Desk, ada: Client, drafts: list[KpiDraft]) -> None:
    assert "Review and attest" not in ada.get("/figures/").content.decode()
    assert ada.get(f"{ATTEST}?all=yes").status_code == 404
    assert ada.post(ATTEST, GIVEN).status_code == 404


def test_another_firm_reaches_none_of_it(desk: Desk, bo: Client, drafts: list[KpiDraft]) -> None:
    given = form_of(bo)
    stranger = client_of(factory.user_of(OTHER, Role.ATTESTOR))
    assert stranger.get(f"{ATTEST}?draft={drafts[0].pk}").status_code == 404
    assert stranger.get(f"/drafts/effect/?draft={drafts[0].pk}").status_code == 404
    assert stranger.post(ATTEST, given).status_code == 404
    bo.post(ATTEST, given)
    job = FiguresJob.objects.get()
    assert stranger.get(f"/figures/jobs/{job.pk}/").status_code == 404
    assert stranger.get(f"/figures/jobs/{job.pk}/progress/").status_code == 404


def test_what_cannot_be_attested_is_left_out_and_named(desk: Desk, bo: Client, drafts: list[KpiDraft]) -> None:
    first, second = drafts
    draft_save(
        first,
        user=desk.editor,
        answers={"shelf_life_months": Change(first.answers["shelf_life_months"], "")},
    )
    Enrolment.objects.filter(product=second.product).update(withdrawn_on=timezone.localdate())
    text = main_words(bo.get(f"{ATTEST}?draft={first.pk}&draft={second.pk}").content.decode())
    assert "None of these can be attested" in text
    assert f"{first.product.display_ndc} : 1 question open" in text
    assert f"{second.product.display_ndc} : not enrolled today" in text


def test_nothing_chosen_says_so(desk: Desk, bo: Client) -> None:
    response = bo.get(ATTEST, follow=True)
    assert "Choose at least one product whose draft is complete." in response.content.decode()


def test_unlikely_answers_without_a_note_are_named(desk: Desk, bo: Client, drafts: list[KpiDraft]) -> None:
    change(desk, drafts[0], "900")
    text = main_words(bo.get(f"{ATTEST}?all=yes").content.decode())
    assert "2 have answers to look at again." in text
    assert re.search(r"Days of inventory on hand: [^.]*900 days is more than is usual", text)


def test_the_effect_is_what_the_scores_become(desk: Desk, bo: Client, drafts: list[KpiDraft]) -> None:
    before = dict(ProductRating.objects.values_list("product", "score"))
    page, part = bo.get(f"{ATTEST}?all=yes").content.decode(), {"HX-Request": "true"}
    said = bo.get("/drafts/effect/?all=yes", headers=part).content.decode()
    cells_url = re.search(r'<tbody hx-get="([^"]*)"', page).group(1).replace("&amp;", "&")
    cells = bo.get(cells_url, headers=part).content.decode()
    whole = bo.get("/drafts/effect/?all=yes").content.decode()
    bo.post(ATTEST, form_of(bo))
    jobs_run()
    factory.settle(*products_of(desk))
    for draft in drafts:
        cell = re.search(rf'id="effect-{draft.pk}"[^>]*>\s*([\d.]+) → ([\d.]+)', cells)
        assert cell
        score = ProductRating.objects.get(product=draft.product).score
        assert [float(value) for value in cell.groups()] == [round(before[draft.product_id], 1), round(score, 1)]
        assert draft.product.display_ndc in whole
    assert "Of 2 products," in said


def test_many_are_shown_in_parts_and_attested_by_one_statement(
    desk: Desk, bo: Client, drafts: list[KpiDraft], monkeypatch: pytest.MonkeyPatch
) -> None:
    change(desk, drafts[1], "900")
    monkeypatch.setattr(many_review, "PART", 1)
    address = f"{ATTEST}?all=yes"
    page = bo.get(address).content.decode()
    text = main_words(page)
    assert "Figures of 2 products changed since last time." in text
    assert "2 have answers to look at again." in text
    assert "The first 1 are shown" in text
    shown, later = sorted(drafts, key=lambda draft: (draft.product.nonproprietary_name, draft.product.ndc))
    assert f'id="effect-{shown.pk}"' in page
    assert f'id="effect-{later.pk}"' not in page
    assert set(form_of(bo, address)["versions"].split()) == {
        f"{draft.pk}:{KpiDraft.objects.get(pk=draft.pk).version}" for draft in drafts
    }
    more = re.search(r'hx-get="(/figures/attest/rows/[^"]*)"', page).group(1)
    rows = bo.get(more).content.decode()
    assert f'id="effect-{later.pk}"' in rows
    assert later.product.display_ndc in rows
    assert f'id="effect-{shown.pk}"' not in rows
    plain = re.search(r'href="(/figures/attest/\?draft[^"]*)"', page).group(1)
    assert "Review and attest 1 product" in main_words(bo.get(plain).content.decode())
    given = form_of(bo, address)
    change(desk, KpiDraft.objects.get(pk=later.pk), "30")
    assert bo.post(ATTEST, given).status_code == 409
    assert later.product.display_ndc in bo.get(more).content.decode()
    assert client_of(factory.user_of(OTHER, Role.ATTESTOR)).get(more).status_code == 404
    jobs = bo.post(ATTEST, form_of(bo, address))
    assert jobs.status_code == 302
    jobs_run()
    assert KpiSubmission.objects.filter(quarter_end=QUARTER.ends_on).count() == 2


def test_the_table_of_effects_opens_whole_on_demand(
    desk: Desk, bo: Client, drafts: list[KpiDraft], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("ratings.views.many_effect"), "PART", 1)
    page = bo.get("/drafts/effect/?all=yes").content.decode()
    assert "1 of 2 products are shown." in main_words(page)
    assert "/drafts/effect/?all=yes&amp;rows=all" in page
    whole = bo.get("/drafts/effect/?all=yes&rows=all").content.decode()
    assert all(draft.product.display_ndc in whole for draft in drafts)
    assert "Show all" not in whole
