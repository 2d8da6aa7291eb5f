"""Invitations: a role in an organisation, offered to an address, claimed once within two weeks."""

import contextlib
import hashlib
import secrets
from datetime import timedelta
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from dscr.access.models import Membership, Organisation, User
from dscr.access.roles import KINDS_OF_ROLE, OrganisationKind, Role
from dscr.access.scoping import ScopedManager

VALID_FOR = timedelta(days=14)


class Invitation(models.Model):
    email = models.EmailField(max_length=254, db_index=True)
    full_name = models.CharField(max_length=200, blank=True)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="invitations", verbose_name="organization"
    )
    role = models.CharField(max_length=30, choices=Role.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="The first day on which it no longer holds.")
    administers = models.BooleanField(
        default=False, editable=False, help_text="Opens the admin too: only the first operator's invitation does."
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="invitations_sent", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(editable=False)
    accepted_at = models.DateTimeField(null=True, editable=False)
    accepted_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="invitations_accepted", editable=False
    )
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = ScopedManager()

    class Meta:
        app_label = "access"
        ordering: ClassVar = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="invitation_dates_in_order",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")),
                violation_error_message="The end must come after the start.",
            ),
            models.CheckConstraint(name="invitation_role_known", condition=Q(role__in=Role.values)),
        ]

    def __str__(self) -> str:
        return f"{self.email}, {self.get_role_display()} at {self.organisation}"

    @property
    def state(self) -> str:
        """accepted, revoked, expired or waiting."""
        if self.accepted_at:
            return "accepted"
        if self.revoked_at:
            return "revoked"
        return "waiting" if self.expires_at > timezone.now() else "expired"

    def clean(self) -> None:
        self.email = self.email.lower()
        if self.organisation_id and self.role:
            check_role_fits(self.organisation, self.role)


def check_role_fits(organisation: Organisation, role: str) -> None:
    """ValidationError on `role` when the organisation is of another kind."""
    needed = KINDS_OF_ROLE[Role(role)]
    if needed in organisation.kinds:
        return
    kinds = " and ".join(OrganisationKind(kind).label.lower() for kind in organisation.kinds)
    raise ValidationError(
        {
            "role": f"{Role(role).label} is a role in an organization of the kind “{needed.label.lower()}”; "
            f"{organisation} is: {kinds}."
        }
    )


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def invitation_issue(invitation: Invitation) -> str:
    """Stores the invitation under a new token, which is returned and nowhere kept; an earlier link ends."""
    token = secrets.token_urlsafe(32)
    invitation.token_hash = hash_of(token)
    invitation.expires_at = timezone.now() + VALID_FOR
    invitation.save()
    return token


def invitation_of(token: str) -> Invitation | None:
    digest = hash_of(token)
    found = Invitation.objects.select_related("organisation", "invited_by").filter(token_hash=digest).first()
    return found if found and secrets.compare_digest(found.token_hash, digest) else None


def waiting_invitations() -> models.QuerySet[Invitation]:
    return Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())


class NotClaimableError(Exception):
    """The invitation is another address's, or no longer waits."""


@transaction.atomic
def invitation_claim(invitation: Invitation, user: User) -> Membership:
    """The membership that the invitation gives the user; a role that they hold already is not given twice."""
    locked = Invitation.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=invitation.pk)
    if locked.state != "waiting" or locked.email != user.email.lower() or not user.is_active:
        raise NotClaimableError
    today = timezone.localdate()
    held = user.memberships.filter(
        Q(ends_on=None) | Q(ends_on__gt=today), organisation=locked.organisation, role=locked.role
    ).first()
    membership = held or _membership_from(locked, user)
    locked.accepted_at, locked.accepted_by = timezone.now(), user
    locked.save(update_fields=["accepted_at", "accepted_by"])
    _refresh(user, administers=locked.administers)
    return membership


def _membership_from(invitation: Invitation, user: User) -> Membership:
    """A membership that began on the same day and has ended is taken up again."""
    membership, _ = Membership.objects.update_or_create(
        user=user,
        organisation=invitation.organisation,
        role=invitation.role,
        starts_on=invitation.starts_on,
        defaults={"ends_on": invitation.ends_on},
    )
    return membership


def _refresh(user: User, *, administers: bool) -> None:
    for known in ("memberships_today", "membership"):
        with contextlib.suppress(AttributeError):  # not read yet
            delattr(user, known)
    if administers and not (user.is_staff and user.is_superuser):
        user.is_staff = user.is_superuser = True
        user.save(update_fields=["is_staff", "is_superuser"])


def claim_waiting(user: User) -> list[Membership]:
    """What waits for the user's address, claimed. Called where the address is known to be theirs."""
    claimed = []
    for invitation in waiting_invitations().filter(email=user.email.lower()):
        with contextlib.suppress(NotClaimableError):  # revoked, or claimed in another window, a moment ago
            claimed.append(invitation_claim(invitation, user))
    return claimed
