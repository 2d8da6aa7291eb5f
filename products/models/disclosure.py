"""What a manufacturer shows of a product beyond what is published, to whom and for how long."""

from datetime import date, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from dscr.access.models import Membership, Organisation
from dscr.access.roles import MAY, OrganisationKind, Role, Scope
from dscr.access.scoping import ScopedManager, ScopedQuerySet
from products.models.directory import Product
from products.models.enrolment import Enrolment
from qmm.models import dates_within_reason


class GrantQuerySet(ScopedQuerySet):
    def in_force(self, today: date | None = None) -> Self:
        today = today or timezone.localdate()
        return self.filter(withdrawn_at=None, valid_from__lte=today, valid_to__gt=today)

    def of_product(self, product: Product | OuterRef, today: date | None = None) -> Self:
        """Those that hold for the product: it is named or all are, and the granting firm has it enrolled today.

        So a grant ends when another firm takes the product over: that firm's figures are its own.
        """
        today = today or timezone.localdate()
        enrolled = Enrolment.objects.filter(
            Q(withdrawn_on=None) | Q(withdrawn_on__gt=today),
            product=OuterRef(product) if isinstance(product, OuterRef) else product,
            organisation=OuterRef("organisation"),
            enrolled_on__lte=today,
        )
        return self.filter(Q(product=product) | Q(product=None)).filter(Exists(enrolled))


class DisclosureGrant(models.Model):
    """Sight of chosen KPI values, the supply picture or QMM area levels, for [valid_from, valid_to).

    Never edited: the database refuses any change but its withdrawal, from which moment it is gone.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="grants_given", help_text="The firm that discloses."
    )
    product = models.ForeignKey(
        Product,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="grants",
        help_text="Blank for all products of the firm, whenever it enrolls them.",
    )
    grantee = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="grants_received"
    )
    to_all_purchasers = models.BooleanField(default=False)
    kpis = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, help_text="Codes of the questionnaire's questions."
    )
    shows_supply = models.BooleanField("supply picture", default=False)
    shows_maturity = models.BooleanField("QMM area levels of the firm's own establishments", default=False)
    valid_from = models.DateField()
    valid_to = models.DateField(help_text="The first day on which it no longer holds.")
    reason = models.CharField(max_length=300, blank=True)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = ScopedManager.from_queryset(GrantQuerySet)()

    class Meta:
        ordering: ClassVar = ["-granted_at", "-id"]
        constraints = [
            dates_within_reason("grant", "valid_from", "valid_to"),
            models.CheckConstraint(
                name="grant_dates_in_order",
                condition=Q(valid_to__gt=F("valid_from")),
                violation_error_message="The last day must not come before the first.",
            ),
            models.CheckConstraint(
                name="grant_shows_something",
                condition=Q(kpis__len__gte=1) | Q(shows_supply=True) | Q(shows_maturity=True),
                violation_error_message="Choose at least one thing to disclose.",
            ),
            models.CheckConstraint(
                name="grant_to_one_or_all",
                condition=Q(grantee__isnull=False, to_all_purchasers=False)
                | Q(grantee__isnull=True, to_all_purchasers=True),
                violation_error_message="Choose either one organization or all purchasers.",
            ),
            models.CheckConstraint(
                name="grant_not_to_itself",
                condition=Q(grantee__isnull=True) | ~Q(grantee=F("organisation")),
                violation_error_message="Your own organization sees its figures already.",
            ),
            models.CheckConstraint(
                name="grant_withdrawal_has_time", condition=Q(withdrawn_by__isnull=True) | Q(withdrawn_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} to {self.grantee or 'all purchasers'}, {self.product or 'all products'}"

    @property
    def last_day(self) -> date:
        return self.valid_to - timedelta(days=1)

    @staticmethod
    def own_rows(membership: Membership) -> Q:
        """What a maker's firm gave; for who reads by grants, what was given to their organization.

        "All purchasers" reaches purchasers only, and none whose organization makes drugs itself.
        """
        if MAY["read_grants"].get(membership.role) == Scope.OWN:
            return Q(organisation=membership.organisation_id)
        given = Q(grantee=membership.organisation_id)
        makes = OrganisationKind.MANUFACTURER in membership.organisation.kinds
        if membership.role == Role.PURCHASER and not makes:
            given |= Q(to_all_purchasers=True)
        return given
