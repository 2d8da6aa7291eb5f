"""The sentences of an establishment's page, written from the data by rules."""

import re
from collections.abc import Sequence

from qmm.models import Inspection
from ratings import figures
from ratings.figures import first_up, in_words
from ratings.queries.establishment_dependents import Dependents
from ratings.queries.establishment_detail import AssessmentFact

MATURITY = (
    "Quality management maturity (QMM) is how far a site's practices go beyond what the law requires. It is no "
    "inspection and says nothing about whether a drug is safe or effective."
)


def dependents_sentence(dependents: Dependents) -> str:
    """How many products and molecules depend on the site, and for how many of them there is no other."""
    count = dependents.product_count
    if not count:
        return "No enrolled product depends on it."
    who = f"{first_up(in_words(count))} {'product' if count == 1 else 'products'}"
    if dependents.rated_count == count:
        who = f"{first_up(in_words(count))} rated {'product' if count == 1 else 'products'}"
    molecules = f"{in_words(dependents.molecule_count)} {'molecule' if dependents.molecule_count == 1 else 'molecules'}"
    said = f"{who} of {molecules} {'depends' if count == 1 else 'depend'} on it"
    if dependents.rated_count != count:
        said += f", {in_words(dependents.rated_count) if dependents.rated_count else 'none'} of them rated"
    return said + _only(dependents) + "."


def _only(dependents: Dependents) -> str:
    if not dependents.only_count:
        return ""
    every = dependents.only_count == dependents.product_count
    whom = in_words(dependents.only_count)
    if every:
        whom = "this one" if dependents.product_count == 1 else "all of them"
    what = "the only source of a stage" if dependents.by_sources else "the only establishment given at a stage"
    return f"; for {whom} it is {what}"


def assessments_sentence(assessments: Sequence[AssessmentFact]) -> str:
    """When it was assessed last, how it ended for those who may know, and how long that counts."""
    if not assessments:
        return "Not assessed yet. Assessments are voluntary, so that is neither good nor bad."
    newest = assessments[0]
    level = "" if newest.mean is None else f", mean level {figures.level(newest.mean)} of 5"
    said = f"Assessed on {figures.day(newest.completed_on)}{level}."
    if newest.is_valid:
        return f"{said} It counts until {figures.day(newest.last_day)}."
    return f"{said} It counted until {figures.day(newest.last_day)} and has expired."


def inspections_sentence(inspections: Sequence[Inspection]) -> str:
    """How the last inspection ended, and whether an official action is open."""
    if not inspections:
        return "No inspection is on record."
    newest = inspections[0]
    said = (
        f"Last inspected on {figures.day(newest.ended_on)}: {newest.get_classification_display().partition(': ')[2]}."
    )
    open_actions = [row for row in inspections if row.classification == "OAI" and not row.resolved_on]
    return f"{said} An official action is open." if newest in open_actions else said


def operations_said(text: str) -> str:
    """API MANUFACTURE; ANALYSIS as "API manufacture; analysis"."""
    return first_up(re.sub(r"\bapi\b", "API", text.lower()))
