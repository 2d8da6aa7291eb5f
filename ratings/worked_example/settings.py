"""A setting of an example: what a query asks for, checked at the edge."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import urlencode

from ratings.scoring import Methodology, load_methodology
from ratings.scoring.example import appendix_b
from ratings.worked_example.controls import AnyControl, Choice, Tick, WrongValueError, written
from ratings.worked_example.questions import Question, questions
from ratings.worked_example.supply import Site, Stage, sites, stages

PRODUCT = "product"
LETTERS = ("A", "B")
_MOST_UNKNOWN = 3  # unknown parameters that are worth naming


@dataclass(frozen=True, slots=True)
class Example:
    """One product with everything that can be moved: of the published example, or one of the register.

    `document` is the portfolio that it stands in, not to be changed. `called` and `as_is` are words for it and for how
    it stands; `fixed` are the parameters that every address of it has.
    """

    called: str
    as_is: str
    document: dict[str, Any]
    place: int
    questions: tuple[Question, ...]
    sites: tuple[Site, ...]
    stages: tuple[Stage, ...]
    prior_band: Choice | None
    in_shortage: Tick
    fixed: dict[str, str]
    hides_levels: bool = False  # of other firms' sites: how much of the sites' QMM is known is not told

    @property
    def version(self) -> str:
        return self.document["methodology"]

    @property
    def letter(self) -> str:
        """Of a product of the published example."""
        return self.fixed[PRODUCT]

    @property
    def controls(self) -> dict[str, AnyControl]:
        found: list[AnyControl] = [control for item in self.questions for control in item.all_controls]
        found += [control for item in (*self.sites, *self.stages) for control in item.controls]
        found += [self.in_shortage, *([self.prior_band] if self.prior_band else [])]
        return {control.name: control for control in found}


@dataclass(frozen=True, slots=True)
class Setting:
    """The values of all inputs as text; those in `errors` (by input, "" for the query itself) are as they came."""

    example: Example
    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    def moved(self, *controls: AnyControl) -> bool:
        return any(self.values[control.name] != control.rest for control in controls)

    def is_ticked(self, tick: Tick | None) -> bool:
        return tick is not None and self.values[tick.name] == "1"

    @property
    def query(self) -> str:
        """What reproduces the setting: what is fixed, and what differs from the example."""
        moved = {name: self.values[name] for name, control in self.example.controls.items() if self.moved(control)}
        return urlencode(self.example.fixed | moved)


@cache
def example(version: str, letter: str) -> Example:
    """Product A or B of the example, with the ranges of that methodology."""
    document, methodology, place = appendix_b(), load_methodology(version), LETTERS.index(letter)
    product = document["products"][place]
    return Example(
        f"product {letter}",
        "as published",
        document | {"methodology": version},
        place,
        tuple(questions(document, place, methodology)),
        tuple(sites(document, place, methodology)),
        tuple(stages(document, place)),
        _prior_band(product["prior_band"], methodology),
        shortage_tick(product),
        {PRODUCT: letter},
    )


def shortage_tick(product: dict[str, Any]) -> Tick:
    return Tick("in_shortage", "On the shortage list today", "1" if product["in_shortage"] else "0")


def read_setting(version: str, query: Mapping[str, str]) -> Setting:
    """A setting of the published example. What is missing is as in the example; errors name their input."""
    letter = query.get(PRODUCT, LETTERS[0])
    chosen = example(version, letter if letter in LETTERS else LETTERS[0])
    setting = setting_of(chosen, {name: text for name, text in query.items() if name != PRODUCT})
    if letter not in LETTERS and "" not in setting.errors:
        setting.errors[""] = f"Product: choose {' or '.join(LETTERS)}."
    return setting


def setting_of(chosen: Example, query: Mapping[str, str]) -> Setting:
    """Reads query parameters. What is missing is as it stands; errors name their input, "" the query itself."""
    values, errors = {}, {}
    for name, control in chosen.controls.items():
        given = query.get(name, control.rest)
        try:
            values[name] = given if given == control.rest else control.read(given)
        except WrongValueError as error:
            values[name], errors[name] = given, str(error)
    unknown = [name for name in query if name not in values]
    if unknown:
        shown = ", ".join(f"“{name[:40]}”" for name in unknown[:_MOST_UNKNOWN])
        errors[""] = f"The example has nothing called {shown}. Reset it, or mend the address."
    for stage in chosen.stages:
        errors |= _too_much(stage, values, errors)
    return Setting(chosen, values, errors)


def _too_much(stage: Stage, values: Mapping[str, str], errors: Mapping[str, str]) -> dict[str, str]:
    """More than the whole of a stage, said at the first share that was moved."""
    if any(share.name in errors for share in stage.shares):
        return {}
    total = sum((Decimal(values[share.name]) for share in stage.shares), Decimal(0))
    moved = [share.name for share in stage.shares if values[share.name] != share.rest]
    if total <= 100 or not moved:
        return {}
    return {moved[0]: f"{stage.label}: the shares add up to {written(total)}%, and 100% is the whole. Lower one."}


def _prior_band(given: int | None, methodology: Methodology) -> Choice:
    bands = [(str(band.number), band.label) for band in methodology.bands[::-1]]
    return Choice(
        "prior_band", "Band before today", str(given or 0), choices=(("0", "none: rated for the first time"), *bands)
    )
