"""What Celery runs for products. Nothing is carried: what is to be done stands in the database."""

from celery import shared_task

from products.services.order_figures import compute_waiting


@shared_task(ignore_result=True)
def compute_orders() -> None:
    compute_waiting()
