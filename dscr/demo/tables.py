"""The hand-written part: firms, molecules and cities, read from the files beside this one."""

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Character:
    """What kind of firm it is. steadiness drives its KPIs (0..1), maturity its QMM levels (1..5)."""

    steadiness: float
    maturity: float
    second_sources: float  # chance that a product has another qualified API source, asked again for each further one
    contract_share: float  # chance that a product is made at a contract site
    withholds: float  # chance that a figure is not disclosed


CHARACTERS = {
    "strong": Character(0.93, 4.65, 0.90, 0.05, 0.02),
    "solid": Character(0.72, 4.0, 0.65, 0.15, 0.05),
    "average": Character(0.54, 3.4, 0.45, 0.25, 0.08),
    "lean": Character(0.40, 3.0, 0.26, 0.35, 0.09),
    "fragile": Character(0.25, 2.5, 0.12, 0.30, 0.14),
}
# What the two years add to steadiness and, times four, to a QMM level.
TRENDS = {"improving": 0.18, "steady": 0.02, "declining": -0.16}


@dataclass(frozen=True, slots=True)
class Maker:
    """A firm that enrols products. plants and actives: the countries of its own finished-dose and API plants."""

    name: str
    labeler: str
    character: str
    trend: str
    products: int
    plants: list[str]
    actives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Supplier:
    """A firm that works for others at one stage."""

    name: str
    stage: str
    character: str
    trend: str
    sites: list[str]


@dataclass(frozen=True, slots=True)
class Bystander:
    """A labeler that does not take part."""

    name: str
    labeler: str


@dataclass(frozen=True, slots=True)
class Molecule:
    """demand: how many of the enrolled products are of it. api_sites: how many places in the world make it."""

    name: str
    substances: tuple[str, ...]
    form: str
    route: str
    strengths: tuple[str, ...]
    category: str
    application: str
    lists: str
    demand: int
    api_sites: int

    @property
    def key(self) -> str:
        return "; ".join(sorted(self.substances))


@dataclass(frozen=True, slots=True)
class City:
    country: str
    city: str
    region: str
    postcode: str


@cache
def _firms() -> dict[str, list[dict]]:
    return tomllib.loads((FOLDER / "firms.toml").read_text("utf-8"))


@cache
def makers() -> tuple[Maker, ...]:
    return tuple(Maker(**entry) for entry in _firms()["maker"])


@cache
def suppliers() -> tuple[Supplier, ...]:
    return tuple(Supplier(**entry) for entry in _firms()["supplier"])


@cache
def bystanders() -> tuple[Bystander, ...]:
    return tuple(Bystander(**entry) for entry in _firms()["bystander"])


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def molecules() -> tuple[Molecule, ...]:
    return tuple(
        Molecule(
            **{
                **row,
                "substances": tuple(row["substances"].split("; ")),
                "strengths": tuple(row["strengths"].split("|")),
                "demand": int(row["demand"]),
                "api_sites": int(row["api_sites"]),
            }
        )
        for row in _rows("molecules.csv")
    )


@cache
def cities() -> dict[str, list[City]]:
    by_country: dict[str, list[City]] = {}
    for row in _rows("cities.csv"):
        by_country.setdefault(row["country"], []).append(City(**row))
    return by_country
