"""Files for everybody on a case, given by the establishment and the program operator."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dscr.evidence.downloads import DamagedFileError, evidence_response
from dscr.intake.files import FileError
from qmm.models import CaseFile
from qmm.services.case_files import case_files_add, may_add_files
from qmm.services.course import CourseError
from qmm.views.case import REFUSED, WRONG, case_or_404, case_response, taken_case_or_404


@require_POST
def case_file_add(request: HttpRequest, case: int) -> HttpResponse:
    found, sides = taken_case_or_404(request, case)
    files = request.FILES.getlist("files")
    if not files and may_add_files(found, sides):
        return case_response(request, found, "Choose a file first.", status=WRONG)
    try:
        case_files_add(found, sides, user=request.user, files=files)
    except CourseError as error:
        return case_response(request, found, str(error), status=REFUSED)
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
