"""Actions of a plan that was sent: one more of them, how each goes on, and the files that show it."""

import re
import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dscr.evidence.downloads import DamagedFileError, evidence_response
from dscr.intake.files import FileError
from dscr.texts import clean
from qmm.course.plans import FIELDS
from qmm.models import ActionFile, ImprovementAction
from qmm.services.course import CourseError
from qmm.services.plan import Given, action_add, action_change
from qmm.views.case import REFUSED, WRONG
from qmm.views.plan import plan_case_or_404, plan_response

VERSION = re.compile("[0-9]{1,9}")


@require_POST
def case_action_add(request: HttpRequest, case: int) -> HttpResponse:
    found, sides = plan_case_or_404(request, case)
    texts = {name: clean(request.POST.get(name if name != "what" else "text", "")) for name in FIELDS}
    try:
        form = uuid.UUID(request.POST.get("form", ""))
    except ValueError:
        form = uuid.uuid4()
    try:
        action = action_add(found, user=request.user, texts=texts, form=form)
    except CourseError as error:
        return plan_response(request, found, sides, str(error), status=WRONG, adding=True)
    messages.info(request, f"Action {action.number} is in the plan.")
    return redirect(f"{reverse('qmm:case-plan', args=[found.pk])}?sent={form}#action-{action.number}")


@require_POST
def case_action_change(request: HttpRequest, case: int, action: int) -> HttpResponse:
    found, sides = plan_case_or_404(request, case)
    rows = ImprovementAction.objects.for_user(request.user, "write_plans").filter(plan__case=found)
    row = rows.select_related("plan__case").filter(pk=action).first() if action < 2**63 else None
    if row is None:
        raise Http404
    asked = request.POST
    given = Given(
        standing=asked.get("standing"),
        due=asked.get("due"),
        done=asked.get("done"),
        responsible=clean(asked["who"]) if "who" in asked else None,
        member=asked.get("member"),
        note=clean(asked.get("text", "")),
        files=request.FILES.getlist("files"),
    )
    seen = asked.get("version", "")
    try:
        action_change(row, user=request.user, version=int(seen) if VERSION.fullmatch(seen) else 0, given=given)
    except FileError as error:
        return plan_response(request, found, sides, str(error), status=WRONG, action=row)
    except CourseError as error:
        return plan_response(request, found, sides, str(error), status=REFUSED, action=row)
    messages.info(request, f"Action {row.number}: your change is kept.")
    form = asked.get("form", "")[:50]
    sent = f"?sent={form}" if form.replace("-", "").isalnum() else ""
    return redirect(f"{reverse('qmm:case-plan', args=[found.pk])}{sent}#action-{row.number}")


@require_safe
@never_cache
def case_action_file(request: HttpRequest, case: int, action_file: int) -> HttpResponseBase:
    found, sides = plan_case_or_404(request, case)
    rows = ActionFile.objects.for_user(request.user, "read_plans").filter(action__plan__case=found)
    row = rows.filter(pk=action_file).first() if action_file < 2**63 else None
    if row is None:
        raise Http404
    try:
        return evidence_response(request, row)
    except DamagedFileError:
        said = f"“{row.name}” is damaged or gone. It is not sent; ask who gave it to add it again."
        return plan_response(request, found, sides, said, status=REFUSED)
