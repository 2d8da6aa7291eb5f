"""The pages of order lines as each role meets them: upload, columns, progress, figures, the questionnaire."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dscr.access.roles import Role
from dscr.audit.models import AuditEntry
from products.models import Enrolment, KpiDraft, OrderUpload, Product
from products.services.kpi_draft import Change, draft_open, draft_save
from products.services.order_figures import compute_waiting
from tests.orders.conftest import Firm, columns, computed_upload, csv_file, uploaded
from tests.orders.test_figures import USAID

P, Q = "99901-101", "99901-202"
QUARTER = date(2026, 9, 30)
GOOD = (
    f"A,1,{P},2025-10-02,2025-10-10,2025-10-05,2025-10-09,1000,1000,",
    f"B,1,{P},2026-09-20,2026-09-28,2026-09-22,2026-09-29,500,500,",
    f"C,1,{Q},2026-09-20,2026-09-28,2026-09-27,2026-09-28,40,30,",
)


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_from_a_file_to_the_questionnaire(firm: Firm, private_files) -> None:
    client = firm.client()
    assert "Nothing is uploaded yet." in text(client, "/order-lines/")
    upload = uploaded(client, csv_file(*GOOD))
    assert (upload.state, upload.size) == ("new", (private_files / upload.stored_name).stat().st_size)
    assert (private_files / upload.stored_name).stat().st_mode & 0o777 == 0o600
    page = text(client, f"/order-lines/{upload.pk}/columns/")
    assert "Text in UTF-8, columns separated by comma, about 3 lines." in page
    assert '<option value="2" selected>C: NDC (99901-101)</option>' in page

    response = client.post(f"/order-lines/{upload.pk}/columns/", columns(upload))
    assert response["Location"] == f"/order-lines/{upload.pk}/"
    waiting = text(client, response["Location"])
    assert "Waiting for its turn." in waiting
    assert f'hx-get="/order-lines/{upload.pk}/progress/"' in waiting
    assert compute_waiting() == 1

    page = text(client, f"/order-lines/{upload.pk}/")
    assert "1,500 of 1,540 units were shipped complete on the first order." in page
    assert "2 of 3 orders came by the first committed date." in page
    assert '50.00% <span class="hint">1 of 2</span>' in page
    assert "Every line of the file could be used." in page
    assert "does not seem to cover" not in page

    posted = {"quarter": "2026-09-30", "product": [firm.vial.pk, firm.bag.pk]}
    response = client.post(f"/order-lines/{upload.pk}/questionnaire/", posted, follow=True)
    assert "6 figures of 2 products went into the questionnaire." in response.content.decode()
    draft = KpiDraft.objects.get(product=firm.vial)
    assert draft.answers == {
        "fill_rate_numerator": "1500",
        "fill_rate_denominator": "1500",
        "on_time_delivery_numerator": "1",
        "on_time_delivery_denominator": "2",
        "order_to_ship_days": "3",
    }
    upload.refresh_from_db()
    assert draft.sources["fill_rate_numerator"] == {
        "kind": "order_lines",
        "upload": upload.pk,
        "file": "orders.csv",
        "at": upload.computed_at.isoformat(timespec="seconds"),
        "text": "computed from 2 order lines in orders.csv",
    }
    assert KpiDraft.objects.get(product=firm.bag).answers["fill_rate_numerator"] == "0"
    assert "All that can be put into the questionnaire is there." in text(client, f"/order-lines/{upload.pk}/")


def test_what_somebody_typed_stays_and_is_shown(firm: Firm) -> None:
    editor = firm.user(Role.ATTESTOR)
    draft = draft_open(firm.vial, organisation=firm.organisation, quarter_end=QUARTER, user=editor)
    typed = {"fill_rate_denominator": Change("", "2000"), "on_time_delivery_state": Change("", "not_disclosed")}
    draft_save(draft, user=editor, answers=typed)
    client = firm.client()
    upload = computed_upload(client, *GOOD)
    page = text(client, f"/order-lines/{upload.pk}/")
    assert f"The questionnaire says – of 2,000, by {editor}; that stays" in page
    assert f"The questionnaire says not disclosed, by {editor}; that stays" in page
    response = client.post(
        f"/order-lines/{upload.pk}/questionnaire/",
        {"quarter": "2026-09-30", "product": [firm.vial.pk]},
        follow=True,
    )
    said = "1 figure of 1 product went into the questionnaire. 2 stayed as somebody had answered them; see below."
    assert said in response.content.decode()
    draft.refresh_from_db()
    assert draft.answers == {
        "fill_rate_denominator": "2000",
        "on_time_delivery_state": "not_disclosed",
        "order_to_ship_days": "3",
    }
    assert not KpiDraft.objects.filter(product=firm.bag).exists(), "it was not chosen"


def test_names_are_matched_and_remembered(firm: Firm) -> None:
    client = firm.client()
    lines = [line.replace(P, "Cis 50 mg") for line in GOOD] + ["D,1,55555-333,2026-09-20,,,,1,1,"]
    upload = computed_upload(client, *lines)
    page = text(client, f"/order-lines/{upload.pk}/")
    assert 'Cis 50 mg <span class="hint">2 lines</span>' in page
    assert "55555-333: 1 line. The NDC is of no product that you have enrolled." in page
    client.post(f"/order-lines/{upload.pk}/names/", {"name_0": " 99901-101 "})
    assert compute_waiting() == 1
    assert "1,500 of 1,540 units" in text(client, f"/order-lines/{upload.pk}/")
    again = computed_upload(client, *lines)
    assert again.summary["reasons"] == [["The NDC is of no product that you have enrolled", 1]]
    other = client.post(f"/order-lines/{upload.pk}/names/", {"name_0": "Nothing"}, follow=True)
    assert "No name was matched, and nothing was computed again." in other.content.decode()
    lines.append("E,1,Bag 7,2026-09-20,,,,1,1,")
    third = computed_upload(client, *lines)
    wrong = client.post(f"/order-lines/{third.pk}/names/", {"name_0": "55555-333"}, follow=True)
    assert "“55555-333” is none of your products. Give its NDC; nothing was computed again." in wrong.content.decode()


def test_columns_are_remembered_by_their_heads(firm: Firm) -> None:
    client = firm.client()
    heads = "Wann,Was,Wieviel,Raus,Am,Datum"
    first = uploaded(client, csv_file(f"01/02/2026,{P},10,10,03/02/2026,x", heads=heads))
    chosen = {"ordered_on": 0, "product": 1, "quantity_ordered": 2, "quantity_shipped": 3, "shipped_on": 4}
    response = client.post(f"/order-lines/{first.pk}/columns/", chosen)
    assert response.status_code == 422
    assert "Every date in the first lines can be read both ways. Say which is meant." in response.content.decode()
    assert client.post(f"/order-lines/{first.pk}/columns/", chosen | {"date_order": "day"}).status_code == 302
    second = uploaded(client, csv_file(f"x,{P},05/02/2026,10,10,01/02/2026", heads="Datum,Was,Am,Raus,Wieviel,Wann"))
    page = text(client, f"/order-lines/{second.pk}/columns/")
    assert "The columns are chosen as in your last file." in page
    for option in ("F: Wann (01/02/2026)", "B: Was (99901-101)", "C: Am (05/02/2026)", "E: Wieviel (10)"):
        assert f"selected>{option}</option>" in page
    assert '<option value="day" selected>Day first: April 3</option>' in page


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"product": ""}, "Choose the column that names the product, or one product for all lines."),
        ({"shipped_on": "3"}, "Shipped on: Ordered on is that column already. Choose another one."),
        (
            {"ordered_on": "", "committed_on": ""},
            "These columns give no figure. Fill rate needs ordered on, quantity ordered and quantity shipped; on-time "
            "delivery needs first committed date and delivered on; order to shipment needs ordered on and shipped on.",
        ),
        ({"product": "10"}, "Product: Select a valid choice. 10 is not one of the available choices."),
    ],
)
def test_columns_that_cannot_be(firm: Firm, changed: dict[str, str], message: str) -> None:
    client = firm.client()
    upload = uploaded(client, csv_file(*GOOD))
    response = client.post(f"/order-lines/{upload.pk}/columns/", columns(upload, **changed))
    assert response.status_code == 422
    assert message in response.content.decode()
    assert OrderUpload.objects.get(pk=upload.pk).state == "new"


def test_dates_that_contradict_the_choice(firm: Firm) -> None:
    client = firm.client()
    upload = uploaded(client, csv_file(f"A,1,{P},25/12/2025,,26/12/2025,,1,1,"))
    assert columns(upload)["ordered_on"] == "3"
    response = client.post(f"/order-lines/{upload.pk}/columns/", columns(upload, date_order="month"))
    assert "The first lines have dates that can only be read with the day first." in response.content.decode()
    assert client.post(f"/order-lines/{upload.pk}/columns/", columns(upload)).status_code == 302
    assert OrderUpload.objects.get(pk=upload.pk).mapping["day_first"] is True
    mixed = uploaded(client, csv_file(f"A,1,{P},25/12/2025,,12/26/2025,,1,1,"))
    response = client.post(f"/order-lines/{mixed.pk}/columns/", columns(mixed))
    assert "Some dates have the month first and some the day." in response.content.decode()


def test_one_product_for_the_whole_file(firm: Firm) -> None:
    client = firm.client()
    heads = "Scheduled Delivery Date,Delivered to Client Date"
    upload = uploaded(client, csv_file("2-Jun-26,2-Jun-26", "3-Jun-26,9-Jun-26", heads=heads))
    assert (
        client.post(f"/order-lines/{upload.pk}/columns/", columns(upload, one_product=firm.bag.pk)).status_code == 302
    )
    compute_waiting()
    page = text(client, f"/order-lines/{upload.pk}/?quarter=all")
    assert "1 of 2 orders came by the first committed date." in page
    assert "Not computed, as their columns are not in the file: fill rate, order to shipment." in page
    assert "The questionnaire asks for 12 months to a quarter's end" in page.replace("&#x27;", "'")


def test_a_file_that_covers_too_little_says_so(firm: Firm) -> None:
    client = firm.client()
    upload = computed_upload(client, GOOD[1])
    page = text(client, f"/order-lines/{upload.pk}/?quarter=2026-09-30")
    assert (
        "The file does not seem to cover these 12 months: its orders begin on September 20, 2026; its committed dates "
        "begin on September 28, 2026; its shipments begin on September 22, 2026."
    ) in page


def test_the_progress_fragment(firm: Firm) -> None:
    client = firm.client()
    upload = uploaded(client, csv_file(*GOOD))
    OrderUpload.objects.filter(pk=upload.pk).update(state="computing", lines_read=2, attempts=2)
    response = client.get(f"/order-lines/{upload.pk}/progress/")
    page = " ".join(response.content.decode().split())
    assert "2 of about 3 lines read, begun afresh after a broken-off try." in page
    assert 'value="66"' in page
    assert 'hx-trigger="every 1s"' in page
    assert "HX-Refresh" not in response
    OrderUpload.objects.filter(pk=upload.pk).update(state="done")
    response = client.get(f"/order-lines/{upload.pk}/progress/")
    assert response["HX-Refresh"] == "true"
    assert "hx-get" not in response.content.decode()


def test_lines_that_were_not_used_as_a_safe_file(firm: Firm) -> None:
    client = firm.client()
    upload = computed_upload(
        client, *GOOD, '"=cmd()",1,"=HYPERLINK(""x"")",2026-01-01,,,,1,1,', f"E,1,{P},soon 5,,,,1,1,"
    )
    page = text(client, f"/order-lines/{upload.pk}/")
    assert "2 lines could not be used." in page
    response = client.get(f"/order-lines/{upload.pk}/not-used.csv")
    assert response["Content-Disposition"] == f'attachment; filename="order-lines-{upload.pk}-not-used.csv"'
    assert b"".join(response.streaming_content).decode().splitlines() == [
        "\ufeffFile,orders.csv",
        "Lines that could not be used,2",
        "Listed below,2",
        "The name is matched to none of your products,1",
        "Ordered on: no date that can be read,1",
        "",
        "Line,Reason,Cell",
        '5,The name is matched to none of your products,"\'=HYPERLINK(""x"")"',
        "6,Ordered on: no date that can be read,soon 5",
    ]
    assert AuditEntry.objects.filter(kind="order-upload", action="downloaded", subject_id=upload.pk).count() == 1


READING = ("", "progress/", "not-used.csv")
WRITING = ("columns/", "questionnaire/", "names/")


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR])
def test_oversight_reads_and_writes_nothing(firm: Firm, role: str) -> None:
    upload = computed_upload(firm.client(), *GOOD)
    client = firm.client(role, "DSCR program office")
    page = text(client, f"/order-lines/{upload.pk}/")
    assert "Halden Group" in page
    assert "Put the chosen" not in page
    assert "Change the columns" not in page
    assert "Halden Group" in text(client, "/order-lines/")
    assert "Upload order lines" not in text(client, "/order-lines/")
    assert client.get("/order-lines/new/").status_code == 404
    for path in READING:
        assert client.get(f"/order-lines/{upload.pk}/{path}").status_code == 200
    for path in WRITING:
        assert client.post(f"/order-lines/{upload.pk}/{path}").status_code == 404
    assert client.get(f"/order-lines/{upload.pk}/columns/").status_code == 404


@pytest.mark.parametrize(
    ("role", "organisation"),
    [
        (Role.MANUFACTURER_EDITOR, "Otherfirm"),
        (Role.ATTESTOR, "Otherfirm"),
        (Role.ESTABLISHMENT_CONTACT, "Halden Group"),
        (Role.PURCHASER, "Buyers"),
        (Role.ASSESSOR, "Assessors"),
        (Role.COORDINATOR, "Coordination"),
    ],
)
def test_outside_the_scope_there_is_nothing(firm: Firm, role: str, organisation: str) -> None:
    upload = computed_upload(firm.client(), *GOOD)
    client = firm.client(role, organisation)
    for path in (*READING, "columns/"):
        assert client.get(f"/order-lines/{upload.pk}/{path}").status_code == 404
    for path in WRITING:
        assert client.post(f"/order-lines/{upload.pk}/{path}").status_code == 404
    listed = client.get("/order-lines/")
    assert listed.status_code == (200 if organisation == "Otherfirm" else 404)
    assert "orders.csv" not in listed.content.decode()


def test_another_firm_s_product_cannot_be_chosen(firm: Firm) -> None:
    client = firm.client(Role.MANUFACTURER_EDITOR, "Otherfirm")
    upload = uploaded(client, csv_file(*GOOD))
    response = client.post(f"/order-lines/{upload.pk}/columns/", columns(upload, one_product=firm.vial.pk))
    assert response.status_code == 422
    assert client.post(f"/order-lines/{upload.pk}/columns/", columns(upload)).status_code == 302
    compute_waiting()
    upload.refresh_from_db()
    assert upload.summary["reasons"] == [["The NDC is of no product that you have enrolled", 3]]


def test_numbers_of_queries(firm: Firm, django_assert_num_queries) -> None:
    client = firm.client()
    for _ in range(3):
        upload = computed_upload(client, *GOOD, "x,1,oxaliplatin,2026-09-20,,,,1,1,")
    signed_in = 2  # session, user
    client.get(f"/order-lines/{upload.pk}/")  # notes the view of this hour
    with django_assert_num_queries(signed_in + 2):
        client.get("/order-lines/")
    with django_assert_num_queries(signed_in):
        client.get("/order-lines/new/")
    with django_assert_num_queries(signed_in + 2):
        client.get(f"/order-lines/{upload.pk}/columns/")
    with django_assert_num_queries(signed_in + 8):
        client.get(f"/order-lines/{upload.pk}/")
    with django_assert_num_queries(signed_in + 1):
        client.get(f"/order-lines/{upload.pk}/progress/")


@pytest.mark.skipif(not USAID.exists(), reason="the USAID file is not in ../shared/data")
def test_the_deliveries_of_usaid_through_the_pages(firm: Firm) -> None:
    """Columns as guessed, one product for all lines; the share is that of ../shared/data/README.md."""
    client = firm.client()
    upload = uploaded(client, SimpleUploadedFile("deliveries.tsv.gz", USAID.read_bytes()))
    page = text(client, f"/order-lines/{upload.pk}/columns/")
    assert "columns separated by tab, packed by gzip, about 7,337 lines." in page
    assert "selected>M: Scheduled Delivery Date (2-Jun-06)</option>" in page
    assert "selected>N: Delivered to Client Date (2-Jun-06)</option>" in page
    client.post(f"/order-lines/{upload.pk}/columns/", columns(upload, one_product=firm.vial.pk))
    compute_waiting()
    page = text(client, f"/order-lines/{upload.pk}/?quarter=all")
    assert "6,497 of 7,337 orders came by the first committed date." in page
    assert "Every line of the file could be used." in page
    assert "88.55%" in page


def test_a_firm_with_500_products(firm: Firm, django_assert_num_queries) -> None:
    products = Product.objects.bulk_create(
        Product(ndc=f"088800-{at:04}", display_ndc=f"88800-{at:04}", nonproprietary_name=f"drug {at}")
        for at in range(500)
    )
    Enrolment.objects.bulk_create(
        Enrolment(product=product, organisation=firm.organisation, enrolled_on=date(2025, 1, 1)) for product in products
    )
    client = firm.client()
    lines = [f"A{at},1,88800-{at:04},2026-09-20,2026-09-28,2026-09-22,2026-09-28,100,100," for at in range(500)]
    upload = computed_upload(client, *lines)
    client.get(f"/order-lines/{upload.pk}/")
    with django_assert_num_queries(8):
        page = text(client, f"/order-lines/{upload.pk}/?quarter=2026-09-30")
    assert "50,000 of 50,000 units were shipped complete" in page
    assert page.count('name="product"') == 100
    assert "Page 1 of 5" in page
    assert "Put all 500 products into it" in page
    last = text(client, f"/order-lines/{upload.pk}/?quarter=2026-09-30&page=5")
    assert "88800-0499" in last
    client.post(f"/order-lines/{upload.pk}/questionnaire/", {"quarter": "2026-09-30", "all": "yes"})
    assert KpiDraft.objects.filter(answers__fill_rate_numerator="100").count() == 500


def test_no_page_is_kept_by_a_browser(firm: Firm) -> None:
    client = firm.client()
    upload = uploaded(client, csv_file(*GOOD))
    for address in ("", "new/", f"{upload.pk}/", f"{upload.pk}/columns/"):
        assert "no-store" in client.get(f"/order-lines/{address}")["Cache-Control"]
