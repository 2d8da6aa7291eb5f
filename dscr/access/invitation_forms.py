"""The forms of inviting someone and of accepting an invitation."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.db.models import Q
from django.utils import timezone

from dscr.access.forms import NEW_PASSWORD, Worded
from dscr.access.invitations import Invitation, check_role_fits, waiting_invitations
from dscr.access.models import Membership, Organisation, User
from dscr.access.roles import Role


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class InvitationForm(Worded, forms.ModelForm):
    organisation = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"list": "organizations"}))
    role = forms.ChoiceField(choices=[("", "Choose a role"), *Role.choices])

    labels = {
        "email": "E-mail address",
        "full_name": "Full name (optional)",
        "organisation": "Organization",
        "role": "Role",
        "starts_on": "First day",
        "ends_on": "Ends on (optional)",
    }
    helps = {
        "organisation": "Type to choose one of the list.",
        "ends_on": "The first day on which the role no longer holds. Leave empty for an open end.",
    }

    class Meta:
        model = Invitation
        fields = ("email", "full_name", "organisation", "role", "starts_on", "ends_on")
        widgets = {"starts_on": DateInput(), "ends_on": DateInput()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("starts_on", timezone.localdate())
        self.fields["email"].widget.attrs["autocomplete"] = "off"

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()

    def clean_organisation(self) -> Organisation:
        name = self.cleaned_data["organisation"].strip()
        found = Organisation.objects.filter(name__iexact=name).first()
        if found is None:
            raise forms.ValidationError(
                f"No organization is called “{name}”. Choose one of the list, or add it in the admin first."
            )
        return found

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        email, organisation, role = (given.get(name) for name in ("email", "organisation", "role"))
        if given.get("ends_on") and given["ends_on"] <= timezone.localdate():
            self.add_error("ends_on", "The end lies in the past: the membership would never hold.")
        if organisation and role:
            try:
                check_role_fits(organisation, role)
            except forms.ValidationError as error:
                self.add_error(None, error)
                return given
            if email:
                self._check_news(email, organisation, role)
        return given

    def _check_news(self, email: str, organisation: Organisation, role: str) -> None:
        offer = {"organisation": organisation, "role": role}
        holds = Q(ends_on=None) | Q(ends_on__gt=timezone.localdate())
        if Membership.objects.filter(holds, user__email__iexact=email, **offer).exists():
            self.add_error("email", f"{email} has this role at {organisation} already.")
        elif waiting_invitations().filter(email=email, **offer).exists():
            self.add_error("email", f"{email} is invited to this role already. Resend that invitation below.")


class AcceptForm(Worded):
    """Name and password of a new person."""

    full_name = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password1 = forms.CharField(strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))
    password2 = forms.CharField(strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))

    labels = {"full_name": "Full name", "password1": "Password", "password2": "Password again"}
    helps = {"password1": NEW_PASSWORD}

    def __init__(self, invitation: Invitation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"full_name": invitation.full_name}, **kwargs)
        self.invitation = invitation

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        first, second = given.get("password1"), given.get("password2")
        if first and second and first != second:
            self.add_error("password2", "The two passwords are not the same.")
        elif first:
            person = User(email=self.invitation.email, full_name=given.get("full_name", ""))
            try:
                validate_password(first, person)
            except forms.ValidationError as error:
                self.add_error("password1", error)
        return given
