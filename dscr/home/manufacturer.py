"""The first page of a manufacturer: what is due, its products, what moved them, and what costs most."""

from typing import Any

from django.utils import timezone

from dscr.access.scoping import Reader
from dscr.home.drafts import open_drafts
from dscr.home.sentences import withdrawn_words
from dscr.home.tasks import contact_tasks, manufacturer_tasks, site_page, valid_until
from products.models import Product
from qmm.queries.cases import open_cases
from qmm.queries.validity import SiteStanding, site_standings
from ratings.figures import NBSP, coverage, day, drug_name, in_words, percent, points
from ratings.plan_sentences import movers_sentence
from ratings.preview_sentences import ONLY_YOU, running_sentence
from ratings.queries.movers import grants_of, own_movers
from ratings.queries.portfolio import DomainLoss, Portfolio, domain_losses, portfolio
from ratings.queries.preview import previews_running
from ratings.scoring import available_versions, load_methodology
from ratings.sentences import DOMAIN_SUBJECTS, STEADY_SUPPLY


def manufacturer_context(user: Reader) -> dict[str, Any]:
    today = timezone.localdate()
    own = portfolio(user)
    cases, sites = open_cases(user), site_standings(user)
    context: dict[str, Any] = {
        "portfolio": own,
        "tasks": manufacturer_tasks(user, cases, sites, today) if own.total or sites else None,
        "steady_supply": STEADY_SUPPLY,
    }
    if not own.total:
        return context
    losses, movers = domain_losses(user), own_movers(user)
    running = previews_running(user)
    return context | {
        "portfolio_sentence": portfolio_sentence(own),
        "portfolio_chart": {"rows": _bars(own)},
        "losses": losses,
        "losses_sentence": losses_sentence(losses),
        "losses_chart": {
            "rows": [{"label": row.label, "value": row.loss, "text": f"{points(row.loss)} points"} for row in losses]
        },
        "running": running,
        "running_sentence": running_sentence(running),
        "running_only_you": ONLY_YOU,
        "movers": movers,
        "site_grants": grants_of(movers),
        "movers_sentence": movers_sentence(movers),
        "shows_synthetic": any(head.product.is_synthetic for head in (*own.lowest, *own.not_rated)),
    }


def attestor_context(user: Reader) -> dict[str, Any]:
    """The same with what only the attestor can finish in front."""
    context, drafts = manufacturer_context(user), open_drafts(user)
    return context | {"drafts": drafts} if drafts.count or context["portfolio"].total else context


def contact_context(user: Reader) -> dict[str, Any]:
    today = timezone.localdate()
    cases, sites = open_cases(user), site_standings(user)
    state = {row.case.establishment_id: row.case.get_state_display() for row in cases}
    rows = [
        {
            "site": site,
            "address": site_page(site.establishment),
            "until": until,
            "ended": bool(until and until < today),
            "case": state.get(site.establishment.pk, ""),
        }
        for site in sites
        for until in [valid_until(site)]
    ]
    return {
        "tasks": contact_tasks(user, cases, sites, today) if sites else None,
        "rows": rows,
        "sites_sentence": sites_sentence([(row["site"], row["until"], row["ended"]) for row in rows]),
        "shows_synthetic": any(site.establishment.is_synthetic for site in sites),
    }


def portfolio_sentence(own: Portfolio) -> str:
    """How many are rated and well, and which is lowest."""
    enrolled, left = own.total - own.withdrawn, f" {withdrawn_words(own.withdrawn)}".rstrip()
    if not enrolled:
        return f"No product of yours is enrolled now.{left}"
    if not own.rated:
        return f"None of your {enrolled:,} products is rated yet: a rating begins with attested KPI figures.{left}"
    said = f"{own.rated:,} of your {_count(enrolled)} {'is' if own.rated == 1 else 'are'} rated"
    said += f", {percent(own.at_least(4) / own.rated, 0)} of them High or Very high."
    lowest = own.lowest[0]
    said += f" {_named(lowest.product)} is the lowest, {points(lowest.score)}." if own.rated > 1 else ""
    return f"{said}{left}"


def losses_sentence(losses: list[DomainLoss]) -> str:
    if not losses or losses[0].loss < 0.05:
        return "No domain costs your products points."
    first, second = losses[0], losses[1]
    said = f"{DOMAIN_SUBJECTS[first.code]} costs your products most, {points(first.loss)} points each on average"
    if second.loss < 0.5:
        return f"{said}."
    subject = DOMAIN_SUBJECTS[second.code]
    return f"{said}; {subject[:1].lower()}{subject[1:]} comes next with {points(second.loss)}."


def sites_sentence(sites: list[tuple[SiteStanding, Any, bool]]) -> str:
    """How many assessments hold, and the next that ends."""
    if not sites:
        return ""
    holding = sorted(until for _, until, ended in sites if until and not ended)
    if len(sites) == 1:
        until, ended = sites[0][1:]
        if until is None:
            return "Your establishment was not assessed yet."
        return f"The assessment of your establishment {'ended' if ended else 'holds until'} {day(until)}."
    said = f"{in_words(len(holding)).capitalize()} of your {in_words(len(sites))} establishments "
    said += f"{'has' if len(holding) == 1 else 'have'} an assessment that holds"
    return f"{said}; the next ends on {day(holding[0])}." if holding else f"{said}."


def _named(product: Product) -> str:
    return drug_name(product.nonproprietary_name or product.proprietary_name)


def _count(total: int) -> str:
    return f"{total:,} product{'' if total == 1 else 's'}"


def _bars(own: Portfolio) -> list[dict[str, Any]]:
    methodology = load_methodology(available_versions()[-1])
    names = [head.product.nonproprietary_name for head in own.lowest]
    return [
        {
            # Two products of one drug are told apart by their NDC.
            "label": name.capitalize() if names.count(name) == 1 else head.product.display_ndc,
            "value": head.score,
            "band": head.band,
            "short": points(head.score),
            "text": f"{points(head.score)} {methodology.band_label(head.band or 0)}, "
            f"{coverage(head.coverage).replace(NBSP, ' ')} known",
        }
        for head, name in zip(own.lowest, names, strict=True)
    ]
