"""The rubric for reading: a version, what it changed, and all versions."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dscr.access.scoping import may
from qmm.models import Rubric
from qmm.models.rubric import RubricQuerySet
from qmm.rubric import differences, read

# A list needs none of the long columns.
TEXTS = ("texts", "edits", "based_on__texts", "based_on__edits")


@require_safe
@never_cache
def rubric_newest(request: HttpRequest) -> HttpResponse:
    version = readable(request).in_force().values_list("version", flat=True).first()
    if version is None:
        raise Http404
    return redirect("qmm:rubric-detail", version)


@require_safe
@never_cache
def rubric_detail(request: HttpRequest, version: str) -> HttpResponse:
    found = version_or_404(request, version)
    sections = read(found.texts)
    context = {
        "rubric": found,
        "sections": sections,
        "count": sum(len(section.elements) for section in sections),
        "newest": None if found.retired_at is None else readable(request).in_force().values("version").first(),
    }
    return render(request, "qmm/rubric_detail.html", context)


@require_safe
@never_cache
def rubric_changes(request: HttpRequest, version: str) -> HttpResponse:
    """Against the version on which it is based."""
    found = version_or_404(request, version)
    if found.based_on is None:
        raise Http404
    changes = differences(found.based_on.texts, found.texts)
    return render(request, "qmm/rubric_changes.html", {"rubric": found, "before": found.based_on, "changes": changes})


@require_safe
@never_cache
def rubric_list(request: HttpRequest) -> HttpResponse:
    heads = Rubric.objects.select_related("based_on", "published_by", "updated_by").defer(*TEXTS)
    drafts = heads.for_user(request.user, "read_rubric_draft").draft()
    context = {
        "versions": heads.for_user(request.user, "read_rubric").published(),
        "draft": drafts.first(),
        "may_edit": may(request.user, "edit_rubric"),
    }
    return render(request, "qmm/rubric_list.html", context)


def readable(request: HttpRequest) -> RubricQuerySet:
    return Rubric.objects.for_user(request.user, "read_rubric").published()


def version_or_404(request: HttpRequest, version: str) -> Rubric:
    found = readable(request).filter(version=version).select_related("based_on", "published_by").first()
    if found is None:
        raise Http404
    return found
