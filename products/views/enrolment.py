"""A firm enrolls a product by itself, and withdraws it."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from products.forms.enrolment import EnrolmentForm, WithdrawalForm
from products.models import Enrolment, Product
from products.ndc import NdcError, readings
from products.services.enrolment import (
    EnrolledError,
    WrongDayError,
    enrolment_create,
    enrolment_withdraw,
    statement,
)

LONGEST = 40
OWN = "Your organization has enrolled this product already, or has said that it will."
OTHERS = (
    "This product is enrolled by another organization in that time, and one organization at a time can enroll it. "
    "If that is wrong, write to the program operator."
)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def enrolment_create_page(request: HttpRequest) -> HttpResponse:
    """`?ndc=` in any form finds the product; its page then asks for the first day and the statement."""
    text = (request.POST if request.method == "POST" else request.GET).get("ndc", "").replace("\0", "").strip()
    found, wrong = products_named(request, text[:LONGEST])
    product = found[0] if len(found) == 1 else None
    form = EnrolmentForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and product and form.is_valid():
        try:
            enrolment = enrolment_create(product, user=request.user, enrolled_on=form.cleaned_data["enrolled_on"])
        except WrongDayError as error:
            form.add_error("enrolled_on", str(error))
        except EnrolledError as error:
            form.add_error(None, OWN if error.by_own else OTHERS)
        else:
            begins = enrolment.enrolled_on
            when = "" if begins == timezone.localdate() else f" from {begins:%B} {begins.day}, {begins.year}"
            messages.success(request, f"{product} is enrolled{when}. Its rating begins with attested KPI figures.")
            return redirect("ratings:rating-detail", ndc=product.ndc)
    organisation = request.user.membership.organisation
    context: dict[str, Any] = {
        "ndc_text": text[:LONGEST],
        "wrong": wrong,
        "candidates": found if len(found) > 1 else [],
        "product": product,
        "form": form,
        "statement": statement(organisation),
    }
    return render(request, "products/enrolment_create.html", context)


def products_named(request: HttpRequest, text: str) -> tuple[list[Product], str]:
    """(the products that the NDC may name, what is wrong with it)."""
    if not text:
        return [], "Give the product's NDC." if request.method == "POST" else ""
    try:
        keys = {reading.product for reading in readings(text)}
    except NdcError as error:
        return [], str(error)
    found = list(Product.objects.for_user(request.user, "read_published").filter(ndc__in=keys).order_by("ndc"))
    return found, "" if found else f"No product of the FDA directory has the NDC {text}."


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def enrolment_withdraw_page(request: HttpRequest, ndc: str) -> HttpResponse:
    own = Enrolment.objects.for_user(request.user, "enroll").select_related("product")
    enrolment = own.filter(product__ndc=ndc, withdrawn_on=None).order_by("-enrolled_on").first()
    if enrolment is None:
        raise Http404
    first = max(timezone.localdate(), enrolment.enrolled_on + timedelta(days=1))
    form = WithdrawalForm(request.POST or None, initial={"withdrawn_on": first})
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["withdrawn_on"]
        try:
            enrolment_withdraw(enrolment, withdrawn_on=day)
        except WrongDayError as error:
            form.add_error("withdrawn_on", str(error))
        else:
            messages.success(request, f"{enrolment.product} is withdrawn from {day:%B} {day.day}, {day.year}.")
            return redirect("ratings:rating-detail", ndc=enrolment.product.ndc)
    return render(request, "products/enrolment_withdraw.html", {"enrolment": enrolment, "form": form})
