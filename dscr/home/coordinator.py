"""The first page of the coordinator: how the drug lists are covered, who takes part, where supply concentrates."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from dscr.access.scoping import Reader
from dscr.home.molecules import molecule_rows, weakest_sentence
from dscr.home.tasks import site_page
from ratings.figures import day, first_up, in_words, percent
from ratings.queries.coverage import (
    LOWER_BANDS,
    NOT_RATED,
    TOP_BANDS,
    Concentration,
    Coverage,
    ListCoverage,
    concentration,
    coverage,
    listed_product_count,
)
from ratings.queries.overview import waiting_count
from ratings.sentences import STEADY_SUPPLY

MOLECULES = 10
COUNTED = (
    "Counted are listed molecules only, and no establishment that is only a backup; its own page counts every enrolled "
    "product, with those that it backs up."
)
LEVELS = {TOP_BANDS: "High or Very high", LOWER_BANDS: "rated lower", NOT_RATED: "not rated"}


def coordinator_context(user: Reader) -> dict[str, Any]:
    listed = coverage(user)
    if not listed.molecule_count:
        return {"lists": [], "steady_supply": STEADY_SUPPLY}
    sites = concentration(user)
    return {
        "lists": [_row(row) for row in listed.lists],
        "coverage_sentence": coverage_sentence(listed),
        "coverage_chart": {"rows": [_bar(row) for row in listed.lists if row.molecules]},
        "molecules": molecule_rows(listed.weakest[:MOLECULES]),
        "molecule_count": len(listed.weakest),
        "weakest_sentence": weakest_sentence(listed),
        "participation_sentence": participation_sentence(listed, listed_product_count(user)),
        "freshness_sentence": freshness_sentence(listed, waiting_count()),
        "sites": [{"site": row, "address": site_page(row.establishment)} for row in sites],
        "sites_sentence": concentration_sentence(sites, listed.molecule_count),
        "sites_chart": {"rows": [_amount(row) for row in sites]},
        "steady_supply": STEADY_SUPPLY,
        "shows_synthetic": any(row.drug_list.is_synthetic for row in listed.lists),
    }


def coverage_sentence(listed: Coverage) -> str:
    """How many molecules over all lists have a product that is rated well."""
    total = listed.molecule_count
    top = sum(row.level == TOP_BANDS for row in listed.weakest)
    verb = "has" if top == 1 else "have"
    return (
        f"{top} of {total} listed molecules {verb} at least one product rated High or Very high ({_part(top, total)})."
    )


def participation_sentence(listed: Coverage, products: int) -> str:
    """Who takes part among the products of the listed molecules."""
    makers = f"{listed.makers} manufacturer{' takes' if listed.makers == 1 else 's take'} part"
    if not products:
        return "The directory has no product of a listed molecule."
    share = _part(listed.enrolled, products)
    return f"{makers} with {listed.enrolled:,} of the {products:,} products of listed molecules ({share})."


def freshness_sentence(listed: Coverage, waiting: int) -> str:
    """Two facts: what waits in the whole program, and since when every rating of a listed molecule was checked."""
    if listed.oldest_verified_at is None:
        return "No rating of a listed molecule was computed yet."
    waits = f"{first_up(in_words(waiting))} {'input waits' if waiting == 1 else 'inputs wait'}" if waiting else ""
    said = f"{waits} to be computed." if waits else "No input waits."
    if timezone.now() - listed.oldest_verified_at < timedelta(hours=1):
        return f"{said} Every rating was last checked within the hour."
    return f"{said} Every rating was last checked on {day(timezone.localdate(listed.oldest_verified_at))} or later."


def concentration_sentence(sites: list[Concentration], total: int) -> str:
    if not sites:
        return "No supply chain of a listed molecule is known yet."
    first = sites[0]
    count = f"{in_words(first.molecules)} of {total} listed molecules"
    most = ", more than any other establishment"
    if len(sites) > 1 and sites[1].molecules == first.molecules:
        most = ", and no other establishment supplies more"
    return f"{first.establishment.name} supplies products of {count}{most}. {COUNTED}"


def _amount(row: Concentration) -> dict[str, Any]:
    text = f"{row.molecules} molecule{'' if row.molecules == 1 else 's'}"
    return {"label": row.establishment.name, "value": row.molecules, "text": text}


def _row(row: ListCoverage) -> dict[str, Any]:
    return {"drug_list": row.drug_list, "total": len(row.molecules)} | {level: row.count(level) for level in LEVELS}


def _bar(row: ListCoverage) -> dict[str, Any]:
    total = len(row.molecules)
    return {
        "label": row.drug_list.name,
        "parts": [
            {"level": level, "share": row.count(level) / total, "count": row.count(level), "word": word}
            for level, word in LEVELS.items()
        ],
    }


def _part(count: int, total: int) -> str:
    return first_up(percent(count / total, 0))
