"""Who works here and for whom: users, organisations, memberships."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property

from dscr.access.roles import OrganisationKind, Role


class UserManager(BaseUserManager["User"]):
    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email__iexact=email)


class User(AbstractBaseUser, PermissionsMixin):
    """A person, known by e-mail address. What they may see comes from a membership, never from the user alone."""

    email = models.EmailField(max_length=254, unique=True, help_text="The address to sign in with.")
    full_name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField("may use the admin", default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()
    chosen_membership_id: int | None = None  # by the session or the token
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique")]

    def __str__(self) -> str:
        return self.full_name or self.email

    @cached_property
    def memberships_today(self) -> list["Membership"]:
        """Those that hold today, oldest first. Known already of who is signed in (dscr/access/backends.py)."""
        return holding_today(self.memberships.select_related("organisation").order_by("starts_on", "id"))

    @cached_property
    def membership(self) -> "Membership | None":
        """The one active membership, by which alone anything may be seen: the chosen one while it holds, and the
        oldest where none was chosen."""
        chosen = self.chosen_membership_id
        return next((held for held in self.memberships_today if chosen in (None, held.pk)), None)


class Organisation(models.Model):
    name = models.CharField(max_length=200, unique=True)
    kinds = ArrayField(
        models.CharField(max_length=20, choices=OrganisationKind.choices),
        help_text="What it does in the program, comma-separated: " + ", ".join(OrganisationKind.values),
    )
    is_synthetic = models.BooleanField(
        default=False, help_text="Invented for demonstration; every page that shows it says so."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "organization"
        ordering: ClassVar = ["name"]
        constraints = [
            models.CheckConstraint(
                name="organisation_kinds_known",
                condition=Q(kinds__contained_by=list(OrganisationKind.values)) & Q(kinds__len__gte=1),
                violation_error_message="Choose at least one of: " + ", ".join(OrganisationKind.values) + ".",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One role of one user in one organisation, from a date, to a date or open."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=30, choices=Role.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="The first day on which it no longer holds.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "organisation", "role", "starts_on"], name="membership_unique"),
            models.CheckConstraint(
                name="membership_dates_in_order",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")),
                violation_error_message="The end must come after the start.",
            ),
            models.CheckConstraint(name="membership_role_known", condition=Q(role__in=Role.values)),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()} at {self.organisation}"


def holding_today(memberships: Iterable[Membership]) -> list[Membership]:
    """A person has few: sorted out here, the query is made in half the time."""
    today = timezone.localdate()
    return [held for held in memberships if held.starts_on <= today and (held.ends_on is None or held.ends_on > today)]


from dscr.access.invitations import Invitation  # noqa: E402, F401  found by Django here
