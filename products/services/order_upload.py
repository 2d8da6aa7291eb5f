"""Taking in a file of order lines, and asking for its figures."""

from collections.abc import Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from dscr.access.models import Organisation, User
from dscr.celery import send
from dscr.intake import private_files
from dscr.intake.files import FileError
from products.models import OrderUpload
from products.orders.files import LARGEST_UPLOAD, MIB, PREVIEW, Shape, inspect
from products.orders.mapping import OrderMapping, orders_of_dates

FOLDER = "orders"
ENDINGS = (".csv", ".txt", ".tsv", ".gz", ".zip", ".xlsx")
OLD_ENDINGS = (".xls", ".xlsb", ".xlsm", ".ods")


def order_upload_create(given: UploadedFile, *, organisation: Organisation, user: User) -> OrderUpload:
    """Keeps the file and how it is to be read. FileError where it cannot be; nothing is kept then."""
    name = _checked_name(given)
    try:
        stored = private_files.store(given, FOLDER)
    except OSError:
        raise FileError(f"{name} could not be stored. Try again later, or tell the program office.") from None
    try:
        shape, rows = inspect(private_files.path_of(stored.name), name)
        return OrderUpload.objects.create(
            organisation=organisation,
            uploaded_by=user,
            file_name=name,
            stored_name=stored.name,
            sha256=stored.sha256,
            size=stored.size,
            shape=shape.as_json(),
            preview=_preview(rows),
            date_orders=orders_of_dates(rows, len(shape.heads)),
        )
    except BaseException:
        private_files.remove(stored.name)
        raise


class FileRemovedError(Exception):
    """The file was deleted, so that nothing can be computed from it again."""


def order_upload_compute(upload: OrderUpload, mapping: OrderMapping) -> None:
    """Stores the mapping and queues the computation; one that is under way is given up. Raises FileRemovedError."""
    shape = Shape.from_json(upload.shape)
    upload.mapping = mapping.as_json(shape.heads)
    upload.state = OrderUpload.State.WAITING
    upload.requested_at = timezone.now()
    upload.attempts = upload.lines_read = 0
    upload.failure = ""
    names = ("mapping", "state", "requested_at", "attempts", "lines_read", "failure")
    there = OrderUpload.objects.filter(pk=upload.pk, file_removed_at=None)
    if not there.update(**{name: getattr(upload, name) for name in names}):
        raise FileRemovedError
    transaction.on_commit(_kick, robust=True)


def remembered_mapping(upload: OrderUpload) -> dict[str, Any] | None:
    """The mapping that the firm chose last: this file's own, or that of the one before it."""
    if upload.mapping is not None:
        return upload.mapping
    earlier = OrderUpload.objects.filter(organisation=upload.organisation_id, mapping__isnull=False)
    return earlier.order_by("-requested_at").values_list("mapping", flat=True).first()


def _kick() -> None:
    from products.tasks import compute_orders

    send(compute_orders, expires=60, unless_waiting=5)


def _checked_name(given: UploadedFile) -> str:
    name = (given.name or "").replace("\0", "")[-200:]
    lower = name.lower()
    if lower.endswith(OLD_ENDINGS):
        raise FileError(f"{name} is a spreadsheet of another kind. Save it as .xlsx or as CSV.")
    if not lower.endswith(ENDINGS):
        raise FileError(f"{name} is no CSV and no Excel workbook. Give a file that ends in {', '.join(ENDINGS)}.")
    if (given.size or 0) > LARGEST_UPLOAD:
        raise FileError(
            f"{name} is larger than {LARGEST_UPLOAD // MIB} MiB. Pack it (.zip or .gz), or split it into several files."
        )
    return name


def _preview(rows: Sequence[list[str]]) -> list[list[str]]:
    return [[cell[:60] for cell in row[:200]] for row in rows[:PREVIEW]]
