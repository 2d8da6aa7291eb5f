"""Files for everybody on a case, given by the establishment and the program operator."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dscr.evidence.downloads import DamagedFileError, evidence_response
from dscr.evidence.storing import evidence_kept, evidence_room
from dscr.intake.files import FileError
from qmm.course.steps import CLOSED_STATES, Side
from qmm.models import CaseFile
from qmm.services.course import case_locked
from qmm.views.case import REFUSED, WRONG, case_or_404, case_response, taken_case_or_404

FOLDER = "cases"


@require_POST
def case_file_add(request: HttpRequest, case: int) -> HttpResponse:
    found, sides = taken_case_or_404(request, case)
    if not {Side.FIRM, Side.OFFICE} & sides or found.state in CLOSED_STATES:
        said = "The establishment and the program operator give files, while the assessment is under way."
        return case_response(request, found, said, status=REFUSED)
    files = request.FILES.getlist("files")
    if not files:
        return case_response(request, found, "Choose a file first.", status=WRONG)
    try:
        with evidence_kept(files, FOLDER, already=_count(found.pk)) as kept, transaction.atomic():
            row = case_locked(found)
            evidence_room(files, already=_count(row.pk))  # others may have come while these were stored
            CaseFile.objects.bulk_create(
                CaseFile(
                    case=row, given_by=request.user, organisation=request.user.membership.organisation, **one.fields
                )
                for one in kept
            )
    except FileError as error:
        return case_response(request, found, str(error), status=WRONG)
    messages.info(request, f"{len(files)} file{' is' if len(files) == 1 else 's are'} on the case now.")
    return redirect("qmm:case-detail", found.pk)


@require_safe
@never_cache
def case_file(request: HttpRequest, case: int, case_file: int) -> HttpResponseBase:
    found, _ = taken_case_or_404(request, case)
    rows = CaseFile.objects.for_user(request.user, "read_cases").filter(case=found)
    row = rows.filter(pk=case_file).first() if case_file < 2**63 else None
    if row is None:
        raise Http404
    try:
        return evidence_response(request, row)
    except DamagedFileError:
        said = f"“{row.name}” is damaged or gone. It is not sent; ask who gave it to add it again."
        return case_response(request, case_or_404(request, case), said, status=REFUSED)


def _count(case: int) -> int:
    return CaseFile.objects.filter(case=case).count()
