"""What is still to be scored, by one assessor and by both together."""

from qmm.models import AssessmentCase, CaseAssignment, ConsensusScore, ElementScore
from qmm.models.case import counting
from qmm.rubric.fields import in_order

WIDE = 2  # levels between two assessors that need a recorded reason


def open_elements(assignment: CaseAssignment) -> list[str]:
    """Codes of the case's rubric to which this assessor has given no level, in its order; [] where none is left."""
    given = ElementScore.objects.filter(assignment=assignment, level__isnull=False).values_list("element", flat=True)
    done = set(given)
    return [code for code in codes_of(assignment.case) if code not in done]


def open_consensus(case: AssessmentCase) -> list[str]:
    """Codes without an agreed level, or with a wide gap between the two levels and no reason, in the rubric's order."""
    agreed = {row.element: row for row in ConsensusScore.objects.filter(case=case)}
    wide = wide_gaps(case)
    return [
        code
        for code in codes_of(case)
        if code not in agreed or agreed[code].level is None or (code in wide and not agreed[code].reason.strip())
    ]


def wide_gaps(case: AssessmentCase) -> set[str]:
    """Codes whose two levels lie two or more apart."""
    levels: dict[str, list[int]] = {}
    rows = ElementScore.objects.filter(counting("assignment"), assignment__case=case, level__isnull=False)
    for element, level in rows.values_list("element", "level"):
        levels.setdefault(element, []).append(level)
    return {element for element, given in levels.items() if max(given) - min(given) >= WIDE}


def codes_of(case: AssessmentCase) -> list[str]:
    """Of the version by which the case is assessed; [] while it has none."""
    return in_order(case.rubric.kept_texts) if case.rubric else []
