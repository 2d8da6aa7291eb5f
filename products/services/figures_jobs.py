"""Jobs on many figures: asked for once however often somebody clicks, done all or nothing, begun again if cut off."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import date
from typing import Any

import structlog
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from dscr.access.models import User
from dscr.audit.actor import acting_as
from dscr.celery import send
from products.models import FiguresJob, WorkbookUpload
from products.services.attest_many import NotAttestableError, drafts_attest
from products.services.copy_many import drafts_copy_forward
from products.services.kpi_submission import STATEMENT
from products.services.workbook import MeanwhileChangedError, upload_attest, upload_check_again, upload_write

TRIES = 3  # a job that ends the worker each time is given up
LOCK = 1_807_043  # the advisory lock of a firm's jobs, beside the firm's id
TOLD_EVERY = 0.25  # seconds
BROKEN_OFF = f"It broke off {TRIES} times, and nothing was stored. Try it again; the program office can see why."
Kind, State = FiguresJob.Kind, FiguresJob.State
log = structlog.get_logger(__name__)


def job_ask(
    kind: str,
    *,
    user: User,
    once: str,
    asked: dict[str, Any],
    upload: WorkbookUpload | None = None,
    name: str = "",
    title: str = "",
) -> FiguresJob:
    """Queues the work, or gives the job that the same page, or another of the same workbook, asked for before.

    asked, STORE: {"keep": {product id: [columns whose typed answer stays]}}; ATTEST: {"drafts": [[id, version]]}, of a
    workbook {"versions"}; COPY: {"drafts": [[product, quarter's end, submission]]}.
    """
    membership = user.membership
    try:
        with transaction.atomic():
            job, is_new = FiguresJob.objects.get_or_create(
                organisation=membership.organisation,
                once=once,
                defaults={
                    "kind": kind,
                    "upload": upload,
                    "asked": asked,
                    "name": name,
                    "title": title,
                    "statement": STATEMENT if kind == Kind.ATTEST else "",
                    "asked_by": user,
                    "membership": membership,
                    "asked_at": timezone.now(),
                    "total": len(asked.get("drafts", ())),
                },
            )
    except IntegrityError:
        return FiguresJob.objects.filter(upload=upload).order_by("-pk")[0]  # the other tab's
    if is_new:
        transaction.on_commit(_kick, robust=True)
    return job


def _kick() -> None:
    from products.tasks import run_figures_jobs

    send(run_figures_jobs, unless_waiting=5)


# --- Working, by whatever worker is free ----------------------------------------------------------------------------


def jobs_run() -> int:
    """Does what waits, a firm's jobs one after the other; how many."""
    run = 0
    waiting = FiguresJob.objects.filter(state=State.WAITING).order_by("pk")
    for pk, firm in waiting.values_list("pk", "organisation_id"):
        with _alone(firm) as is_alone:
            job = waiting.filter(pk=pk).select_related("asked_by", "membership", "organisation", "upload").first()
            if is_alone and job:
                _run(job)
                run += 1
    return run


@contextmanager
def _alone(firm: int) -> Iterator[bool]:
    """The lock belongs to the connection: where a worker dies, its job is free again at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, firm])
        (taken,) = cursor.fetchone()
    try:
        yield taken
    finally:
        if taken:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, firm])


def _run(job: FiguresJob) -> None:
    if job.tries >= TRIES:
        _end(job, state=State.REFUSED, reasons=[BROKEN_OFF])
        return
    FiguresJob.objects.filter(pk=job.pk).update(tries=job.tries + 1, done=0)
    user = job.asked_by
    user.chosen_membership_id = job.membership_id  # the audit names the role in which it was asked for
    try:
        with acting_as(user, "background work"), closing(Progress(job.pk)) as progress, transaction.atomic():
            _end(job, state=State.DONE, count=_work(job, progress))
    except NotAttestableError as error:
        _end(job, state=State.REFUSED, reasons=error.reasons)
    except MeanwhileChangedError as error:
        _end(job, state=State.REFUSED, reasons=error.sentences)
        if job.kind == Kind.STORE and job.upload:
            upload_check_again(job.upload)
    except Exception:
        log.exception("figures_job_broke_off", job=job.pk, attempt=job.tries + 1)


def _work(job: FiguresJob, progress: "Progress") -> int:
    by = {"user": job.asked_by, "tick": progress.tell}
    if job.kind == Kind.STORE and job.upload:
        keep = {int(product): set(keys) for product, keys in job.asked["keep"].items()}
        return upload_write(job.upload, keep=keep, **by)
    if job.kind == Kind.COPY:
        wanted = [(product, date.fromisoformat(day), last) for product, day, last in job.asked["drafts"]]
        return drafts_copy_forward(wanted, organisation=job.organisation, **by)
    by |= {"name": job.name, "title": job.title, "at": job.asked_at, "statement": job.statement}
    if job.upload:
        return upload_attest(job.upload, versions=job.asked["versions"], **by)
    return drafts_attest(dict(job.asked["drafts"]), organisation=job.organisation, **by)


def _end(job: FiguresJob, **found: Any) -> None:
    FiguresJob.objects.filter(pk=job.pk, state=State.WAITING).update(finished_at=timezone.now(), **found)


class Progress:
    """Told on a connection of its own: of the transaction that works, nobody sees anything before its end."""

    def __init__(self, pk: int) -> None:
        self.pk, self.told_at = pk, 0.0
        self.connection = connection.copy()

    def tell(self, done: int, total: int) -> None:
        """Now and then. A bar that cannot be told is no reason to stop."""
        if time.monotonic() - self.told_at < TOLD_EVERY:
            return
        self.told_at = time.monotonic()
        with suppress(DatabaseError), self.connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 200")
            cursor.execute(
                "UPDATE products_figuresjob SET done = %s, total = %s WHERE id = %s AND state = 'waiting'",
                [done, total, self.pk],
            )

    def close(self) -> None:
        self.connection.close()
