"""A new database gets the first rubric from the program's files. Later versions are made on the page."""

from typing import Any

from django.apps import apps as every_app
from django.db import connections
from django.utils import timezone

from qmm.rubric.shipped import FIRST, shipped


def publish_after_migrate(using: str, apps: Any = every_app, **_: Any) -> None:
    """post_migrate receiver. Before the table is made there is nothing to do; a flush begins anew."""
    try:
        rubrics = apps.get_model("qmm", "Rubric").objects.using(using)
    except LookupError:
        return
    if rubrics.model._meta.db_table not in connections[using].introspection.table_names():
        return
    if rubrics.filter(version__isnull=False).exists():
        return
    rubrics.create(
        version=FIRST,
        state="published",
        texts=shipped(),
        note="The first version.",
        published_at=timezone.now(),
    )
