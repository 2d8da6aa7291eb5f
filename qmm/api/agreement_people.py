"""Agreement with names: by pair and assessor for oversight, and for each assessor their own drift."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.concurrency import unless_known
from dscr.api.endpoint import Endpoint
from dscr.audit.notes import note
from qmm.agreement_sentences import is_notable
from qmm.api import examples
from qmm.api.agreement import AgreementQuery, CoefficientSerializer, asked_cycle, coefficients
from qmm.models import AssessorDrift
from qmm.queries.agreement import calibration_drifts, drifts_of_everybody, own_drifts, pairs_of


class PairSerializer(serializers.Serializer):
    first = serializers.CharField(help_text="One of the two, by name.")
    second = serializers.CharField()
    assessments = serializers.IntegerField(help_text="That both have finished.")
    pairs_of_levels = serializers.IntegerField()
    alpha = CoefficientSerializer()
    kappa = CoefficientSerializer()
    icc = CoefficientSerializer(help_text="ICC(2,1): the two are always the same.")


class DriftSerializer(serializers.Serializer):
    source = serializers.ChoiceField(choices=AssessorDrift.Source.choices, help_text="What it is measured by.")
    cycle = serializers.IntegerField(allow_null=True, help_text="null for all years.")
    assessments = serializers.IntegerField(help_text="Or calibration cases.")
    partners = serializers.IntegerField(help_text="Other assessors they met; 0 in calibration.")
    pairs_of_levels = serializers.IntegerField()
    drift = serializers.FloatField(
        help_text="Levels more (or, below 0, fewer) than others give to the same, or than the reference panel."
    )
    low = serializers.FloatField(allow_null=True, help_text="Lower end of the 95% interval.")
    high = serializers.FloatField(allow_null=True)
    is_clear = serializers.BooleanField(help_text="Large enough to matter, and surely this assessor's own.")


class NamedDriftSerializer(DriftSerializer):
    assessor = serializers.CharField()


class AgreementPeopleSerializer(serializers.Serializer):
    cycle = serializers.IntegerField(allow_null=True, help_text="null for all years.")
    pairs = PairSerializer(many=True, help_text="With five common assessments or more, the lowest agreement first.")
    assessors = NamedDriftSerializer(many=True, help_text="The largest drift first; then by calibration cases.")


class OwnDriftSerializer(serializers.Serializer):
    results = DriftSerializer(many=True, help_text="All years first, then each, the newest first.")


class AgreementPeople(Endpoint):
    query = AgreementQuery

    @extend_schema(
        operation_id="agreement_people",
        tags=["agreement"],
        parameters=[AgreementQuery],
        responses=AgreementPeopleSerializer,
        examples=[examples.answer(examples.AGREEMENT_PEOPLE)],
    )
    def get(self, request: Request) -> Response:
        """Each pair's agreement and each assessor's drift, for the program operator and auditors. Of all years unless
        you say."""
        cycle = asked_cycle(self.read_query(request).get("cycle", "all"))
        note(request, "viewed", "agreement of assessors", detail="all years" if cycle is None else str(cycle))
        drifts = [*drifts_of_everybody(request.user, cycle), *calibration_drifts(request.user)]
        pairs = [
            {
                "first": str(row.first),
                "second": str(row.second),
                "assessments": row.assessments,
                "pairs_of_levels": row.items,
                **coefficients(row),
            }
            for row in pairs_of(request.user, cycle)
        ]
        assessors = [{"assessor": str(row.assessor), **drift_row(row)} for row in drifts]
        return unless_known(request, {"cycle": cycle, "pairs": pairs, "assessors": assessors})


class AgreementOwn(Endpoint):
    @extend_schema(
        operation_id="agreement_own",
        tags=["agreement"],
        responses=OwnDriftSerializer,
        examples=[examples.answer(examples.OWN_DRIFT)],
    )
    def get(self, request: Request) -> Response:
        """Your own drift against the other assessors and against the reference panel of calibration cases."""
        self.read_query(request)
        return unless_known(request, {"results": [drift_row(row) for row in own_drifts(request.user)]})


def drift_row(row: AssessorDrift) -> dict[str, Any]:
    """In two decimals, as the pages tell it: more would let one work out whom it was measured against."""
    return {
        "source": row.source,
        "cycle": row.cycle,
        "assessments": row.assessments,
        "partners": row.partners,
        "pairs_of_levels": row.items,
        "drift": round(row.drift, 2),
        "low": None if row.low is None else round(row.low, 2),
        "high": None if row.high is None else round(row.high, 2),
        "is_clear": is_notable(row),
    }
