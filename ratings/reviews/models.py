"""Requests for review, their threads and files. Nothing of them is an input of a rating, and none writes to a head.

The database holds what is promised to both sides: a message and a file are never changed, a decision is never changed,
and nothing is deleted (migration 0005).
"""

import uuid
from datetime import date, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from dscr.access.models import Membership, Organisation
from dscr.access.roles import MAY, Scope
from dscr.access.scoping import ScopedManager
from dscr.evidence.models import EvidenceFile
from products.models import Product
from ratings.reviews.rules import CLOSED_STATES, DAYS, OPEN_STATES, Clock, Event, Kind, Next, Outcome, Side, State
from ratings.reviews.subjects import subject_words

IS_OPEN = Q(closed_at__isnull=True)


class ReviewRequest(models.Model):
    """What one firm contests of one product, against the snapshot that was shown to it at that moment."""

    kind = models.CharField(max_length=11, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.SUBMITTED)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="reviews")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    # No constraint, as with heads: nothing here may make a worker wait. Snapshots cannot be deleted.
    snapshot = models.ForeignKey(
        "ratings.RatingSnapshot", on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    appealed = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="appeal", help_text="Appealed but once."
    )
    subject = models.CharField(max_length=80, help_text="A code of ratings/reviews/subjects.py.")
    should_be = models.CharField(max_length=500, blank=True, help_text="Of a correction: what the input should be.")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField(help_text="The last day to decide, as far as the clock has run.")
    asked_on = models.DateField(null=True, blank=True, help_text="Since when the clock stands still.")
    answer_due_on = models.DateField(null=True, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    next_step = models.CharField(max_length=7, choices=Next.choices, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True, help_text="Decided or withdrawn.")

    objects = ScopedManager()

    class Meta:
        verbose_name = "request for review"
        verbose_name_plural = "requests for review"
        ordering: ClassVar = ["-opened_at", "-id"]
        indexes = [
            # What every reader of ratings asks for each product shown: the few that are open.
            models.Index(fields=["product", "opened_at"], name="review_open", condition=IS_OPEN),
            models.Index(fields=["organisation", "-opened_at"], name="review_of_firm"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "product", "kind", "subject"],
                condition=IS_OPEN & ~Q(kind=Kind.APPEAL),
                name="review_open_once",
            ),
            models.CheckConstraint(
                name="review_open_or_closed",
                condition=Q(state__in=list(OPEN_STATES), closed_at__isnull=True)
                | Q(state__in=list(CLOSED_STATES), closed_at__isnull=False, closed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="review_decision_is_whole",
                condition=Q(state=State.DECIDED, outcome__in=Outcome.values, next_step__in=Next.values)
                | Q(~Q(state=State.DECIDED), outcome="", next_step=""),
            ),
            models.CheckConstraint(
                name="review_appeals_a_decision",
                condition=Q(kind=Kind.APPEAL, appealed__isnull=False) | Q(~Q(kind=Kind.APPEAL), appealed__isnull=True),
            ),
            models.CheckConstraint(
                name="review_question_has_times",
                condition=Q(state=State.MORE_ASKED, asked_on__isnull=False, answer_due_on__isnull=False)
                | Q(~Q(state=State.MORE_ASKED), asked_on__isnull=True, answer_due_on__isnull=True),
            ),
            models.CheckConstraint(name="review_not_its_own_appeal", condition=~Q(appealed=F("id"))),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @staticmethod
    def own_rows(membership: Membership) -> Q:
        """A thread stays with the firm that opened it, whoever enrolls the product later."""
        return Q(organisation=membership.organisation_id)

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def clock(self) -> Clock:
        return Clock(self.due_on, self.asked_on, self.answer_due_on)

    @property
    def subject_label(self) -> str:
        return subject_words(self.kind, self.subject)

    @property
    def appeal_until(self) -> date | None:
        """The last day on which its decision may be appealed; None where there is no appeal."""
        days = DAYS[Kind(self.kind)].appeal
        if self.state != State.DECIDED or not days:
            return None
        return timezone.localtime(self.closed_at).date() + timedelta(days=days)


class ReviewMessage(models.Model):
    """One step or message of a thread, with what was written. Append-only."""

    request = models.ForeignKey(ReviewRequest, on_delete=models.PROTECT, related_name="messages")
    event = models.CharField(max_length=8, choices=Event.choices)
    side = models.CharField(max_length=6, choices=Side.choices)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=60, help_text="Of the author at that time, in words.")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(blank=True)
    is_internal = models.BooleanField(default=False, help_text="For the program operator and auditors alone.")
    form = models.UUIDField(default=uuid.uuid4, help_text="Of the form it was sent by: sent twice, it is one message.")
    written_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager()

    class Meta:
        verbose_name = "review message"
        ordering: ClassVar = ["written_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["author", "form"], name="review_message_once"),
            models.CheckConstraint(
                name="review_message_internal_is_note",
                condition=Q(is_internal=True, event=Event.NOTE, side=Side.OFFICE)
                | Q(~Q(event=Event.NOTE), is_internal=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_event_display()}, {self.written_at:%Y-%m-%d}"

    @staticmethod
    def own_rows(membership: Membership) -> Q:
        """Never an internal note, though the operator's organisation be a firm too."""
        return Q(request__organisation=membership.organisation_id, is_internal=False)


class ReviewFile(EvidenceFile):
    """A file that came with a message; append-only like it."""

    message = models.ForeignKey(ReviewMessage, on_delete=models.PROTECT, related_name="files")

    objects = ScopedManager()

    class Meta:
        verbose_name = "file of evidence"
        verbose_name_plural = "files of evidence"
        ordering: ClassVar = ["given_at", "id"]

    @staticmethod
    def own_rows(membership: Membership) -> Q:
        return Q(message__in=ReviewMessage.objects.filter(ReviewMessage.own_rows(membership)))


class ReviewNotice(models.Model):
    """One person is to be told of one step by mail; written with the step, sent by a worker."""

    message = models.ForeignKey(ReviewMessage, on_delete=models.PROTECT, related_name="notices")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "user"], name="review_notice_once")]
        indexes = [models.Index(fields=["made_at"], name="review_notice_waiting", condition=Q(sent_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.user}: {self.message}"


def side_of(membership: Membership) -> Side | None:
    """On which side a member writes in threads; None for who only reads."""
    if MAY["open_reviews"].get(membership.role) == Scope.OWN:
        return Side.FIRM
    return Side.OFFICE if membership.role in MAY["decide_reviews"] else None
