"""What Celery runs for assessments; a task carries nothing."""

from celery import shared_task

from qmm.services.agreement import recompute_if_changed


@shared_task(ignore_result=True)
def recompute_agreement() -> None:
    recompute_if_changed()
