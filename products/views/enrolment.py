"""A firm enrolls a product by itself, and withdraws it."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from products.forms.enrolment import EnrolmentForm, WithdrawalForm
from products.grant_sentences import day
from products.models import Enrolment, Product
from products.ndc import NdcError, readings
from products.services.enrolment import (
    EnrolledError,
    TakenOverError,
    WrongDayError,
    enrolment_create,
    enrolment_withdraw,
    statement,
    withdrawal_statement,
    withdrawal_take_back,
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
    """(the products that the NDC may name, what is wrong with it). `read_as`: where the dashes of bare digits go."""
    if not text:
        return [], "Give the product's NDC." if request.method == "POST" else ""
    try:
        written = {reading.product: reading.written for reading in readings(text)}
    except NdcError as error:
        return [], str(error)
    found = list(Product.objects.for_user(request.user, "read_published").filter(ndc__in=written).order_by("ndc"))
    for product in found:
        product.read_as = written[product.ndc] if "-" not in text else ""
    return found, "" if found else f"No product of the FDA directory has the NDC {text}."


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def enrolment_withdraw_page(request: HttpRequest, ndc: str) -> HttpResponse:
    """The withdrawal; once it is stated and until its day comes, what was stated, to be taken back."""
    today = timezone.localdate()
    own = Enrolment.objects.for_user(request.user, "enroll").select_related("product", "organisation", "withdrawn_by")
    held = own.filter(Q(withdrawn_on=None) | Q(withdrawn_on__gt=today), product__ndc=ndc)
    enrolment = held.order_by("-enrolled_on").first()
    if enrolment is None:
        raise Http404
    if "take_back" in request.POST:
        return _take_back(request, enrolment)
    first = max(today, enrolment.enrolled_on + timedelta(days=1))
    form = WithdrawalForm(request.POST or None, initial={"withdrawn_on": first, "name": request.user.full_name})
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("withdrawn_on", "name", "title", "reason")}
        try:
            enrolment_withdraw(enrolment, user=request.user, **given)
        except WrongDayError as error:
            form.add_error("withdrawn_on", str(error))
        else:
            messages.success(request, f"{enrolment.product} is withdrawn from {day(given['withdrawn_on'])}.")
            return redirect("ratings:rating-detail", ndc=enrolment.product.ndc)
    context = {"enrolment": enrolment, "form": form, "statement": withdrawal_statement(enrolment.organisation)}
    return render(request, "products/enrolment_withdraw.html", context)


def _take_back(request: HttpRequest, enrolment: Enrolment) -> HttpResponse:
    try:
        done = withdrawal_take_back(enrolment)
    except TakenOverError:
        messages.error(request, "It cannot be taken back: the product is enrolled anew from that day on.")
    else:
        said = f"{enrolment.product} stays enrolled." if done else "No withdrawal is coming, so none was taken back."
        messages.success(request, said)
    return redirect("ratings:rating-detail", ndc=enrolment.product.ndc)
