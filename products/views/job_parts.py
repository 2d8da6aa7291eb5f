"""What every page with a job on many figures shows, and how one click stays one job."""

import re
import uuid
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from products.models import FiguresJob

ONCE = re.compile(r"[0-9a-f]{32}")
# Kind -> (head, what is counted while it works).
WORDS = {
    FiguresJob.Kind.STORE: ("The file is being stored as drafts", "stored"),
    FiguresJob.Kind.ATTEST: ("The figures are being attested", "attested"),
    FiguresJob.Kind.COPY: ("Last figures are being copied", "copied"),
}


def new_once() -> str:
    """For the form of one page: sent twice, it asks for one job."""
    return uuid.uuid4().hex


def asked_once(request: HttpRequest) -> str:
    given = request.POST.get("once", "")
    return given if ONCE.fullmatch(given) else new_once()


def job_context(job: FiguresJob) -> dict[str, Any]:
    head, verb = WORDS[FiguresJob.Kind(job.kind)]
    if job.upload_id:
        page, progress = "products:workbook-detail", "products:workbook-progress"
        address, asked = reverse(page, args=[job.upload_id]), reverse(progress, args=[job.upload_id])
    else:
        address, asked = reverse("products:kpi-job", args=[job.pk]), reverse("products:kpi-job-progress", args=[job.pk])
    return {"job": job, "job_head": head, "job_verb": verb, "job_url": address, "job_progress_url": asked}
