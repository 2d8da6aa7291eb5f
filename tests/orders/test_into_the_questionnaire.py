"""Figures of order lines into the questionnaire: beside what was typed, attested or computed before."""

import re

from django.test import Client
from django.utils import timezone

from dscr.access.roles import Role
from products.models import KpiDraft, KpiSubmission, OrderUpload
from products.questionnaire import QUESTIONS, texts_of
from products.services.kpi_draft import Change, draft_open, draft_save
from tests.orders.conftest import Firm, computed_upload
from tests.orders.test_pages import GOOD, QUARTER, P, text


def put(client: Client, upload: OrderUpload, **posted: object) -> str:
    address = f"/order-lines/{upload.pk}/questionnaire/"
    page = client.post(address, {"quarter": "2026-09-30"} | posted, follow=True).content.decode()
    return " ".join(page.split())


def marks(page: str) -> list[str]:
    return re.findall(r'name="instead" value="([^"]+)"(?! checked)', page)


def test_the_computed_figure_takes_the_place_of_another_one_where_it_is_asked_for(firm: Firm) -> None:
    editor = firm.user(Role.ATTESTOR)
    draft = draft_open(firm.vial, organisation=firm.organisation, quarter_end=QUARTER, user=editor)
    typed = {"fill_rate_numerator": "1969", "fill_rate_denominator": "2220", "on_time_delivery_state": "not_disclosed"}
    answers = typed | {"order_to_ship_days": "3"}
    draft_save(draft, user=editor, answers={key: Change("", text) for key, text in answers.items()})
    client = firm.client()
    upload = computed_upload(client, *GOOD[:2])
    page = text(client, f"/order-lines/{upload.pk}/")
    assert f"The questionnaire says 1,969 of 2,220, by {editor}; that stays" in page
    assert "All that can be put into the questionnaire is there." not in page
    assert "Every question is answered already; of 1 product an answer differs from the computed figure." in page
    (mark,) = marks(page)

    draft_save(draft, user=editor, answers={"shelf_life_months": Change("", "24")})
    assert "Somebody changed an answer that was to be replaced meanwhile." in put(client, upload, instead=mark)
    draft.refresh_from_db()
    assert draft.answers == answers | {"shelf_life_months": "24"}, "what was seen is not what stands"

    (mark,) = marks(text(client, f"/order-lines/{upload.pk}/"))
    said = "2 figures of 1 product went into the questionnaire. 2 took the place of other answers."
    assert said in put(client, upload, instead=mark)
    draft.refresh_from_db()
    assert (draft.answers["fill_rate_numerator"], draft.answers["on_time_delivery_state"]) == ("1500", "")
    assert draft.sources["fill_rate_numerator"]["text"] == (
        f"computed from 2 order lines in orders.csv, instead of 1,969 of 2,220 by {editor}"
    )
    assert "All that can be put into the questionnaire is there." in text(client, f"/order-lines/{upload.pk}/")


def test_a_correction_begins_with_what_is_attested(firm: Firm) -> None:
    attested = KpiSubmission.objects.create(
        product=firm.vial,
        quarter_end=QUARTER,
        fill_rate_numerator=97,
        fill_rate_denominator=100,
        shelf_life_months=24,
        attested_at=timezone.now(),
        attested_by=firm.user(Role.ATTESTOR),
        attestor_name="Bo Attestor",
        attestor_title="Vice President",
    )
    client = firm.client()
    upload = computed_upload(client, *GOOD[:2])
    page = text(client, f"/order-lines/{upload.pk}/")
    assert "Attested is 97 of 100, by Bo Attestor; that stays" in page
    put(client, upload, product=firm.vial.pk)
    assert not KpiDraft.objects.exists(), "a correction is begun on purpose only"
    put(client, upload, instead=marks(page))
    draft = KpiDraft.objects.get(product=firm.vial)
    changed = {"fill_rate_numerator": "1500", "fill_rate_denominator": "1500", "order_to_ship_days": "3"}
    changed |= {"on_time_delivery_numerator": "1", "on_time_delivery_denominator": "2"}
    changed |= {"order_to_ship_days_state": "", "on_time_delivery_state": "", "fill_rate_state": ""}
    expected = {key: text for key, text in (texts_of(attested) | changed).items() if text}
    assert {key: text for key, text in draft.answers.items() if text} == expected
    assert draft.answered == len(QUESTIONS)


def test_a_later_file_takes_the_place_of_an_earlier_one(firm: Firm) -> None:
    client = firm.client()
    chosen = {"quarter": "2026-09-30", "product": [firm.vial.pk]}
    first = computed_upload(client, *GOOD)
    client.post(f"/order-lines/{first.pk}/questionnaire/", chosen)
    second = computed_upload(client, *GOOD, f"D,1,{P},2026-09-20,2026-09-28,2026-09-22,2026-09-28,100,0,")
    assert "The questionnaire has an earlier file's" in text(client, f"/order-lines/{second.pk}/").replace(
        "&#x27;", "'"
    )
    client.post(f"/order-lines/{second.pk}/questionnaire/", chosen)
    draft = KpiDraft.objects.get(product=firm.vial)
    assert (draft.answers["fill_rate_denominator"], draft.answers["order_to_ship_days"]) == ("1600", "3")
    assert draft.sources["fill_rate_denominator"]["upload"] == second.pk
    assert draft.sources["order_to_ship_days"]["upload"] == first.pk, "it did not change"


def test_nothing_is_put_where_nothing_is_chosen(firm: Firm) -> None:
    client = firm.client()
    upload = computed_upload(client, *GOOD)
    response = client.post(f"/order-lines/{upload.pk}/questionnaire/", {"quarter": "2026-09-30"}, follow=True)
    assert "No product was chosen, and nothing was put into the questionnaire." in response.content.decode()
    for quarter in ("", "2026-12-31", "x", "all"):
        posted = {"quarter": quarter, "product": [firm.vial.pk]}
        assert client.post(f"/order-lines/{upload.pk}/questionnaire/", posted).status_code == 404
    assert not KpiDraft.objects.exists()
