"""How long the files are kept that firms send: what was computed and attested from them stays, the raw lines go."""

import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from dscr.access.models import User
from dscr.audit.actor import acting_as
from dscr.intake import private_files
from products.models import FiguresJob, OrderUpload, WorkbookFile, WorkbookUpload
from products.services.order_upload import FOLDER

NOT_YET_RECORDED = 86_400  # seconds: a file on the disk may be older than its row
VIA = "removal of old files"
State = WorkbookUpload.State


class UnderWayError(Exception):
    """The file is being read or stored at the moment."""


def kept_until(upload: OrderUpload | WorkbookUpload) -> date:
    """The day on which the file goes by itself."""
    used_at = upload.used_at if isinstance(upload, OrderUpload) else upload.written_at
    days = settings.RAW_FILES_DAYS_AFTER_USE if used_at else settings.RAW_FILES_DAYS_UNUSED
    return timezone.localdate((used_at or upload.uploaded_at) + timedelta(days=days))


@transaction.atomic
def order_file_remove(upload: OrderUpload, *, user: User | None) -> bool:
    """Removes the file with the raw lines that the page shows; figures, counts and hash stay. False where it is gone.

    Raises UnderWayError.
    """
    stored = OrderUpload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
    if stored.file_removed_at:
        return False
    if stored.is_under_way:
        raise UnderWayError
    stored.file_removed_at, stored.file_removed_by, stored.preview = timezone.now(), user, []
    stored.save(update_fields=["file_removed_at", "file_removed_by", "preview"])
    stored.problems.all().delete()
    transaction.on_commit(lambda: private_files.remove(stored.stored_name), robust=True)
    return True


@transaction.atomic
def workbook_file_remove(upload: WorkbookUpload, *, user: User | None) -> bool:
    """Removes the file. One that was not stored as drafts is set aside with it. Raises UnderWayError."""
    stored = WorkbookUpload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
    if stored.file_removed_at:
        return False
    if stored.jobs.filter(state=FiguresJob.State.WAITING).exists():
        raise UnderWayError
    now = timezone.now()
    stored.file_removed_at, stored.file_removed_by = now, user
    if stored.state in (State.WAITING, State.READY):
        stored.state, stored.plan = State.DISCARDED, []
        stored.discarded_at, stored.discarded_by = now, user
    if stored.state in (State.REFUSED, State.DISCARDED):
        stored.problems = []  # they quote cells
    stored.save()
    WorkbookFile.objects.filter(upload=stored).delete()
    return True


# --- By age ---------------------------------------------------------------------------------------------------------


def raw_files_expire(now: datetime | None = None) -> int:
    """Removes the files whose time has come, and what lies in the folder without a row; how many."""
    now = now or timezone.now()
    removed = 0
    with acting_as(None, VIA):
        for upload in _old_orders(now):
            removed += _try(order_file_remove, upload)
        for upload in _old_workbooks(now):
            removed += _try(workbook_file_remove, upload)
    return removed + sum(1 for _ in _strays())


def _try(remove: object, upload: OrderUpload | WorkbookUpload) -> bool:
    try:
        return bool(remove(upload, user=None))  # type: ignore[operator]
    except UnderWayError:
        return False  # the next time


def _limits(now: datetime) -> tuple[datetime, datetime]:
    """(used before, sent before)"""
    return (
        now - timedelta(days=settings.RAW_FILES_DAYS_AFTER_USE),
        now - timedelta(days=settings.RAW_FILES_DAYS_UNUSED),
    )


def _old_orders(now: datetime) -> list[OrderUpload]:
    used, sent = _limits(now)
    rows = OrderUpload.objects.filter(file_removed_at=None)
    old = rows.filter(used_at__lt=used) | rows.filter(used_at=None, uploaded_at__lt=sent)
    return list(old.only("pk").order_by("pk"))


def _old_workbooks(now: datetime) -> list[WorkbookUpload]:
    used, sent = _limits(now)
    rows = WorkbookUpload.objects.filter(file_removed_at=None)
    old = rows.filter(written_at__lt=used) | rows.filter(written_at=None, uploaded_at__lt=sent)
    return list(old.only("pk").order_by("pk"))


def _strays() -> Iterator[Path]:
    """Removes files that no row names: of an upload or a removal that was cut off."""
    folder = private_files.path_of(FOLDER)
    if not folder.is_dir():
        return
    named = set(OrderUpload.objects.filter(file_removed_at=None).values_list("stored_name", flat=True))
    for path in folder.iterdir():
        if f"{FOLDER}/{path.name}" not in named and path.stat().st_mtime < time.time() - NOT_YET_RECORDED:
            path.unlink(missing_ok=True)
            yield path
