"""Raw files go, by hand or by age; what was computed and attested from them stays, with its provenance."""

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from dscr.access.roles import Role
from dscr.audit.models import AuditEntry
from products.models import KpiDraft, OrderFigure, OrderUpload, WorkbookFile, WorkbookUpload
from products.services.figures_jobs import job_ask
from products.services.raw_files import kept_until, raw_files_expire
from products.services.workbook import upload_write
from tests.orders.conftest import Firm, columns, computed_upload
from tests.workbook.maker import Firm as WorkbookFirm
from tests.workbook.maker import put, xlsx

LINES = (
    "A1,1,99901-101,2026-01-05,2026-01-10,2026-01-06,2026-01-09,100,100,",
    "A2,1,Hospital of Nowhere,2026-02-05,2026-02-10,2026-02-06,2026-02-09,50,50,",
)
Committed = DjangoCaptureOnCommitCallbacks


@pytest.fixture
def editor(firm: Firm) -> Client:
    return firm.client()


@pytest.fixture
def upload(editor: Client) -> OrderUpload:
    return computed_upload(editor, *LINES)


def files(folder: Path) -> int:
    return len(list((folder / "orders").iterdir()))


def put_figures(client: Client, upload: OrderUpload) -> None:
    client.post(f"/order-lines/{upload.pk}/questionnaire/", {"quarter": "2026-03-31", "all": "yes"})


def aged(upload: Any, **days: int) -> None:
    """`uploaded_at=31`: so many days ago."""
    given = {name: timezone.now() - timedelta(days=ago) for name, ago in days.items()}
    type(upload).objects.filter(pk=upload.pk).update(**given)


def test_deleted_by_its_firm_after_saying_what_remains(
    private_files: Path, editor: Client, upload: OrderUpload, django_capture_on_commit_callbacks: Committed
) -> None:
    put_figures(editor, upload)
    page = editor.get(f"/order-lines/{upload.pk}/").content.decode()
    assert f"/order-lines/{upload.pk}/delete/" in page
    asked = editor.get(f"/order-lines/{upload.pk}/delete/").content.decode()
    assert "Delete this file?" in asked
    assert "Answers in the questionnaire that came from it, with their provenance." in asked
    assert files(private_files) == 1
    with django_capture_on_commit_callbacks(execute=True):
        editor.post(f"/order-lines/{upload.pk}/delete/")
    assert files(private_files) == 0
    upload.refresh_from_db()
    assert (upload.preview, upload.problems.count(), upload.state) == ([], 0, "done")
    assert len(upload.sha256) == 64
    assert OrderFigure.objects.filter(upload=upload).exists()
    (draft,) = KpiDraft.objects.all()
    assert draft.sources["fill_rate_numerator"]["upload"] == upload.pk
    page = editor.get(f"/order-lines/{upload.pk}/").content.decode()
    assert "The raw file was deleted" in page
    assert "100%" in page, "its figures are shown as before"
    for gone in ("Change the columns", "Hospital of Nowhere</label>", f"/order-lines/{upload.pk}/delete/", "as CSV"):
        assert gone not in page
    entry = AuditEntry.objects.filter(kind="order-upload", action="changed").latest("pk")
    assert "file_removed_at" in entry.after


def test_nothing_is_computed_again_without_its_file(editor: Client, upload: OrderUpload) -> None:
    editor.post(f"/order-lines/{upload.pk}/delete/")
    given = columns(upload)
    response = editor.post(f"/order-lines/{upload.pk}/columns/", given, follow=True)
    assert "The file was deleted. Upload it again to compute its figures." in response.content.decode()
    assert OrderUpload.objects.get(pk=upload.pk).state == "done"
    again = editor.post(f"/order-lines/{upload.pk}/delete/", follow=True).content.decode()
    assert "The file was deleted already." in again


def test_not_while_it_is_read(editor: Client, upload: OrderUpload) -> None:
    OrderUpload.objects.update(state="computing")
    said = editor.post(f"/order-lines/{upload.pk}/delete/", follow=True).content.decode()
    assert "The file is being worked on." in said
    assert OrderUpload.objects.get().file_removed_at is None
    assert raw_files_expire(timezone.now() + timedelta(days=999)) == 0


@pytest.mark.parametrize("role", [role for role in Role if role not in ("manufacturer_editor", "attestor")])
def test_nobody_else_deletes_it(firm: Firm, upload: OrderUpload, role: str) -> None:
    assert firm.client(role, "Somewhere").post(f"/order-lines/{upload.pk}/delete/").status_code == 404
    assert firm.client("attestor", "Other firm").post(f"/order-lines/{upload.pk}/delete/").status_code == 404
    assert OrderUpload.objects.get().file_removed_at is None


def test_by_age(
    private_files: Path, editor: Client, upload: OrderUpload, django_capture_on_commit_callbacks: Committed
) -> None:
    today = timezone.localdate()
    assert kept_until(upload) == today + timedelta(days=30)
    assert raw_files_expire() == 0
    put_figures(editor, upload)
    upload.refresh_from_db()
    assert kept_until(upload) == today + timedelta(days=400)
    aged(upload, uploaded_at=500)
    assert raw_files_expire() == 0, "used lately"
    aged(upload, used_at=401)
    with django_capture_on_commit_callbacks(execute=True):
        assert raw_files_expire() == 1
    assert (files(private_files), raw_files_expire()) == (0, 0)
    assert "as its time had come" in editor.get(f"/order-lines/{upload.pk}/").content.decode()
    entry = AuditEntry.objects.filter(kind="order-upload", action="changed").latest("pk")
    assert (entry.via, entry.user_name) == ("removal of old files", "")


def test_one_that_was_never_used_goes_after_30_days(settings: Any, upload: OrderUpload) -> None:
    aged(upload, uploaded_at=29)
    assert raw_files_expire() == 0
    settings.RAW_FILES_DAYS_UNUSED = 28
    assert raw_files_expire() == 1


def test_a_file_without_a_row_goes_after_a_day(private_files: Path, upload: OrderUpload) -> None:
    stray = private_files / "orders" / "0123456789abcdef"
    stray.write_text("left by an upload that was cut off")
    assert (raw_files_expire(), files(private_files)) == (0, 2)
    os.utime(stray, (time.time() - 90_000,) * 2)
    assert (raw_files_expire(), files(private_files)) == (1, 1)


# --- Workbooks ------------------------------------------------------------------------------------------------------


@pytest.fixture
def sender(db: None) -> WorkbookFirm:
    return WorkbookFirm()


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_stored_workbook_loses_its_file_and_nothing_else(sender: WorkbookFirm) -> None:
    upload = sender.send(xlsx(sender.template()))
    upload_write(upload, user=sender.editor, keep={})
    client = signed_in(sender.editor)
    assert f"/kpis/workbooks/{upload.pk}/delete/" in client.get(f"/kpis/workbooks/{upload.pk}/").content.decode()
    client.post(f"/kpis/workbooks/{upload.pk}/delete/")
    upload.refresh_from_db()
    assert (upload.state, len(upload.plan), upload.file_removed_by) == ("written", 3, sender.editor)
    assert WorkbookFile.objects.count() == 0
    assert KpiDraft.objects.count() == 3
    assert "The raw file was deleted" in client.get(f"/kpis/workbooks/{upload.pk}/").content.decode()


def test_one_that_was_not_stored_is_set_aside_with_its_file(sender: WorkbookFirm) -> None:
    upload = sender.send(xlsx(sender.template()))
    client = signed_in(sender.editor)
    assert "it is set aside" in client.get(f"/kpis/workbooks/{upload.pk}/delete/").content.decode()
    client.post(f"/kpis/workbooks/{upload.pk}/delete/")
    upload.refresh_from_db()
    assert (upload.state, upload.plan, WorkbookFile.objects.count()) == ("discarded", [], 0)
    assert client.get(f"/kpis/workbooks/{upload.pk}/").status_code == 200


def test_not_while_it_is_stored(sender: WorkbookFirm) -> None:
    upload = sender.send(xlsx(sender.template()))
    job_ask("store", user=sender.editor, once="b" * 32, asked={"keep": {}}, upload=upload)
    said = signed_in(sender.editor).post(f"/kpis/workbooks/{upload.pk}/delete/", follow=True).content.decode()
    assert "The file is being worked on." in said
    assert WorkbookFile.objects.count() == 1


def test_workbooks_by_age(sender: WorkbookFirm) -> None:
    ready, stored = (sender.send(xlsx(sender.template())) for _ in range(2))
    faulty = sender.send(xlsx(sender.template(), put("qualified_lines", "=A1")))
    upload_write(stored, user=sender.editor, keep={})
    for upload in (ready, stored, faulty):
        aged(upload, uploaded_at=31)
    assert raw_files_expire() == 2
    states = {row.pk: (row.state, bool(row.plan), bool(row.problems)) for row in WorkbookUpload.objects.all()}
    assert states == {
        ready.pk: ("discarded", False, False),
        stored.pk: ("written", True, False),
        faulty.pk: ("refused", False, False),
    }
    assert signed_in(sender.editor).get(f"/kpis/workbooks/{faulty.pk}/").status_code == 200
    aged(stored, written_at=401)
    assert raw_files_expire() == 1
    assert WorkbookFile.objects.count() == 0
