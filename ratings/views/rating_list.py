"""The search: products with score, band and status, those not enrolled apart. A typing error still finds."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from products.models import Product
from products.ndc import Ndc
from ratings import sentences
from ratings.figures import joined
from ratings.filters import RatingFilter
from ratings.queries.rating_list import SEARCHED, is_strength, ndc_readings, typed, words
from ratings.queries.rating_list import rating_list as read_list

PER_PAGE = 50
SUGGESTIONS = 3


@require_safe
def rating_list(request: HttpRequest) -> HttpResponse:
    text = typed(request.GET.get("q", ""))
    number = request.GET.get("page")
    read = ndc_readings(text)
    given = {"q": text} if text else {"enrolled": "yes"}
    found = RatingFilter(given, queryset=read_list(request.user))
    page = Paginator(found.qs, PER_PAGE).get_page(number)
    forgave = found.forgave
    rows = list(page.object_list)
    if len(read) == 1 and len(rows) == 1:
        return redirect("ratings:rating-detail", ndc=rows[0].ndc)
    context = {
        "text": text,
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "enrolled": [product for product in rows if not product.not_enrolled],
        "not_enrolled": [product for product in rows if product.not_enrolled],
        "ndc_sentence": ndc_sentence(read, {product.ndc for product in rows}),
        "forgave": forgave,
        "suggestions": suggestions(text, rows) if forgave else [],
        "steady_supply": sentences.STEADY_SUPPLY,
        "shows_synthetic": any(product.is_synthetic for product in rows),
    }
    return render(request, "ratings/rating_list.html", context)


def ndc_sentence(read: Sequence[Ndc], found: set[str]) -> str:
    """How the digits were read; where they fit nothing, no reading is made up for them."""
    if not read:
        return ""
    fits = [ndc.written for ndc in read if ndc.product in found]
    misses = [ndc.written for ndc in read if ndc.product not in found]
    if not fits:
        if len(read) == 1:
            return f"No product has the NDC {read[0].written}."
        digits = len(read[0].written.replace("-", ""))
        return (
            f"No product has this NDC. {digits} digits without dashes can be read in several ways: "
            "write it with its dashes, such as 0002-0800-01."
        )
    said = f"Read as {joined(fits, 'or')}."
    return f"{said} Read as {joined(misses, 'or')}, it fits no product." if misses else said


def suggestions(text: str, rows: Sequence[Product]) -> list[str]:
    """What the text may have meant: each word as the nearest names found write it."""
    meant = (" ".join(_nearest(word, product) for word in words(text)) for product in rows)
    return list(dict.fromkeys(meant))[:SUGGESTIONS]


def _nearest(word: str, product: Product) -> str:
    if is_strength(word):
        return word
    names = " ".join(getattr(product, field) for field in SEARCHED).lower().replace(",", " ").split()
    return max(names, key=lambda name: SequenceMatcher(None, word.lower(), name).ratio(), default=word)
