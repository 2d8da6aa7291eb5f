"""Explain one product's rating to the last point."""

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.utils import timezone

from qmm.models import Establishment
from ratings.loaders import load
from ratings.models import Status
from ratings.publish import score_batch
from ratings.resolve_ndc import product_named
from ratings.scoring.explain import explain


class Command(BaseCommand):
    help = (
        "Print the rating of an NDC with where its points went, computed afresh from what is known today: "
        "of today, or with --as-of of another date."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ndc", metavar="NDC", help="any form, such as 0002-0800 or 00002080001")
        parser.add_argument("--as-of", metavar="DATE", help="YYYY-MM-DD; today if not given")

    def handle(self, *args: Any, ndc: str, as_of: str | None, **options: Any) -> None:
        product = product_named(ndc)
        day = _date(as_of)
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            batch = score_batch(load(cursor, [product.pk], day), day)
        sites = Establishment.objects.in_bulk(batch.effective.node_establishment_id.tolist())
        rating = explain(
            batch.table, batch.effective, 0, batch.methodology, {key: site.name for key, site in sites.items()}
        )
        standing = int(batch.status[0])
        if not product.enrolments.filter(enrolled_on__lte=day).exists():
            rating = {"status": "not_enrolled"}
        elif standing > Status.INSUFFICIENT_DATA:
            rating = {"status": Status(standing).name.lower()}
        head = {
            "ndc": product.ndc,
            "name": product.nonproprietary_name,
            "as_of": day.isoformat(),
            "methodology": batch.methodology.version,
        }
        self.stdout.write(json.dumps(head | rating, indent=1, ensure_ascii=False))


def _date(text: str | None) -> date:
    try:
        return date.fromisoformat(text) if text else timezone.localdate()
    except ValueError:
        raise CommandError(f"--as-of: {text!r} is not a date; give it as YYYY-MM-DD, such as 2026-11-01.") from None
