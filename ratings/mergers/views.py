"""The operator's pages: pairs that may be one site, a merge seen before it is made, and its record with its undoing."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dscr import audit
from dscr.access.forms import Worded
from dscr.access.scoping import may
from qmm.models import DuplicatePair, Establishment, EstablishmentIdentifier
from qmm.services.duplicates import duplicates_find, pair_apart
from qmm.services.establishment_merge import MergeRefusedError
from ratings.mergers import sentences
from ratings.mergers.queries import assessors_of, merge_list, pair_rows, pairs_apart, pairs_waiting, site_records
from ratings.mergers.services import (
    MOST_SCORED,
    PairChangedError,
    establishments_merge,
    merge_preview,
    merge_undo,
)
from ratings.queries.figures_effect import effect_sentence

PER_PAGE, MOST_APART, MOST_MERGES, MOST_EFFECTS = 20, 50, 50, 50
LARGEST = 2**63 - 1
CHANGED = "Something that would move changed since you looked. Nothing was merged: read what moves now, then confirm."


class ReasonForm(Worded, forms.Form):
    reason = forms.CharField(
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why, in a sentence that somebody understands in five years."},
    )
    labels = {"reason": "Reason"}


class ApartForm(ReasonForm):
    reason = forms.CharField(max_length=300, error_messages={"required": "Say why they are two sites."})
    labels = {"reason": "Why they are two sites"}


@require_safe
@never_cache
def duplicate_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(pairs_waiting(request.user), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "rows": pair_rows(list(page.object_list)),
        "apart": list(pairs_apart(request.user)[:MOST_APART]),
        "merges": list(merge_list(request.user)[:MOST_MERGES]),
        "merges_now": may(request.user, "merge_establishments"),
    }
    return render(request, "ratings/mergers/duplicate_list.html", context)


@require_POST
def duplicates_find_now(request: HttpRequest) -> HttpResponse:
    count = duplicates_find()
    messages.success(request, f"Looked through all establishments: {count:,} pairs wait.")
    return redirect("ratings:establishment-duplicates")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def pair_apart_page(request: HttpRequest, pair: int) -> HttpResponse:
    found = get_object_or_404(DuplicatePair.objects.for_user(request.user, "merge_establishments"), pk=_id(pair))
    form = ApartForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if pair_apart(found, reason=form.cleaned_data["reason"], user=request.user):
            messages.success(request, f"{found.first} and {found.second} are kept apart.")
        else:
            messages.info(request, "Somebody said so before.")
        return redirect("ratings:establishment-duplicates")
    context = {"pair": found, "row": pair_rows([found])[0], "form": form}
    return render(request, "ratings/mergers/pair_apart.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def establishment_merge(request: HttpRequest) -> HttpResponse:
    """?stays= and ?goes= are records by their number, or by FEI or DUNS number. GET shows what would happen; POST does
    it, if nothing changed since it was shown."""
    given = [request.GET.get(name, "").strip() for name in ("stays", "goes")]
    named = [_named(text) for text in given]
    if None in named:
        unknown = [text for text, pk in zip(given, named, strict=True) if text and pk is None]
        context: dict[str, Any] = {"given": given, "wrong": [f"“{text[:60]}” is no establishment." for text in unknown]}
        return render(request, "ratings/mergers/merge_choose.html", context, status=404 if unknown else 200)
    stays, goes = (pk or 0 for pk in named)
    form, said = ReasonForm(request.POST if request.method == "POST" else None), []
    if request.method == "POST" and form.is_valid():
        try:
            merge = establishments_merge(
                stays, goes, reason=form.cleaned_data["reason"], user=request.user, seen=request.POST.get("seen") or "-"
            )
        except MergeRefusedError:
            pass  # the page says why
        except PairChangedError:
            said = [CHANGED]
        else:
            messages.success(request, f"Merged: {merge.goes} leads to {merge.stays} from now on.")
            return redirect("ratings:establishment-merge-detail", merge=merge.pk)
    return render(request, "ratings/mergers/merge_confirm.html", _preview(request, stays, goes, form, said))


def _preview(request: HttpRequest, stays_id: int, goes_id: int, form: forms.Form, said: list[str]) -> dict[str, Any]:
    preview = merge_preview(stays_id, goes_id)
    audit.note_each(request, "viewed", [preview.stays, preview.goes], detail="preview of a merge, with supply nodes")
    records = site_records([stays_id, goes_id])
    context: dict[str, Any] = {
        "preview": preview,
        "stays": records[stays_id],
        "goes": records[goes_id],
        "other_way": f"{reverse('ratings:establishment-merge')}?stays={goes_id}&goes={stays_id}",
        "form": form,
        "wrong": [*said, *(error for errors in form.errors.values() for error in errors)],
    }
    if preview.problems:
        return context
    effects = preview.effects or []
    return context | {
        "moved_sentence": sentences.moved_sentence(preview.moved),
        "filled": sentences.filled_words(preview.moved),
        "joints": sentences.joint_rows(preview.nodes),
        "moving": preview.nodes.moving[:MOST_EFFECTS],
        "moving_more": len(preview.nodes.moving) - MOST_EFFECTS,
        "effect_sentence": effect_sentence(effects) if effects else "",
        "effects": [effect for effect in effects if effect.change or effect.moves_band][:MOST_EFFECTS],
        "unscored": max(0, preview.product_count - MOST_SCORED),
        "access": sentences.access_words(
            records[stays_id].site, records[goes_id].site, assessors_of(preview.stays, preview.goes)
        ),
        "second_fei": records[stays_id].fei and records[goes_id].fei,
    }


@require_safe
@never_cache
def merge_detail(request: HttpRequest, merge: int) -> HttpResponse:
    found = get_object_or_404(merge_list(request.user), pk=_id(merge))
    audit.note(request, "viewed", found)
    return render(request, "ratings/mergers/merge_detail.html", _record(request, found, ReasonForm(), []))


@require_POST
def merge_undo_page(request: HttpRequest, merge: int) -> HttpResponse:
    found = get_object_or_404(merge_list(request.user), pk=_id(merge))
    form, wrong = ReasonForm(request.POST), []
    if form.is_valid():
        try:
            merge_undo(found, reason=form.cleaned_data["reason"], user=request.user)
        except MergeRefusedError as error:
            wrong = error.reasons
        else:
            messages.success(request, f"Undone: {found.goes} stands for itself again.")
            return redirect("ratings:establishment-merge-detail", merge=found.pk)
    wrong = [*wrong, *(error for errors in form.errors.values() for error in errors)]
    return render(request, "ratings/mergers/merge_detail.html", _record(request, found, form, wrong), status=409)


def _record(request: HttpRequest, merge: Any, form: forms.Form, wrong: list[str]) -> dict[str, Any]:
    return {
        "merge": merge,
        "moved_sentence": sentences.moved_sentence(merge.moved),
        "filled": sentences.filled_words(merge.moved),
        "form": form,
        "wrong": wrong,
        "may_undo": may(request.user, "merge_establishments") and merge.undone_at is None,
    }


def _named(text: str) -> int | None:
    """The record of a FEI or DUNS number, else of its own number; one that was merged leads to the one that stands."""
    digits = text.replace(" ", "").replace("-", "")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 20 and int(digits) <= LARGEST):
        return None
    number = EstablishmentIdentifier.objects.filter(value=digits).select_related("establishment").first()
    site = number.establishment if number else Establishment.objects.filter(pk=int(digits)).first()
    return None if site is None else site.merged_into_id or site.pk


def _id(number: int) -> int:
    if number > LARGEST:
        raise Http404
    return number
