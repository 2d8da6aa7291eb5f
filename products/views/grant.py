"""What a firm discloses of its products, to whom, and who looked."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from dscr.access.scoping import may
from products.forms.grant import SOME, GrantForm
from products.grant_sentences import preview, recipient, things
from products.models import DisclosureRequest, Product
from products.ndc import PRODUCT_KEY
from products.queries.disclosure_requests import asked_of_firm, requests_to
from products.queries.grants import Disclosures, disclosures, grant_list
from products.services.disclosure_requests import request_granted
from products.services.grants import AlreadyWithdrawnError, grant_give, grant_withdraw

USUAL_DAYS = 365


@require_safe
@never_cache
def grant_list_page(request: HttpRequest) -> HttpResponse:
    """Of all products, or of one (`?product=` its canonical NDC)."""
    asked = request.GET.get("product", "")
    product = None
    if asked:
        readable = Product.objects.for_user(request.user, "read_figures")
        product = readable.filter(ndc=asked).first() if PRODUCT_KEY.fullmatch(asked) else None
        if product is None:
            raise Http404
    found = disclosures(request.user, asked)
    context = {
        "found": found,
        "requests": asked_of_firm(request.user, asked),
        "product": product,
        "sentence": list_sentence(found),
        "may_disclose": may(request.user, "disclose"),
        "is_oversight": may(request.user, "read_audit"),
    }
    return render(request, "products/grant_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def grant_create(request: HttpRequest) -> HttpResponse:
    """The form, then exactly what will be seen, and only with its confirmation the grant.

    `request`: the request that it answers; it fills the form, and the grant may be another one.
    """
    asked = _asked(request)
    form = GrantForm(request.user, request.POST or None, initial=_usual(request, asked))
    names = form.organisations.values_list("name", flat=True)
    context: dict[str, Any] = {"form": form, "organisations": names, "asked": asked}
    if request.method != "POST" or "change" in request.POST or not form.is_valid():
        if "change" in request.POST:
            form.is_valid()
        return render(request, "products/grant_create.html", context)
    if "confirmed" in request.POST:
        try:
            given = grant_give(form.grant, products=form.chosen_products, user=request.user)
        except ValidationError as error:
            form.add_error(None, error)
            return render(request, "products/grant_create.html", context)
        if asked:
            request_granted(asked, given, user=request.user)
        count = f", of {len(given)} products," if len(given) > 1 else ""
        messages.success(request, f"You disclose {things(given[0])}{count} to {recipient(given[0])}.")
        return redirect("products:grant-list")
    sent = [(name, value) for name in form.fields for value in request.POST.getlist(name)]
    sent += [("request", asked.pk)] if asked else []
    context |= {"preview": preview(form.grant, form.chosen_products), "sent": sent, "reason": form.grant.reason}
    return render(request, "products/grant_confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def grant_withdraw_page(request: HttpRequest, grant: int) -> HttpResponse:
    found = get_object_or_404(grant_list(request.user), pk=grant)
    if request.method == "POST":
        try:
            grant_withdraw(found, user=request.user)
        except AlreadyWithdrawnError:
            messages.info(request, "It was withdrawn already.")
        else:
            messages.success(request, f"Withdrawn: {things(found)}, disclosed to {recipient(found)}.")
        return redirect("products:grant-list")
    context = {"grant": found, "things": things(found), "recipient": recipient(found)}
    return render(request, "products/grant_withdraw.html", context)


def list_sentence(found: Disclosures) -> str:
    """What is in force, in one sentence."""
    if not found.in_force:
        return "Nothing is disclosed today beyond what is published of every rated product."
    count = len(found.in_force)
    to = {recipient(grant) for grant in found.in_force}
    whom = to.pop() if len(to) == 1 else f"{len(to)} recipients"
    return f"{count} {'disclosure is' if count == 1 else 'disclosures are'} in force, to {whom}."


def _asked(request: HttpRequest) -> DisclosureRequest | None:
    """The open request that is answered; Http404 where there is none of that number for this reader."""
    given = request.POST.get("request") or request.GET.get("request", "")
    if not given:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) < 19):
        raise Http404
    return get_object_or_404(requests_to(request.user, "disclose"), pk=int(given))


def _usual(request: HttpRequest, asked: DisclosureRequest | None) -> dict[str, Any]:
    today = timezone.localdate()
    usual = {
        "scope": SOME,
        "products": request.GET.getlist("product"),
        "recipient": "one",
        "valid_from": today,
        "last_day": today + timedelta(days=USUAL_DAYS - 1),
    }
    if asked is None:
        return usual
    return usual | {
        "products": [asked.product.ndc],
        "grantee": asked.asking.name,
        "kpis": asked.kpis,
        "shows_supply": asked.shows_supply,
        "shows_maturity": asked.shows_maturity,
    }
