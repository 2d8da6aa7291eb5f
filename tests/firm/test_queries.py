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
    "home of the editor": 19,
    "home of the attestor": 20,
    "quarterly figures": 4,
    "submissions of a product": 7,
    "one submission": 7,
    "questionnaire, supply network": 7,
    "questionnaire, demand and supply": 7,
    "questionnaire, logistics": 7,
    "questionnaire, finance": 7,
    "questionnaire, customer service": 7,
    "questionnaire, is anything new": 6,
    "questionnaire, an answer is saved": 17,
    "review, editor": 8,
    "review, attestor": 8,
    "effect of a draft": 26,
    "review of many drafts": 10,
    "effect of many drafts": 26,
    "workbooks": 5,
    "one workbook": 5,
    "one workbook, progress": 4,
    "one workbook, effect on the scores": 25,
    "order lines": 4,
    "order lines, new": 2,
    "order lines of one file": 10,
    "order lines, columns": 4,
    "order lines, progress": 3,
    "supply editor": 5,
    "supply editor, while one types": 6,
    "supply editor, picture": 6,
    "supply editor, search": 8,
    "supply history": 5,
    "one site's products": 5,
    "plan": 20,
    "plan, on the product's page": 17,
    "what if": 20,
    "what if, one setting": 17,
    "portfolio": 9,
    "portfolio, actions once computed": 6,
    "disclosures": 6,
    "disclosures, new": 5,
    "disclosures, withdraw": 3,
    "reviews": 4,
    "enroll a product": 2,
    "withdraw a product": 3,
    "ratings, only my products": 9,
    "ratings, mine by a figure": 9,
    "product page": 13,
    "product page, is anything new": 3,
    "molecules": 6,
    "one molecule": 9,
    "establishments": 6,
    "one own establishment": 13,
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
@pytest.mark.parametrize("products", [110, 160])
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
