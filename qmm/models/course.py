"""What is kept of an assessment's course: its timeline, who was told, conflicts of interest, answers, comments, files.

The timeline is append-only (migration 0006).
"""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from dscr.access.models import Membership, Organisation
from dscr.access.scoping import ScopedManager
from dscr.evidence.models import EvidenceFile
from qmm.course.steps import Event, State
from qmm.models.blind import at_work
from qmm.models.case import AssessmentCase


def own_cases(membership: Membership) -> Any:
    return AssessmentCase.objects.filter(AssessmentCase.own_rows(membership)).values("pk")


def assigned_cases(membership: Membership) -> Any:
    return AssessmentCase.objects.filter(AssessmentCase.assigned_rows(membership)).values("pk")


def taken_cases(membership: Membership) -> Any:
    return at_work(membership).values("case")


class OfCase(models.Model):
    """Rows of a case: one's own are those of such a case, an assessor's those of a case that they took."""

    objects = ScopedManager()

    class Meta:
        abstract = True

    @staticmethod
    def own_rows(membership: Membership) -> Q:
        return Q(case__in=own_cases(membership))

    @staticmethod
    def assigned_rows(membership: Membership) -> Q:
        return Q(case__in=taken_cases(membership))


class OfOwner(OfCase):
    """Papers given in confidence by, or to, the firm that owned the establishment then: once it is sold, or merged into
    another firm's, the owner of today does not read them."""

    owner = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who owned the establishment when it was given; the database writes it down.",
    )

    class Meta:
        abstract = True

    @staticmethod
    def own_rows(membership: Membership) -> Q:
        return Q(case__in=own_cases(membership), owner=membership.organisation_id)

    @classmethod
    def is_former(cls, case: AssessmentCase, **which: Any) -> bool:
        """Whether what is there was given under another owner than today's."""
        return cls.objects.filter(case=case, **which).exclude(owner=case.establishment.owner_id).exists()


class CaseEvent(OfCase):
    """One line of a case's timeline: what happened, where it led, who did it and what they wrote."""

    case = models.ForeignKey(AssessmentCase, on_delete=models.PROTECT, related_name="events")
    event = models.CharField(max_length=12, choices=Event.choices)
    came_from = models.CharField(max_length=30, choices=State.choices, blank=True)
    state = models.CharField(max_length=30, choices=State.choices, help_text="After it.")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Blank for what came about by itself.",
    )
    role = models.CharField(max_length=60, blank=True, help_text="At that time, in words.")
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField(null=True, blank=True, help_text="Of the step after it.")
    note = models.TextField(blank=True)
    is_internal = models.BooleanField(default=False, help_text="The establishment does not read the note.")
    is_office = models.BooleanField(default=False, help_text="For the program operator and auditors alone.")
    about = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The assessor whom a line of the office concerns: reads it too.",
    )

    class Meta:
        verbose_name = "line of a case's timeline"
        verbose_name_plural = "lines of cases' timelines"
        ordering: ClassVar = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                name="case_event_has_somebody",
                condition=Q(by__isnull=False, organisation__isnull=False) | Q(event="expire"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_event_display()}, {self.at:%Y-%m-%d}"

    @staticmethod
    def own_rows(membership: Membership) -> Q:
        return Q(case__in=own_cases(membership), is_office=False)

    @staticmethod
    def assigned_rows(membership: Membership) -> Q:
        return Q(case__in=assigned_cases(membership)) & (Q(is_office=False) | Q(about=membership.user_id))


class CaseNotice(models.Model):
    """One person is to be told of one line by mail; written with it, sent by a worker."""

    event = models.ForeignKey(CaseEvent, on_delete=models.PROTECT, related_name="notices")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "user"], name="case_notice_once")]
        indexes = [models.Index(fields=["made_at"], name="case_notice_waiting", condition=Q(sent_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.user}: {self.event}"


class ConflictQuerySet(models.QuerySet):
    def standing(self) -> Self:
        """Conflicts that hold today: the newest declaration of a person about a firm, unless its end is on record."""
        newest = ConflictDeclaration.objects.order_by("user_id", "organisation_id", "-declared_at", "-pk")
        ended = Q(end__isnull=False, end__ends_on__lte=timezone.localdate())
        return self.filter(~ended, pk__in=newest.distinct("user_id", "organisation_id").values("pk"), has_conflict=True)


class ConflictDeclaration(models.Model):
    """What an assessor declared of their interests in a firm; the newest one counts, until its end if one is on record.
    Nothing is changed or deleted."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", help_text="The firm.")
    has_conflict = models.BooleanField()
    nature = models.TextField(blank=True, max_length=2_000)
    declared_at = models.DateTimeField(default=timezone.now)

    objects = models.Manager.from_queryset(ConflictQuerySet)()

    class Meta:
        ordering: ClassVar = ["-declared_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="conflict_has_nature",
                condition=Q(has_conflict=False) | ~Q(nature=""),
                violation_error_message="Say which conflict of interest it is.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} and {self.organisation}"


class ConflictEnd(models.Model):
    """From which day on a declared conflict of interest holds no more, and why; append-only."""

    declaration = models.OneToOneField(ConflictDeclaration, on_delete=models.PROTECT, related_name="end")
    ends_on = models.DateField(help_text="The first day on which it no longer holds.")
    reason = models.TextField(max_length=2_000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.declaration}, from {self.ends_on}"


class CaseSheet(OfOwner):
    """Texts that are written side by side and save themselves: the questionnaire, or the draft of the report.

    `asked`: [{code, section, label, hint}] as it was when the sheet began; `texts`: code -> text; `edits`: code ->
    {by, name, at} of its last change.
    """

    class Kind(models.TextChoices):
        QUESTIONNAIRE = "questionnaire", "Questionnaire"
        DRAFT = "draft", "Draft report"

    case = models.ForeignKey(AssessmentCase, on_delete=models.PROTECT, related_name="sheets")
    kind = models.CharField(max_length=13, choices=Kind.choices)
    asked = models.JSONField()
    texts = models.JSONField(default=dict)
    edits = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "kind", "owner"], name="sheet_once_per_case", nulls_distinct=False),
            models.UniqueConstraint(fields=["case"], condition=Q(kind="draft"), name="sheet_one_draft_per_case"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of case {self.case_id}"

    @property
    def open_codes(self) -> list[str]:
        return [item["code"] for item in self.asked if not self.texts.get(item["code"], "").strip()]


class FactComment(OfOwner):
    """What the establishment says of one passage of the draft, and what the assessors answered."""

    class Verdict(models.TextChoices):
        CORRECTED = "corrected", "The draft is corrected"
        PARTLY = "partly", "The draft is corrected in part"
        KEPT = "kept", "The draft stays as it is"

    case = models.ForeignKey(AssessmentCase, on_delete=models.PROTECT, related_name="comments")
    element = models.CharField(max_length=4)
    passage = models.TextField(blank=True, help_text="As it was when it was commented on.")
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    verdict = models.CharField(max_length=9, choices=Verdict.choices, blank=True)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "comment on a draft report"
        ordering: ClassVar = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                name="comment_answer_is_whole",
                condition=Q(answered_at=None, answered_by=None, answer="", verdict="")
                | Q(~Q(answer=""), ~Q(verdict=""), answered_at__isnull=False, answered_by__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.element} of case {self.case_id}"

    @property
    def anchor(self) -> str:
        return f"comment-{self.pk}"


class CaseFile(EvidenceFile, OfOwner):
    """A file for everybody on the case: a site master file, an agenda. Never an assessor's evidence."""

    case = models.ForeignKey(AssessmentCase, on_delete=models.PROTECT, related_name="files")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "file of a case"
        verbose_name_plural = "files of cases"
        ordering: ClassVar = ["given_at", "id"]

    def __str__(self) -> str:
        return self.name
