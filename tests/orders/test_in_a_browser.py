"""Order lines in a real Chromium: from the file to the questionnaire, the page following the worker by itself."""

from pathlib import Path

import pytest

from dscr.access.roles import Role
from products.models import KpiDraft, OrderUpload
from products.services.kpi_draft import Change, draft_open, draft_save
from products.services.order_figures import compute_waiting
from tests.chromium import OpenAs, assert_sound
from tests.orders.conftest import HEADS, Firm
from tests.orders.test_pages import GOOD, QUARTER, P

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MORE = (
    f"D,1,{P},2026-08-01,2026-08-10,2026-08-04,2026-08-20,700,100,yes",
    f"E,1,{P},2026-08-01,2026-08-10,2026-08-04,,300,300,",
    f"F,1,{P},soon 5,2026-08-10,2026-08-04,,300,300,",
    "G,1,Cis 50 mg vial for infusion,2026-08-01,2026-08-10,2026-08-04,2026-08-09,10,10,",
    "H,1,55555-333,2026-08-01,2026-08-10,2026-08-04,2026-08-09,10,10,",
    f"I,1,{P},,2026-08-10,2026-08-04,2026-08-09,10,10,",
)


def test_from_a_file_to_the_questionnaire(firm: Firm, open_as: OpenAs, tmp_path: Path) -> None:
    editor = firm.user(Role.MANUFACTURER_EDITOR)
    draft = draft_open(firm.bag, organisation=firm.organisation, quarter_end=QUARTER, user=editor)
    draft_save(draft, user=editor, answers={"order_to_ship_days": Change("", "2")})
    path = tmp_path / "orders-2026.csv"
    path.write_text("\n".join([HEADS, *GOOD, *MORE]))
    tab = open_as(editor, 390)
    tab.goto("/order-lines/")
    assert_sound(tab, "list-empty")
    tab.get_by_role("link", name="Upload order lines").click()
    assert_sound(tab, "create")
    tab.get_by_label("File of order lines").set_input_files(path)
    tab.get_by_role("button", name="Upload", exact=True).click()
    tab.get_by_role("heading", name="Which column is what?").wait_for()
    assert_sound(tab, "columns")
    tab.get_by_role("button", name="Compute the figures").click()
    tab.get_by_text("Waiting for its turn.").wait_for()
    assert_sound(tab, "waiting")
    OrderUpload.objects.update(state="computing", lines_read=4)
    tab.get_by_text("4 of about 9 lines read").wait_for(timeout=5_000)
    assert_sound(tab, "computing")
    OrderUpload.objects.update(state="waiting")
    compute_waiting()
    tab.get_by_role("heading", name="12 months to September 30, 2026").wait_for(timeout=5_000)
    assert_sound(tab, "figures")
    tab.get_by_role("button", name="Put the chosen into the questionnaire").click()
    tab.get_by_text("5 figures of 2 products went into the questionnaire. 1 stayed").wait_for()
    assert_sound(tab, "put")
    assert KpiDraft.objects.get(product=firm.vial).answers["fill_rate_denominator"] == "2500"
    tab.get_by_label("Cis 50 mg vial for infusion").fill("99901-101")
    tab.get_by_role("button", name="Compute with these names").click()
    tab.get_by_text("Waiting for its turn.").wait_for()
    compute_waiting()
    tab.get_by_text("The questionnaire has an earlier file's").first.wait_for(timeout=5_000)
    tab.goto("/order-lines/")
    assert_sound(tab, "list")


def test_what_goes_wrong(firm: Firm, open_as: OpenAs, tmp_path: Path) -> None:
    tab = open_as(firm.user(Role.ATTESTOR), 390)
    path = tmp_path / "blank.csv"
    path.write_text("Only one column\n1\n")
    tab.goto("/order-lines/new/")
    tab.get_by_label("File of order lines").set_input_files(path)
    tab.get_by_role("button", name="Upload", exact=True).click()
    tab.get_by_role("alert").wait_for()
    tab.said.clear()  # 422 is told on the console
    assert_sound(tab, "create-refused")
    path.write_text("Order,Day,Goods\nA,03/04/2026,x\n")
    tab.get_by_label("File of order lines").set_input_files(path)
    tab.get_by_role("button", name="Upload", exact=True).click()
    tab.get_by_label("Ordered on", exact=True).select_option(index=2)
    tab.get_by_label("Shipped on", exact=True).select_option(index=2)
    tab.get_by_role("button", name="Compute the figures").click()
    tab.get_by_role("alert").wait_for()
    tab.said.clear()
    assert_sound(tab, "columns-refused")
    OrderUpload.objects.update(state="failed", failure="blank.csv cannot be read.")
    tab.goto(f"/order-lines/{OrderUpload.objects.get().pk}/")
    assert_sound(tab, "failed")
