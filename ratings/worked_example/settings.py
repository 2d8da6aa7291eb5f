"""A setting of the worked example: what a query asks for, checked at the edge."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlencode

from ratings.scoring import Methodology, load_methodology
from ratings.scoring.example import appendix_b
from ratings.worked_example.controls import AnyControl, Choice, Tick, WrongValueError
from ratings.worked_example.questions import Question, questions
from ratings.worked_example.supply import Site, Stage, sites, stages

PRODUCT = "product"
LETTERS = ("A", "B")
_MOST_UNKNOWN = 3  # unknown parameters that are worth naming


@dataclass(frozen=True, slots=True)
class Example:
    """One product of the published example with everything that can be moved."""

    letter: str
    place: int
    ndc: str
    version: str
    questions: tuple[Question, ...]
    sites: tuple[Site, ...]
    stages: tuple[Stage, ...]
    prior_band: Choice
    in_shortage: Tick

    @property
    def controls(self) -> dict[str, AnyControl]:
        found: list[AnyControl] = [control for item in self.questions for control in item.all_controls]
        found += [control for item in (*self.sites, *self.stages) for control in item.controls]
        return {control.name: control for control in [*found, self.in_shortage, self.prior_band]}


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
        """What reproduces the setting: the product and what differs from the example."""
        moved = {name: self.values[name] for name, control in self.example.controls.items() if self.moved(control)}
        return urlencode({PRODUCT: self.example.letter} | moved)


@cache
def example(version: str, letter: str) -> Example:
    """Product A or B of the example, with the ranges of that methodology."""
    document, methodology, place = appendix_b(), load_methodology(version), LETTERS.index(letter)
    product = document["products"][place]
    return Example(
        letter,
        place,
        product["ndc"],
        version,
        tuple(questions(document, place, methodology)),
        tuple(sites(document, place, methodology)),
        tuple(stages(document, place)),
        _prior_band(product["prior_band"], methodology),
        Tick("in_shortage", "On the shortage list today", "1" if product["in_shortage"] else "0"),
    )


def read_setting(version: str, query: Mapping[str, str]) -> Setting:
    """Reads query parameters (the last of each name). What is missing is as in the example; errors name their input."""
    letter, errors = query.get(PRODUCT, LETTERS[0]), {}
    if letter not in LETTERS:
        errors[""] = f"Product: choose {' or '.join(LETTERS)}."
        letter = LETTERS[0]
    chosen = example(version, letter)
    values = {}
    for name, control in chosen.controls.items():
        try:
            values[name] = control.read(query[name]) if name in query else control.rest
        except WrongValueError as error:
            values[name], errors[name] = query[name], str(error)
    unknown = [name for name in query if name != PRODUCT and name not in values]
    if unknown:
        shown = ", ".join(f"“{name[:40]}”" for name in unknown[:_MOST_UNKNOWN])
        errors[""] = f"The example has nothing called {shown}. Reset it, or mend the address."
    return Setting(chosen, values, errors)


def _prior_band(given: int | None, methodology: Methodology) -> Choice:
    bands = [(str(band.number), band.label) for band in methodology.bands[::-1]]
    return Choice(
        "prior_band", "Band before today", str(given or 0), choices=(("0", "none: rated for the first time"), *bands)
    )
