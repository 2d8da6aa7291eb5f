"""The first page: of each role its own work first."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dscr.access.roles import Role
from dscr.audit.notes import note_each
from dscr.home.assessor import assessor_context
from dscr.home.coordinator import coordinator_context
from dscr.home.manufacturer import attestor_context, contact_context, manufacturer_context
from dscr.home.nobody import nobody_context
from dscr.home.oversight import auditor_context, operator_context
from dscr.home.purchaser import purchaser_context
from qmm.queries.sight import grant_subjects

HOMES: dict[str, tuple[str, Callable[[Any], dict[str, Any]]]] = {
    Role.MANUFACTURER_EDITOR: ("manufacturer", manufacturer_context),
    Role.ATTESTOR: ("manufacturer", attestor_context),
    Role.ESTABLISHMENT_CONTACT: ("contact", contact_context),
    Role.PURCHASER: ("purchaser", purchaser_context),
    Role.ASSESSOR: ("assessor", assessor_context),
    Role.LEAD_ASSESSOR: ("assessor", assessor_context),
    Role.OPERATOR: ("operator", operator_context),
    Role.COORDINATOR: ("coordinator", coordinator_context),
    Role.AUDITOR: ("auditor", auditor_context),
}


@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    membership = request.user.membership
    name, context_of = HOMES[membership.role] if membership else ("nobody", nobody_context)
    context = context_of(request.user)
    note_each(request, "viewed", grant_subjects(context.get("site_grants", ())))
    return render(request, f"home/{name}_home.html", context)
