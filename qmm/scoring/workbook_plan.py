"""What a workbook would change, sealed, so that exactly what was reported is stored: all of it or nothing."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.core import signing
from django.db import transaction

from dscr.access.models import User
from dscr.sheets import Change
from qmm.models import CaseAssignment
from qmm.scoring.workbook_reading import Reading
from qmm.services.findings import Given, finding_add
from qmm.services.scoring import levels_save, rubric_of

SALT = "qmm.scoring.workbook"
NOT_OF_THIS_FORM = "The report is not of this form. Send the file once more."
OTHER_RUBRIC = (
    "Another version of the rubric came into force since the file was checked. Nothing was stored: get the workbook "
    "anew and copy your levels and notes into it."
)
CHANGED = "You changed something on the page since the file was checked. Nothing was stored: send the file once more."


class PlanError(Exception):
    """The plan is not of this form, or the form is not any more what it was made against; the message says which."""


@dataclass(frozen=True, slots=True)
class Plan:
    """changes: (key, text stored then, text of the workbook, changed in both). findings: (form, element, kind, text,
    evidence). rubric: the version by whose anchors the levels were given."""

    rubric: str
    changes: list[tuple[str, str, str, bool]]
    findings: list[tuple[str, str, str, str, str]]

    @property
    def clashes(self) -> list[str]:
        return [key for key, _, _, clashes in self.changes if clashes]


def plan_of(reading: Reading, assignment: CaseAssignment) -> str:
    content = {
        "form": assignment.pk,
        "rubric": reading.rubric,
        "changes": [[row.key, row.stored, row.given, row.clashes] for row in reading.changes],
        "findings": [
            [str(row.form(assignment.pk)), row.code, row.kind, row.text, row.evidence] for row in reading.findings
        ],
    }
    return signing.dumps(content, salt=SALT, compress=True)


def plan_read(sealed: str, assignment: CaseAssignment) -> Plan:
    """PlanError where it is forged, or of another form."""
    try:
        content = signing.loads(sealed, salt=SALT)
    except signing.BadSignature:
        content = {}
    if content.get("form") != assignment.pk:
        raise PlanError(NOT_OF_THIS_FORM)
    return Plan(content.get("rubric", ""), content["changes"], content["findings"])


@transaction.atomic
def plan_store(plan: Plan, assignment: CaseAssignment, *, user: User, take: Collection[str]) -> int:
    """How many levels and notes were stored. `take`: keys of texts changed in both places of which the workbook's is
    taken; of the others the form's stays. PlanError, and what `levels_save` and `finding_add` raise."""
    if plan.rubric != rubric_of(assignment.case).version:
        raise PlanError(OTHER_RUBRIC)
    changes = {key: Change(was, now) for key, was, now, clashes in plan.changes if not clashes or key in take}
    if levels_save(assignment, changes, user=user, whole=True).conflicts:
        raise PlanError(CHANGED)
    for form, code, kind, text, evidence in plan.findings:
        finding_add(assignment, code, user=user, given=Given(kind, text, evidence, form=uuid.UUID(form)))
    return len(changes)
