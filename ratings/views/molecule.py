"""The molecules: a list by weakness or name, and the page of one."""

from itertools import groupby
from operator import attrgetter
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from products.models import DrugList
from ratings import sentences
from ratings.columns import band_word
from ratings.figures import drug_name
from ratings.molecule_sentences import (
    molecule_sentence,
    no_scale_sentence,
    not_enrolled_sentence,
    spread_words,
    statistics_sentence,
)
from ratings.queries.list_parts import COUNTED
from ratings.queries.molecules import BANDS, MoleculeDetail, MoleculeRow, molecule_list, molecule_names
from ratings.queries.molecules import molecule_detail as read_detail
from ratings.queries.rating_list import typed
from ratings.scoring import available_versions, load_methodology
from ratings.views import chart_data
from ratings.views.list_state import page_number, pages

PER_PAGE = 50
DOSAGE_FORM = attrgetter("dosage_form")
SORTS = {"name": "By name", "weakest": "Weakest first"}
NAMES = ("q", "list", "sort", "page")


@require_safe
def molecule_index(request: HttpRequest) -> HttpResponse:
    lists = list(DrugList.objects.for_user(request.user, "read_published"))
    number, wrong = page_number(request.GET)
    wrong += [f"There is no filter called “{name}”." for name in request.GET if name not in NAMES]
    chosen, text = request.GET.get("list", ""), typed(request.GET.get("q", ""))
    drug_list = next((row for row in lists if str(row.pk) == chosen), None)
    if chosen and not drug_list:
        wrong.append("Drug list: There is no such list.")
    sort = request.GET.get("sort") or ("weakest" if drug_list else "name")
    if sort not in SORTS:
        wrong.append(f"Sort: “{sort}” is no order; give one of {', '.join(SORTS)}.")
    rows: list[MoleculeRow] = []
    count = 0
    if not wrong:
        names = molecule_names(request.user, text, drug_list)
        rows, count = molecule_list(names, sort, (number - 1) * PER_PAGE, PER_PAGE + 1)
    context: dict[str, Any] = {
        "wrong": wrong,
        "molecule_text": text,
        "lists": lists,
        "drug_list": drug_list,
        "sort": sort,
        "sorts": SORTS.items(),
        "rows": [(row, spread_words(row), spread(row)) for row in rows[:PER_PAGE]],
        "count": f"More than {COUNTED:,}" if count > COUNTED else f"{count:,}",
        "is_one": count == 1,
        "steady_supply": sentences.STEADY_SUPPLY,
    }
    context |= pages(request.GET, number, PER_PAGE, count if count <= COUNTED else None, has_next=len(rows) > PER_PAGE)
    return render(request, "ratings/molecule_list.html", context)


@require_safe
def molecule_detail(request: HttpRequest, molecule: str) -> HttpResponse:
    if molecule != molecule.upper():
        return redirect("ratings:molecule-detail", molecule=molecule.upper())
    detail = read_detail(request.user, molecule)
    if detail is None:
        raise Http404
    methodology = load_methodology(available_versions()[-1])
    context = {
        "detail": detail,
        "molecule": molecule,
        "title": drug_name(molecule),
        "sentence": molecule_sentence(detail),
        "spread_words": spread_words(detail.row),
        "spread": spread(detail.row),
        "statistics_sentence": statistics_sentence(detail),
        "not_enrolled_sentence": not_enrolled_sentence(detail),
        "no_scale_sentence": no_scale_sentence(detail),
        "chart": scale(detail) if detail.rated else None,
        "forms": [
            (form.lower(), list(products))
            for form, products in groupby(
                sorted(detail.enrolled, key=lambda product: product.dosage_form),
                key=lambda product: product.dosage_form,
            )
        ],
        "methodology": methodology,
        "steady_supply": sentences.STEADY_SUPPLY,
        "shows_synthetic": any(product.is_synthetic for product in detail.enrolled + detail.not_enrolled),
    }
    return render(request, "ratings/molecule_detail.html", context)


def spread(row: MoleculeRow) -> list[tuple[int, str, int]]:
    """(band, its word, height 0 to 5) from the lowest: one small bar for each, as high as it has NDCs."""
    most = max(row.bands) or 1
    return [(band, band_word(band), -(-5 * count // most)) for band, count in zip(BANDS, row.bands, strict=True)]


def scale(detail: MoleculeDetail) -> dict[str, Any]:
    """All rated NDCs on the scale of 0 to 100, as on a product's page; none of them is the reader's own."""
    return {
        "bands": chart_data.bands(load_methodology(available_versions()[-1])),
        "products": [
            {
                "label": " ".join(product.labeler_name.replace(",", "").split()[:1]) or product.display_ndc,
                "score": product.rating.score,
                "text": f"{product.rating.score:.1f}",
                "own": False,
            }
            for product in detail.rated
        ],
    }
