"""What an establishment does about a final assessment: its improvement plan, the actions with every change of them, and
who was reminded of what. The log of changes is append-only (migration 0012)."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from dscr.access.models import Membership
from dscr.access.scoping import ScopedManager
from dscr.evidence.models import EvidenceFile
from qmm.models.assessment import Assessment
from qmm.models.case import AssessmentCase
from qmm.models.course import OfOwner, assigned_cases
from qmm.models.dates import dates_within_reason
from qmm.models.findings import Finding


class ImprovementPlan(OfOwner):
    """One of a case is sent. Each owner of the site begins one of their own; until it is sent it is a draft that saves
    itself: texts as they were typed, valid or not.

    `texts`: "2.what" -> text of the second drafted action, "none" -> why no action is needed; `edits`: key -> {by,
    name, at} of its last change; `left_out`: numbers of drafted actions that sending leaves out.
    """

    case = models.ForeignKey(AssessmentCase, on_delete=models.PROTECT, related_name="plans")
    texts = models.JSONField(default=dict)
    edits = models.JSONField(default=dict)
    left_out = models.JSONField(default=list)
    drafted = models.PositiveSmallIntegerField(default=0, help_text="The highest number of an action.")
    revision = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    no_action = models.TextField(blank=True, help_text="Why no action is needed, as it was sent.")
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "owner"], name="plan_once_per_owner", nulls_distinct=False),
            models.UniqueConstraint(fields=["case"], condition=Q(sent_at__isnull=False), name="plan_sent_once"),
        ]

    def __str__(self) -> str:
        return f"Improvement plan of case {self.case_id}"

    @classmethod
    def sent_by_former(cls, case: AssessmentCase) -> bool:
        """Whether the plan of the case is a former owner's: the one of today neither reads nor changes it."""
        return cls.is_former(case, sent_at__isnull=False)


class OfPlan(models.Model):
    """Rows of an action: one's own and assigned ones are those of such a case."""

    PLAN = "action__plan"

    objects = ScopedManager()

    class Meta:
        abstract = True

    @classmethod
    def own_rows(cls, membership: Membership) -> Q:
        plans = ImprovementPlan.objects.filter(ImprovementPlan.own_rows(membership))
        return Q(**{f"{cls.PLAN}__in": plans.values("pk")})

    @classmethod
    def assigned_rows(cls, membership: Membership) -> Q:
        return Q(**{f"{cls.PLAN}__case__in": assigned_cases(membership)})


class ImprovementAction(OfPlan):
    """One action of a plan that was sent: which element it lifts to which level, by whom and until when."""

    PLAN = "plan"

    class Standing(models.TextChoices):
        PLANNED = "planned", "Planned"
        UNDER_WAY = "under_way", "Under way"
        DONE = "done", "Done"
        DROPPED = "dropped", "Dropped"

    plan = models.ForeignKey(ImprovementPlan, on_delete=models.PROTECT, related_name="actions")
    number = models.PositiveSmallIntegerField()
    element = models.CharField(max_length=4, help_text="Code in the case's version of the rubric.")
    finding = models.ForeignKey(Finding, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    what = models.TextField(max_length=2_000)
    responsible = models.CharField(max_length=150, help_text="As the firm names the person.")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The same person in DSCR, who is reminded too.",
    )
    due_on = models.DateField()
    target = models.PositiveSmallIntegerField(validators=[MinValueValidator(2), MaxValueValidator(5)])
    standing = models.CharField(max_length=9, choices=Standing.choices, default=Standing.PLANNED)
    done_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    form = models.UUIDField(default=uuid.uuid4, help_text="Of the form it was sent by: sent twice, it is one action.")
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="action_number_once"),
            models.UniqueConstraint(fields=["plan", "form"], name="action_once"),
            models.CheckConstraint(name="action_target", condition=Q(target__range=(2, 5))),
            models.CheckConstraint(
                name="action_done_has_day",
                condition=Q(standing="done", done_on__isnull=False) | ~Q(standing="done") & Q(done_on=None),
            ),
            dates_within_reason("action", "due_on", "done_on"),
        ]

    def __str__(self) -> str:
        return f"Action {self.number} of {self.plan}"

    @property
    def is_open(self) -> bool:
        return self.standing in (self.Standing.PLANNED, self.Standing.UNDER_WAY)


class ActionChange(OfPlan):
    """One change of one action, with what it was before; append-only."""

    class Field(models.TextChoices):
        ADDED = "added", "Added"
        STANDING = "standing", "Standing"
        DUE_ON = "due_on", "Due"
        DONE_ON = "done_on", "Done on"
        RESPONSIBLE = "responsible", "Responsible"
        NOTE = "note", "Note"

    action = models.ForeignKey(ImprovementAction, on_delete=models.PROTECT, related_name="changes")
    field = models.CharField(max_length=11, choices=Field.choices)
    old = models.CharField(max_length=300, blank=True)
    new = models.CharField(max_length=300, blank=True)
    note = models.TextField(blank=True, max_length=2_000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "change of an action"
        verbose_name_plural = "changes of actions"
        ordering: ClassVar = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.get_field_display()}, {self.at:%Y-%m-%d}"


class ActionFile(EvidenceFile, OfPlan):
    """A file that shows that an action was done; append-only."""

    action = models.ForeignKey(ImprovementAction, on_delete=models.PROTECT, related_name="files")

    class Meta:
        verbose_name = "file of an action"
        verbose_name_plural = "files of actions"
        ordering: ClassVar = ["given_at", "id"]

    def __str__(self) -> str:
        return self.name


class Told(models.Model):
    """That one person is to be told of something from a day on; written before it is sent, so that nothing is sent
    twice."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    day = models.DateField(help_text="From which it is told.")
    made_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class PlanReminder(Told):
    """Of a plan that is not sent, or of one of its actions."""

    case = models.ForeignKey(AssessmentCase, on_delete=models.PROTECT, related_name="plan_reminders")
    action = models.ForeignKey(ImprovementAction, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "action", "user", "day"], name="plan_reminder_once", nulls_distinct=False
            )
        ]
        indexes = [models.Index(fields=["made_at"], name="plan_reminder_waiting", condition=Q(sent_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.user}: plan of case {self.case_id} from {self.day}"


class ExpiryWarning(Told):
    """That an assessment that counts is going to expire."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="warnings")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["assessment", "user", "day"], name="expiry_warning_once")]
        indexes = [models.Index(fields=["made_at"], name="expiry_warning_waiting", condition=Q(sent_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.user}: {self.assessment} from {self.day}"
