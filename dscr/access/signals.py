"""What follows from an account and from signing in: a confirmed address, and the invitations that waited for it."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import user_logged_in
from django.contrib import messages
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest

from dscr.access.invitations import claim_waiting
from dscr.access.middleware import CHOSEN
from dscr.access.models import User


@receiver(post_save, sender=User, dispatch_uid="confirm_address")
def confirm_address(instance: User, created: bool, raw: bool = False, update_fields: Any = None, **kwargs: Any) -> None:
    """Accounts come from the operator or from an invitation sent to the address, so the address counts as confirmed."""
    if raw or (update_fields is not None and "email" not in update_fields):
        return
    address, confirmed = instance.email.lower(), {"verified": True, "primary": True}
    if created:
        EmailAddress.objects.create(user=instance, email=address, **confirmed)
        return
    EmailAddress.objects.filter(user=instance).exclude(email=address).delete()
    EmailAddress.objects.update_or_create(user=instance, email=address, defaults=confirmed)


@receiver(user_logged_in, dispatch_uid="claim_invitations")
def claim_invitations(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """An invitation needs no link once its address signs in."""
    memberships = claim_waiting(user)
    for membership in memberships:
        messages.success(request, f"You now work for {membership.organisation} as {membership.get_role_display()}.")
    if memberships and request.session.get(CHOSEN) is None and user.membership:
        request.session[CHOSEN] = user.membership.pk
