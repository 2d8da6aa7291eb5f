"""Searching products by NDC in any form, by drug and by labeler."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import BooleanField, CharField, ExpressionWrapper, Lookup, Q, QuerySet, TextField

from dscr.access.models import User
from dscr.access.rules import in_scope
from products.models import Product
from products.ndc import Ndc, NdcError, readings

SEARCHED = ("nonproprietary_name", "proprietary_name", "labeler_name")
LITERALLY = str.maketrans({sign: f"\\{sign}" for sign in "%_\\"})  # what LIKE would read as a pattern


@CharField.register_lookup
@TextField.register_lookup
class Ilike(Lookup):
    """ILIKE, which the trigram index on the names serves; Django's icontains compares UPPER() and cannot use it."""

    lookup_name = "ilike"

    def as_sql(self, compiler, connection):  # type: ignore[no-untyped-def]
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} ILIKE {right}", [*left_params, *right_params]


def ndc_readings(text: str) -> list[Ndc]:
    """Every reading as an NDC; none where the text is a name."""
    try:
        return readings(text)
    except NdcError:
        return []


def rating_list(user: User | AnonymousUser, text: str) -> QuerySet[Product]:
    """Products with their heads, those that take part first. Without a text, those that take part only."""
    rows = in_scope(Product.objects.all(), user, "read_ratings").select_related("rating")
    read = ndc_readings(text)
    if read:
        rows = rows.filter(ndc__in={ndc.product for ndc in read})
    elif not text.strip():
        rows = rows.filter(rating__isnull=False)
    for word in [] if read else text.split():
        matches = Q()
        for field in SEARCHED:
            matches |= Q(**{f"{field}__ilike": f"%{word.translate(LITERALLY)}%"})
        rows = rows.filter(matches)
    not_enrolled = ExpressionWrapper(Q(rating__isnull=True), BooleanField())
    return rows.annotate(not_enrolled=not_enrolled).order_by("not_enrolled", "nonproprietary_name", "ndc")
