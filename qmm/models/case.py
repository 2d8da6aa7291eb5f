"""An assessment on its way: where it stands and who was given it. Its outcome is an Assessment."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from dscr.access.models import Membership
from dscr.access.scoping import ScopedManager
from qmm.course.steps import State
from qmm.models.assessment import Assessment
from qmm.models.dates import dates_within_reason
from qmm.models.establishment import Establishment
from qmm.models.rubric import Rubric


class AssessmentCase(models.Model):
    """The course of one assessment of one establishment (design/domain.md, "QMM assessment")."""

    State = State

    establishment = models.ForeignKey(Establishment, on_delete=models.PROTECT, related_name="cases")
    state = models.CharField(max_length=30, choices=State.choices, default=State.REQUESTED)
    requested_on = models.DateField()
    visit_starts_on = models.DateField(null=True, blank=True, help_text="First day of the visit, once scheduled.")
    due_on = models.DateField(null=True, blank=True, help_text="When the present step is due.")
    closed_on = models.DateField(null=True, blank=True)
    rubric = models.ForeignKey(
        Rubric, null=True, blank=True, on_delete=models.PROTECT, related_name="cases", help_text="Kept for ever."
    )
    assessment = models.OneToOneField(
        Assessment, null=True, blank=True, on_delete=models.PROTECT, related_name="case", help_text="Its outcome."
    )

    objects = ScopedManager()

    class Meta:
        ordering: ClassVar = [F("due_on").asc(nulls_last=True), "id"]
        indexes = [models.Index(fields=["due_on", "id"], name="case_open_by_due", condition=Q(closed_on__isnull=True))]
        constraints = [
            dates_within_reason("case", "requested_on", "visit_starts_on", "due_on", "closed_on"),
            models.UniqueConstraint(
                fields=["establishment"], condition=Q(closed_on__isnull=True), name="case_one_open_per_establishment"
            ),
        ]

    def __str__(self) -> str:
        return f"Assessment case of {self.establishment}"

    @staticmethod
    def own_rows(membership: Membership) -> Q:
        return Q(establishment__owner=membership.organisation_id)

    @staticmethod
    def assigned_rows(membership: Membership) -> Q:
        """Also once it is closed: who finished a case reads it for ever, and its state lets nobody write."""
        return Q(pk__in=CaseAssignment.objects.filter(membership=membership, ended_on__isnull=True).values("case"))


def counting(path: str = "") -> Q:
    """Assignments whose levels count (`path` leads to them): of who gave them and is at work on the case, or left it
    with somebody in their place who carries on."""
    at = f"{path}__" if path else ""
    return Q(**{f"{at}ended_on": None, f"{at}carries_on": None}) | Q(**{f"{at}levels_stand": True})


class CaseAssignment(models.Model):
    """One assessor on one case; the lead is one of the two.

    Who comes in once the levels are compared gives none: `carries_on` is then the assignment of who gave them.
    """

    case = models.ForeignKey(AssessmentCase, on_delete=models.CASCADE, related_name="assignments")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="case_assignments")
    is_lead = models.BooleanField(default=False)
    assigned_on = models.DateField()
    ended_on = models.DateField(
        null=True, blank=True, help_text="When the assessor left it; blank for who stayed to the case's end."
    )
    accepted_at = models.DateTimeField(
        null=True, blank=True, help_text="When the assessor took it, declaring no conflict of interest."
    )
    finished_at = models.DateTimeField(null=True, blank=True, help_text="When the assessor had given every level.")
    carries_on = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Whose levels stand."
    )
    levels_stand = models.BooleanField(
        default=False, db_default=False, help_text="The assessor left after the consensus began, and a substitute came."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "membership"],
                condition=Q(ended_on__isnull=True),
                name="assignment_once_per_case_and_assessor",
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(is_lead=True, ended_on__isnull=True), name="assignment_one_lead_per_case"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership} on case {self.case_id}"
