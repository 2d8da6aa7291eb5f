"""Recompute ratings now, here, without a worker."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from tqdm import tqdm

from ratings.models import ProductRating
from ratings.recompute import Outcome, recompute_pending
from ratings.resolve_ndc import products_named
from ratings.sweep import mark_due


class Command(BaseCommand):
    help = "Recompute what waits; with --all every product, or the products of the NDCs given."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ndc", nargs="*", metavar="NDC", help="any form, such as 0002-0800 or 00002080001")
        parser.add_argument("--all", action="store_true", help="every enrolled product")

    def handle(self, *args: Any, ndc: list[str], all: bool, **options: Any) -> None:
        products = products_named(ndc)
        with connection.cursor() as cursor:
            if all:
                cursor.execute("INSERT INTO ratings_stalemark (kind, source) VALUES ('all', 'recompute_ratings')")
            for product in products:
                cursor.execute(
                    "INSERT INTO ratings_stalemark (kind, key, source) VALUES ('product', %s, 'recompute_ratings')",
                    [product.pk],
                )
        mark_due()
        with tqdm(total=ProductRating.objects.count() if all else None, unit=" products", disable=None) as bar:
            outcome = recompute_pending(lambda part: _advance(bar, part))
        self.stdout.write(
            f"{outcome.recomputed} recomputed, {outcome.published} of them changed and published, "
            f"{len(outcome.failed)} cannot be computed."
        )
        for product_id, reason in sorted(outcome.failed.items()):
            self.stdout.write(f"  product {product_id}: {reason}")


def _advance(bar: Any, outcome: Outcome) -> None:
    bar.update(outcome.recomputed + len(outcome.failed))
