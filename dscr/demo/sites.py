"""The 150 establishments: who owns them, where they stand, what they do."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from random import Random

from dscr.access.models import Organisation
from dscr.access.roles import OrganisationKind
from dscr.demo.dice import dice
from dscr.demo.tables import CHARACTERS, TRENDS, City, Maker, Supplier, cities, makers, suppliers
from qmm.models import Establishment, EstablishmentIdentifier

# Invented FEI numbers begin with 9, which none in use does; the pair's are those of the published example.
FIRST_FEI = 9_100_000_101
PAIR_PLANT, PAIR_FIRST_API, PAIR_SECOND_API = "3001000001", "3001000002", "3001000003"
# (owner, FEI, stage, country) of the three establishments whose records the published example fixes.
PAIR_SITES = (
    ("Calderwyn Health", PAIR_PLANT, "fdf", "USA"),
    ("Bhorvani Organics", PAIR_FIRST_API, "api", "IND"),
    ("Aravelle Actives", PAIR_SECOND_API, "api", "ITA"),
)
NOUNS = {
    "fdf": "Plant",
    "api": "API Works",
    "ksm": "Intermediates Works",
    "packaging": "Packaging Center",
    "testing": "Laboratory",
}
OPERATIONS = {
    "fdf": "MANUFACTURE; PACK; LABEL; ANALYSIS",
    "api": "API MANUFACTURE; ANALYSIS",
    "ksm": "API MANUFACTURE",
    "packaging": "PACK; LABEL",
    "testing": "ANALYSIS",
}
STREETS = (
    "Lantern Park Road",
    "Willow Works Lane",
    "Foundry Meadow",
    "Kestrel Industrial Avenue",
    "Old Orchard Estate",
    "Bluebell Technology Park",
    "Canal Quarter",
    "Sample Street",
)
COUNTRY_NAMES = {
    "BRA": "Brazil",
    "CAN": "Canada",
    "CHN": "China",
    "DEU": "Germany",
    "ESP": "Spain",
    "HUN": "Hungary",
    "IND": "India",
    "IRL": "Ireland",
    "ISR": "Israel",
    "ITA": "Italy",
    "JPN": "Japan",
    "KOR": "Korea, South",
    "MEX": "Mexico",
    "PRT": "Portugal",
    "USA": "United States",
}


@dataclass(eq=False, slots=True)
class Site:
    """An establishment and what drives its record. maturity: its QMM level today; drift: what two years added to it."""

    establishment: Establishment
    fei: str
    stage: str
    firm: str
    character: str
    maturity: float
    drift: float

    @property
    def is_of_the_pair(self) -> bool:
        return self.fei in {fei for _, fei, _, _ in PAIR_SITES}


@dataclass(slots=True)
class Places:
    """Organisations by name, and every site."""

    organisations: dict[str, Organisation] = field(default_factory=dict)
    sites: list[Site] = field(default_factory=list)
    identifiers: list[EstablishmentIdentifier] = field(default_factory=list)

    def of(self, firm: str, stage: str) -> list[Site]:
        return [site for site in self.sites if site.firm == firm and site.stage == stage]

    def contractors(self, stage: str) -> list[Site]:
        firms = {supplier.name for supplier in suppliers()}
        return [site for site in self.sites if site.stage == stage and site.firm in firms]


def build_places(seed: int, today: date) -> Places:
    places = Places()
    for firm in (*makers(), *suppliers()):
        places.organisations[firm.name] = Organisation(
            name=firm.name, kinds=[OrganisationKind.MANUFACTURER], is_synthetic=True
        )
        for stage, country in _sites_of(firm):
            _add(places, seed, today, firm, stage, country, str(FIRST_FEI + 7 * len(places.sites)))
    firms = {firm.name: firm for firm in (*makers(), *suppliers())}
    for owner, fei, stage, country in PAIR_SITES:
        _add(places, seed, today, firms[owner], stage, country, fei)
    _tell_apart(places)
    return places


def _sites_of(firm: Maker | Supplier) -> list[tuple[str, str]]:
    if isinstance(firm, Supplier):
        return [(firm.stage, country) for country in firm.sites]
    return [("fdf", country) for country in firm.plants] + [("api", country) for country in firm.actives]


def _add(places: Places, seed: int, today: date, firm: Maker | Supplier, stage: str, country: str, fei: str) -> None:
    roll = dice(seed, "site", fei)
    city = roll.choice(cities()[country])
    establishment = Establishment(
        name=f"{firm.name.split()[0]} {city.city} {NOUNS[stage]}",
        address=_address(roll, city),
        country=country,
        owner=places.organisations[firm.name],
        operations=OPERATIONS[stage],
        registration_expires_on=date(today.year, 12, 31),
        last_seen_on=today,
        is_synthetic=True,
    )
    # Contract sites and API works far from the owner's head office differ more than its own plants.
    spread = 0.22 if isinstance(firm, Maker) else 0.4
    places.sites.append(
        Site(
            establishment,
            fei,
            stage,
            firm.name,
            firm.character,
            maturity=CHARACTERS[firm.character].maturity + roll.gauss(0, spread),
            drift=4 * TRENDS[firm.trend] + roll.gauss(0, 0.2),
        )
    )
    places.identifiers.append(
        EstablishmentIdentifier(establishment=establishment, scheme=EstablishmentIdentifier.Scheme.FEI, value=fei)
    )


def _address(roll: Random, city: City) -> str:
    place = f"{city.city}, {city.region} {city.postcode}, {COUNTRY_NAMES[city.country]} ({city.country})"
    return f"{roll.randint(1, 180)} {roll.choice(STREETS)}, {place}"


def _tell_apart(places: Places) -> None:
    seen: Counter[str] = Counter()
    for site in places.sites:
        name = site.establishment.name
        seen[name] += 1
        if seen[name] > 1:
            site.establishment.name = f"{name} {seen[name]}"
