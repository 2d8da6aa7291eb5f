"""Products, their packages and enrolments: who makes what, and how each takes part."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from dscr.access.models import Organisation
from dscr.demo.calendar import Calendar
from dscr.demo.dice import day_between, dice, friday, monday
from dscr.demo.sites import Places
from dscr.demo.tables import CHARACTERS, Bystander, Maker, Molecule, bystanders, makers, molecules
from products.models import Enrolment, Package, Product

PAIR_MAKER = "Calderwyn Health"
PAIR = (("999901-0101", "Cisplatin"), ("999901-0202", "Vincristine Sulfate"))
# How products take part, apart from the many that simply do. Withdrawn ones come on top of the 600 enrolled.
PARTS = {"withdrawn": 10, "suspended": 5, "expired": 14, "new": 16, "thin": 8, "secretive": 8}
NOT_ENROLLED = 120
ATTESTATION = "Our organization is the labeler of this product or authorized by it to enroll it."


@dataclass(eq=False, slots=True)
class Item:
    """A product in the making. steadiness: how its KPIs stand today, 0..1. setbacks: days on which supply broke."""

    product: Product
    packages: list[Package]
    molecule: Molecule
    maker: Maker | None
    steadiness: float = 0.5
    part: str = "regular"
    enrolment: Enrolment | None = None
    setbacks: list[date] = field(default_factory=list)

    @property
    def ndc(self) -> str:
        return self.product.ndc

    @property
    def is_of_the_pair(self) -> bool:
        return self.ndc in dict(PAIR)


def build_items(seed: int, calendar: Calendar, places: Places) -> list[Item]:
    """Every enrolled product, maker by maker."""
    items = []
    deck = _deck(seed)
    for maker in makers():
        for number in range(maker.products):
            if maker.name == PAIR_MAKER and number < len(PAIR):
                ndc, name = PAIR[number]
                molecule = next(m for m in molecules() if m.name == name)
            else:
                ndc, molecule = f"{maker.labeler}-{3017 + 11 * number:04d}", deck.pop()
            items.append(_item(seed, ndc, molecule, maker))
    _give_parts(seed, items)
    for item in items:
        _enrol(seed, calendar, item, places.organisations[item.maker.name])
    return items


def _deck(seed: int) -> list[Molecule]:
    """One card for each product wanted, as many of a molecule as its demand says; the busiest fill up."""
    cards = [molecule for molecule in molecules() for _ in range(molecule.demand)]
    wanted = sum(maker.products for maker in makers()) - len(PAIR)
    busiest = sorted(molecules(), key=lambda molecule: -molecule.demand)
    cards += busiest[: wanted - len(cards)]
    dice(seed, "deck").shuffle(cards)
    return cards


def _item(seed: int, ndc: str, molecule: Molecule, firm: Maker | Bystander) -> Item:
    roll = dice(seed, "product", ndc)
    product = Product(
        ndc=ndc,
        display_ndc=ndc,
        labeler_name=firm.name,
        proprietary_name=molecule.name,
        nonproprietary_name=molecule.name,
        substances=list(molecule.substances),
        molecule=molecule.key,
        dosage_form=molecule.form,
        route=molecule.route,
        strength=roll.choice(molecule.strengths),
        product_type="HUMAN PRESCRIPTION DRUG",
        marketing_category=molecule.application,
        application_number=_application_number(roll, molecule),
        is_synthetic=True,
    )
    maker = firm if isinstance(firm, Maker) else None
    steadiness = CHARACTERS[maker.character].steadiness + roll.gauss(0, 0.09) if maker else 0.5
    return Item(product, _packages(roll, product, molecule), molecule, maker, steadiness)


def _application_number(roll: Random, molecule: Molecule) -> str:
    """Made up too: none so high has been given. Unapproved drugs have none."""
    return f"{molecule.application}9{roll.randint(0, 99999):05d}" if molecule.application in ("ANDA", "NDA") else ""


def _packages(roll: Random, product: Product, molecule: Molecule) -> list[Package]:
    unit = "BOTTLE" if molecule.route == "ORAL" else "VIAL"
    counts = (30, 100, 500) if unit == "BOTTLE" else (1, 10, 25)
    chosen = sorted(roll.sample(counts, roll.choice((1, 1, 2))))
    return [
        Package(
            product=product,
            ndc=f"{product.ndc}-{number:02d}",
            display_ndc=f"{product.ndc}-{number:02d}",
            description=f"{count} {unit} in 1 CARTON ({product.ndc}-{number:02d})",
        )
        for number, count in enumerate(chosen, start=1)
    ]


def _give_parts(seed: int, items: list[Item]) -> None:
    plain = [item for item in items if item.maker.name != PAIR_MAKER and len(item.molecule.substances) == 1]
    chosen = dice(seed, "parts").sample(plain, sum(PARTS.values()))
    for part, count in PARTS.items():
        for _ in range(count):
            chosen.pop().part = part


def _enrol(seed: int, calendar: Calendar, item: Item, organisation: Organisation) -> None:
    """Most joined before the first quarter end, the rest quarter by quarter."""
    roll = dice(seed, "enrolment", item.ndc)
    first, today = calendar.quarter_ends[0], calendar.today
    begun = day_between(roll, calendar.opening, first)
    if item.part == "new":
        begun = day_between(roll, today - timedelta(days=40), today - timedelta(days=2))
    elif item.part in ("regular", "secretive") and not item.is_of_the_pair and roll.random() < 0.18:
        begun = day_between(roll, first, calendar.quarter_ends[5])
    begun = max(monday(begun), calendar.opening)
    item.enrolment = Enrolment(
        product=item.product, organisation=organisation, enrolled_on=begun, attestation=ATTESTATION
    )
    if item.part == "withdrawn":
        item.enrolment.withdrawn_on = monday(calendar.ago(roll.uniform(20, 300)))
    elif item.part == "suspended":
        item.enrolment.suspended_on = friday(calendar.ago(roll.uniform(10, 160)))
        item.enrolment.suspension_reason = "Data integrity: the delivery figures do not agree with the order lines."


def build_bystanders(seed: int) -> list[Item]:
    """Products of the same molecules that do not take part: of other labelers, and a few of the makers."""
    roll = dice(seed, "bystanders")
    singles = [molecule for molecule in molecules() if len(molecule.substances) == 1]
    items = []
    for number in range(NOT_ENROLLED):
        firm = roll.choice(bystanders()) if number % 4 else roll.choice(makers()[1:])
        items.append(_item(seed, f"{firm.labeler}-{7003 + 13 * number:04d}", roll.choice(singles), firm))
    return items
