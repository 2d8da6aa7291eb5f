"""Storing the demonstration: all or nothing, then today's ratings by the ordinary way of recompute."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from tqdm import tqdm

from dscr.demo.accounts import create_accounts
from dscr.demo.calendar import Calendar
from dscr.demo.calibrated import create_calibrations
from dscr.demo.case_records import create_case_records
from dscr.demo.disclosed import create_grant
from dscr.demo.history import replay_past
from dscr.demo.people import create_people
from dscr.demo.plans import create_plans
from dscr.demo.portfolio import Portfolio, build
from dscr.demo.site_records import create_site_records
from products.models import Product
from qmm.services import agreement
from ratings.recompute import recompute_pending

BATCH_SIZE = 1000
LOCK = 20_260_107  # any number that no other lock of this program uses


class NotLoadableError(Exception):
    """Why the demonstration cannot be loaded here, in words for the console."""


@dataclass(frozen=True, slots=True)
class Report:
    rows: dict[str, int]
    past_snapshots: int
    rated_today: int


def is_loaded() -> bool:
    return Product.objects.filter(is_synthetic=True).exists()


def load_demo(seed: int, today: date, show_progress: bool = True) -> Report:
    """Every row and the whole past in one transaction; today's ratings follow from the marks those rows left."""
    if not settings.LOCAL:
        raise NotLoadableError(
            "The demonstration comes with accounts whose password everyone knows, so it is loaded in local mode only "
            "(DSCR_MODE=local)."
        )
    now = timezone.localdate()
    if today > now:
        raise NotLoadableError(f"{today} lies ahead: the demonstration's past must end today ({now}) or earlier.")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        if is_loaded():
            raise NotLoadableError("The demonstration is loaded already.")
        portfolio = build(seed, today)
        _store(portfolio, show_progress)
        create_accounts(starts_on=Calendar(today).opening)
        _assess(seed, today, portfolio)
        _analyze(portfolio)
        create_grant(now)
        past = _replay(portfolio, Calendar(today).opening, now, show_progress)
    agreement.recompute()
    with _bar("Rating today", len(portfolio.enrolments), show_progress) as bar:
        outcome = recompute_pending(lambda batch: bar.update(batch.recomputed))
    return Report({name: len(rows) for name, rows in portfolio.tables()}, past, outcome.recomputed)


def _store(portfolio: Portfolio, show_progress: bool) -> None:
    with _bar("Storing rows", len(portfolio), show_progress) as bar:
        for _, rows in portfolio.tables():
            type(rows[0])._default_manager.bulk_create(rows, batch_size=BATCH_SIZE)
            bar.update(len(rows))


def _assess(seed: int, today: date, portfolio: Portfolio) -> None:
    """What people wrote on cases and sites."""
    owners = [site.owner for site in portfolio.establishments if site.owner]
    people = create_people(seed, Calendar(today).opening, owners)
    create_case_records(seed, portfolio.courses, people)
    create_plans(seed, today, portfolio.courses, people)
    create_calibrations(seed, people)
    create_site_records(seed, today, portfolio, people)


def _analyze(portfolio: Portfolio) -> None:
    """Without fresh statistics the replay's small reads would scan whole tables."""
    tables = sorted({type(rows[0])._meta.db_table for _, rows in portfolio.tables()})
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(tables)}")


def _replay(portfolio: Portfolio, opening: date, until: date, show_progress: bool) -> int:
    with _bar("Replaying two years", (until - opening).days, show_progress) as bar:
        return replay_past(portfolio, until, lambda day: bar.update((day - opening).days - bar.n))


@contextmanager
def _bar(stage: str, total: int, show_progress: bool) -> Iterator[tqdm]:
    with tqdm(total=total, desc=stage, file=sys.stderr, disable=not show_progress, leave=True) as bar:
        yield bar
