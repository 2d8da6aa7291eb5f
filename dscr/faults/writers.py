"""The writers of a fault run, each a process of its own.

They write as the application does: models and querysets through Django, so that the kick runs, and SQL for the rest.
No two of them write the same column of the same row, so that the last acknowledged value is the one to be found.
"""

import logging
import random
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from dscr.faults.journal import Journal, Rows
from dscr.faults.portfolio import HUBS, PROBES
from products.models import KpiSubmission, Product, Shortage, SupplyNode
from qmm.models import AREAS, Assessment, Establishment
from ratings.kick import kick_on_commit

roll = random.Random()  # noqa: S311  faults fall anywhere


class Writer:
    pause = 0.04  # seconds between two writes, on average

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.held = 0.0  # seconds for which the last transaction was held open on purpose
        products = list(Product.objects.order_by("pk").values_list("pk", flat=True))
        self.products, self.probes = products[:-PROBES], products[-PROBES:]

    def attempt(self, operation: Callable[[], Rows]) -> bool:
        """Do it in one transaction and note what was acknowledged; a lost database is a reason to try again."""
        started, self.held = time.monotonic(), 0.0
        try:
            with transaction.atomic():
                rows = operation()
                self.journal.write("tried", rows=rows)
        except (OperationalError, InterfaceError) as error:
            self.journal.write("retry", reason=f"{type(error).__name__}: {error}"[:200])
            connection.close()
            time.sleep(0.2)
            return False
        milliseconds = (time.monotonic() - started - self.held) * 1000
        self.journal.write("acknowledged", rows=rows, ms=round(milliseconds, 2))
        return True

    def hold(self) -> None:
        """Keep the transaction open for a moment: others change what it cannot see yet."""
        before = time.monotonic()
        time.sleep(roll.uniform(0, 0.04))
        self.held = time.monotonic() - before


class Nodes(Writer):
    """Adds backup sources at the hubs, changes them and voids them again."""

    def write(self) -> Rows:
        product, hub = roll.choice(self.products), roll.choice(hub_ids())
        node = SupplyNode.objects.filter(
            product_id=product, establishment_id=hub, stage="api", voided_at__isnull=True
        ).first()
        if node is None:
            today = timezone.localdate()
            node = SupplyNode(
                product_id=product,
                establishment_id=hub,
                stage="api",
                share=0,
                is_qualified=True,
                last_batch_on=today - timedelta(days=9),
                valid_from=today - timedelta(days=9),
            )
        elif node.is_qualified:
            node.is_qualified = False
        else:
            node.voided_at, node.void_reason = timezone.now(), "fault run"
        node.save()
        self.hold()
        table = "products_supplynode"
        return {
            f"{table}:{node.pk}:is_qualified": node.is_qualified,
            f"{table}:{node.pk}:void_reason": node.void_reason,
        }


class Assessments(Writer):
    """Changes the assessments of the very same hubs, each of which makes a tenth of the portfolio stale."""

    pause = 0.15

    def write(self) -> Rows:
        assessment = roll.choice(list(Assessment.objects.filter(establishment_id__in=hub_ids())))
        area, level = roll.choice(AREAS), roll.randint(100, 500) / 100
        setattr(assessment, area, Decimal(str(level)))
        assessment.save(update_fields=[area])
        return {f"qmm_assessment:{assessment.pk}:{area}": level}


class Kpis(Writer):
    """One submission by save, or many by a queryset's update or bulk_update."""

    def write(self) -> Rows:
        days = roll.randint(10, 200)
        one = KpiSubmission.objects.filter(product_id__in=self.products)
        column = "products_kpisubmission:{}:days_inventory_on_hand"
        way = roll.random()
        if way < 0.7:
            submission = one.get(product_id=roll.choice(self.products))
            submission.days_inventory_on_hand = days
            submission.save(update_fields=["days_inventory_on_hand"])
            return {column.format(submission.pk): days}
        some = list(
            one.filter(product_id__in=roll.sample(self.products, 25)).order_by("pk").select_for_update(no_key=True)
        )
        if way < 0.85:
            one.filter(pk__in=[row.pk for row in some]).update(days_inventory_on_hand=days)
        else:
            for row in some:
                row.days_inventory_on_hand = days
            KpiSubmission.objects.bulk_update(some, ["days_inventory_on_hand"])
        kick_on_commit()
        return {column.format(row.pk): days for row in some}


class Lists(Writer):
    """Shortages by model, and what somebody with psql would do: no signal, no kick, only triggers."""

    def write(self) -> Rows:
        return roll.choice([self.shortage, self.shortage, self.sql_figure, self.sql_inspection, self.sql_enrolment])()

    def shortage(self) -> Rows:
        product = Product.objects.get(pk=roll.choice(self.products[:100]))
        row = Shortage.objects.filter(product_ndc=product.ndc).first()
        if row is None:
            row = Shortage(package_ndc=f"{product.ndc}-01", entry_key=f"faults {product.pk}", status="current")
        elif row.status == "current":
            row.status = "resolved"
        else:
            key = row.pk
            row.delete()
            return {f"products_shortage:{key}:status": None}
        row.changed_on = timezone.localdate()
        row.save()
        return {f"products_shortage:{row.pk}:status": row.status}

    def sql_figure(self) -> Rows:
        months = roll.randint(12, 60)
        return self.sql(
            "products_kpisubmission",
            "shelf_life_months",
            months,
            "product_id = ANY(%s)",
            [sorted(roll.sample(self.products, 10))],
        )

    def sql_inspection(self) -> Rows:
        to = roll.choice(["NAI", "VAI", "OAI"])
        return self.sql("qmm_inspection", "classification", to, "establishment_id = %s", [roll.choice(hub_ids())])

    def sql_enrolment(self) -> Rows:
        reason = roll.choice(["fault run", "another reason"])
        suspended = "suspended_on = CASE WHEN suspended_on IS NULL THEN current_date END"
        where = [roll.choice(self.products)]
        return self.sql("products_enrolment", "suspension_reason", reason, "product_id = %s", where, suspended)

    def sql(self, table: str, column: str, value: object, where: str, arguments: list, also: str = "id = id") -> Rows:
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} SET {column} = %s, {also} WHERE {where} RETURNING id",  # noqa: S608
                [value, *arguments],
            )
            return {f"{table}:{key}:{column}": value for (key,) in cursor.fetchall()}


class Probe(Writer):
    """Changes one figure of a product that nobody else writes, and waits until it is published."""

    def write(self) -> Rows:
        submission = KpiSubmission.objects.get(product_id=self.product)
        submission.shelf_life_months = 12 + submission.shelf_life_months % 40 + 1
        submission.save(update_fields=["shelf_life_months"])
        return {f"products_kpisubmission:{submission.pk}:shelf_life_months": submission.shelf_life_months}

    def watch(self) -> None:
        self.product = roll.choice(self.probes)
        try:
            before = self.published()
            if not self.attempt(self.write):
                return
        except (OperationalError, InterfaceError):
            connection.close()
            return
        committed = time.time()
        while time.time() - committed < 60:
            try:
                if self.published() not in (before, None):
                    self.journal.write("published", committed=committed, seconds=round(time.time() - committed, 4))
                    return
            except (OperationalError, InterfaceError):
                connection.close()
            time.sleep(0.01)
        self.journal.write("error", reason=f"product {self.product} was not published within a minute")

    def published(self) -> int | None:
        """The published snapshot, or None while a mark says that it is stale."""

        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT published_snapshot_id FROM ratings_productrating h WHERE product_id = %s AND NOT EXISTS
                (SELECT FROM ratings_stalemark m WHERE m.kind = 'product' AND m.key = h.product_id)""",
                [self.product],
            )
            row = cursor.fetchone()
        return row[0] if row else None


ROLES = {"nodes": Nodes, "assessments": Assessments, "kpis": Kpis, "lists": Lists, "probe": Probe}


@cache
def hub_ids() -> list[int]:
    return list(Establishment.objects.order_by("pk").values_list("pk", flat=True)[:HUBS])


class BrokerErrors(logging.Handler):
    """Django logs what an on_commit callback raises and goes on; here it counts as an error of the writer."""

    def __init__(self, journal: Journal) -> None:
        super().__init__(logging.ERROR)
        self.journal = journal

    def emit(self, record: logging.LogRecord) -> None:
        self.journal.write("error", reason=record.getMessage()[:300])


def write_until(role: str, path: Path, until: float) -> None:
    journal = Journal(path)
    logging.getLogger("django").addHandler(BrokerErrors(journal))
    writer = ROLES[role](journal)
    while time.time() < until:
        try:
            writer.watch() if isinstance(writer, Probe) else writer.attempt(writer.write)
        except Exception as error:  # anything but a lost database is a finding
            journal.write("error", reason=f"{type(error).__name__}: {error}"[:300])
        time.sleep(roll.uniform(0, 2 * writer.pause))
    journal.write("ended")
