"""Whose maturity a reader may be told of in the products they supply: their own sites', and what owners granted."""

from collections.abc import Iterable

from django.db.models import BigIntegerField, Case, OuterRef, Q, QuerySet, Subquery, Value, When

from dscr.access.roles import MAY, Scope
from dscr.access.scoping import Reader, scope_of
from qmm.models import Establishment, SiteGrant


def levels_readable(user: Reader) -> QuerySet[Establishment]:
    """Establishments whose level and official actions the reader may be told in the products that they supply: what
    `read_maturity` reaches and, for a maker, what owners let it see. Each with `site_grant`: the id of the grant by
    which the reader sees it, None where they see it anyway."""
    membership = user.membership if user.is_authenticated else None
    is_maker = membership is not None and MAY["read_figures"].get(membership.role) == Scope.OWN
    if not is_maker or scope_of(user, "read_maturity") != Scope.OWN:
        rows = Establishment.objects.for_user(user, "read_maturity")
        return rows.annotate(site_grant=Value(None, output_field=BigIntegerField()))
    own = Establishment.own_rows(membership)
    granted = SiteGrant.objects.in_force().reaching(membership).filter(establishment=OuterRef("pk")).order_by("pk")
    by_grant = Case(When(own, then=None), default=Subquery(granted.values("pk")[:1]), output_field=BigIntegerField())
    return Establishment.objects.annotate(site_grant=by_grant).filter(own | Q(site_grant__isnull=False))


def grant_subjects(ids: Iterable[int]) -> list[tuple[str, int, str]]:
    """As the audit names them; which of the reader's products it was is none of the owner's business."""
    return [("site-grant", number, "") for number in ids]
