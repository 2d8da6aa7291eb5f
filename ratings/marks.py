"""The mark table as a queue: what waits, what it leads to, and which products a worker takes next.

Everything here runs READ COMMITTED, one statement at a time. Expansion happens here and never in a trigger: a writer
cannot see the uncommitted nodes of another, so it would lose updates for ever (design/recompute.md, 1).
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from ratings.binary_copy import read_columns
from ratings.loaders import id_array
from ratings.models import Status

# In the order of the products, as they will be claimed and deleted: neighbours in the index are neighbours on disk.
EXPANSIONS = {
    "all": """
        SELECT 'product', p.id, min(d.source), min(d.created_at) FROM d CROSS JOIN (
            SELECT product_id AS id FROM products_enrolment UNION SELECT product_id FROM ratings_productrating) p
        GROUP BY p.id ORDER BY p.id""",
    "establishment": """
        SELECT 'product', n.product_id, min(d.source), min(d.created_at)
        FROM d JOIN products_supplynode n ON n.establishment_id = d.key
        GROUP BY n.product_id ORDER BY n.product_id""",
    "ndc": """
        SELECT 'product', p.id, min(d.source), min(d.created_at)
        FROM d JOIN products_product p ON p.ndc = overlay(lpad(d.key::text, 10, '0') placing '-' from 7 for 0)
        GROUP BY p.id""",
}
# Many marks of one establishment give its products one mark each, if they are taken together.
EXPAND_LIMIT = 20_000
EXPAND = """
WITH d AS (SELECT * FROM ratings_stalemark WHERE kind = '{kind}' ORDER BY key, id LIMIT {limit} FOR UPDATE SKIP LOCKED),
     gone AS (DELETE FROM ratings_stalemark m USING d WHERE m.id = d.id RETURNING m.id),
     made AS (INSERT INTO ratings_stalemark (kind, key, source, created_at) {products} RETURNING id)
SELECT count(*) FROM gone
"""


def expand(cursor: Any) -> None:
    """Turn marks of establishments, NDCs and everything into marks of products, each product once a statement."""
    for kind, products in EXPANSIONS.items():
        while True:
            cursor.execute(EXPAND.format(kind=kind, products=products, limit=EXPAND_LIMIT))
            if cursor.fetchone()[0] < EXPAND_LIMIT:
                break


# A walk along the index, however many marks wait. It must never be planned otherwise: the table goes from empty to full
# and back between two ANALYZEs, and one seen as empty was sorted anew for every claim.
ONLY_THE_INDEX = "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off"
CLAIM = """
SELECT DISTINCT key FROM (
    SELECT key FROM ratings_stalemark WHERE kind = 'product' AND key > %(after)s AND not_before <= now()
    ORDER BY kind, key, id LIMIT %(limit)s) m
ORDER BY key
"""
NEWEST = """
SELECT DISTINCT key FROM (SELECT kind, key, not_before FROM ratings_stalemark ORDER BY id DESC LIMIT 50) m
WHERE kind = 'product' AND not_before <= now()
"""


def waiting_products(cursor: Any, after: int, limit: int) -> list[int]:
    """The products of the next `limit` marks that are due, in order of id, from the one after `after` on."""
    with transaction.atomic():
        cursor.execute(ONLY_THE_INDEX)
        cursor.execute(CLAIM, {"after": after, "limit": limit})
        return [row[0] for row in cursor.fetchall()]


def newest_products(cursor: Any) -> list[int]:
    """The products marked last: somebody is looking at them, so they need not wait behind a long recompute."""
    cursor.execute(NEWEST)
    return [row[0] for row in cursor.fetchall()]


# A head is made together with a mark of its own: if the enrolment goes in that moment, somebody still looks at it.
MAKE_HEADS = """
WITH made AS (
    INSERT INTO ratings_productrating (product_id, status, failed_count, failure)
    SELECT i, {status}, 0, '' FROM unnest({ids}) i ORDER BY i ON CONFLICT DO NOTHING RETURNING product_id)
INSERT INTO ratings_stalemark (kind, key, source) SELECT 'product', product_id, 'ratings_productrating' FROM made
"""
# Asked again in the same statement: an enrolment committed since then brings its own mark. A batch locks heads before
# marks, so marks that others hold are left to them. In an array, as it is then looked for once: joined to a table that
# was seen as empty, it was asked again for each of its marks, which took a quarter of an hour for four thousand.
DROP_ORPHANS = """
DELETE FROM ratings_stalemark WHERE id = ANY(ARRAY(
    SELECT m.id FROM ratings_stalemark m WHERE m.kind = 'product' AND m.key = ANY({ids})
      AND NOT EXISTS (SELECT FROM products_enrolment e WHERE e.product_id = m.key)
      AND NOT EXISTS (SELECT FROM ratings_productrating h WHERE h.product_id = m.key)
    FOR UPDATE OF m SKIP LOCKED))
"""


def settle_heads(cursor: Any, product_ids: list[int]) -> None:
    """Make the heads that enrolled products lack; drop the marks of products with neither enrolment nor head."""
    among = id_array(product_ids)
    cursor.execute(f"SELECT product_id FROM ratings_productrating WHERE product_id = ANY({among})")  # noqa: S608
    headless = {*product_ids} - {row[0] for row in cursor.fetchall()}
    if not headless:
        return
    enrolled = {*enrolled_among(cursor, headless).tolist()}
    if enrolled:
        cursor.execute(MAKE_HEADS.format(ids=id_array(enrolled), status=Status.NOT_YET_RATED))
    if headless - enrolled:
        cursor.execute(DROP_ORPHANS.format(ids=id_array(headless - enrolled)))


def enrolled_among(cursor: Any, product_ids: Iterable[int]) -> NDArray[np.int64]:
    """Those of the products that are or were enrolled, ascending: only they have heads."""
    among = f"FROM products_enrolment WHERE product_id = ANY({id_array(product_ids)})"
    return np.unique(read_columns(cursor, {"product_id": ("i8", "product_id")}, among)["product_id"])


def waiting(cursor: Any) -> tuple[int, float]:
    """(number of marks, seconds for which the oldest due one has been due; 0 without one).

    One set back after a failure waits anew from its next try on.
    """
    cursor.execute(
        "SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - "
        "min(greatest(created_at, not_before)) FILTER (WHERE not_before <= now())), 0)::float8 FROM ratings_stalemark"
    )
    count, age = cursor.fetchone()
    return count, age
