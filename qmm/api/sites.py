"""What an owner says of its establishment, by machine: whom to ask there, and which makers see more of it."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError as ModelError
from django.db import IntegrityError
from django.db.models import F, QuerySet
from django.forms import Form
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.access.scoping import may
from dscr.api.concurrency import etag_of, not_modified, require_match
from dscr.api.endpoint import Endpoint
from dscr.api.errors import ProblemError
from dscr.api.idempotency import IDEMPOTENCY_KEY, once
from dscr.audit.notes import note
from qmm.api import case_examples, examples
from qmm.api.case_shared import CHANGED, IF_MATCH, LARGEST, NO_MATCH, Body, example, made, read_body
from qmm.api.views import ID
from qmm.forms import ALL, ONE, ContactForm, SiteGrantForm
from qmm.models import Establishment, EstablishmentContact, SiteGrant
from qmm.queries.site_looks import MOST, site_looks
from qmm.services.owner import contact_confirm, contact_end, contact_of, site_grant_give, site_grant_withdraw

TAG = ["establishments"]
SITE_GRANT = OpenApiParameter("site_grant", OpenApiTypes.INT, OpenApiParameter.PATH, description="As in the list.")
CONTACT = OpenApiParameter("contact", OpenApiTypes.INT, OpenApiParameter.PATH, description="As in the list.")
NAMES_OF_FORM = {"grantee": "recipient", "recipient": "recipient", "last_day": "valid_to"}


class SiteGrantConflictError(ProblemError):
    status_code, code = 409, "grant-conflict"


class ContactConflictError(ProblemError):
    status_code, code = 409, "contact-conflict"


class SiteGrantSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    owner = serializers.CharField(help_text="That gave it.")
    recipient = serializers.CharField(allow_null=True, help_text="The maker; null for all makers that buy there.")
    to_all_makers = serializers.BooleanField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(help_text="The first day on which it no longer holds.")
    reason = serializers.CharField(allow_blank=True)
    granted_at = serializers.DateTimeField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class SiteGrantsSerializer(serializers.Serializer):
    results = SiteGrantSerializer(many=True, help_text="The newest first, ended and withdrawn ones too.")


class SiteGrantRequestSerializer(Body):
    recipient = serializers.CharField(
        max_length=200, required=False, allow_null=True, default=None, help_text="Name of a maker of the program."
    )
    to_all_makers = serializers.BooleanField(required=False, default=False)
    valid_from = serializers.DateField(help_text="Today or later.")
    valid_to = serializers.DateField(help_text="The first day on which it no longer holds.")
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if bool(given["recipient"]) == given["to_all_makers"]:
            raise serializers.ValidationError({"recipient": "Give either one maker or to_all_makers."})
        if given["valid_to"] <= given["valid_from"]:
            raise serializers.ValidationError({"valid_to": "The end must come after the first day."})
        return given


class LookSerializer(serializers.Serializer):
    at = serializers.DateTimeField(help_text="Looking again within an hour is noted once.")
    organization = serializers.CharField(help_text="That looked.")
    person = serializers.CharField(allow_null=True, help_text="For the program operator and auditors only.")


class SiteLooksSerializer(serializers.Serializer):
    results = LookSerializer(many=True, help_text=f"The newest first, at most {MOST}.")


class ContactSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    email = serializers.CharField()
    purpose = serializers.CharField(help_text="What for.")
    named_at = serializers.DateTimeField()
    confirmed_at = serializers.DateTimeField(
        allow_null=True, help_text="By the program operator; assessors are told of confirmed ones only."
    )


class ContactsSerializer(serializers.Serializer):
    results = ContactSerializer(many=True, help_text="By name.")


class ContactRequestSerializer(Body):
    name = serializers.CharField(max_length=150)
    email = serializers.EmailField(max_length=254)
    purpose = serializers.CharField(max_length=200, help_text="Such as scheduling of visits, quality, supply planning.")


class SiteGrantList(Endpoint):
    site: Establishment

    def reach(self, request: Request, pk: int) -> None:  # type: ignore[override]
        site_or_404(request, pk, "read_site_grants")
        require_granter(request)
        self.site = site_or_404(request, pk, "grant_sight")

    @extend_schema(
        operation_id="site_grant_list",
        tags=TAG,
        parameters=[ID],
        responses=SiteGrantsSerializer,
        examples=[examples.answer({"results": [case_examples.SITE_GRANT]})],
    )
    def get(self, request: Request, pk: int) -> Response:
        """Which makers the owner of an establishment lets see its level and open official actions in their own
        products, instead of only what the stage costs."""
        self.read_query(request)
        site = site_or_404(request, pk, "read_site_grants")
        return Response({"results": list(grants_of(request, site))})

    @extend_schema(
        operation_id="site_grant_create",
        tags=TAG,
        parameters=[ID, IDEMPOTENCY_KEY],
        request=SiteGrantRequestSerializer,
        responses={201: SiteGrantSerializer, 409: OpenApiResponse(description="Exactly this is granted already.")},
        examples=[
            made(case_examples.SITE_GRANT),
            example("One maker for a year", case_examples.SITE_GRANT_REQUEST),
        ],
    )
    @once
    def post(self, request: Request, pk: int) -> Response:
        """Let a maker see more of your establishment, or all makers that buy from it. It takes effect at once.
        Attestors and establishment contacts only; anyone else who may read the list gets 403."""
        given = read_body(request, SiteGrantRequestSerializer)
        form = SiteGrantForm(
            request.user.membership.organisation,
            {
                "recipient": ALL if given["to_all_makers"] else ONE,
                "grantee": given["recipient"] or "",
                "valid_from": given["valid_from"],
                "last_day": given["valid_to"] - timedelta(days=1),
                "reason": given["reason"],
            },
        )
        checked(form)
        try:
            grant = site_grant_give(form.grant, site=self.site, user=request.user)
        except ModelError as error:
            raise SiteGrantConflictError(" ".join(error.messages)) from None
        return Response(grants_of(request, self.site).get(pk=grant.pk), status=201)


class SiteGrantDetail(Endpoint):
    def reach(self, request: Request, pk: int, site_grant: int) -> None:  # type: ignore[override]
        self._found(request, pk, site_grant)
        require_granter(request)

    @extend_schema(
        operation_id="site_grant_detail",
        tags=TAG,
        parameters=[ID, SITE_GRANT],
        responses=SiteGrantSerializer,
        examples=[examples.answer(case_examples.SITE_GRANT)],
    )
    def get(self, request: Request, pk: int, site_grant: int) -> Response:
        """One of them, with the ETag by which it can be withdrawn."""
        self.read_query(request)
        found = self._found(request, pk, site_grant)
        etag = etag_of(found)
        return not_modified(request, etag) or Response(found, headers={"ETag": etag})

    @extend_schema(
        operation_id="site_grant_withdraw",
        tags=TAG,
        parameters=[ID, SITE_GRANT, IF_MATCH, IDEMPOTENCY_KEY],
        request=None,
        responses={
            204: None,
            409: OpenApiResponse(description="It is withdrawn already."),
            412: CHANGED,
            428: NO_MATCH,
        },
    )
    @once
    def delete(self, request: Request, pk: int, site_grant: int) -> Response:
        """Withdraw it: the maker sees only what a stage costs again, at once. It stays in the list, with the time."""
        found = self._found(request, pk, site_grant)
        require_match(request, etag_of(found))
        if not site_grant_withdraw(SiteGrant(pk=found["id"]), user=request.user):
            raise SiteGrantConflictError("It is withdrawn already.")
        return Response(status=204)

    @staticmethod
    def _found(request: Request, pk: int, site_grant: int) -> dict[str, Any]:
        rows = grants_of(request, site_or_404(request, pk, "read_site_grants"))
        found: dict[str, Any] | None = rows.filter(pk=site_grant).first() if site_grant <= LARGEST else None
        if found is None:
            raise Http404
        return found


class SiteLooks(Endpoint):
    @extend_schema(
        operation_id="site_look_list",
        tags=TAG,
        parameters=[ID],
        responses=SiteLooksSerializer,
        examples=[examples.answer({"results": [case_examples.LOOK]})],
    )
    def get(self, request: Request, pk: int) -> Response:
        """Which organizations looked through what the owner of an establishment shows of it."""
        self.read_query(request)
        grants = grants_of(request, site_or_404(request, pk, "read_site_grants"))
        found = site_looks(request.user, list(grants.values_list("id", flat=True)))
        looks = [{"at": look.at, "organization": look.organisation, "person": look.person or None} for look in found]
        return Response({"results": looks})


class ContactList(Endpoint):
    site: Establishment

    def reach(self, request: Request, pk: int) -> None:  # type: ignore[override]
        site_or_404(request, pk, "read_contacts")
        if not may(request.user, "name_contacts"):
            raise PermissionDenied("The owner of the establishment and the program operator name its contacts.")
        self.site = site_or_404(request, pk, "name_contacts")

    @extend_schema(
        operation_id="contact_list",
        tags=TAG,
        parameters=[ID],
        responses=ContactsSerializer,
        examples=[examples.answer({"results": [case_examples.CONTACT]})],
    )
    def get(self, request: Request, pk: int) -> Response:
        """Whom to ask at an establishment, as its owner named them."""
        self.read_query(request)
        site = site_or_404(request, pk, "read_contacts")
        note(request, "viewed", site, detail="contacts")
        rows = contacts_of(request, site, "read_contacts")
        return Response({"results": [contact_row(row) for row in rows]})

    @extend_schema(
        operation_id="contact_create",
        tags=TAG,
        parameters=[ID, IDEMPOTENCY_KEY],
        request=ContactRequestSerializer,
        responses={201: ContactSerializer},
        examples=[
            made(case_examples.CONTACT),
            example("A contact", case_examples.CONTACT_REQUEST),
        ],
    )
    @once
    def post(self, request: Request, pk: int) -> Response:
        """Name a contact of your establishment. Assessors are told once the program operator has confirmed it."""
        given = read_body(request, ContactRequestSerializer)
        form = ContactForm(given, instance=contact_of(self.site, user=request.user))
        checked(form)
        try:
            contact = form.save()
        except IntegrityError:  # named by somebody else at the same time
            raise ContactConflictError("This person is a contact of the establishment already.") from None
        return Response(contact_row(contact), status=201)


class ContactDetail(Endpoint):
    def reach(self, request: Request, pk: int, contact: int) -> None:  # type: ignore[override]
        contact_or_404(request, pk, contact, "name_contacts")

    @extend_schema(
        operation_id="contact_end",
        tags=TAG,
        parameters=[ID, CONTACT, IDEMPOTENCY_KEY],
        request=None,
        responses={204: None},
    )
    @once
    def delete(self, request: Request, pk: int, contact: int) -> Response:
        """Say that somebody is no contact any more. By the owner or the program operator."""
        contact_end(contact_or_404(request, pk, contact, "name_contacts"), user=request.user)
        return Response(status=204)


class ContactConfirm(Endpoint):
    def reach(self, request: Request, pk: int, contact: int) -> None:  # type: ignore[override]
        contact_or_404(request, pk, contact, "confirm_contacts")

    @extend_schema(
        operation_id="contact_confirm",
        tags=TAG,
        parameters=[ID, CONTACT, IDEMPOTENCY_KEY],
        request=None,
        responses={200: ContactSerializer, 409: OpenApiResponse(description="It is confirmed already.")},
        examples=[examples.answer(case_examples.CONTACT)],
    )
    @once
    def post(self, request: Request, pk: int, contact: int) -> Response:
        """Confirm a contact that the owner named, so that assessors are told of it."""
        found = contact_or_404(request, pk, contact, "confirm_contacts")
        if not contact_confirm(found, user=request.user):
            raise ContactConflictError("It is confirmed already.")
        return Response(contact_row(contact_or_404(request, pk, contact, "confirm_contacts")))


def site_or_404(request: Request, pk: int, action: str) -> Establishment:
    rows = Establishment.objects.for_user(request.user, action).standing().select_related("owner")
    found = rows.filter(pk=pk).first() if pk <= LARGEST else None
    if found is None:
        raise Http404
    return found


def grants_of(request: Request, site: Establishment) -> QuerySet[Any]:
    """As SiteGrantSerializer describes them."""
    return (
        SiteGrant.objects.for_user(request.user, "read_site_grants")
        .filter(establishment=site)
        .values(
            "id",
            "to_all_makers",
            "valid_from",
            "valid_to",
            "reason",
            "granted_at",
            "withdrawn_at",
            owner=F("organisation__name"),
            recipient=F("grantee__name"),
        )
    )


def contacts_of(request: Request, site: Establishment, action: str) -> QuerySet[EstablishmentContact]:
    return EstablishmentContact.objects.for_user(request.user, action).filter(establishment=site, ended_at=None)


def contact_or_404(request: Request, pk: int, contact: int, action: str) -> EstablishmentContact:
    site = site_or_404(request, pk, "read_contacts")
    found = contacts_of(request, site, action).filter(pk=contact).first() if contact <= LARGEST else None
    if found is None:
        raise Http404
    return found


def contact_row(row: EstablishmentContact) -> dict[str, Any]:
    """As ContactSerializer describes it."""
    told = {name: getattr(row, name) for name in ("name", "email", "purpose", "named_at", "confirmed_at")}
    return {"id": row.pk, **told}


def checked(form: Form) -> None:
    """The rules of the page's form; ValidationError under the names of the body."""
    if not form.is_valid():
        raise ValidationError(
            {NAMES_OF_FORM.get(name, name): errors for name, errors in form.errors.items() if name != "__all__"}
            or {"non_field_errors": form.non_field_errors()}
        )


def require_granter(request: Request) -> None:
    if not may(request.user, "grant_sight"):
        raise PermissionDenied("An attestor or an establishment contact of the owner decides who sees more.")
