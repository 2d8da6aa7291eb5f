"""A new database gets the calibration cases from the program's files, once; later ones are written on the page."""

from typing import Any

from django.apps import apps as every_app
from django.db import connections, transaction
from django.utils import timezone

from qmm.calibration.shipped import shipped_cases
from qmm.rubric.shipped import FIRST


def publish_after_migrate(using: str, apps: Any = every_app, **_: Any) -> None:
    """post_migrate receiver, after the first rubric's. Before the tables are made there is nothing to do."""
    try:
        cases = apps.get_model("qmm", "CalibrationCase").objects.using(using)
        items = apps.get_model("qmm", "CalibrationItem").objects.using(using)
        rubrics = apps.get_model("qmm", "Rubric").objects.using(using)
    except LookupError:
        return
    if items.model._meta.db_table not in connections[using].introspection.table_names():
        return
    rubric = rubrics.filter(version=FIRST).first()
    if rubric is None:
        return
    there = set(cases.filter(shipped_as__isnull=False).values_list("shipped_as", flat=True))
    with transaction.atomic(using=using):
        for shipped in shipped_cases():
            if shipped.name in there:
                continue
            case = cases.create(
                title=shipped.title,
                rubric=rubric,
                setting=shipped.setting,
                panel=shipped.panel,
                shipped_as=shipped.name,
            )
            items.bulk_create(
                items.model(
                    case=case,
                    element=item.element,
                    evidence=item.evidence,
                    reference=item.reference,
                    reason=item.reason,
                )
                for item in shipped.items
            )
            cases.filter(pk=case.pk).update(state="published", published_at=timezone.now())
