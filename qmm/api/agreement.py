"""How well assessors agree: what the public page shows."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.concurrency import unless_known
from dscr.api.endpoint import Endpoint
from qmm.agreement.drift import FEWEST
from qmm.agreement_sentences import TARGET
from qmm.api import examples
from qmm.models import AgreementFigure
from qmm.models.agreement import FEWEST_ASSESSORS
from qmm.queries.agreement import public_agreement

RULE = (
    f"Given from {FEWEST} assessments by {FEWEST_ASSESSORS} or more assessors on, and anew with every {FEWEST} more "
    "that are finished: no change tells of a single one."
)


class AgreementQuery(serializers.Serializer):
    cycle = serializers.RegexField(
        r"^(\d{4}|all)$", required=False, help_text='A calendar year, or "all" for all years.'
    )


class CoefficientSerializer(serializers.Serializer):
    value = serializers.FloatField(allow_null=True, help_text="null where every level was the same.")
    low = serializers.FloatField(allow_null=True, help_text="Lower end of the 95% interval, whole assessments redrawn.")
    high = serializers.FloatField(allow_null=True)


class AgreementFigureSerializer(serializers.Serializer):
    code = serializers.CharField(allow_blank=True, help_text="Of the practice area or element; empty for all.")
    assessments = serializers.IntegerField(help_text="Counted, in whole fives.")
    assessors = serializers.IntegerField()
    pairs_of_levels = serializers.IntegerField()
    alpha = CoefficientSerializer(help_text="Krippendorff's alpha for ordinal levels: the measure of the target.")
    kappa = CoefficientSerializer(help_text="Cohen's kappa with quadratic weights, lead assessor against the other.")
    icc = CoefficientSerializer(help_text="Intraclass correlation ICC(1,1).")


class AgreementSerializer(serializers.Serializer):
    cycle = serializers.IntegerField(allow_null=True, help_text="null for all years.")
    target = serializers.FloatField()
    assessments = serializers.IntegerField(
        help_text="Finished in the cycle by two assessors, counted in a figure or not yet. What once counted stays."
    )
    overall = AgreementFigureSerializer(allow_null=True, help_text=RULE)
    areas = AgreementFigureSerializer(many=True, help_text=RULE)
    elements = AgreementFigureSerializer(many=True, help_text=RULE)
    cycles = serializers.ListField(child=serializers.IntegerField(), help_text="Years with figures, the newest first.")
    computed_at = serializers.DateTimeField(allow_null=True)


class Agreement(Endpoint):
    query = AgreementQuery

    @extend_schema(
        operation_id="agreement_detail",
        tags=["agreement"],
        parameters=[AgreementQuery],
        responses=AgreementSerializer,
        examples=[examples.answer(examples.AGREEMENT)],
    )
    def get(self, request: Request) -> Response:
        """How well the two assessors of an assessment agree before they talk, against the target of 0.80. Open to
        everybody, without names. Of this year unless you say."""
        cycle = asked_cycle(self.read_query(request).get("cycle"))
        found = public_agreement(cycle)
        answer = {
            "cycle": cycle,
            "target": TARGET,
            "assessments": found.finished,
            "overall": figure_row(found.overall) if found.overall else None,
            "areas": [figure_row(row) for row in found.areas],
            "elements": [figure_row(row) for row in found.elements],
            "cycles": found.cycles,
            "computed_at": found.computed_at,
        }
        return unless_known(request, answer)


def asked_cycle(given: str | None) -> int | None:
    """A year; None for all years."""
    return None if given == "all" else int(given) if given else timezone.localdate().year


def figure_row(row: AgreementFigure) -> dict[str, Any]:
    about = {
        "code": row.code,
        "assessments": row.assessments,
        "assessors": row.assessors,
        "pairs_of_levels": row.items,
    }
    return about | coefficients(row)


def coefficients(row: AgreementFigure) -> dict[str, dict[str, float | None]]:
    """Four decimals: what a reader may recompute, and no more than the interval bears."""
    return {
        name: {"value": _short(value), "low": _short(low), "high": _short(high)}
        for name, value, low, high in (
            ("alpha", row.alpha, row.alpha_low, row.alpha_high),
            ("kappa", row.kappa, row.kappa_low, row.kappa_high),
            ("icc", row.icc, row.icc_low, row.icc_high),
        )
    }


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
