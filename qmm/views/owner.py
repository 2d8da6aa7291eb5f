"""An owner's pages of its establishment: which makers see more than what a stage costs, and whom to ask there."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dscr import audit
from dscr.access.scoping import may
from qmm.forms import ONE, ContactForm, SiteGrantForm
from qmm.models import Establishment, EstablishmentContact, SiteGrant
from qmm.queries.site_looks import site_looks
from qmm.services.owner import contact_confirm, contact_end, contact_of, site_grant_give, site_grant_withdraw

USUAL_DAYS = 365
LARGEST = 2**63 - 1


def site_for(request: HttpRequest, pk: int, action: str) -> Establishment:
    rows = Establishment.objects.for_user(request.user, action).standing().select_related("owner")
    return get_object_or_404(rows, pk=pk) if pk <= LARGEST else _none()


def _none() -> Any:
    raise Http404


@require_safe
@never_cache
def site_grant_list(request: HttpRequest, pk: int) -> HttpResponse:
    site, today = site_for(request, pk, "read_site_grants"), timezone.localdate()
    grants = SiteGrant.objects.for_user(request.user, "read_site_grants").filter(establishment=site)
    rows = list(grants.select_related("organisation", "grantee", "granted_by", "withdrawn_by"))
    lasting = [row for row in rows if row.withdrawn_at is None and row.valid_to > today]
    context = {
        "site": site,
        "in_force": [row for row in lasting if row.valid_from <= today and row.organisation_id == site.owner_id],
        "coming": [row for row in lasting if row.valid_from > today],
        "ended": [row for row in rows if row not in lasting],
        "looks": site_looks(request.user, [row.pk for row in rows]),
        "is_oversight": may(request.user, "read_audit"),
        "may_grant": may(request.user, "grant_sight"),
    }
    return render(request, "qmm/site_grant_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def site_grant_create(request: HttpRequest, pk: int) -> HttpResponse:
    site, today = site_for(request, pk, "grant_sight"), timezone.localdate()
    initial = {"recipient": ONE, "valid_from": today, "last_day": today + timedelta(days=USUAL_DAYS - 1)}
    sent = request.POST if request.method == "POST" else None
    form = SiteGrantForm(request.user.membership.organisation, sent, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            grant = site_grant_give(form.grant, site=site, user=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"{grant.recipient[0].upper()}{grant.recipient[1:]} may see the level of {site}.")
            return redirect("qmm:site-grants", pk=site.pk)
    context = {"site": site, "form": form, "makers": form.makers.values_list("name", flat=True)}
    return render(request, "qmm/site_grant_create.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def site_grant_withdraw_page(request: HttpRequest, site_grant: int) -> HttpResponse:
    rows = SiteGrant.objects.for_user(request.user, "grant_sight").select_related("establishment", "grantee")
    grant = get_object_or_404(rows, pk=min(site_grant, LARGEST))
    if request.method == "POST":
        if site_grant_withdraw(grant, user=request.user):
            messages.success(request, f"Withdrawn: {grant.recipient} sees only what a stage costs again.")
        else:
            messages.info(request, "It was withdrawn already.")
        return redirect("qmm:site-grants", pk=grant.establishment_id)
    return render(request, "qmm/site_grant_withdraw.html", {"grant": grant, "site": grant.establishment})


@require_safe
@never_cache
def contact_list(request: HttpRequest, pk: int) -> HttpResponse:
    site = site_for(request, pk, "read_contacts")
    audit.note(request, "viewed", site, detail="contacts")
    return render(request, "qmm/contact_list.html", _contacts(request, site))


@require_POST
@never_cache
def contact_create(request: HttpRequest, pk: int) -> HttpResponse:
    site = site_for(request, pk, "name_contacts")
    contact = contact_of(site, user=request.user)
    form = ContactForm(request.POST, instance=contact)
    if not form.is_valid():
        return render(request, "qmm/contact_list.html", _contacts(request, site) | {"form": form}, status=400)
    form.save()
    said = "" if contact.confirmed_at else " The program operator confirms it before assessors are told."
    messages.success(request, f"{contact.name} is a contact of {site}.{said}")
    return redirect("qmm:site-contacts", pk=site.pk)


@require_POST
def contact_confirm_page(request: HttpRequest, contact: int) -> HttpResponse:
    found = _contact(request, contact, "confirm_contacts")
    done = contact_confirm(found, user=request.user)
    messages.info(request, f"{found.name} is confirmed." if done else "It was confirmed or ended already.")
    return redirect("qmm:site-contacts", pk=found.establishment_id)


@require_POST
def contact_end_page(request: HttpRequest, contact: int) -> HttpResponse:
    found = _contact(request, contact, "name_contacts")
    done = contact_end(found, user=request.user)
    messages.info(request, f"{found.name} is no contact any more." if done else "It was ended already.")
    return redirect("qmm:site-contacts", pk=found.establishment_id)


def _contact(request: HttpRequest, pk: int, action: str) -> EstablishmentContact:
    return get_object_or_404(EstablishmentContact.objects.for_user(request.user, action), pk=min(pk, LARGEST))


def _contacts(request: HttpRequest, site: Establishment) -> dict[str, Any]:
    rows = EstablishmentContact.objects.for_user(request.user, "read_contacts").filter(
        establishment=site, ended_at=None
    )
    return {
        "site": site,
        "contacts": list(rows.select_related("named_by", "confirmed_by")),
        "form": ContactForm(instance=EstablishmentContact(establishment=site)),
        "may_name": may(request.user, "name_contacts"),
        "may_confirm": may(request.user, "confirm_contacts"),
    }
