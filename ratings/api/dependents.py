"""What depends on an establishment: products and molecules, and where nobody else supplies."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.endpoint import Endpoint
from products.api.examples import answer
from qmm.api.case_shared import LARGEST
from qmm.api.views import ID
from qmm.models import Establishment
from ratings.api import examples
from ratings.queries.establishment_dependents import MOST_MOLECULES, PER_PAGE, Dependent, dependents_of


class DependentsQuery(serializers.Serializer):
    page = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=100_000,
        default=1,
        help_text=f"Of the products, {PER_PAGE} on each; the last one where there are fewer.",
    )


class DependentRoleSerializer(serializers.Serializer):
    stage = serializers.CharField()
    share = serializers.FloatField(allow_null=True, help_text="Of its stage; null for a backup, or if not for you.")
    is_backup = serializers.BooleanField()
    is_only = serializers.BooleanField(help_text="Nobody else supplies the stage.")


class DependentSerializer(serializers.Serializer):
    ndc = serializers.CharField()
    display_ndc = serializers.CharField()
    name = serializers.CharField()
    molecule = serializers.CharField()
    roles = DependentRoleSerializer(many=True, help_text="What the establishment does for it.")


class DependentMoleculeSerializer(serializers.Serializer):
    molecule = serializers.CharField()
    products = serializers.IntegerField()


class DependentsSerializer(serializers.Serializer):
    establishment = serializers.IntegerField()
    products = serializers.IntegerField()
    rated = serializers.IntegerField(help_text="Products with a score.")
    molecules = serializers.IntegerField()
    without_other = serializers.IntegerField(help_text="Products with a stage that nobody else supplies.")
    by_molecule = DependentMoleculeSerializer(many=True, help_text=f"Most products first; at most {MOST_MOLECULES}.")
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    results = DependentSerializer(many=True, help_text="By molecule, then NDC.")


class Dependents(Endpoint):
    query = DependentsQuery

    @extend_schema(
        operation_id="dependent_list",
        tags=["establishments"],
        parameters=[ID, DependentsQuery],
        responses=DependentsSerializer,
        examples=[answer(examples.DEPENDENTS)],
    )
    def get(self, request: Request, pk: int) -> Response:
        """Which products and molecules depend on an establishment that is yours to read, as far as they are for you."""
        query = self.read_query(request)
        readable = Establishment.objects.for_user(request.user, "read_establishments").standing()
        site = readable.filter(pk=pk).first() if pk <= LARGEST else None
        if site is None:
            raise Http404
        found = dependents_of(request.user, site, query["page"])
        body = {
            "establishment": site.pk,
            "products": found.product_count,
            "rated": found.rated_count,
            "molecules": found.molecule_count,
            "without_other": found.only_count,
            "by_molecule": [{"molecule": molecule, "products": count} for molecule, count in found.molecules],
            "page": found.page.number,
            "pages": found.page.paginator.num_pages,
            "results": [row_of(row) for row in found.rows],
        }
        return Response(body)


def row_of(row: Dependent) -> dict[str, Any]:
    """As DependentSerializer describes it."""
    product = row.product
    return {
        "ndc": product.ndc,
        "display_ndc": product.display_ndc,
        "name": product.nonproprietary_name,
        "molecule": product.molecule,
        "roles": [
            {"stage": role.stage, "share": role.share, "is_backup": role.is_backup, "is_only": role.is_only}
            for role in row.roles
        ],
    }
