"""The pages of workbooks: who opens them, what they say, how many queries they cost."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from dscr.access.roles import Role
from dscr.audit.models import AuditEntry
from products.models import FiguresJob, KpiDraft, KpiSubmission, WorkbookUpload
from products.services.figures_jobs import jobs_run
from products.services.kpi_submission import STATEMENT
from products.services.workbook import check_waiting, drafts_of, upload_write, versions_of
from products.workbook.layout import COLUMNS
from ratings.models import MethodologyRelease
from tests.pages import factory
from tests.workbook.maker import FIRST, LETTER, QUARTER, Firm, product, put, xlsx
from tests.workbook.test_course import TEMPLATE_MADE, open_draft

START = "/kpis/workbooks/"
MAKERS = (Role.MANUFACTURER_EDITOR, Role.ATTESTOR)


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def editor(firm: Firm) -> Client:
    return client_of(firm.editor)


@pytest.fixture
def attestor(firm: Firm) -> Client:
    return client_of(firm.attestor)


def page_of(upload: WorkbookUpload, part: str = "") -> str:
    return f"{START}{upload.pk}/{part}"


@pytest.mark.parametrize("role", [role for role in Role if role not in MAKERS])
def test_nobody_else_finds_the_pages(firm: Firm, role: str) -> None:
    upload = firm.send(xlsx(firm.template()))
    client = client_of(factory.user_of("Somewhere", role))
    for path in (START, f"{START}template.xlsx", page_of(upload), page_of(upload, "effect/")):
        assert client.get(path).status_code == 404
    assert client.post(page_of(upload, "write/")).status_code == 404
    assert KpiDraft.objects.count() == 0


@pytest.mark.parametrize("role", MAKERS)
def test_another_firms_upload_is_not_found(firm: Firm, role: str) -> None:
    upload = firm.send(xlsx(firm.template()))
    stranger = client_of(factory.user_of("Other maker", role))
    for part in ("", "progress/", "report.csv", "effect/"):
        assert stranger.get(page_of(upload, part)).status_code == 404
    for part in ("write/", "discard/"):
        assert stranger.post(page_of(upload, part)).status_code == 404
    assert "q3.xlsx" not in stranger.get(START).content.decode()
    upload.refresh_from_db()
    assert upload.state == "ready"


def test_an_editor_may_not_attest(firm: Firm, editor: Client) -> None:
    upload = firm.send(xlsx(firm.template()))
    upload_write(upload, user=firm.editor, keep={})
    assert editor.post(page_of(upload, "attest/")).status_code == 404
    said = editor.get(page_of(upload)).content.decode()
    assert "3 drafts wait for an attestor of your organization" in said
    assert "Attest all" not in said


def test_the_template_holds_exactly_the_firms_products(firm: Firm, editor: Client) -> None:
    response = editor.get(f"{START}template.xlsx?quarter={QUARTER}")
    assert response["Content-Disposition"].startswith('attachment; filename="dscr-kpis-q')
    book = load_workbook(io.BytesIO(response.content))
    assert book.sheetnames == ["KPIs", "How to fill it in", "Definitions"]
    sheet = book["KPIs"]
    assert [cell.value for cell in sheet["A"][FIRST - 1 :]] == ["99911-101", "99911-202", "99911-3030"]
    assert sheet.freeze_panes == "C4"
    assert sheet.row_dimensions[2].hidden
    assert len(sheet.data_validations.dataValidation) == len(COLUMNS) - 2
    assert [cell.value for cell in book["Definitions"][2]][:3] == [
        "Supply network planning and strategy",
        "Dual-sourced critical materials",
        "With two or more qualified sources",
    ]
    assert AuditEntry.objects.filter(action="exported", label="KPI workbook").count() == 1


def test_the_cells_are_checked_while_typing(firm: Firm, editor: Client) -> None:
    sheet = load_workbook(io.BytesIO(editor.get(f"{START}template.xlsx").content))["KPIs"]
    rules = {str(rule.sqref).partition(":")[0]: rule for rule in sheet.data_validations.dataValidation}
    hours, plan = (
        rules[f"{LETTER['operating_mode_hours_per_week']}4"],
        rules[f"{LETTER['risk_management_plan_exists']}4"],
    )
    assert hours.formula1 == 'OR(AND(ISNUMBER(G4),G4>=0,G4<=168),LOWER(TRIM(G4))="not disclosed")'
    assert hours.error == "A number from 0 to 168, such as 45.5, or not disclosed."
    assert (plan.type, plan.formula1) == ("list", '"yes,no,not disclosed"')


def test_no_cell_of_an_export_is_a_formula(firm: Firm, editor: Client) -> None:
    firm.products[0].nonproprietary_name = '=HYPERLINK("http://example.org")'
    firm.products[0].save()
    sheet = load_workbook(io.BytesIO(editor.get(f"{START}template.xlsx").content))["KPIs"]
    assert (sheet["B4"].value, sheet["B4"].data_type) == ('=HYPERLINK("http://example.org")', "s")
    rows = list(csv.reader(io.StringIO(editor.get(f"{START}template.csv").content.decode("utf-8-sig"))))
    assert rows[6][1] == """'=HYPERLINK("http://example.org")"""
    upload = firm.send(editor.get(f"{START}template.csv").content, "kpis.csv")
    assert upload.problems == [], "and it comes back as the same product"
    upload = firm.send(xlsx(firm.template(), put("qualified_lines", "@SUM(1)")))
    lines = list(csv.reader(io.StringIO(editor.get(page_of(upload, "report.csv")).content.decode("utf-8-sig"))))
    assert lines[1][:6] == ["KPIs", "4", "H", "Qualified lines (lines)", "'@SUM(1)", "“@SUM(1)” is not a number."]


@pytest.mark.parametrize("path", ["template.xlsx?quarter=2026-08-31", "template.csv?quarter=x"])
def test_a_quarter_that_is_not_offered(firm: Firm, editor: Client, path: str) -> None:
    response = editor.get(f"{START}{path}")
    assert response.status_code == 400
    assert response.content.decode().startswith("Quarter: choose one of those offered")


def send(client: Client, content: bytes, name: str = "q3.xlsx", **given: str):
    file = SimpleUploadedFile(name, content)
    return client.post(f"{START}upload/", {"quarter": str(QUARTER), "file": file} | given)


def test_the_course_from_upload_to_score(firm: Firm, editor: Client, attestor: Client) -> None:
    response = send(editor, xlsx(firm.template()))
    upload = WorkbookUpload.objects.get()
    assert response["Location"] == page_of(upload)
    assert "The file is being checked" in editor.get(page_of(upload)).content.decode()
    assert "Opening the file." in editor.get(page_of(upload, "progress/")).content.decode()
    check_waiting()
    done = editor.get(page_of(upload, "progress/"))
    assert (done.status_code, done["HX-Refresh"]) == (204, "true")
    said = " ".join(editor.get(page_of(upload)).content.decode().split())
    assert "Checked without a fault. Nothing is stored yet." in said
    assert 'Fill rate: units ordered: <span class="before">no answer</span> → <strong>100000 units</strong>' in said
    response = editor.post(page_of(upload, "write/"), follow=True)
    assert "The file is being stored as drafts" in response.content.decode()
    assert "Waiting for its turn." in editor.get(page_of(upload, "progress/")).content.decode()
    assert jobs_run() == 1
    done = editor.get(page_of(upload, "progress/"))
    assert (done.status_code, done["HX-Refresh"]) == (204, "true")
    assert "Stored as 3 drafts" in editor.get(page_of(upload)).content.decode()
    said = attestor.get(page_of(upload)).content.decode()
    assert "Attest all 3 product" in said
    given = {"name": "Ada", "title": "VP", "agreed": "on", "versions": versions_of(drafts_of(upload_again(upload)))}
    response = attestor.post(page_of(upload, "attest/"), given, follow=True)
    assert "The figures are being attested" in response.content.decode()
    assert (jobs_run(), KpiSubmission.objects.count()) == (1, 3)
    assert "3 products of the file" in attestor.get(page_of(upload)).content.decode()
    job = FiguresJob.objects.get(kind="attest")
    assert {
        (row.attestor_name, row.attestor_title, row.attested_by, row.attested_at, row.attestation)
        for row in KpiSubmission.objects.all()
    } == {("Ada", "VP", firm.attestor, job.asked_at, STATEMENT)}, "at the time of the click"
    kinds = AuditEntry.objects.filter(kind="workbook-upload", action__in=["added", "changed"]).values_list(
        "action", flat=True
    )
    assert sorted(kinds) == ["added", "changed", "changed", "changed"], "sent, checked, stored, attested"


def upload_again(upload: WorkbookUpload) -> WorkbookUpload:
    return WorkbookUpload.objects.get(pk=upload.pk)


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"name": ""}, "Your full name: Give your full name."),
        ({"agreed": ""}, "I attest the statement above.: Tick that you attest the statement."),
        ({"versions": "0"}, "Somebody changed an answer meanwhile. Nothing was stored; look at it again below."),
    ],
)
def test_an_attestation_that_lacks_something(firm: Firm, attestor: Client, given: dict[str, str], missing: str) -> None:
    upload = firm.send(xlsx(firm.template()))
    upload_write(upload, user=firm.editor, keep={})
    whole = {"name": "Ada", "title": "VP", "agreed": "on", "versions": versions_of(drafts_of(upload_again(upload)))}
    response = attestor.post(page_of(upload, "attest/"), whole | given)
    assert response.status_code in (409, 422)
    assert missing in response.content.decode()
    assert KpiSubmission.objects.count() == 0


def test_one_open_product_is_named_and_stops_the_attestation(firm: Firm, attestor: Client) -> None:
    upload = firm.send(xlsx(firm.template(), put("shelf_life_months", None)))
    upload_write(upload, user=firm.editor, keep={})
    given = {"name": "Ada", "title": "VP", "agreed": "on", "versions": versions_of(drafts_of(upload_again(upload)))}
    response = attestor.post(page_of(upload, "attest/"), given)
    assert (response.status_code, jobs_run(), KpiSubmission.objects.count()) == (302, 1, 0)
    said = attestor.get(page_of(upload)).content.decode()
    assert "Nothing was attested" in said
    assert "99911-101: 1 answer is open or wrong." in said


def test_faults_are_shown_cell_by_cell(firm: Firm, editor: Client) -> None:
    upload = firm.send(xlsx(firm.template(), put("qualified_lines", "=A1")))
    said = " ".join(editor.get(page_of(upload)).content.decode().split())
    assert "1 fault found, nothing stored" in said
    assert "KPIs, row 4, column H" in said
    assert "It holds a formula (=A1); write the figure itself." in said
    assert "A whole number, such as 2 or “not disclosed”" in said


@pytest.mark.parametrize(
    ("given", "stands"),
    [
        ({"conflicts": "keep"}, ["36", "61"]),
        ({"conflicts": "overwrite"}, ["24", "60"]),
        ({"conflicts": "each"}, ["36", "61"]),
        ({"conflicts": "each", "take": "shelf_life_months"}, ["24", "61"]),
    ],
)
def test_conflicts_are_chosen(firm: Firm, editor: Client, given: dict[str, str], stands: list[str]) -> None:
    open_draft(firm, 0, shelf_life_months="36", safety_stock_days="61")
    upload = firm.send(xlsx(firm.template(made_at=TEMPLATE_MADE)))
    said = " ".join(editor.get(page_of(upload)).content.decode().split())
    assert "2 answers were typed after the template was made" in said
    refused = editor.post(page_of(upload, "write/"))
    assert refused.status_code == 422
    assert "choose whether to keep them or to overwrite them" in refused.content.decode()
    if key := given.pop("take", ""):
        given[f"take-{firm.products[0].pk}-{key}"] = "file"
    assert editor.post(page_of(upload, "write/"), given).status_code == 302
    assert jobs_run() == 1
    draft = KpiDraft.objects.get(product=firm.products[0])
    assert [draft.answers["shelf_life_months"], draft.answers["safety_stock_days"]] == stands


def test_a_change_meanwhile_is_told_and_the_file_checked_again(firm: Firm, editor: Client) -> None:
    upload = firm.send(xlsx(firm.template()))
    open_draft(firm, 1, qualified_lines="7")
    editor.post(page_of(upload, "write/"))
    assert jobs_run() == 1
    assert upload_again(upload).state == "waiting", "it is checked again"
    assert check_waiting() == 1
    said = editor.get(page_of(upload)).content.decode()
    assert "Somebody changed answers of 99911-202 meanwhile. Nothing was stored." in said
    assert "Checked without a fault. Nothing is stored yet." in said
    editor.post(page_of(upload, "write/"), {"conflicts": "keep"})
    assert (jobs_run(), upload_again(upload).state) == (1, "written")


def test_a_step_out_of_turn_says_so(firm: Firm, attestor: Client) -> None:
    upload = firm.send(xlsx(firm.template()))
    response = attestor.post(page_of(upload, "attest/"), follow=True)
    assert "Nothing to attest: the file is checked, not stored yet." in response.content.decode()
    assert attestor.post(page_of(upload, "discard/"), follow=True).status_code == 200
    response = attestor.post(page_of(upload, "write/"), follow=True)
    assert "Nothing to store: the file is set aside." in response.content.decode()


@pytest.mark.parametrize(
    ("content", "given", "said"),
    [
        (None, {}, "Choose the file."),
        (b"x" * (10 * 1024 * 1024 + 1), {}, "The file is 10.0 MB; at most 10 MB are read."),
        (b"x", {"quarter": "2026-08-31"}, "Select a valid choice."),
    ],
)
def test_what_cannot_be_uploaded(
    firm: Firm, editor: Client, content: bytes | None, given: dict[str, str], said: str
) -> None:
    if content is None:
        response = editor.post(f"{START}upload/", {"quarter": str(QUARTER)})
    else:
        response = send(editor, content, **given)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert WorkbookUpload.objects.count() == 0


def test_no_effect_without_a_methodology(firm: Firm, editor: Client) -> None:
    upload = firm.send(xlsx(firm.template()))
    MethodologyRelease.objects.all().delete()
    said = editor.get(page_of(upload, "effect/")).content.decode()
    assert "It cannot be computed at present: no methodology is in force." in said


def test_many_products_come_in_pages(firm: Firm, editor: Client, django_assert_num_queries) -> None:
    for number in range(40):
        product(f"099913-{number:04d}", f"99913-{number:04d}", f"drug {number}", firm.organisation)
    upload = firm.send(xlsx(firm.template()))
    with django_assert_num_queries(5):
        first = editor.get(page_of(upload)).content.decode()
    second = editor.get(f"{page_of(upload)}?page=2").content.decode()
    assert "in 43 of 43 products." in first
    assert ("Drug 0" in first, "Drug 39" in first) == (True, False)
    assert ("Drug 0" in second, "Drug 39" in second) == (False, True)


def test_the_number_of_queries(firm: Firm, editor: Client, attestor: Client, django_assert_num_queries) -> None:
    """The first three of each are the session's, the user's and the membership's."""
    upload = firm.send(xlsx(firm.template()))
    for path in (START, f"{START}template.csv", page_of(upload), page_of(upload, "effect/")):
        editor.get(path)
    with django_assert_num_queries(5):
        editor.get(START)
    with django_assert_num_queries(6):
        editor.get(f"{START}template.csv")
    with django_assert_num_queries(5):
        editor.get(page_of(upload))
    with django_assert_num_queries(4):
        editor.get(page_of(upload, "progress/"))
    with django_assert_num_queries(23):
        editor.get(page_of(upload, "effect/"))
    upload_write(upload, user=firm.editor, keep={})
    attestor.get(page_of(upload))
    with django_assert_num_queries(6):
        attestor.get(page_of(upload))


def test_urls_are_as_documented(firm: Firm) -> None:
    upload = firm.send(xlsx(firm.template()))
    assert reverse("ratings:workbook-effect", args=[upload.pk]) == page_of(upload, "effect/")
