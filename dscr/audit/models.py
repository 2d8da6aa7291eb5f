"""One table of all that was done with confidential records. It is only ever added to."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from dscr.access.scoping import ScopedManager


class ClockTimestamp(models.Func):
    """The time of the statement, not of its transaction."""

    template = "clock_timestamp()"
    output_field = models.DateTimeField()


class Action(models.TextChoices):
    ADDED = "added", "Added"
    CHANGED = "changed", "Changed"
    DELETED = "deleted", "Deleted"
    EMPTIED = "emptied", "Emptied a whole table"
    VIEWED = "viewed", "Viewed"
    EXPORTED = "exported", "Exported"
    DOWNLOADED = "downloaded", "Downloaded"
    SIGNED_IN = "signed in", "Signed in"
    SIGNED_OUT = "signed out", "Signed out"
    SIGN_IN_FAILED = "sign-in failed", "Failed to sign in"
    TOKEN_MADE = "token made", "Made an API token"
    TOKEN_REVOKED = "token revoked", "Revoked an API token"
    REFUSED = "refused", "Was refused"


def text_field(help_text: str = "") -> models.TextField:
    return models.TextField(db_default="", default="", blank=True, help_text=help_text)


class AuditEntry(models.Model):
    """Who did what to which row. People, organisations and rows may go later: what names them is copied as text.

    A statement on up to a hundred rows has an entry for each, with `before` and `after` holding the columns that
    changed. A larger one has one entry: `row_count`, `ids` (10,000 at most) and `columns`.
    """

    at = models.DateTimeField(db_default=ClockTimestamp())
    action = models.CharField(max_length=20, choices=Action.choices)
    kind = models.CharField(max_length=40, blank=True, db_default="", default="")
    subject_id = models.BigIntegerField(null=True)
    label = text_field("What names the row, where that was known when it was written.")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    row_count = models.BigIntegerField(null=True)
    ids = ArrayField(models.BigIntegerField(), null=True)
    columns = ArrayField(models.TextField(), null=True, help_text="Changed columns, as the first hundred rows show.")
    detail = text_field()

    user_id = models.BigIntegerField(null=True)
    user_name = text_field()
    user_email = text_field()
    membership_id = models.BigIntegerField(null=True)
    role = text_field()
    organisation = text_field()
    via = text_field("page, API, admin, command …, or database.")
    database_role = text_field()
    request_id = text_field()
    address = text_field()
    view_hour = models.IntegerField(null=True, help_text="Of a view: hours since 1970. A view is noted once an hour.")

    objects = ScopedManager()

    class Meta:
        db_table = "audit_entry"
        verbose_name = "audit entry"
        verbose_name_plural = "audit entries"
        ordering: ClassVar = ["-at", "-id"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="audit_by_time"),
            models.Index(fields=["kind", "subject_id", "-at", "-id"], name="audit_by_subject"),
            models.Index(fields=["user_id", "-at", "-id"], name="audit_by_user"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.kind} {self.subject_id or ''} {self.at}"
