"""The operator's admin of users, organizations and memberships, and what every admin of DSCR shares."""

from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import BaseUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.forms import ModelForm
from django.forms.models import InlineForeignKeyField
from django.http import HttpRequest

from dscr.access.models import Membership, Organisation, User

admin.site.site_header = "DSCR records"
admin.site.site_title = "DSCR records"
admin.site.index_title = "Change a record; every rating that depends on it follows by itself"
admin.site.empty_value_display = "–"


TIMES = f"Times are those of the program's time zone, {settings.TIME_ZONE}."


class CarefulAdmin(admin.ModelAdmin):
    """Inputs are closed by date or voided with a reason. Deleting is the exception, for superusers only."""

    class Media:
        css: ClassVar = {"all": ("css/admin.css",)}

    show_full_result_count = False
    list_per_page = 50

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)


class RightsAdmin(CarefulAdmin):
    """Who may do what is for superusers alone: anyone else could give themselves, or take, every right."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_delete_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_delete_permission(request)


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that only workers write."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ChildForm(ModelForm):
    """A row beside its parent. Django leaves the parent out of constraint checks there; with it, an overlap is an error
    in words instead of one from the database."""

    def _post_clean(self) -> None:
        super()._post_clean()
        parents = {name for name, field in self.fields.items() if isinstance(field, InlineForeignKeyField)}
        saved = {name for name in parents if getattr(self.instance, f"{name}_id")}
        if self.errors or not saved:
            return
        try:
            self.instance.validate_constraints(exclude=self._get_validation_exclusions() - saved)
        except ValidationError as error:
            self._update_errors(error)


admin.site.unregister(Group)  # rights come from memberships


class UserCreation(BaseUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "full_name")


class UserChange(UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"


class MembershipInline(admin.TabularInline):
    model = Membership
    form = ChildForm
    extra = 0
    autocomplete_fields = ("organisation",)


@admin.register(User)
class PersonAdmin(RightsAdmin, UserAdmin):
    form = UserChange
    add_form = UserCreation
    list_display = ("email", "full_name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "memberships__role")
    search_fields = ("email", "full_name")
    ordering = ("email",)
    inlines = (MembershipInline,)
    readonly_fields = ("last_login", "created_at")
    fieldsets = (
        (None, {"fields": ("email", "full_name", "password")}),
        ("May", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("When", {"fields": ("last_login", "created_at")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "full_name", "password1", "password2")}),)


@admin.register(Organisation)
class OrganisationAdmin(CarefulAdmin):
    list_display = ("name", "kinds", "is_synthetic", "created_at")
    list_filter = ("is_synthetic",)
    search_fields = ("name",)
    readonly_fields = ("created_at",)


@admin.register(Membership)
class MembershipAdmin(RightsAdmin):
    list_display = ("user", "organisation", "role", "starts_on", "ends_on")
    list_filter = ("role", "starts_on", "ends_on")
    list_select_related = ("user", "organisation")
    search_fields = ("user__email", "user__full_name", "organisation__name")
    autocomplete_fields = ("user", "organisation")
    date_hierarchy = "starts_on"


# Addresses follow their users, and a session's key would let its reader in.
admin.site.unregister([EmailAddress, UserSession, Authenticator])


@admin.register(Authenticator)
class SecondFactorAdmin(ReadOnlyAdmin):
    """To help someone who lost phone and codes: a superuser deletes what they lost. Secrets are not shown."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    list_select_related = ("user",)
    search_fields = ("user__email", "user__full_name")
    fields = ("user", "type", "created_at", "last_used_at")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)
