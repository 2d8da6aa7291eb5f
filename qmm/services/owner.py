"""What an owner decides of its establishment. It takes effect with the commit: readers ask for what is in force."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from dscr.access.models import User
from dscr.access.scoping import may
from qmm.models import Establishment, EstablishmentContact, SiteGrant


@transaction.atomic
def site_grant_give(grant: SiteGrant, *, site: Establishment, user: User) -> SiteGrant:
    """ValidationError with plain words where the firm is not the owner, or exactly this is granted already."""
    site = Establishment.objects.select_for_update(no_key=True).get(pk=site.pk)  # two at once come one after the other
    if site.owner_id != user.membership.organisation_id:
        raise ValidationError("Your organization does not own this establishment any more.")
    grant.establishment, grant.organisation, grant.granted_by = site, user.membership.organisation, user
    grant.validate_constraints()
    same = ("grantee_id", "to_all_makers", "valid_from", "valid_to", "organisation_id")
    there = SiteGrant.objects.filter(
        establishment=site, withdrawn_at=None, **{key: getattr(grant, key) for key in same}
    )
    if there.exists():
        raise ValidationError("You have granted exactly this already. It is in the list.")
    grant.save()
    return grant


def site_grant_withdraw(grant: SiteGrant, *, user: User) -> bool:
    """From now on nobody sees by it. False where it was withdrawn before."""
    rows = SiteGrant.objects.filter(pk=grant.pk, withdrawn_at=None)
    return bool(rows.update(withdrawn_at=timezone.now(), withdrawn_by=user))


def contact_of(site: Establishment, *, user: User) -> EstablishmentContact:
    """A blank one, not stored; whom the program operator names is confirmed with it."""
    contact = EstablishmentContact(establishment=site, named_by=user)
    if may(user, "confirm_contacts"):
        contact.confirmed_by, contact.confirmed_at = user, timezone.now()
    return contact


def contact_confirm(contact: EstablishmentContact, *, user: User) -> bool:
    rows = EstablishmentContact.objects.filter(pk=contact.pk, confirmed_at=None, ended_at=None)
    return bool(rows.update(confirmed_at=timezone.now(), confirmed_by=user))


def contact_end(contact: EstablishmentContact, *, user: User) -> bool:
    rows = EstablishmentContact.objects.filter(pk=contact.pk, ended_at=None)
    return bool(rows.update(ended_at=timezone.now(), ended_by=user))
