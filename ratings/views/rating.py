"""A product's rating page, and the small answer by which the page follows it."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dscr import audit
from dscr.access.roles import Scope
from dscr.access.scoping import may, scope_of
from products.models import Product
from products.ndc import PRODUCT_KEY, NdcError, readings
from products.queries.first_steps import lacks_figures, lacks_supply
from products.queries.grants import disclosed_to
from qmm.queries.sight import grant_subjects
from ratings import granted_sentences, preview_sentences, sentences
from ratings.queries.explained import FiguresView
from ratings.queries.freshness import rating_freshness as read_freshness
from ratings.queries.granted import GrantedView
from ratings.queries.preview import PreviewView
from ratings.queries.rating_detail import RatingDetail
from ratings.queries.rating_detail import rating_detail as read_detail
from ratings.scoring import available_versions, load_methodology
from ratings.views import chart_data
from ratings.views.supply_picture import supply_picture

BEFORE = "Nothing is published at present; this was before."


@require_safe
@never_cache
def rating_detail(request: HttpRequest, ndc: str) -> HttpResponse:
    if not PRODUCT_KEY.fullmatch(ndc):
        return _to_canonical(request, ndc)
    detail = read_detail(request.user, ndc, as_previewed="preview" in request.GET)
    if detail is None:
        raise Http404
    if detail.figures or detail.preview:
        audit.note(request, "viewed", detail.product, detail="figures")
    audit.note_each(request, "viewed", grant_subjects(detail.site_grants))
    if detail.granted:
        audit.note_each(request, "viewed", detail.granted.source.grants, detail=f"NDC {detail.product.display_ndc}")
    return render(request, "ratings/rating_detail.html", _context(request, detail))


@require_safe
@never_cache
def rating_freshness(request: HttpRequest, ndc: str) -> HttpResponse:
    """Asked every second, and twice in it by makers, who wait for what they attested, with what the page shows.
    Nothing new: 204. A new snapshot, a grant or its withdrawal: the page fetches its body."""
    freshness = read_freshness(request.user, ndc)
    if freshness is None:
        raise Http404
    token = request.GET.get("state", "")
    if token == freshness.token:
        return HttpResponse(status=204)
    if not freshness.shows_body_of(token):
        return HttpResponse(status=204, headers={"HX-Trigger": "rating-changed"})
    return render(request, "ratings/_freshness_part.html", {"ndc": ndc, "freshness": freshness})


def _to_canonical(request: HttpRequest, text: str) -> HttpResponse:
    """Any written form of an NDC leads to its product; where several products fit, to the list of them."""
    try:
        keys = {reading.product for reading in readings(text)}
    except NdcError:
        raise Http404 from None
    found = list(Product.objects.for_user(request.user, "read_published").filter(ndc__in=keys)[:2])
    if not found:
        raise Http404
    if len(found) > 1:
        return redirect(f"{reverse('ratings:rating-list')}?{urlencode({'q': text})}")
    messages.info(request, f"{text} was read as NDC {found[0].display_ndc}.")
    return redirect("ratings:rating-detail", ndc=found[0].ndc)


def _context(request: HttpRequest, detail: RatingDetail) -> dict[str, Any]:
    published, view = detail.published, detail.figures
    methodology = published.methodology or load_methodology(available_versions()[-1])
    context: dict[str, Any] = (
        {
            "detail": detail,
            "now": timezone.now(),
            "product": detail.product,
            "ndc": detail.product.ndc,
            "published": published,
            "figures": view,
            "freshness": detail.freshness,
            "methodology": methodology,
            "meaning_sentence": sentences.meaning_sentence(published),
            "standing_sentence": "" if detail.is_rated else sentences.standing_sentence(detail),
            "limits": sentences.limits(published, view),
            "watch_sentence": sentences.watch_sentence(published),
            "steady_supply": sentences.STEADY_SUPPLY,
            "peers_sentence": sentences.peers_sentence(detail.peers, detail.product.pk),
            "peers_chart": chart_data.peer_line(detail.peers, detail.product.pk, methodology)
            if detail.peers.rated
            else None,
            "shows_dependence": scope_of(request.user, "read_dependence") == Scope.ALL and not detail.sight.figures,
            "shows_synthetic": detail.product.is_synthetic,
        }
        | _taking_part(request, detail)
        | _contesting(request, detail)
        | _first_steps(request, detail)
    )
    if detail.preview:
        context |= _preview_context(detail.preview)
    if detail.is_rated:
        context["points_sentence"] = sentences.points_sentence(view or published)
        context["points_chart"] = chart_data.waterfall(view or published)
    if detail.history:
        is_over = published.snapshot_id is None  # a new rating waits; what the history ends on holds no longer
        context["history_sentence"] = BEFORE if is_over else sentences.history_sentence(detail.history)
        context["history_newest_first"] = detail.history[::-1]
        if detail.last_rated:
            context["history_chart"] = chart_data.history_line(detail.history, timezone.now())
    if detail.granted:
        context |= _granted_context(detail.granted)
    return context | (_figures_context(request, detail, view) if view else {})


def _preview_context(preview: PreviewView) -> dict[str, Any]:
    return {
        "preview": preview,
        "preview_sentence": preview_sentences.preview_sentence(preview),
        "preview_when": preview_sentences.when_sentence(preview.published_from),
        "preview_only_you": preview_sentences.ONLY_YOU,
        "preview_keeps": preview_sentences.KEEPS_ITS_DAY,
    }


def _taking_part(request: HttpRequest, detail: RatingDetail) -> dict[str, bool]:
    """What may be done from here: a purchaser asks the firm to disclose more; an attestor enrolls what nobody has and
    withdraws what is their firm's own. `ends`: a withdrawal is coming, which the firm and oversight are told."""
    part, today = detail.participation, timezone.localdate()
    is_open = part is not None and (part.withdrawn_on is None or part.withdrawn_on > today)
    if may(request.user, "ask_disclosure"):
        return {"may_ask": is_open}
    ends = bool(part and part.withdrawn_on and part.withdrawn_on > today and detail.sight.figures)
    if not may(request.user, "enroll"):
        return {"ends": ends}
    return {"ends": ends, "may_enroll": not is_open, "may_withdraw": is_open and detail.sight.figures}


def _first_steps(request: HttpRequest, detail: RatingDetail) -> dict[str, bool]:
    """Of a product that its maker has enrolled and that is not rated: what is to be given, with the ways there."""
    part = detail.participation
    is_own = detail.sight.figures and may(request.user, "enter_kpis") and may(request.user, "edit_supply")
    ended = part is None or (part.withdrawn_on is not None and part.withdrawn_on <= timezone.localdate())
    if detail.is_rated or detail.standing == "out_of_scope" or not is_own or ended:
        return {}
    return {
        "first_steps": True,
        "lacks_figures": lacks_figures(detail.product),
        "lacks_supply": lacks_supply(detail.product),
    }


def _contesting(request: HttpRequest, detail: RatingDetail) -> dict[str, bool]:
    """Whether the reader may ask for a review from here, and read those there are."""
    own = detail.sight.figures and may(request.user, "read_reviews")
    part = detail.participation
    is_open = part is not None and (part.withdrawn_on is None or part.withdrawn_on > timezone.localdate())
    has_result = detail.published.snapshot_id is not None
    return {
        "reads_reviews": own,
        "may_contest": own and is_open and has_result and may(request.user, "open_reviews"),
    }


def _granted_context(granted: GrantedView) -> dict[str, Any]:
    """What the enrolling firm disclosed to the reader, each thing in its place."""
    source, told = granted.source, granted_sentences.disclosed_sentence
    return {
        "granted": granted,
        "granted_supply_sentence": granted_sentences.granted_supply_sentence(granted),
        "granted_supply_picture": supply_picture(granted.stages),
        "figures_disclosed": told(granted, source.kpis.values()),
        "supply_disclosed": told(granted, [source.supply]),
        "sites_disclosed": told(granted, [source.maturity]),
    }


def _figures_context(request: HttpRequest, detail: RatingDetail, view: FiguresView) -> dict[str, Any]:
    is_known_only = detail.standing == "insufficient_data"
    context: dict[str, Any] = {
        "shows_known": is_known_only,
        "supply_sentence": sentences.supply_sentence(view.stages),
        "supply_picture": supply_picture(view.stages),
        "stages": view.stages,
        "edits_supply": may(request.user, "edit_supply"),
        "figures_sentence": sentences.figures_sentence(is_rated=detail.is_rated),
    }
    is_own = detail.sight.since is not None
    if is_own:
        context["disclosed_to"] = disclosed_to(request.user, detail.product)
    context["can_plan"] = detail.sight.figures and may(request.user, "plan_products")
    if detail.is_rated and is_own and view.costliest:
        context["next_steps"] = view.costliest
        context["next_sentence"] = sentences.next_sentence(view)
    return context
