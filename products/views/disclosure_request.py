"""A purchaser asks the enrolling firm to disclose more of a product, and reads its answer; the firm declines."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from dscr import audit
from dscr.access.scoping import may
from products.forms.disclosure_request import DeclineForm, RequestForm
from products.grant_sentences import things
from products.models import Product
from products.ndc import PRODUCT_KEY
from products.queries.disclosure_requests import asked_by_reader, requests_to
from products.queries.granted import grants_received
from products.services.disclosure_requests import (
    MOST_A_DAY,
    NotAskableError,
    request_decline,
    requests_ask,
    why_not_now,
)

SHOWN = 200
LARGEST = 2**63 - 1  # of an id; the database refuses more


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def request_create(request: HttpRequest, ndc: str) -> HttpResponse:
    readable = Product.objects.for_user(request.user, "read_published")
    product = get_object_or_404(readable, ndc=ndc) if PRODUCT_KEY.fullmatch(ndc) else None
    if product is None:
        raise Http404
    form = RequestForm(request.POST if request.method == "POST" else None, readable=readable)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        products = list({one.pk: one for one in (product, *given.pop("also"))}.values())
        try:
            asked = requests_ask(products, user=request.user, **given)
        except NotAskableError as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            of = f" of {len(asked)} products" if len(asked) > 1 else ""
            messages.success(request, f"You asked for {things(asked[0])}{of}. You get a mail when the firm answers.")
            return redirect("products:request-list")
    context: dict[str, Any] = {
        "form": form,
        "product": product,
        "why_not": "" if form.is_bound else why_not_now(product, request.user),
        "most_a_day": MOST_A_DAY,
        "asked": asked_by_reader(request.user, product)[:5],
        "shows_synthetic": product.is_synthetic,
    }
    return render(request, "products/request_create.html", context, status=422 if form.errors else 200)


@require_safe
@never_cache
def request_list(request: HttpRequest) -> HttpResponse:
    """What the reader's organization asked, with the answers."""
    asked = list(asked_by_reader(request.user)[:SHOWN])
    audit.note_each(request, "viewed", [one for one in asked if one.answer])
    context = {"asked": asked, "shows_synthetic": any(one.product.is_synthetic for one in asked)}
    return render(request, "products/request_list.html", context)


@require_safe
@never_cache
def received_list(request: HttpRequest) -> HttpResponse:
    """What manufacturers disclose to the reader today: which things of which product, and until when."""
    grants = list(grants_received(request.user)[:SHOWN])
    context = {
        "grants": grants,
        "may_ask": may(request.user, "ask_disclosure"),
        "shows_synthetic": any(grant.product and grant.product.is_synthetic for grant in grants),
    }
    return render(request, "products/received_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def request_decline_page(request: HttpRequest, asked: int) -> HttpResponse:
    if asked > LARGEST:
        raise Http404
    found = get_object_or_404(requests_to(request.user, "disclose"), pk=asked)
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if request_decline(found, user=request.user, answer=form.cleaned_data["answer"]):
            messages.success(request, f"Declined. {found.asking} reads your answer.")
        else:
            messages.info(request, "It was answered already.")
        return redirect("products:grant-list")
    context = {"asked": found, "form": form, "things": things(found)}
    return render(request, "products/request_decline.html", context, status=422 if form.errors else 200)
