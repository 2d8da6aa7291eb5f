"""Drug lists, and entries of a shortages list: some running, some over, some products given up."""

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from dscr.demo.calendar import Calendar
from dscr.demo.dice import day_between, dice, friday
from dscr.demo.directory import Item
from dscr.demo.tables import molecules
from products.models import DrugList, DrugListEntry, Shortage

CURRENT, RESOLVED, DISCONTINUED = 14, 14, 3
REASONS = (
    "Demand increase for the drug",
    "Shortage of an active ingredient",
    "Delay in shipping of the drug",
    "Requirements related to complying with good manufacturing practices",
)
LISTS = {
    "acute": ("Acute care essentials (synthetic demonstration)", "Injectables a hospital cannot do without for a day."),
    "oncology": ("Oncology essentials (synthetic demonstration)", "Generic cancer drugs without an equal substitute."),
}


def build_lists() -> tuple[list[DrugList], list[DrugListEntry]]:
    lists = {code: DrugList(name=name, description=text, is_synthetic=True) for code, (name, text) in LISTS.items()}
    entries = [
        DrugListEntry(drug_list=lists[molecule.lists], molecule=molecule.key)
        for molecule in molecules()
        if molecule.lists
    ]
    return list(lists.values()), entries


def build_shortages(seed: int, calendar: Calendar, items: list[Item], bystanders: list[Item]) -> list[Shortage]:
    """Also notes on each product when its supply broke, for its KPIs to show it."""
    roll = dice(seed, "shortages")
    # The less steady, the likelier; a few products that do not take part are short too.
    regular = [item for item in items if item.part == "regular" and not item.is_of_the_pair]
    regular.sort(key=lambda item: item.steadiness + roll.gauss(0, 0.25))
    short = regular[: CURRENT + RESOLVED]
    roll.shuffle(short)
    found: list[Shortage] = []
    for number, item in enumerate([*short, *roll.sample(bystanders, 5)]):
        if CURRENT <= number < CURRENT + RESOLVED:
            began = calendar.ago(roll.uniform(220, 620))
            found += _entries(roll, item, began, day_between(roll, began + timedelta(50), began + timedelta(200)))
        else:
            began = calendar.ago(roll.uniform(12, 260))
            found += _entries(roll, item, began, None)
        item.setbacks.append(began)
    for item in roll.sample(bystanders, DISCONTINUED):
        found += _rows(roll, item, Shortage.Status.TO_BE_DISCONTINUED, calendar.ago(roll.uniform(20, 200)))
    return found


def _entries(roll: Random, item: Item, began: date, ended: date | None) -> Iterator[Shortage]:
    yield from _rows(roll, item, Shortage.Status.CURRENT, began)
    if ended:
        yield from _rows(roll, item, Shortage.Status.RESOLVED, ended)


def _rows(roll: Random, item: Item, status: str, day: date) -> Iterator[Shortage]:
    day = friday(day)
    reason = roll.choice(REASONS) if status == Shortage.Status.CURRENT else ""
    for package in item.packages:
        yield Shortage(
            package_ndc=package.ndc,
            status=status,
            changed_on=day,
            posted_on=day,
            generic_name=item.molecule.name,
            company_name=item.product.labeler_name,
            presentation=package.description,
            reason=reason,
            therapeutic_category=item.molecule.category,
            entry_key=hashlib.sha256(f"demo/{package.ndc}/{status}/{day}".encode()).hexdigest(),
            is_synthetic=True,
        )
