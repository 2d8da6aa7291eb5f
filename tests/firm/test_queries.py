"""Every page of a manufacturer asks the same queries whatever the size of its firm: those that `make bench` times."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dscr.bench.firm_pages import Asker
from dscr.bench.firm_rows import firm_create
from ratings.models import MethodologyRelease

QUERIES = {
    "home of the editor": 20,
    "home of the attestor": 21,
    "quarterly figures": 5,
    "submissions of a product": 8,
    "one submission": 8,
    "questionnaire, supply network": 8,
    "questionnaire, demand and supply": 8,
    "questionnaire, logistics": 8,
    "questionnaire, finance": 8,
    "questionnaire, customer service": 8,
    "questionnaire, is anything new": 7,
    "questionnaire, an answer is saved": 18,
    "review, editor": 9,
    "review, attestor": 9,
    "effect of a draft": 27,
    "review of many drafts": 11,
    "effect of many drafts": 27,
    "workbooks": 6,
    "one workbook": 6,
    "one workbook, progress": 5,
    "one workbook, effect on the scores": 26,
    "order lines": 5,
    "order lines, new": 3,
    "order lines of one file": 11,
    "order lines, columns": 5,
    "order lines, progress": 4,
    "supply editor": 6,
    "supply editor, while one types": 7,
    "supply editor, picture": 7,
    "supply editor, search": 9,
    "supply history": 6,
    "one site's products": 6,
    "plan": 21,
    "plan, on the product's page": 18,
    "what if": 21,
    "what if, one setting": 18,
    "portfolio": 10,
    "portfolio, actions once computed": 7,
    "disclosures": 7,
    "disclosures, new": 6,
    "disclosures, withdraw": 4,
    "reviews": 5,
    "enroll a product": 3,
    "withdraw a product": 4,
    "ratings, only my products": 10,
    "ratings, mine by a figure": 10,
    "product page": 14,
    "product page, is anything new": 4,
    "molecules": 7,
    "one molecule": 10,
    "establishments": 7,
    "one own establishment": 14,
    "API: ratings of a molecule": 6,
    "API: one rating": 3,
    "API: explanation": 8,
    "API: history": 9,
    "API: products": 3,
    "API: one product": 4,
    "API: establishments": 3,
    "API: grants": 3,
    "API: what-if inputs": 18,
    "API: scenarios": 3,
    "API: what-if": 21,
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("products", [110, 220])
def test_queries_do_not_grow_with_the_firm(products: int, settings: Any, tmp_path: Path) -> None:
    settings.PRIVATE_FILES = tmp_path
    MethodologyRelease.objects.get_or_create(version="2026.1", defaults={"in_force_from": date(2025, 1, 1)})
    asker = Asker(firm_create(products))
    cache.clear()
    found = {}
    for one in asker.all():
        one.ask()  # what is kept for the next time is kept then
        with CaptureQueriesContext(connection) as queries:
            one.ask()
        found[one.name] = len(queries)
    assert found == QUERIES
