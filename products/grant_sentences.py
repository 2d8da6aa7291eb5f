"""A grant in words: exactly what is disclosed, to whom, and when; the same before it is given and after."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from products.drug_names import drug_name
from products.models import DisclosureGrant, DisclosureRequest, Product
from products.questionnaire import QUESTIONS

LABELS = {question.code: question.label for question in QUESTIONS}
SUPPLY = "the supply picture"
MATURITY = "QMM area levels"
NAMED = 5  # products in a sentence


def things(grant: DisclosureGrant | DisclosureRequest) -> str:
    """fill rate, on-time delivery and the supply picture; of a request, what is asked for."""
    return joined([*kpi_names(grant.kpis), *([SUPPLY] * grant.shows_supply), *([MATURITY] * grant.shows_maturity)])


def recipient(grant: DisclosureGrant) -> str:
    return "all purchasers" if grant.to_all_purchasers else grant.grantee.name


def preview(grant: DisclosureGrant, products: Sequence[Product]) -> list[str]:
    """What will be seen, sentence by sentence. `products` are those chosen; none means all of the firm."""
    who = "Every purchaser" if grant.to_all_purchasers else grant.grantee.name
    when = f"From {day(grant.valid_from)} to {day(grant.valid_to - timedelta(days=1))}"
    said = [f"{when}, {who[:1].lower() + who[1:] if grant.to_all_purchasers else who} will see of {_named(products)}:"]
    if grant.kpis:
        names = joined(kpi_names(grant.kpis))
        said.append(f"What you reported for {names}; of a rate, the counts behind it too.")
    if grant.shows_supply:
        said.append(
            "The supply picture: every establishment of every stage with its name, country, share, and whether it is "
            "qualified. No levels and no official actions."
        )
    if grant.shows_maturity:
        said.append(
            "The levels of the five practice areas of the establishments that you own and that supply the product, "
            "with their names. Nothing of establishments of other firms."
        )
    return said


def kpi_names(codes: Iterable[str]) -> list[str]:
    """In the order of the questionnaire, as they stand within a sentence."""
    chosen = set(codes)
    return [label[:1].lower() + label[1:] for code, label in LABELS.items() if code in chosen]


def day(on: date) -> str:
    """March 3, 2026."""
    return f"{on:%B} {on.day}, {on.year}"


def joined(parts: Sequence[str]) -> str:
    """a; a and b; a, b and c."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def _named(products: Sequence[Product]) -> str:
    if not products:
        return "all your products, also those that you enroll later"
    names = [f"{drug_name(p.nonproprietary_name or p.proprietary_name)} ({p.display_ndc})" for p in products]
    if len(names) > NAMED:
        return f"{len(names)} products, among them {joined(names[:NAMED])}"
    return joined(names)
