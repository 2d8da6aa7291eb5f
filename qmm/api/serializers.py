"""What the API tells of establishments, field by field."""

from rest_framework import serializers

from qmm.models import AREAS, Inspection, SiteEvidence


class EstablishmentRowSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    country = serializers.CharField(help_text="ISO 3166 alpha-3; empty where unknown.")
    fei = serializers.CharField(allow_null=True)
    duns = serializers.ListField(child=serializers.CharField())
    owner = serializers.CharField(allow_null=True, help_text="The organization that owns it, where known.")
    operations = serializers.CharField(help_text="As registered.")
    registration_expires_on = serializers.DateField(allow_null=True)


class LevelsSerializer(serializers.Serializer):
    """Levels 1 (reactive) to 5 (optimizing) of the five practice areas."""

    def get_fields(self) -> dict[str, serializers.Field]:
        return {area: serializers.FloatField() for area in AREAS}


class AssessmentSerializer(serializers.Serializer):
    completed_on = serializers.DateField()
    levels = LevelsSerializer(allow_null=True, help_text="null where they are not for you.")
    imported_from = serializers.CharField(
        allow_null=True, help_text="The file or report that brought it; null for one made in this program."
    )
    assessed_by = serializers.CharField(
        allow_null=True, help_text="The assessor firm of an imported one, where its levels are for you."
    )


class EvidenceSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=SiteEvidence.Kind.choices)
    result = serializers.CharField(help_text="As its issuer says it.")
    issuer = serializers.CharField()
    dated_on = serializers.DateField()
    valid_until = serializers.DateField(allow_null=True)


class InspectionSerializer(serializers.Serializer):
    classification = serializers.ChoiceField(choices=Inspection.Classification.choices)
    ended_on = serializers.DateField()
    resolved_on = serializers.DateField(allow_null=True)


class EstablishmentSerializer(EstablishmentRowSerializer):
    address = serializers.CharField()
    is_synthetic = serializers.BooleanField(help_text="Invented for demonstration.")
    assessments = AssessmentSerializer(many=True, help_text="QMM assessments, the newest first.")
    inspections = InspectionSerializer(many=True, help_text="FDA inspections, the newest first.")
    evidence = EvidenceSerializer(
        many=True,
        help_text="Results of other programs, the newest first; never scored. Empty if not for you.",
    )
