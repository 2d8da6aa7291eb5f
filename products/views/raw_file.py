"""Deleting a file that the firm sent, after saying what remains of it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from products.models import OrderUpload, WorkbookUpload
from products.services.raw_files import UnderWayError, kept_until, order_file_remove, workbook_file_remove

LARGEST = 2**63 - 1  # of an id; the database refuses more


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def order_upload_delete(request: HttpRequest, pk: int) -> HttpResponse:
    upload = _or_404(OrderUpload, request, pk)
    return _delete(request, upload, order_file_remove, reverse("products:order-upload-detail", args=[pk]))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def workbook_delete(request: HttpRequest, upload: int) -> HttpResponse:
    found = _or_404(WorkbookUpload, request, upload)
    return _delete(request, found, workbook_file_remove, reverse("products:workbook-detail", args=[upload]))


def _or_404(model: Any, request: HttpRequest, pk: int) -> Any:
    if pk > LARGEST:
        raise Http404
    return get_object_or_404(model.objects.for_user(request.user, "enter_kpis"), pk=pk)


def _delete(request: HttpRequest, upload: Any, remove: Any, address: str) -> HttpResponse:
    if request.method == "POST":
        try:
            if remove(upload, user=request.user):
                messages.success(request, f"The file {upload.file_name} is deleted. What came of it stays.")
            else:
                messages.info(request, "The file was deleted already.")
        except UnderWayError:
            messages.warning(request, "The file is being worked on. Wait until that has ended, then delete it.")
        return redirect(address)
    context = {
        "upload": upload,
        "is_order_file": isinstance(upload, OrderUpload),
        "kept_until": kept_until(upload),
        "upload_url": address,
    }
    return render(request, "products/raw_file_delete.html", context)
