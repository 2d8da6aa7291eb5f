"""The planner of a product: single actions with their gains, and the smallest sets that reach the next band."""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dscr import audit
from qmm.queries.sight import grant_subjects
from ratings import plan_sentences
from ratings.models import PlannerEffort
from ratings.planner.catalogue import KINDS, Action, KindCode
from ratings.planner.changes import Change
from ratings.planner.gains import Gain
from ratings.planner.sets import ActionSet
from ratings.queries.plan import Planned, efforts, own_product, planned
from ratings.queries.preview import PreviewNote, previews_of
from ratings.views.planning.what_if import planned_or_404
from ratings.worked_example.moves import moved_by
from ratings.worked_example.settings import Example

ACTION = re.compile(r"[a-z0-9_]{1,40}(:[a-z0-9_]{1,20}){0,2}")
TOP = 3  # on the product's page
FIRST = 10  # before the others are unfolded
ORDERS = {"gain": "gain", "effort": "gain for the effort"}


@dataclass(frozen=True, slots=True)
class Row:
    """One action as the page shows it."""

    gain: Gain
    effort: int | None
    try_address: str
    answer_address: str
    limits_lifted: list[str]

    @property
    def action(self) -> Action:
        return self.gain.action


@dataclass(frozen=True, slots=True)
class SetRow:
    found: ActionSet
    try_address: str


@require_safe
@never_cache
def planner(request: HttpRequest, ndc: str) -> HttpResponse:
    plan = planned_or_404(request, ndc)
    audit.note(request, "viewed", plan.product, detail="figures")
    audit.note_each(request, "viewed", grant_subjects(plan.site_grants))
    context = {"product": plan.product, "ndc": ndc, "planned": plan, "methodology": plan.methodology}
    if not plan.standing_label:
        order = request.GET.get("order", "gain")
        context |= _plan_context(request, plan, order if order in ORDERS else "gain")
    return render(request, "ratings/plan/planner.html", context)


def _plan_context(request: HttpRequest, plan: Planned, order: str) -> dict[str, object]:
    given, found, example = efforts(request.user), plan.plans[0], plan.example()
    rows = [_row(gain, plan, example, given) for gain in found.gains]
    if order == "effort":
        weight = PlannerEffort.Effort.MEDIUM
        rows.sort(key=lambda row: -(row.gain.exact or 0.0) / (row.effort or weight))
    search = plan.sets(given)
    return {
        "now": found.now,
        "first_rows": rows[:FIRST],
        "other_rows": rows[FIRST:],
        "open_rows": [_row(gain, plan, example, given) for gain in found.open_gains],
        "order": order,
        "orders": ORDERS.items(),
        "efforts": PlannerEffort.Effort.choices,
        "search": search,
        "sets": [
            SetRow(item, _try(plan, example, [change for action in item.actions for change in action.changes]))
            for item in (search.sets if search else ())
        ],
        "now_sentence": plan_sentences.now_sentence(found.now, plan.methodology, _preview(request, plan)),
        "gain_sentence": plan_sentences.gain_sentence(found),
        "set_sentence": plan_sentences.set_sentence(
            found.now, search, plan.methodology, efforts_said=any(gain.action.code in given for gain in found.proposed)
        ),
        "buffer_sentence": plan_sentences.buffer_sentence(found.now, int(plan.inputs.prior_band[0]), plan.methodology),
        "gate_sentences": plan_sentences.gate_sentences(found.now, plan.methodology),
        "catalogue": list(KINDS.values()),
        "hides_sites": bool(plan.hidden),
    }


def _preview(request: HttpRequest, plan: Planned) -> PreviewNote | None:
    return previews_of(request.user, [plan.product.pk]).get(plan.product.pk)


def _row(gain: Gain, plan: Planned, example: Example, given: dict[str, int]) -> Row:
    action = gain.action
    return Row(
        gain,
        given.get(action.code),
        "" if action.is_open else _try(plan, example, action.changes),
        _answer_address(plan, action),
        [plan.methodology.gates[code].label for code in gain.lifts],
    )


def _try(plan: Planned, example: Example, changes: tuple[Change, ...] | list[Change]) -> str:
    """The what-if page with these changes made; "" where it has no control for one of them."""
    moved = moved_by(changes, example)
    if not moved:
        return ""
    return f"{reverse('ratings:what-if', args=[plan.product.ndc])}?{urlencode(moved)}"


def _answer_address(plan: Planned, action: Action) -> str:
    """The questionnaire of the last quarter that ended, where the action is on one of its questions."""
    if not action.kpi:
        return ""
    try:
        return reverse("products:kpi-draft", args=[plan.product.ndc, plan_sentences.last_quarter_end(plan.as_of)])
    except NoReverseMatch:
        return ""


@require_safe
@never_cache
def planner_next(request: HttpRequest, ndc: str) -> HttpResponse:
    """The card of the product page: the actions that gain most."""
    product = own_product(request.user, ndc)
    if product is None:
        raise Http404
    plan = planned(request.user, [product])
    if plan.standing_label:
        return HttpResponse(status=204)
    found, example = plan.plans[0], plan.example()
    chosen = (found.gains or found.open_gains)[:TOP]
    context = {
        "ndc": ndc,
        "rows": [_row(gain, plan, example, {}) for gain in chosen],
        "sentence": plan_sentences.gain_sentence(found),
        "methodology": plan.methodology,
    }
    return render(request, "ratings/plan/_next_part.html", context)


@require_POST
def planner_effort(request: HttpRequest, ndc: str) -> HttpResponse:
    """`action` and `effort`, "" to forget it. Kept for the whole firm; answers an htmx request with a word."""
    product = own_product(request.user, ndc)
    if product is None:
        raise Http404
    action, effort = request.POST.get("action", ""), request.POST.get("effort", "")
    if not ACTION.fullmatch(action) or action.partition(":")[0] not in set(KindCode):
        return HttpResponseBadRequest("The catalogue has no such action.")
    if effort not in ("", *map(str, PlannerEffort.Effort.values)):
        return HttpResponseBadRequest("Choose small, medium or large.")
    own = {"organisation": request.user.membership.organisation, "action": action}
    if effort:
        PlannerEffort.objects.update_or_create(**own, defaults={"effort": int(effort)})
    else:
        PlannerEffort.objects.filter(**own).delete()
    if request.headers.get("HX-Request"):
        return HttpResponse("Saved")
    back = request.POST.get("back", "")
    page = reverse("ratings:planner", args=[ndc])
    is_own = url_has_allowed_host_and_scheme(back, None) and back.startswith(page)
    return redirect(back if is_own else page)
