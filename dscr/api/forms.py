"""The form that makes a token."""

from typing import Any

from django import forms

from dscr.access.forms import Worded
from dscr.access.models import Membership, User
from dscr.api.tokens import DEFAULT_DAYS, MOST_DAYS

LIFETIMES = ((7, "7 days"), (30, "30 days"), (DEFAULT_DAYS, f"{DEFAULT_DAYS} days"), (MOST_DAYS, "one year"))


class MembershipChoice(forms.ModelChoiceField):
    def label_from_instance(self, membership: Membership) -> str:
        return f"{membership.get_role_display()}, {membership.organisation}"


class TokenForm(Worded):
    labels = {"name": "What will use it", "membership": "Reads as", "days": "Valid for"}
    helps = {"name": "Such as: night import of the purchasing system."}

    name = forms.CharField(max_length=100, error_messages={"required": "Say what will use the token."})
    membership = MembershipChoice(
        queryset=Membership.objects.none(),
        empty_label=None,
        error_messages={"required": "Choose a membership.", "invalid_choice": "Choose one of your memberships."},
    )
    days = forms.TypedChoiceField(choices=LIFETIMES, coerce=int, initial=DEFAULT_DAYS)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = [membership.pk for membership in user.memberships_today]
        self.fields["membership"].queryset = (
            Membership.objects.filter(pk__in=held).select_related("organisation").order_by("starts_on", "id")
        )
        if user.membership:
            self.fields["membership"].initial = user.membership.pk
