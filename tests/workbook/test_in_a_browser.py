"""The course of a workbook in a real Chromium, at a desk and on a phone; axe finds nothing on any of its pages."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from products.services.figures_jobs import jobs_run
from products.services.kpi_draft import Change, draft_open, draft_save
from products.services.workbook import check_waiting
from tests.chromium import OpenAs, assert_sound
from tests.pages import factory
from tests.workbook.maker import QUARTER, Firm, put, xlsx

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def firm(transactional_db: None) -> Firm:
    """The pair of appendix_b, which has scores."""
    firm = Firm.__new__(Firm)
    firm.products = list(factory.appendix_b())
    firm.editor = factory.user_of("Halden Group", "manufacturer_editor")
    firm.attestor = factory.user_of("Halden Group", "attestor")
    firm.organisation = firm.editor.membership.organisation
    return firm


def send(tab: Any, path: Path, content: bytes) -> None:
    tab.goto("/kpis/workbooks/")
    path.write_bytes(content)
    tab.get_by_label("Filled-in workbook").set_input_files(path)
    tab.get_by_role("button", name="Check the file").click()
    tab.get_by_role("heading", name="The file is being checked").wait_for()


def test_the_whole_course(firm: Firm, open_as: OpenAs, tmp_path: Path) -> None:
    tab = open_as(firm.attestor, 390)
    tab.goto("/kpis/workbooks/")
    assert_sound(tab)
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Download XLSX").click()
    assert Path(download.value.path()).read_bytes().startswith(b"PK")

    send(tab, tmp_path / "faults.xlsx", xlsx(firm.template(None), put("qualified_lines", "=1+1")))
    assert_sound(tab)
    check_waiting()
    tab.get_by_role("heading", name="1 fault found, nothing stored").wait_for(timeout=10_000)
    assert "=1+1" in tab.locator("table").inner_text()
    assert_sound(tab)

    draft = draft_open(firm.products[0], organisation=firm.organisation, quarter_end=QUARTER, user=firm.editor)
    draft_save(draft, user=firm.editor, answers={"shelf_life_months": Change("", "36")})
    template = firm.template(None, made_at=datetime(2026, 10, 20, tzinfo=UTC))
    send(tab, tmp_path / "sound.xlsx", xlsx(template, put("shelf_life_months", 30)))
    check_waiting()
    tab.get_by_role("heading", name="1 answer was typed after the template was made").wait_for(timeout=10_000)
    tab.locator("#effect").wait_for(timeout=10_000)
    assert tab.locator("#effect tbody tr").count() == 2
    assert_sound(tab)
    tab.get_by_text("Overwrite all with the file").click()
    tab.get_by_role("button", name="Store as drafts").click()
    tab.get_by_role("heading", name="The file is being stored as drafts").wait_for()
    assert_sound(tab)
    jobs_run()
    tab.get_by_text("Stored as 1 draft").wait_for(timeout=10_000)
    assert_sound(tab)
    tab.get_by_label("Your full name").fill("Ada Attestor")
    tab.get_by_label("Your title").fill("VP Quality")
    tab.get_by_text("I attest the statement above.").click()
    tab.get_by_role("button", name="Attest").click()
    tab.get_by_role("heading", name="The figures are being attested").wait_for()
    jobs_run()
    tab.get_by_text("Their figures count from").wait_for(timeout=10_000)
    assert_sound(tab)
    tab.goto("/kpis/workbooks/")
    assert_sound(tab)
