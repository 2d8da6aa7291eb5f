"""What-if and scenarios for machines: the settings of the what-if page, tried and kept by a product's own makers."""

from typing import Any
from urllib.parse import parse_qsl

from django.http import Http404
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.endpoint import Endpoint
from dscr.api.idempotency import IDEMPOTENCY_KEY, once
from dscr.audit.notes import note, note_each
from products.api.examples import answer
from products.api.named import AMBIGUOUS, NDC, key_named
from products.models import Product
from qmm.queries.sight import grant_subjects
from ratings.api import examples
from ratings.models import Scenario
from ratings.queries.keeping import NAME_LENGTH, ScenarioError, keep_scenario
from ratings.queries.plan import Planned, planned
from ratings.scoring import Methodology
from ratings.worked_example.comparison import compare
from ratings.worked_example.controls import AnyControl, Choice, Number
from ratings.worked_example.settings import Setting, setting_of

LONGEST = 100  # characters of a value
CHANGES_HELP = "Values by the name of an input; GET gives the names. What is missing stays as it is."


class TriedRatingSerializer(serializers.Serializer):
    status = serializers.CharField(help_text="`rated` or `insufficient_data`.")
    score = serializers.FloatField(allow_null=True)
    band = serializers.IntegerField(allow_null=True, help_text="After gates, with the buffer of the band before today.")
    band_label = serializers.CharField(allow_null=True)
    gates = serializers.ListField(child=serializers.CharField())
    coverage = serializers.FloatField()
    points_lost = serializers.DictField(child=serializers.FloatField(), help_text="By domain; empty without a score.")


class InputSerializer(serializers.Serializer):
    name = serializers.CharField()
    label = serializers.CharField()
    kind = serializers.CharField(help_text="`number`, `choice` or `tick` (1 or 0).")
    value = serializers.CharField(allow_blank=True, help_text="As it stands today.")
    lowest = serializers.CharField(allow_null=True)
    highest = serializers.CharField(allow_null=True)
    unit = serializers.CharField(allow_blank=True)
    choices = serializers.ListField(child=serializers.CharField(allow_blank=True))


class InputsSerializer(serializers.Serializer):
    ndc = serializers.CharField()
    methodology = serializers.CharField()
    as_of = serializers.DateField()
    inputs = InputSerializer(many=True)


class WhatIfRequestSerializer(serializers.Serializer):
    changes = serializers.DictField(child=serializers.CharField(allow_blank=True), help_text=CHANGES_HELP)


class WhatIfSerializer(serializers.Serializer):
    ndc = serializers.CharField()
    methodology = serializers.CharField()
    as_of = serializers.DateField()
    changes = serializers.DictField(child=serializers.CharField(allow_blank=True), help_text="As they were read.")
    before = TriedRatingSerializer()
    after = TriedRatingSerializer()
    change = serializers.FloatField(allow_null=True, help_text="Of the score; null where one of the two has none.")


class ScenarioSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    ndc = serializers.CharField()
    name = serializers.CharField()
    changes = serializers.DictField(child=serializers.CharField(allow_blank=True))
    methodology = serializers.CharField()
    created_by = serializers.CharField()
    created_at = serializers.DateTimeField()


class ScenarioListSerializer(serializers.Serializer):
    results = ScenarioSerializer(many=True)


class ScenarioRequestSerializer(serializers.Serializer):
    ndc = serializers.CharField()
    name = serializers.CharField(max_length=NAME_LENGTH)
    changes = serializers.DictField(child=serializers.CharField(allow_blank=True), help_text=CHANGES_HELP)


class WhatIf(Endpoint):
    @extend_schema(
        operation_id="what_if_inputs",
        tags=["planning"],
        parameters=[NDC],
        responses={200: InputsSerializer, 409: AMBIGUOUS},
        examples=[answer(examples.INPUTS)],
    )
    def get(self, request: Request, ndc: str) -> Response:
        """The inputs of one's own product that can be tried, with their values of today."""
        plan = _planned(request, ndc)
        return Response({**_named(plan), "inputs": [_input(control) for control in plan.example().controls.values()]})

    @extend_schema(
        operation_id="what_if",
        tags=["planning"],
        parameters=[NDC],
        request=WhatIfRequestSerializer,
        responses={200: WhatIfSerializer, 409: AMBIGUOUS},
        examples=[
            answer(examples.WHAT_IF),
            OpenApiExample("More stock", request_only=True, value={"changes": {"days_inventory_on_hand": "120"}}),
        ],
    )
    def post(self, request: Request, ndc: str) -> Response:
        """The rating of one's own product with some inputs changed, beside today's. Nothing is stored."""
        plan = _planned(request, ndc)
        setting = _setting(plan, request.data)
        comparison = compare(setting)
        return Response(
            {
                **_named(plan),
                "changes": dict(parse_qsl(setting.query, keep_blank_values=True)),
                "before": _rating(comparison.before, plan.methodology),
                "after": _rating(comparison.after, plan.methodology),
                "change": comparison.change,
            }
        )


class ScenarioList(Endpoint):
    @extend_schema(
        operation_id="scenario_list",
        tags=["planning"],
        responses=ScenarioListSerializer,
        examples=[answer({"results": [examples.SCENARIO]})],
    )
    def get(self, request: Request) -> Response:
        """The scenarios of one's own organization, the newest first."""
        self.read_query(request)
        own = Scenario.objects.for_user(request.user, "plan_products").select_related("product", "created_by")
        return Response({"results": [_scenario(scenario) for scenario in own]})

    @extend_schema(
        operation_id="scenario_create",
        tags=["planning"],
        parameters=[IDEMPOTENCY_KEY],
        request=ScenarioRequestSerializer,
        responses={201: ScenarioSerializer, 409: AMBIGUOUS},
        examples=[
            OpenApiExample("Kept", response_only=True, status_codes=["201"], value=examples.SCENARIO),
            OpenApiExample(
                "More stock",
                request_only=True,
                value={"ndc": "099901-0202", "name": "More stock", "changes": {"days_inventory_on_hand": "120"}},
            ),
        ],
    )
    @once
    def post(self, request: Request) -> Response:
        """Keep a setting of one's own product under a name. Only what was changed is kept, not what came of it."""
        body = request.data if isinstance(request.data, dict) else {}
        ndc, name = body.get("ndc"), body.get("name")
        missing = [field for field, value in (("ndc", ndc), ("name", name)) if not isinstance(value, str)]
        if missing:
            raise ValidationError(dict.fromkeys(missing, "Give a text."))
        plan = _planned(request, ndc)
        setting = _setting(plan, body)
        try:
            scenario = keep_scenario(request.user, plan, name, setting.query)
        except ScenarioError as error:
            raise ValidationError({"name": str(error)}) from None
        return Response(_scenario(scenario), status=status.HTTP_201_CREATED)


class ScenarioDetail(Endpoint):
    @extend_schema(
        operation_id="scenario_delete",
        tags=["planning"],
        parameters=[
            OpenApiParameter("scenario_id", int, OpenApiParameter.PATH, description="The `id` that the list gives.")
        ],
        responses={204: None},
    )
    def delete(self, request: Request, scenario_id: int) -> Response:
        """Delete a scenario of one's own organization."""
        deleted, _ = Scenario.objects.for_user(request.user, "plan_products").filter(pk=scenario_id).delete()
        if not deleted:
            raise Http404
        return Response(status=status.HTTP_204_NO_CONTENT)


def _planned(request: Request, ndc: str) -> Planned:
    """Of one's own product that is scored; Http404 for any other."""
    own = Product.objects.for_user(request.user, "plan_products")
    product = own.filter(ndc=key_named(own, ndc)).first()
    if product is None:
        raise Http404
    plan = planned(request.user, [product])
    if plan.standing_label:
        raise Http404
    note(request, "viewed", product, detail="figures")
    note_each(request, "viewed", grant_subjects(plan.site_grants))
    return plan


def _setting(plan: Planned, body: Any) -> Setting:
    given = body.get("changes") if isinstance(body, dict) else None
    if not isinstance(given, dict):
        raise ValidationError({"changes": 'Give an object, such as {"days_inventory_on_hand": "120"}.'})
    wrong = {
        str(name)[:LONGEST]: f"Give a text of at most {LONGEST} characters, a number, or true or false."
        for name, value in given.items()
        if not isinstance(value, str | int | float) or len(str(value)) > LONGEST
    }
    if wrong:
        raise ValidationError({"changes": wrong})
    setting = setting_of(plan.example(), {str(name): _text(value) for name, value in given.items()})
    if setting.errors:
        raise ValidationError({"changes": {name or "non_field_errors": text for name, text in setting.errors.items()}})
    return setting


def _text(value: str | float | bool) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _named(plan: Planned) -> dict[str, Any]:
    return {"ndc": plan.product.ndc, "methodology": plan.methodology.version, "as_of": plan.as_of}


def _input(control: AnyControl) -> dict[str, Any]:
    is_number = isinstance(control, Number)
    return {
        "name": control.name,
        "label": control.called,
        "kind": control.kind,
        "value": control.rest,
        "lowest": control.lowest if is_number else None,
        "highest": control.highest if is_number else None,
        "unit": control.unit if is_number else "",
        "choices": [value for value, _ in control.choices] if isinstance(control, Choice) else [],
    }


def _rating(rating: dict[str, Any], methodology: Methodology) -> dict[str, Any]:
    return {
        "status": rating["status"],
        "score": rating["score"],
        "band": rating["band"],
        "band_label": methodology.band_label(rating["band"]) if rating["band"] else None,
        "gates": rating["gates"],
        "coverage": rating["coverage"],
        "points_lost": rating["points_lost"] if rating["score"] is not None else {},
    }


def _scenario(scenario: Scenario) -> dict[str, Any]:
    return {
        "id": scenario.pk,
        "ndc": scenario.product.ndc,
        "name": scenario.name,
        "changes": dict(parse_qsl(scenario.query, keep_blank_values=True)),
        "methodology": scenario.methodology,
        "created_by": str(scenario.created_by),
        "created_at": scenario.created_at,
    }
