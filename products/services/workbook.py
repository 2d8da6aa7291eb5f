"""A workbook's course: taken in, checked into a plan, written as drafts all at once, attested all at once."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from dscr.access.models import Organisation, User
from dscr.intake.sheets import cleaned
from products.models import Enrolment, FiguresJob, KpiDraft, Product, WorkbookFile, WorkbookUpload
from products.queries.workbook import firm_products, standings
from products.services.attest_many import Tick, drafts_attest, untold
from products.services.kpi_draft import Change, DraftClosedError, draft_open, draft_save
from products.services.kpi_submission import STATEMENT
from products.workbook.planning import plan_product
from products.workbook.reading import read_workbook
from products.workbook.report import of_the_file

TRIES = 3  # a file that ends the worker each time is given up
LOCK = 1_807_042  # the advisory lock of a check, beside the upload's id
STEP = 50  # products between two notes of progress
MOST_REMARKS = 200
State = WorkbookUpload.State


NAMED = 10  # products in a sentence


class MeanwhileChangedError(Exception):
    """What the plan or the page rested on has changed; nothing was stored. `products`: NDCs, where they are known."""

    def __init__(self, products: Iterable[str] = ()) -> None:
        super().__init__()
        self.products = sorted(products)

    @property
    def sentences(self) -> list[str]:
        more = len(self.products) - NAMED
        named = ", ".join(self.products[:NAMED]) + (f" and {more:,} more" if more > 0 else "")
        return [f"Somebody changed answers{f' of {named}' if named else ''} meanwhile. Nothing was stored."]


@transaction.atomic
def upload_create(
    *, organisation: Organisation, user: User, quarter_end: date, name: str, content: bytes
) -> WorkbookUpload:
    upload = WorkbookUpload.objects.create(
        organisation=organisation,
        quarter_end=quarter_end,
        file_name=cleaned(name.replace("\\", "/").rpartition("/")[2])[-200:] or "workbook",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by=user,
    )
    WorkbookFile.objects.create(upload=upload, content=content)
    return upload


# --- Checking, by whatever worker is free ---------------------------------------------------------------------------


def check_waiting() -> int:
    """Checks what waits and nobody else is checking; how many.

    The lock belongs to the connection: where a worker dies, its job is free again at once.
    """
    checked = 0
    for pk in WorkbookUpload.objects.filter(state=State.WAITING).order_by("pk").values_list("pk", flat=True):
        with _alone(pk) as is_alone:
            if is_alone:
                upload_check(pk)
                checked += 1
    return checked


@contextmanager
def _alone(pk: int) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, pk])
        (taken,) = cursor.fetchone()
    try:
        yield taken
    finally:
        if taken:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, pk])


def upload_check(pk: int) -> None:
    """Reads the file and stores the report, or the plan if there is nothing to complain of."""
    upload = WorkbookUpload.objects.select_related("organisation", "uploaded_by").get(pk=pk)
    if upload.state != State.WAITING:
        return
    if upload.tries >= TRIES:
        said = f"The file could not be read in {TRIES} tries. Copy the table into the newest template and send that."
        _settle(upload, problems=[of_the_file(said).as_dict()])
        return
    WorkbookUpload.objects.filter(pk=pk).update(tries=upload.tries + 1, done=0, total=0)
    today = timezone.localdate()
    firm = firm_products(Enrolment.objects.filter(organisation=upload.organisation), today)
    reading = read_workbook(bytes(upload.file.content), firm, upload.quarter_end, today)
    WorkbookUpload.objects.filter(pk=pk).update(total=len(reading.rows))
    standing = standings([row.product.pk for row in reading.rows], upload.organisation, upload.quarter_end)
    plan, problems = [], list(reading.problems)
    for number, row in enumerate(reading.rows, 1):
        planned, found = plan_product(
            row, standing[row.product.pk], reading.table, reading.made_at, upload.uploaded_by_id, today
        )
        plan.append(planned)
        problems += found
        if number % STEP == 0:
            WorkbookUpload.objects.filter(pk=pk).update(done=number)
    problems.sort(key=lambda problem: (problem.row, len(problem.column), problem.column))
    _settle(
        upload,
        problems=[problem.as_dict() for problem in problems],
        plan=[] if problems else plan,
        remarks=_few(reading.remarks),
        made_at=reading.made_at,
        done=len(reading.rows),
    )


def _few(remarks: list[str]) -> list[str]:
    more = len(remarks) - MOST_REMARKS
    return [*remarks[:MOST_REMARKS], f"And {more:,} more remarks of this kind."] if more > 0 else remarks


def _settle(upload: WorkbookUpload, **found: Any) -> None:
    """Only a file without a fault is kept for the next step."""
    refused = bool(found["problems"])
    state = State.REFUSED if refused else State.READY
    with transaction.atomic():
        WorkbookUpload.objects.filter(pk=upload.pk, state=State.WAITING).update(
            state=state, checked_at=timezone.now(), **found
        )
        if refused:
            WorkbookFile.objects.filter(upload=upload).delete()


# --- Writing and attesting, asked for by a person ------------------------------------------------------------------


def upload_write(upload: WorkbookUpload, *, user: User, keep: Mapping[int, set[str]], tick: Tick = untold) -> int:
    """Writes the plan into drafts, all or nothing; how many products.

    keep: product id -> columns of conflicts where the draft's answer stays. Raises MeanwhileChangedError where somebody
    changed an answer since the check; `upload_check_again` is what helps then.
    """
    with transaction.atomic():
        stored = _locked(upload, State.READY)
        now = timezone.now()
        source = {"kind": "workbook", "file": stored.file_name, "at": now.isoformat(timespec="seconds")}
        wanted = [part for part in stored.plan if part["changes"] or not part["is_settled"]]
        changed = _changed_since(stored, wanted)
        products = Product.objects.in_bulk([part["product"] for part in wanted])
        for place, part in enumerate([] if changed else wanted, 1):
            draft = draft_open(
                products[part["product"]], organisation=stored.organisation, quarter_end=stored.quarter_end, user=user
            )
            if not _write(part, draft, user, keep.get(part["product"], set()), source):
                changed.append(part["ndc"])
            part["draft"] = draft.pk
            tick(place, len(wanted))
        if changed:
            raise MeanwhileChangedError(changed)
        stored.state, stored.written_at, stored.written_by = State.WRITTEN, now, user
        stored.save(update_fields=["state", "written_at", "written_by", "plan"])
    return len(wanted)


def upload_check_again(upload: WorkbookUpload) -> None:
    """What the report rested on has changed, so the file goes back to whoever checks."""
    WorkbookUpload.objects.filter(pk=upload.pk, state=State.READY).update(
        state=State.WAITING, tries=0, done=0, total=0, plan=[], remarks=[]
    )


def _write(part: Mapping[str, Any], draft: KpiDraft, user: User, kept: set[str], source: dict[str, str]) -> bool:
    """False where somebody else's answer, or the end of the draft, stands in the way."""
    changes = {key: Change(was, now) for key, (was, now) in part["set"].items() if key not in kept}
    try:
        saved = draft_save(draft, user=user, answers=changes, sources=dict.fromkeys(changes, source))
    except DraftClosedError:
        return False
    return not saved.conflicts


def _changed_since(upload: WorkbookUpload, wanted: list[dict[str, Any]]) -> list[str]:
    """NDCs whose draft was begun, attested or discarded since the check."""
    found = _open_drafts(upload)
    return [part["ndc"] for part in wanted if found.get(part["product"]) != part["draft"]]


def _open_drafts(upload: WorkbookUpload) -> dict[int, int]:
    """Product -> open draft, of the plan's products; one that was attested meanwhile is none any more."""
    drafts = KpiDraft.objects.filter(
        product__in=[part["product"] for part in upload.plan],
        organisation=upload.organisation_id,
        quarter_end=upload.quarter_end,
        submission=None,
        discarded_at=None,
    )
    return dict(drafts.values_list("product_id", "pk"))


def drafts_of(upload: WorkbookUpload) -> list[KpiDraft]:
    """Those that were written from it and are open, by product."""
    ids = [part["draft"] for part in upload.plan if part["draft"]]
    found = KpiDraft.objects.filter(pk__in=ids, submission=None, discarded_at=None)
    texts = ("answers", "notes", "sources", "edits")  # of 500 products they are megabytes
    return list(found.select_related("product").defer(*texts).order_by("product__ndc"))


def versions_of(drafts: list[KpiDraft]) -> str:
    """What the page that asks for the attestation rests on."""
    text = ",".join(f"{draft.pk}:{draft.version}" for draft in sorted(drafts, key=lambda draft: draft.pk))
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def upload_attest(
    upload: WorkbookUpload,
    *,
    user: User,
    name: str,
    title: str,
    versions: str,
    at: datetime | None = None,
    statement: str = STATEMENT,
    tick: Tick = untold,
) -> int:
    """Attests every open draft of the upload, all or nothing; how many.

    Raises MeanwhileChangedError (an answer changed since the page was shown) or NotAttestableError.
    """
    stored = _locked(upload, State.WRITTEN)
    drafts = drafts_of(stored)
    if not drafts or versions_of(drafts) != versions:
        raise MeanwhileChangedError
    read = {draft.pk: draft.version for draft in drafts}
    count = drafts_attest(
        read, organisation=stored.organisation, user=user, name=name, title=title, at=at, statement=statement, tick=tick
    )
    stored.state, stored.attested_at, stored.attested_by = State.ATTESTED, at or timezone.now(), user
    stored.save(update_fields=["state", "attested_at", "attested_by"])
    return count


def upload_discard(upload: WorkbookUpload, *, user: User) -> bool:
    """Sets a checked file aside; drafts that were written stay. False where it is too late, or it is being stored."""
    with transaction.atomic():
        stored = WorkbookUpload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
        is_stored = stored.jobs.filter(state=FiguresJob.State.WAITING).exists()
        if is_stored or stored.state not in (State.WAITING, State.READY):
            return False
        stored.state, stored.discarded_at, stored.discarded_by = State.DISCARDED, timezone.now(), user
        stored.plan = []
        stored.save(update_fields=["state", "discarded_at", "discarded_by", "plan"])
        WorkbookFile.objects.filter(upload=stored).delete()
    return True


def _locked(upload: WorkbookUpload, state: str) -> WorkbookUpload:
    stored = WorkbookUpload.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=upload.pk)
    if stored.state != state:
        raise MeanwhileChangedError
    return stored
