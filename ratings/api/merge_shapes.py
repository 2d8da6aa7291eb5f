"""What the API tells of records that may be one establishment and of merges, field by field."""

from typing import Any

from rest_framework import serializers

from products.models import SupplyNode
from products.services.establishment_merge import Joint
from qmm.models import DuplicatePair, EstablishmentMerge, Inspection
from qmm.services.establishment_merge import MOVING, Moved
from ratings.mergers.queries import PairRow, SiteRecord
from ratings.mergers.sentences import FIELDS, moved_sentence
from ratings.queries.figures_effect import Effect

MOST_NODES = 500  # of a list within a preview


class RecordInspectionSerializer(serializers.Serializer):
    classification = serializers.ChoiceField(choices=Inspection.Classification.choices)
    ended_on = serializers.DateField()


class SiteRecordSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    country = serializers.CharField(allow_blank=True, help_text="ISO 3166 alpha-3; empty where unknown.")
    address = serializers.CharField(allow_blank=True)
    fei = serializers.CharField(allow_null=True)
    duns = serializers.ListField(child=serializers.CharField())
    owner = serializers.CharField(allow_null=True)
    reported_by = serializers.CharField(allow_null=True, help_text="The firm that gave the record in confidence.")
    last_seen_on = serializers.DateField(allow_null=True, help_text="Latest register file that listed it.")
    assessed_on = serializers.ListField(child=serializers.DateField(), help_text="Of its assessments.")
    inspections = RecordInspectionSerializer(many=True)
    open_case = serializers.IntegerField(allow_null=True, help_text="Its assessment case that is under way.")
    products = serializers.IntegerField(help_text="That it supplies, supplied or is going to supply.")
    supply_nodes = serializers.IntegerField()


class DuplicateSerializer(serializers.Serializer):
    """Two records that may be one establishment."""

    id = serializers.IntegerField()
    signals = serializers.ListField(
        child=serializers.ChoiceField(choices=DuplicatePair.Signal.choices), help_text="What speaks for one site."
    )
    likeness = serializers.FloatField(help_text="Of the names, 0 to 1.")
    found_at = serializers.DateTimeField()
    apart_at = serializers.DateTimeField(allow_null=True, help_text="When somebody found that they are two sites.")
    apart_by = serializers.CharField(allow_null=True)
    apart_reason = serializers.CharField(allow_blank=True)
    first = SiteRecordSerializer()
    second = SiteRecordSerializer()


class MergedNodeSerializer(serializers.Serializer):
    share = serializers.FloatField(help_text="Of its stage; 0 for a backup.")
    is_qualified = serializers.BooleanField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True, help_text="The first day on which it no longer holds.")


class MovingNodeSerializer(MergedNodeSerializer):
    ndc = serializers.CharField()
    stage = serializers.ChoiceField(choices=SupplyNode.Stage.choices)


class JointSerializer(serializers.Serializer):
    """Supply nodes of both records on the same days, and those that take their place."""

    ndc = serializers.CharField()
    stage = serializers.ChoiceField(choices=SupplyNode.Stage.choices)
    before = MergedNodeSerializer(many=True)
    after = MergedNodeSerializer(many=True)


class MergeEffectSerializer(serializers.Serializer):
    display_ndc = serializers.CharField()
    name = serializers.CharField()
    score_now = serializers.FloatField(allow_null=True)
    score_then = serializers.FloatField(allow_null=True)
    band_now = serializers.IntegerField(allow_null=True)
    band_then = serializers.IntegerField(allow_null=True)
    status_now = serializers.CharField(help_text="In words.")
    status_then = serializers.CharField()


class MovedSerializer(serializers.Serializer):
    """How many rows of each kind."""

    def get_fields(self) -> dict[str, serializers.Field]:
        kinds = (*MOVING, "supply_nodes", "supply_nodes_replaced", "supply_nodes_made")
        return {kind: serializers.IntegerField() for kind in kinds}


class MergePreviewSerializer(serializers.Serializer):
    stays = SiteRecordSerializer()
    goes = SiteRecordSerializer()
    refusals = serializers.ListField(
        child=serializers.CharField(), help_text="Why the two must not be merged this way; then nothing below is told."
    )
    seen = serializers.CharField(allow_null=True, help_text="Names all that would move; a merge takes it.")
    summary = serializers.CharField(allow_blank=True, help_text="What moves, in a sentence.")
    moved = MovedSerializer(allow_null=True)
    filled = serializers.ListField(
        child=serializers.ChoiceField(choices=list(FIELDS.items())),
        help_text="What the record that stays lacks and gets from the other.",
    )
    moving_nodes = MovingNodeSerializer(many=True, help_text=f"At most {MOST_NODES}; `moved` counts all.")
    joined_nodes = JointSerializer(many=True, help_text=f"At most {MOST_NODES}.")
    products = serializers.IntegerField(help_text="That are marked, recomputed and published anew.")
    products_scored = serializers.IntegerField(allow_null=True, help_text="Of them; null without a method in force.")
    effect = serializers.CharField(allow_blank=True, help_text="On their scores, in words.")
    effects = MergeEffectSerializer(many=True, help_text="Products whose score, band or status moves, the most first.")
    access = serializers.ListField(child=serializers.CharField(), help_text="Who reads what afterwards.")


class RecordNameSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()


class MergeSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    stays = RecordNameSerializer()
    goes = RecordNameSerializer(help_text="Leads to the other since.")
    reason = serializers.CharField()
    merged_by = serializers.CharField()
    merged_at = serializers.DateTimeField()
    undone_by = serializers.CharField(allow_null=True)
    undone_at = serializers.DateTimeField(allow_null=True)
    undone_reason = serializers.CharField(allow_blank=True)


class MergeRecordSerializer(MergeSerializer):
    summary = serializers.CharField(help_text="What moved, in a sentence.")
    moved = MovedSerializer()
    filled = serializers.ListField(child=serializers.ChoiceField(choices=list(FIELDS.items())))


def record_told(record: SiteRecord) -> dict[str, Any]:
    site = record.site
    return {
        "id": site.pk,
        "name": site.name,
        "country": site.country,
        "address": site.address,
        "fei": record.fei or None,
        "duns": record.duns,
        "owner": site.owner and str(site.owner),
        "reported_by": site.reported_by and str(site.reported_by),
        "last_seen_on": site.last_seen_on,
        "assessed_on": [row.completed_on for row in record.assessed],
        "inspections": [{"classification": row.classification, "ended_on": row.ended_on} for row in record.inspected],
        "open_case": record.case and record.case.pk,
        "products": record.products,
        "supply_nodes": record.nodes,
    }


def pair_told(row: PairRow) -> dict[str, Any]:
    pair = row.pair
    return {
        "id": pair.pk,
        "signals": pair.signals,
        "likeness": round(pair.likeness, 4),
        "found_at": pair.found_at,
        "apart_at": pair.apart_at,
        "apart_by": pair.apart_by and str(pair.apart_by),
        "apart_reason": pair.apart_reason,
        "first": record_told(row.first),
        "second": record_told(row.second),
    }


def node_told(node: SupplyNode) -> dict[str, Any]:
    return {name: getattr(node, name) for name in ("share", "is_qualified", "valid_from", "valid_to")}


def moving_told(node: SupplyNode) -> dict[str, Any]:
    return {"ndc": node.product.ndc, "stage": node.stage, **node_told(node)}


def joint_told(joint: Joint) -> dict[str, Any]:
    first = joint.before[0]
    return {
        "ndc": first.product.ndc,
        "stage": first.stage,
        "before": [node_told(node) for node in joint.before],
        "after": [node_told(node) for node in joint.after],
    }


def effect_told(effect: Effect) -> dict[str, Any]:
    """Scores as pages show them."""
    scores = {name: getattr(effect, name) for name in ("score_now", "score_then")}
    return {
        "display_ndc": effect.ndc,
        "name": effect.name,
        **{name: None if score is None else round(score, 1) for name, score in scores.items()},
        "band_now": effect.band_now or None,
        "band_then": effect.band_then or None,
        "status_now": effect.status_now,
        "status_then": effect.status_then,
    }


def moved_told(moved: Moved) -> dict[str, Any]:
    """{summary, moved, filled} of a merge's record or a preview's."""
    nodes = {"supply_nodes": "moved", "supply_nodes_replaced": "replaced", "supply_nodes_made": "made"}
    counts = {kind: len(moved.get(kind, [])) for kind in MOVING}
    return {
        "summary": moved_sentence(moved),
        "moved": counts | {name: len(moved["nodes"][key]) for name, key in nodes.items()},
        "filled": list(moved["filled"]),
    }


def merge_told(merge: EstablishmentMerge) -> dict[str, Any]:
    return {
        "id": merge.pk,
        "stays": {"id": merge.stays_id, "name": merge.stays.name},
        "goes": {"id": merge.goes_id, "name": merge.goes.name},
        "reason": merge.reason,
        "merged_by": str(merge.merged_by),
        "merged_at": merge.merged_at,
        "undone_by": merge.undone_by and str(merge.undone_by),
        "undone_at": merge.undone_at,
        "undone_reason": merge.undone_reason,
    }
