"""Settings of the what-if page kept under a name: the firm's own thoughts, for its own makers."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from ratings.models import Scenario
from ratings.queries.keeping import ScenarioError, keep_scenario
from ratings.views.planning.what_if import planned_or_404


@require_POST
def scenario_save(request: HttpRequest, ndc: str) -> HttpResponse:
    plan = planned_or_404(request, ndc)
    if plan.standing_label:
        raise Http404
    page = reverse("ratings:what-if", args=[ndc])
    try:
        scenario = keep_scenario(
            request.user, plan, request.POST.get("name", ""), request.POST.get("query", "").partition("#")[0]
        )
    except ScenarioError as error:
        messages.error(request, str(error))
        return redirect(f"{page}#scenarios")
    messages.success(request, f"The scenario “{scenario.name}” is saved for your organization.")
    return redirect(f"{page}?{scenario.query}#scenarios")


@require_POST
def scenario_delete(request: HttpRequest, ndc: str, scenario_id: int) -> HttpResponse:
    own = Scenario.objects.for_user(request.user, "plan_products")
    scenario = get_object_or_404(own, pk=scenario_id, product__ndc=ndc)
    scenario.delete()
    messages.success(request, f"The scenario “{scenario.name}” is deleted.")
    return redirect(f"{reverse('ratings:what-if', args=[ndc])}#scenarios")
