"""Products of the directory and the FDA's shortages list."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.concurrency import unless_known
from dscr.api.endpoint import Endpoint
from dscr.api.pagination import ID_KEY, Keyset, PageQuery, page_of
from products.api import examples
from products.api.named import AMBIGUOUS, NDC, key_named
from products.api.serializers import (
    FACT_FIELDS,
    PACKAGE_FIELDS,
    PRODUCT_FIELDS,
    SHORTAGE_FIELDS,
    ProductRowSerializer,
    ProductSerializer,
    ShortageSerializer,
)
from products.models import Package, Product, Shortage

NDC_KEY = Keyset("ndc", r"[0-9]{6}-[0-9]{4}")
# Exact ones are compared as the directory writes them, in capitals.
EXACT = ("molecule", "dosage_form", "route")


class ProductQuery(PageQuery):
    molecule = serializers.CharField(required=False, help_text="Exactly this molecule, such as CISPLATIN.")
    dosage_form = serializers.CharField(required=False, help_text="Exactly this form, such as INJECTION, SOLUTION.")
    route = serializers.CharField(required=False, help_text="Exactly this route, such as INTRAVENOUS.")
    labeler = serializers.CharField(required=False, help_text="Part of the labeler's name.")


class ProductList(Endpoint):
    query = ProductQuery

    @extend_schema(
        operation_id="product_list",
        tags=["products"],
        parameters=[ProductQuery],
        responses=page_of(ProductRowSerializer),
        examples=[examples.page(examples.PRODUCT_ROW)],
    )
    def get(self, request: Request) -> Response:
        """Products of the FDA's NDC Directory, by NDC."""
        query = self.read_query(request)
        rows = Product.objects.for_user(request.user, "read_published")
        rows = rows.filter(**{name: query[name].upper() for name in EXACT if name in query})
        if "labeler" in query:
            rows = rows.filter(labeler_name__icontains=query["labeler"])
        return Response(NDC_KEY.page(request, query, rows.values(*PRODUCT_FIELDS)))


class ProductDetail(Endpoint):
    @extend_schema(
        operation_id="product_detail",
        tags=["products"],
        parameters=[NDC],
        responses={200: ProductSerializer, 409: AMBIGUOUS},
        examples=[examples.answer(examples.PRODUCT)],
    )
    def get(self, request: Request, ndc: str) -> Response:
        """What the directory says of one product, with its packages."""
        products = Product.objects.for_user(request.user, "read_published")
        found: dict[str, Any] | None = products.filter(ndc=key_named(products, ndc)).values("id", *FACT_FIELDS).first()
        if found is None:
            raise Http404
        packages = Package.objects.filter(product=found.pop("id")).order_by("ndc")
        found["packages"] = list(packages.values(*PACKAGE_FIELDS))
        return unless_known(request, found)


class ShortageQuery(PageQuery):
    status = serializers.ChoiceField(
        choices=Shortage.Status.choices, required=False, help_text="As the FDA has the entry now."
    )
    product_ndc = serializers.RegexField(
        r"^\d{6}-\d{4}$", required=False, help_text="Entries of one product, by its canonical key."
    )
    changed_since = serializers.DateField(required=False, help_text="Changed on this date or later.")


class ShortageList(Endpoint):
    query = ShortageQuery

    @extend_schema(
        operation_id="shortage_list",
        tags=["shortages"],
        parameters=[ShortageQuery],
        responses=page_of(ShortageSerializer),
        examples=[examples.page(examples.SHORTAGE)],
    )
    def get(self, request: Request) -> Response:
        """Entries of the FDA's drug shortages list, in the order in which they became known here."""
        query = self.read_query(request)
        rows = Shortage.objects.for_user(request.user, "read_published")
        rows = rows.filter(**{name: query[name] for name in ("status", "product_ndc") if name in query})
        if "changed_since" in query:
            rows = rows.filter(changed_on__gte=query["changed_since"])
        return Response(ID_KEY.page(request, query, rows.values(*SHORTAGE_FIELDS)))
