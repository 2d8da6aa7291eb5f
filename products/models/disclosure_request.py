"""What a purchaser asks a firm to disclose of a product, and the firm's answer."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from dscr.access.models import Membership, Organisation
from dscr.access.roles import MAY, Scope
from dscr.access.scoping import ScopedManager
from products.models.directory import Product
from products.models.disclosure import DisclosureGrant


class DisclosureRequest(models.Model):
    """It discloses nothing by itself; the firm answers with a grant, or declines in words."""

    class State(models.TextChoices):
        OPEN = "open", "Not answered yet"
        GRANTED = "granted", "Granted"
        DECLINED = "declined", "Declined"

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", help_text="The firm that is asked."
    )
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    asking = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", help_text="Who asks.")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    kpis = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, help_text="Codes of the questionnaire's questions."
    )
    shows_supply = models.BooleanField("supply picture", default=False)
    shows_maturity = models.BooleanField("QMM area levels of the firm's own establishments", default=False)
    why = models.CharField(max_length=500)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    answer = models.CharField(max_length=500, blank=True, help_text="The firm's words; who asked reads them.")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    grant = models.ForeignKey(DisclosureGrant, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = ScopedManager()

    class Meta:
        verbose_name = "disclosure request"
        ordering: ClassVar = ["-asked_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="request_asks_something",
                condition=Q(kpis__len__gte=1) | Q(shows_supply=True) | Q(shows_maturity=True),
                violation_error_message="Choose at least one thing.",
            ),
            models.CheckConstraint(name="request_not_of_itself", condition=~Q(asking=F("organisation"))),
            models.CheckConstraint(
                name="request_answer_has_time",
                condition=Q(state="open", answered_at__isnull=True)
                | Q(state__in=["granted", "declined"], answered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="request_granted_by_grant", condition=Q(grant__isnull=False) | ~Q(state="granted")
            ),
        ]
        indexes = [models.Index(fields=["asking", "product", "-asked_at"], name="disclosure_request_asked")]

    def __str__(self) -> str:
        return f"{self.asking} asks {self.organisation}, {self.product}"

    @staticmethod
    def own_rows(membership: Membership) -> Q:
        """Of a maker's firm what it was asked; of anybody else what their organization asked."""
        if MAY["read_grants"].get(membership.role) == Scope.OWN:
            return Q(organisation=membership.organisation_id)
        return Q(asking=membership.organisation_id)
