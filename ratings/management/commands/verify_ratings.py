"""Check that what is stored is what a fresh computation gives."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from tqdm import tqdm

from products.models import Product
from ratings.models import ProductRating
from ratings.recompute import recompute_pending
from ratings.verify import verify


class Command(BaseCommand):
    help = "Compute every product afresh and compare with what is stored. Exit code 1 and a list where they differ."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="recompute what is wrong, and check again")

    def handle(self, *args: Any, repair: bool, **options: Any) -> None:
        report = self._report()
        if report.wrong and repair:
            self._repair(list(report.wrong))
            report = self._report()
        if report.wrong:
            sys.exit(1)

    def _report(self) -> Any:
        with tqdm(total=ProductRating.objects.count(), unit=" products", disable=None) as bar:
            report = verify(bar.update)
        self.stdout.write(f"{report.checked} checked, {len(report.wrong)} wrong, {report.pending} pending.")
        names = Product.objects.in_bulk(report.wrong)
        for product_id, difference in sorted(report.wrong.items()):
            ndc = names[product_id].ndc if product_id in names else f"product {product_id}"
            self.stdout.write(f"  {ndc}: {difference}")
        return report

    def _repair(self, product_ids: list[int]) -> None:
        with connection.cursor() as cursor:
            # A head that was tampered with may carry the right fingerprint over wrong figures: forget it.
            cursor.execute(
                "UPDATE ratings_productrating SET fingerprint = NULL WHERE product_id = ANY(%s)", [product_ids]
            )
            cursor.execute(
                "INSERT INTO ratings_stalemark (kind, key, source) SELECT 'product', i, 'verify_ratings' "
                "FROM unnest(%s) i",
                [product_ids],
            )
        outcome = recompute_pending()
        self.stdout.write(f"Repaired: {outcome.recomputed} recomputed, {len(outcome.failed)} cannot be computed.")
