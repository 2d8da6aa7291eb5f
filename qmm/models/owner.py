"""What an establishment's owner decides and says: who may see more of it, and whom to ask there."""

from datetime import date, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from dscr.access.models import Membership, Organisation
from dscr.access.roles import OrganisationKind
from dscr.access.scoping import ScopedManager, ScopedQuerySet
from qmm.models.dates import dates_within_reason
from qmm.models.establishment import Establishment


class SiteGrantQuerySet(ScopedQuerySet):
    def in_force(self, today: date | None = None) -> Self:
        """Those that hold today, given by the firm that owns the site still."""
        today = today or timezone.localdate()
        return self.filter(
            withdrawn_at=None, valid_from__lte=today, valid_to__gt=today, organisation=F("establishment__owner")
        )

    def reaching(self, membership: Membership) -> Self:
        """Given to the reader's organization, or to all makers where it is one."""
        reached = Q(grantee=membership.organisation_id)
        if OrganisationKind.MANUFACTURER in membership.organisation.kinds:
            reached |= Q(to_all_makers=True)
        return self.filter(reached)


class SiteGrant(models.Model):
    """The owner lets a maker that buys from the site see its QMM level and official actions in the maker's own
    products, instead of only what the stage costs; for [valid_from, valid_to).

    Never edited: the database refuses any change but its withdrawal, from which moment it is gone.
    """

    establishment = models.ForeignKey(Establishment, on_delete=models.PROTECT, related_name="sight_grants")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", help_text="The owner that gives it."
    )
    grantee = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    to_all_makers = models.BooleanField(default=False)
    valid_from = models.DateField()
    valid_to = models.DateField(help_text="The first day on which it no longer holds.")
    reason = models.CharField(max_length=300, blank=True)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = ScopedManager.from_queryset(SiteGrantQuerySet)()

    class Meta:
        ordering: ClassVar = ["-granted_at", "-id"]
        constraints = [
            dates_within_reason("site_grant", "valid_from", "valid_to"),
            models.CheckConstraint(
                name="site_grant_dates_in_order",
                condition=Q(valid_to__gt=F("valid_from")),
                violation_error_message="The last day must not come before the first.",
            ),
            models.CheckConstraint(
                name="site_grant_to_one_or_all",
                condition=Q(grantee__isnull=False, to_all_makers=False) | Q(grantee__isnull=True, to_all_makers=True),
                violation_error_message="Choose either one maker or all makers.",
            ),
            models.CheckConstraint(
                name="site_grant_not_to_itself",
                condition=Q(grantee__isnull=True) | ~Q(grantee=F("organisation")),
                violation_error_message="Your own organization sees its establishments already.",
            ),
            models.CheckConstraint(
                name="site_grant_withdrawal_has_time",
                condition=Q(withdrawn_by__isnull=True) | Q(withdrawn_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.establishment} to {self.recipient}"

    @property
    def recipient(self) -> str:
        return str(self.grantee) if self.grantee else "all makers"

    @property
    def last_day(self) -> date:
        return self.valid_to - timedelta(days=1)

    @staticmethod
    def own_rows(membership: Membership) -> Q:
        """What one's firm gave of a site that it owns today."""
        return Q(organisation=membership.organisation_id, establishment__owner=membership.organisation_id)


class EstablishmentContact(models.Model):
    """A person at the site, as its owner names them; told to others once the operator has confirmed it."""

    establishment = models.ForeignKey(Establishment, on_delete=models.PROTECT, related_name="contacts")
    name = models.CharField(max_length=150)
    email = models.EmailField("e-mail address")
    purpose = models.CharField("what for", max_length=200, help_text="Such as scheduling, quality, supply planning.")
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    named_at = models.DateTimeField(auto_now_add=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager()

    class Meta:
        ordering: ClassVar = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                "establishment",
                Lower("email"),
                condition=Q(ended_at=None),
                name="contact_once_per_site",
                violation_error_message="This person is a contact of the establishment already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.establishment}"

    @staticmethod
    def own_rows(membership: Membership) -> Q:
        return Q(establishment__owner=membership.organisation_id)

    @staticmethod
    def assigned_rows(membership: Membership) -> Q:
        """Only confirmed ones: an assessor writes to them."""
        sites = Establishment.objects.filter(Establishment.assigned_rows(membership))
        return Q(establishment__in=sites, confirmed_at__isnull=False)
