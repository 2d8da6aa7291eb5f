"""Disclosed figures in the list of NDCs: only where a grant in force opens that figure of that product."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from dscr.access.scoping import Reader, may
from products.models import DisclosureGrant, Enrolment
from products.queries.granted import firm_attested
from ratings.columns import Column
from ratings.models import RatingSnapshot
from ratings.queries.explained import effective_inputs
from ratings.queries.granted import LABELS, granted_figures

PREFIX = "kpi-"
Cells = dict[int, dict[str, str]]  # product -> code -> what was reported


def disclosed_columns(user: Reader) -> list[Column]:
    """The figures that any grant in force opens to the reader, in the order of the questionnaire. They are not sorted
    by and not searched, so that no order tells a figure that is not shown. One query, none for who reads by none."""
    if not may(user, "read_granted"):
        return []
    grants = DisclosureGrant.objects.for_user(user, "read_granted").in_force().exclude(kpis=[])
    codes = {code for kpis in grants.values_list("kpis", flat=True).order_by().distinct() for code in kpis}
    return [_column(code) for code in LABELS if code in codes]


def asked_columns(user: Reader, keys: Sequence[str]) -> list[Column]:
    """The same where the reader asks for any of them, and otherwise none without a query."""
    return disclosed_columns(user) if any(key.startswith(PREFIX) for key in keys) else []


def still_disclosed(keys: Sequence[str], columns: Sequence[Column]) -> list[str]:
    """Without figures that are not, or no longer, disclosed: a saved address goes on working without them."""
    known = {column.key for column in columns}
    lapsed = {f"{PREFIX}{code}" for code in LABELS} - known
    return [key for key in keys if key not in lapsed]


def _column(code: str) -> Column:
    def cells(product: Any) -> tuple[str]:
        return (product.disclosed.get(code, ""),)

    return Column(f"{PREFIX}{code}", LABELS[code], (f"{LABELS[code]} (disclosed to you)",), cells, of_enrolled=True)


class DisclosedFigures:
    """Sets `disclosed` (code -> words) on products where such columns are shown. Two queries for all of them.

    `grants`: those by which something is shown.
    """

    def __init__(self, user: Reader, columns: Sequence[Column], product_ids: Iterable[int] | None = None) -> None:
        self.cells: Cells = {}
        self.grants: list[DisclosureGrant] = []
        codes = [column.key.removeprefix(PREFIX) for column in columns if column.key.startswith(PREFIX)]
        if codes:
            self._read(user, codes, product_ids)

    def _read(self, user: Reader, codes: Sequence[str], product_ids: Iterable[int] | None) -> None:
        grants = DisclosureGrant.objects.for_user(user, "read_granted").in_force().filter(kpis__overlap=list(codes))
        by_firm: dict[int, list[DisclosureGrant]] = {}
        for grant in grants.select_related("organisation", "grantee", "product"):
            by_firm.setdefault(grant.organisation_id, []).append(grant)
        used: dict[int, DisclosureGrant] = {}
        for firm, snapshot in _snapshots(by_firm, product_ids):
            given = [grant for grant in by_firm[firm] if grant.product_id in (None, snapshot.product_id)]
            shown = {code for grant in given for code in grant.kpis} & set(codes)
            if shown:
                figures = granted_figures(effective_inputs(snapshot), shown)
                self.cells[snapshot.product_id] = {item.code: item.reported for item in figures}
                used |= {grant.pk: grant for grant in given}
        self.grants = list(used.values())

    def mark(self, product: Any) -> Any:
        product.disclosed = self.cells.get(product.pk, {})
        return product


def _snapshots(firms: Iterable[int], product_ids: Iterable[int] | None) -> Iterable[tuple[int, RatingSnapshot]]:
    """(firm, published snapshot) of what these firms have enrolled today, unless it stands for a day before that."""
    today = timezone.localdate()
    held = Enrolment.objects.filter(
        Q(withdrawn_on=None) | Q(withdrawn_on__gt=today), organisation__in=list(firms), enrolled_on__lte=today
    )
    if product_ids is not None:
        held = held.filter(product__in=list(product_ids))
    before = Enrolment.objects.filter(product=OuterRef("product"), enrolled_on__lt=OuterRef("enrolled_on"))
    taken_over = Exists(before.exclude(organisation=OuterRef("organisation")))
    heads = held.filter(product__rating__published_snapshot__as_of__gte=F("enrolled_on"))
    names = ("product__rating__published_snapshot", "organisation", "product", "enrolled_on", "taken")
    pairs = {
        snapshot: firm
        for snapshot, firm, product, since, taken in heads.annotate(taken=taken_over).values_list(*names)
        if not taken or firm_attested(product, firm, since)
    }
    for snapshot in RatingSnapshot.objects.filter(pk__in=list(pairs)).iterator(chunk_size=500):
        yield pairs[snapshot.pk], snapshot
