"""What the API tells of products and shortages, field by field."""

from rest_framework import serializers

from products.models import Shortage


class ProductRowSerializer(serializers.Serializer):
    """A product of the FDA's NDC Directory."""

    ndc = serializers.CharField(help_text="Canonical 6-4 key, such as 000002-0800.")
    display_ndc = serializers.CharField(help_text="As printed, such as 0002-0800.")
    labeler_name = serializers.CharField()
    proprietary_name = serializers.CharField()
    nonproprietary_name = serializers.CharField()
    molecule = serializers.CharField(help_text="Its active ingredients in alphabetical order.")
    dosage_form = serializers.CharField()
    route = serializers.CharField()
    strength = serializers.CharField()


PRODUCT_FIELDS = tuple(ProductRowSerializer().fields)


class PackageSerializer(serializers.Serializer):
    ndc = serializers.CharField(help_text="Canonical 6-4-2 key.")
    display_ndc = serializers.CharField()
    description = serializers.CharField()
    marketing_starts_on = serializers.DateField(allow_null=True)
    marketing_ends_on = serializers.DateField(allow_null=True)
    is_sample = serializers.BooleanField()
    last_seen_on = serializers.DateField(allow_null=True)


PACKAGE_FIELDS = tuple(PackageSerializer().fields)


class ProductFactsSerializer(ProductRowSerializer):
    substances = serializers.ListField(child=serializers.CharField())
    product_type = serializers.CharField()
    marketing_category = serializers.CharField()
    application_number = serializers.CharField()
    certified_through = serializers.DateField(allow_null=True)
    last_seen_on = serializers.DateField(allow_null=True, help_text="Latest directory file that listed it.")
    is_synthetic = serializers.BooleanField(help_text="Invented for demonstration.")


FACT_FIELDS = tuple(ProductFactsSerializer().fields)


class ProductSerializer(ProductFactsSerializer):
    packages = PackageSerializer(many=True)


class ShortageSerializer(serializers.Serializer):
    """A package in one entry of the FDA's drug shortages list, as published."""

    id = serializers.IntegerField()
    package_ndc = serializers.CharField(help_text="Canonical 6-4-2 key.")
    product_ndc = serializers.CharField(help_text="Canonical 6-4 key.")
    status = serializers.ChoiceField(choices=Shortage.Status.choices)
    changed_on = serializers.DateField(help_text="Of several entries of a package the latest change decides.")
    generic_name = serializers.CharField()
    company_name = serializers.CharField()
    presentation = serializers.CharField()
    reason = serializers.CharField()
    availability = serializers.CharField()
    therapeutic_category = serializers.CharField()
    posted_on = serializers.DateField(allow_null=True)
    discontinued_on = serializers.DateField(allow_null=True)
    last_seen_on = serializers.DateField(allow_null=True)
    is_synthetic = serializers.BooleanField()


SHORTAGE_FIELDS = tuple(ShortageSerializer().fields)
