"""What the API tells of ratings, field by field: the shapes that ratings.api.rows and the views fill."""

from rest_framework import serializers

from products.api.serializers import ProductRowSerializer
from ratings.filters import STATUSES

STATUS_CHOICES = list(STATUSES.items())
STATUS_HELP = "Only `rated` carries a score; no other status is a low one."


class RatingSummarySerializer(serializers.Serializer):
    status = serializers.ChoiceField(choices=STATUS_CHOICES, help_text=STATUS_HELP)
    score = serializers.FloatField(allow_null=True, help_text="0 to 100, to one decimal.")
    band = serializers.IntegerField(allow_null=True, help_text="1 (very low) to 5 (very high), after gates.")
    band_label = serializers.CharField(allow_null=True)
    coverage = serializers.FloatField(allow_null=True, help_text="Share of what applies that is known, 0 to 1.")
    gates = serializers.ListField(
        child=serializers.CharField(),
        help_text="Codes of the gates that hold. One that the band is already below changes nothing; `gate_reasons` of "
        "the detail tells which bind.",
    )
    in_shortage = serializers.BooleanField(help_text="On the FDA's shortage list, as of the result's date.")
    is_on_watch = serializers.BooleanField(help_text="The band stays only within the buffer around a cut.")
    under_review = serializers.BooleanField(
        help_text="The manufacturer contests it, and no decision is made yet; the score stands meanwhile and is no "
        "lower for it. `updated_since` does not tell of it: ask for `status=under_review`.",
    )
    under_review_since = serializers.DateField(allow_null=True)
    methodology = serializers.CharField(allow_null=True)
    as_of = serializers.DateField(allow_null=True, help_text="The date that the result stands for.")
    published_at = serializers.DateTimeField(allow_null=True)
    verified_at = serializers.DateTimeField(
        allow_null=True,
        help_text="When it was last found or made right: to the hour, or the time of publication where that is later.",
    )


class RatingRowSerializer(RatingSummarySerializer, ProductRowSerializer):
    """A product with what was published of its rating."""


class GateSerializer(serializers.Serializer):
    code = serializers.CharField()
    label = serializers.CharField()
    reason = serializers.CharField()
    caps_at = serializers.IntegerField(help_text="The highest band that it leaves.")
    binds = serializers.BooleanField(help_text="False where the band would be the same without it.")


class DomainSerializer(serializers.Serializer):
    code = serializers.CharField()
    label = serializers.CharField()
    weight = serializers.FloatField()
    word = serializers.CharField(help_text="How the domain stands, as a band's label.")
    points_lost = serializers.IntegerField(help_text="Whole points that the domain cost the score.")


class EnrolmentSerializer(serializers.Serializer):
    organisation = serializers.CharField()
    enrolled_on = serializers.DateField()
    withdrawn_on = serializers.DateField(allow_null=True)
    suspended_on = serializers.DateField(allow_null=True)


class CauseSerializer(serializers.Serializer):
    domain = serializers.CharField(help_text="A domain's code, or what else changed, such as status or gates.")
    text = serializers.CharField()


class PreviewSerializer(serializers.Serializer):
    since = serializers.DateTimeField(help_text="Of the first change that is not published.")
    published_from = serializers.DateTimeField(
        help_text="When it is published, or what has taken its place by then, unless the program's setting is changed."
    )
    status = serializers.ChoiceField(choices=STATUS_CHOICES, help_text=STATUS_HELP)
    score = serializers.FloatField(allow_null=True)
    band = serializers.IntegerField(allow_null=True)
    band_label = serializers.CharField(allow_null=True)
    methodology = serializers.CharField()
    as_of = serializers.DateField()
    coverage = serializers.FloatField(allow_null=True)
    gates = serializers.ListField(child=serializers.CharField(), help_text="Codes of the gates that hold.")
    change = serializers.FloatField(allow_null=True, help_text="Points against what is published.")
    causes = CauseSerializer(many=True)


class RatingSerializer(RatingRowSerializer):
    status_label = serializers.CharField()
    points_lost = serializers.IntegerField(allow_null=True, help_text="100 less the score, in whole points.")
    domains = DomainSerializer(many=True, help_text="Empty without a score.")
    gate_reasons = GateSerializer(many=True)
    enrolment = EnrolmentSerializer(allow_null=True, help_text="The latest one.")
    preview = PreviewSerializer(
        allow_null=True,
        help_text="The result that is not published yet, to those who see the figures; null to all others.",
    )


class HistoryPointSerializer(serializers.Serializer):
    at = serializers.DateTimeField(help_text="When it took effect.")
    as_of = serializers.DateField()
    methodology = serializers.CharField()
    status = serializers.ChoiceField(choices=STATUS_CHOICES, help_text=STATUS_HELP)
    score = serializers.FloatField(allow_null=True)
    band = serializers.IntegerField(allow_null=True)
    band_label = serializers.CharField(allow_null=True)
    change = serializers.FloatField(allow_null=True, help_text="Points against the result before.")
    causes = CauseSerializer(many=True)


class HistorySerializer(serializers.Serializer):
    ndc = serializers.CharField()
    results = HistoryPointSerializer(many=True, help_text="The last 60 results, the newest first.")


class IndicatorFiguresSerializer(serializers.Serializer):
    code = serializers.CharField()
    label = serializers.CharField()
    weight = serializers.FloatField(help_text="Within its domain.")
    reported = serializers.CharField(help_text="What the manufacturer reported, in words.")
    is_disclosed = serializers.BooleanField()
    points = serializers.FloatField(allow_null=True, help_text="0 to 100; null where it does not apply.")
    points_lost = serializers.FloatField(allow_null=True)
    remedy = serializers.CharField(help_text="What would raise it.")


class DomainFiguresSerializer(serializers.Serializer):
    code = serializers.CharField()
    label = serializers.CharField()
    weight = serializers.FloatField()
    value = serializers.FloatField(allow_null=True)
    coverage = serializers.FloatField(allow_null=True)
    points_lost = serializers.FloatField(allow_null=True)
    indicators = IndicatorFiguresSerializer(many=True)


class NodeSerializer(serializers.Serializer):
    establishment_id = serializers.IntegerField()
    name = serializers.CharField()
    country = serializers.CharField()
    share = serializers.FloatField(help_text="Of the stage's supply; 0 for a backup.")
    is_qualified = serializers.BooleanField()
    shows_maturity = serializers.BooleanField(help_text="False where the next three are not for you.")
    under_official_action = serializers.BooleanField(allow_null=True)
    level = serializers.FloatField(allow_null=True, help_text="Mean QMM level, 1 to 5; null if not assessed.")
    points_lost = serializers.FloatField(allow_null=True)


class StageSerializer(serializers.Serializer):
    code = serializers.CharField()
    label = serializers.CharField()
    weight = serializers.FloatField(help_text="Within the QMM domain.")
    value = serializers.FloatField(allow_null=True)
    points_lost = serializers.FloatField(allow_null=True)
    establishments = NodeSerializer(many=True)


class FiguresSerializer(serializers.Serializer):
    exact = serializers.FloatField(allow_null=True, help_text="The score before it was rounded.")
    qmm_coverage = serializers.FloatField(allow_null=True)
    domains = DomainFiguresSerializer(many=True)
    stages = StageSerializer(many=True)


class DisclosedKpiSerializer(serializers.Serializer):
    code = serializers.CharField()
    label = serializers.CharField()
    reported = serializers.CharField(help_text="What the manufacturer reported, in words; of a rate with its counts.")
    last_day = serializers.DateField(help_text="The last day on which it is disclosed to you.")


class DisclosedNodeSerializer(serializers.Serializer):
    name = serializers.CharField()
    country = serializers.CharField()
    share = serializers.FloatField(help_text="Of the stage's supply; 0 for a backup.")
    is_qualified = serializers.BooleanField()


class DisclosedStageSerializer(serializers.Serializer):
    code = serializers.CharField()
    label = serializers.CharField()
    establishments = DisclosedNodeSerializer(many=True)


class DisclosedSupplySerializer(serializers.Serializer):
    last_day = serializers.DateField()
    stages = DisclosedStageSerializer(many=True)


class DisclosedLevelSerializer(serializers.Serializer):
    area = serializers.CharField()
    level = serializers.FloatField(help_text="1 to 5.")


class DisclosedSiteSerializer(serializers.Serializer):
    name = serializers.CharField()
    levels = DisclosedLevelSerializer(many=True)


class DisclosedMaturitySerializer(serializers.Serializer):
    last_day = serializers.DateField()
    establishments = DisclosedSiteSerializer(many=True, help_text="Assessed ones that the manufacturer owns.")


class DisclosedSerializer(serializers.Serializer):
    by = serializers.CharField(help_text="The manufacturer that discloses it.")
    kpis = DisclosedKpiSerializer(many=True, help_text="Empty where none is disclosed.")
    supply = DisclosedSupplySerializer(allow_null=True)
    maturity = DisclosedMaturitySerializer(allow_null=True)


class ExplanationSerializer(serializers.Serializer):
    ndc = serializers.CharField()
    status = serializers.ChoiceField(choices=STATUS_CHOICES, help_text=STATUS_HELP)
    score = serializers.FloatField(allow_null=True)
    band = serializers.IntegerField(allow_null=True)
    band_label = serializers.CharField(allow_null=True)
    methodology = serializers.CharField(allow_null=True)
    as_of = serializers.DateField(allow_null=True)
    points_lost = serializers.IntegerField(allow_null=True)
    domains = DomainSerializer(many=True)
    gate_reasons = GateSerializer(many=True)
    figures = FiguresSerializer(
        allow_null=True,
        help_text="For the enrolling manufacturer, the operator and auditors; null for everyone else.",
    )
    disclosed = DisclosedSerializer(
        allow_null=True,
        help_text="What the manufacturer has disclosed to your organization; null for nothing.",
    )
