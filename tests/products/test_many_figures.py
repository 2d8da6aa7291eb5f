"""Many products at once: one review, one attestation, last figures into empty drafts; all of it or nothing."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dscr.access.models import Organisation
from dscr.audit.models import AuditEntry
from products.models import Enrolment, FiguresJob, KpiDraft, KpiSubmission, Product
from products.queries.kpi_list import kpi_rows
from products.queries.many_figures import copyable
from products.services import attest_many, figures_jobs
from products.services.figures_jobs import TRIES, job_ask, jobs_run
from products.services.kpi_draft import Change, draft_open, draft_save
from products.services.kpi_submission import STATEMENT
from tests.home.conftest import main_words
from tests.products.conftest import BEFORE, QUARTER, Desk, complete, products_of

ATTEST = "/figures/attest/"
GIVEN = {"name": "Bo Attestor", "title": "VP Quality", "agreed": "on"}


def form_of(client: Client, address: str = f"{ATTEST}?all=yes") -> dict[str, str]:
    """The hidden fields of the page, with the name, the title and the tick."""
    page = client.get(address).content.decode()
    found = {}
    for key in ("versions", "once"):
        tag = next(tag for tag in re.findall(r"<input[^>]*>", page) if f'name="{key}"' in tag)
        found[key] = re.search(r'value="([^"]*)"', tag).group(1)
    return GIVEN | found


def change(desk: Desk, draft: KpiDraft, text: str = "21") -> None:
    was = KpiDraft.objects.get(pk=draft.pk).answers["days_inventory_on_hand"]
    draft_save(draft, user=desk.editor, answers={"days_inventory_on_hand": Change(was, text)})


# --- The attestation ------------------------------------------------------------------------------------------------


def test_all_are_attested_by_one_statement_at_the_time_of_the_click(
    desk: Desk, bo: Client, drafts: list[KpiDraft]
) -> None:
    response = bo.post(ATTEST, form_of(bo))
    job = FiguresJob.objects.get()
    assert response["Location"] == f"/figures/jobs/{job.pk}/"
    assert "Waiting for its turn." in bo.get(f"/figures/jobs/{job.pk}/").content.decode()
    assert KpiSubmission.objects.filter(quarter_end=QUARTER.ends_on).count() == 0
    assert jobs_run() == 1
    rows = KpiSubmission.objects.filter(quarter_end=QUARTER.ends_on)
    assert {
        (row.attestor_name, row.attestor_title, row.attestation, row.attested_by, row.attested_at) for row in rows
    } == {("Bo Attestor", "VP Quality", STATEMENT, desk.attestor, job.asked_at)}
    assert rows.count() == 2
    done = bo.get(f"/figures/jobs/{job.pk}/progress/")
    assert (done.status_code, done["HX-Refresh"]) == (204, "true")
    assert "2 products are attested" in main_words(bo.get(f"/figures/jobs/{job.pk}/").content.decode())
    added = AuditEntry.objects.filter(kind="kpi-submission", action="added")
    assert {(entry.user_name, entry.role, entry.via) for entry in added if entry.user_id} == {
        ("Bo Attestor", "Attestor", "background work")
    }


def test_clicked_twice_it_is_one_job(desk: Desk, bo: Client, drafts: list[KpiDraft]) -> None:
    given = form_of(bo)
    addresses = {bo.post(ATTEST, given)["Location"] for _ in range(2)}
    assert (len(addresses), jobs_run(), jobs_run()) == (1, 1, 0)
    assert bo.post(ATTEST, given)["Location"] in addresses, "and after its end too"
    assert KpiSubmission.objects.filter(quarter_end=QUARTER.ends_on).count() == 2


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"name": ""}, "Your full name: Give your full name."),
        ({"title": " "}, "Your title: Give your title."),
        ({"agreed": ""}, "I attest the statement above.: Tick that you attest the statement."),
    ],
)
def test_what_is_missing_is_said(
    desk: Desk, bo: Client, drafts: list[KpiDraft], given: dict[str, str], missing: str
) -> None:
    response = bo.post(ATTEST, form_of(bo) | given)
    assert response.status_code == 422
    assert missing in response.content.decode()
    assert not FiguresJob.objects.exists()


@pytest.mark.parametrize("versions", ["", "x", "1:2:3 ' OR 1=1"])
def test_versions_that_nobody_was_shown(desk: Desk, bo: Client, drafts: list[KpiDraft], versions: str) -> None:
    assert bo.post(ATTEST, form_of(bo) | {"versions": versions}).status_code in (302, 404)
    assert not FiguresJob.objects.exists()


def test_a_product_changed_since_the_review_is_named_and_read_again(
    desk: Desk, bo: Client, drafts: list[KpiDraft]
) -> None:
    given = form_of(bo)
    change(desk, drafts[0])
    response = bo.post(ATTEST, given)
    text = main_words(response.content.decode())
    assert (response.status_code, FiguresJob.objects.count()) == (409, 0)
    assert f"{drafts[0].product.display_ndc} was changed by Ada Editor after you read it." in text
    assert "checked" not in response.content.decode().partition('name="agreed"')[2][:80]


def test_a_product_changed_before_the_worker_comes_stops_all(desk: Desk, bo: Client, drafts: list[KpiDraft]) -> None:
    bo.post(ATTEST, form_of(bo))
    change(desk, drafts[1])
    assert jobs_run() == 1
    job = FiguresJob.objects.get()
    assert (job.state, job.reasons) == (
        "refused",
        [f"{drafts[1].product.display_ndc} was changed by Ada Editor after you read it."],
    )
    assert KpiSubmission.objects.filter(quarter_end=QUARTER.ends_on).count() == 0
    text = main_words(bo.get(f"/figures/jobs/{job.pk}/").content.decode())
    assert "Nothing was attested" in text
    assert "Review them again" in text


def test_a_worker_that_dies_in_the_middle_leaves_nothing_and_the_next_begins_again(
    desk: Desk, bo: Client, drafts: list[KpiDraft], monkeypatch: pytest.MonkeyPatch
) -> None:
    bo.post(ATTEST, form_of(bo))
    whole, seen = attest_many.submission_attest, []

    def cut_off(draft: KpiDraft, **given: Any) -> Any:
        if seen:
            raise SystemExit
        seen.append(draft)
        return whole(draft, **given)

    monkeypatch.setattr(attest_many, "submission_attest", cut_off)
    with pytest.raises(SystemExit):
        jobs_run()
    assert KpiSubmission.objects.filter(quarter_end=QUARTER.ends_on).count() == 0
    assert KpiDraft.objects.filter(submission=None).count() == 2
    monkeypatch.setattr(attest_many, "submission_attest", whole)
    assert jobs_run() == 1
    job = FiguresJob.objects.get()
    assert (job.state, job.tries, job.count) == ("done", 2, 2)


def test_a_job_that_ends_every_worker_is_given_up_and_can_be_asked_again(
    desk: Desk, bo: Client, drafts: list[KpiDraft], monkeypatch: pytest.MonkeyPatch
) -> None:
    bo.post(ATTEST, form_of(bo))
    with monkeypatch.context() as broken:
        broken.setattr(figures_jobs, "drafts_attest", lambda *_, **__: 1 / 0)
        assert [jobs_run() for _ in range(TRIES + 1)] == [1] * (TRIES + 1)
    job = FiguresJob.objects.get()
    assert (job.state, job.reasons) == (
        "refused",
        ["It broke off 3 times, and nothing was stored. Try it again; the program office can see why."],
    )
    bo.post(ATTEST, form_of(bo))
    assert (jobs_run(), KpiSubmission.objects.filter(quarter_end=QUARTER.ends_on).count()) == (1, 2)


@pytest.mark.django_db(transaction=True)
def test_others_see_the_progress_and_nothing_else_before_its_end(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.products.conftest import complete, make_desk, products_of

    desk = make_desk()
    made = [complete(desk, product) for product in products_of(desk)]
    asked = {"drafts": [[draft.pk, draft.version] for draft in made]}
    job = job_ask("attest", user=desk.attestor, once="a" * 32, asked=asked, name="Bo", title="VP")
    other = connection.copy()
    seen = []
    monkeypatch.setattr(figures_jobs, "TOLD_EVERY", 0)
    whole = attest_many.submission_attest

    def looked_at(draft: KpiDraft, **given: Any) -> Any:
        with other.cursor() as cursor:
            cursor.execute("SELECT done, total FROM products_figuresjob WHERE id = %s", [job.pk])
            told = cursor.fetchone()
            cursor.execute("SELECT count(*) FROM products_kpisubmission WHERE quarter_end = %s", [QUARTER.ends_on])
            seen.append((*told, *cursor.fetchone()))
        return whole(draft, **given)

    monkeypatch.setattr(attest_many, "submission_attest", looked_at)
    try:
        assert jobs_run() == 1
    finally:
        other.close()
    assert seen == [(0, 2, 0), (1, 2, 0)]
    assert KpiSubmission.objects.filter(quarter_end=QUARTER.ends_on).count() == 2


# --- Last figures into empty drafts ---------------------------------------------------------------------------------


def test_last_figures_fill_every_empty_draft_and_touch_no_other(desk: Desk, ada: Client) -> None:
    first, second = products_of(desk)
    draft_open(first, organisation=desk.firm, quarter_end=QUARTER.ends_on, user=desk.editor)
    assert "Copy the last figures into 2 empty drafts" in ada.get("/figures/").content.decode()
    response = ada.post("/figures/copy/", follow=True)
    assert "Last figures are being copied" in response.content.decode()
    typed = draft_open(second, organisation=desk.firm, quarter_end=QUARTER.ends_on, user=desk.editor)
    draft_save(typed, user=desk.editor, answers={"shelf_life_months": Change("", "7")})
    assert jobs_run() == 1
    job = FiguresJob.objects.get()
    assert (job.state, job.count, job.total) == ("done", 1, 2), "what was typed meanwhile stays alone"
    drafts = {draft.product_id: draft for draft in KpiDraft.objects.all()}
    assert drafts[second.pk].answers == {"shelf_life_months": "7"}
    before = KpiSubmission.objects.get(product=first)
    assert drafts[first.pk].answers["days_inventory_on_hand"] == str(int(before.days_inventory_on_hand))
    assert "1 draft holds the last figures" in main_words(ada.get(f"/figures/jobs/{job.pk}/").content.decode())
    assert copyable(desk.editor, kpi_rows(desk.editor)) == []
    again = ada.post("/figures/copy/", follow=True).content.decode()
    assert "No empty draft is left that earlier figures could fill." in again


def test_an_earlier_firms_figures_are_not_copied(desk: Desk, ada: Client) -> None:
    Enrolment.objects.filter(organisation=desk.firm).update(
        organisation=Organisation.objects.create(name="Before", kinds=["manufacturer"])
    )
    for product in Product.objects.all():
        Enrolment.objects.filter(product=product).update(withdrawn_on=timezone.localdate())
        Enrolment.objects.create(product=product, organisation=desk.firm, enrolled_on=timezone.localdate())
    assert copyable(desk.editor, kpi_rows(desk.editor)) == []


# --- Queries --------------------------------------------------------------------------------------------------------


@pytest.fixture
def many(desk: Desk) -> Iterator[int]:
    """Ten more products with complete drafts."""
    texts = complete(desk, products_of(desk)[0]).answers
    complete(desk, products_of(desk)[1])
    for number in range(10):
        made = Product.objects.create(
            ndc=f"099955-{number:04d}", display_ndc=f"99955-{number:04d}", nonproprietary_name=f"DRUG {number}"
        )
        Enrolment.objects.create(product=made, organisation=desk.firm, enrolled_on=BEFORE.ends_on)
        KpiDraft.objects.create(
            product=made, organisation=desk.firm, quarter_end=QUARTER.ends_on, answers=texts, answered=18
        )
    return 12


def test_the_number_of_queries_does_not_grow_with_the_products(
    desk: Desk, bo: Client, many: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """The first two of each are the session's and the user's."""
    two = "&".join(f"draft={pk}" for pk in KpiDraft.objects.order_by("pk").values_list("pk", flat=True)[:2])
    for address, queries in (("/figures/", 4), (f"{ATTEST}?{two}", 8), (f"{ATTEST}?all=yes", 10)):
        bo.get(address)
        with django_assert_num_queries(queries):
            assert bo.get(address).status_code == 200, address
    given = form_of(bo)
    assert len(given["versions"].split()) == many
    with django_assert_num_queries(12):
        assert bo.post(ATTEST, given).status_code == 302
    progress = f"/figures/jobs/{FiguresJob.objects.get().pk}/progress/"
    with django_assert_num_queries(3):
        assert bo.get(progress).status_code == 200
    for address in (f"/drafts/effect/?{two}", "/drafts/effect/?all=yes"):
        bo.get(address)
    with django_assert_num_queries(24):
        bo.get(f"/drafts/effect/?{two}")
    with django_assert_num_queries(8):
        bo.get(f"/figures/attest/rows/?{two}")
    with django_assert_num_queries(26):
        bo.get("/drafts/effect/?all=yes")
