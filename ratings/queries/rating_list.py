"""Searching products by NDC in any form, by labeler code, by drug, strength and labeler; forgiving where asked to."""

import re
from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    ExpressionWrapper,
    Lookup,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Lower

from dscr.access.models import User
from dscr.access.roles import Scope
from dscr.access.scoping import scope_of
from products.models import Product
from products.ndc import Ndc, NdcError, readings
from products.queries.product_names import LITERALLY, names_near, names_with

LONGEST = 200  # characters of a search
MOST_WORDS = 8  # each different word is a condition more for every row
SEARCHED = ("nonproprietary_name", "proprietary_name", "labeler_name")
LABELER_CODE = re.compile(r"[0-9]{4,6}")
NUMBER_AND_UNIT = re.compile(r"([0-9][0-9.,]*)([a-z%].*)", re.IGNORECASE)  # 1mg/mL
UNITS = {"mg", "mcg", "ug", "g", "kg", "ml", "l", "unt", "unit", "units", "iu", "meq", "mmol", "mci", "%"}


CharField.register_lookup(Lower)
TextField.register_lookup(Lower)


@CharField.register_lookup
@TextField.register_lookup
class Ilike(Lookup):
    """ILIKE, half the work of Django's icontains, which makes capitals of every row first."""

    lookup_name = "ilike"

    def as_sql(self, compiler, connection):
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} ILIKE {right}", [*left_params, *right_params]


def typed(text: str) -> str:
    """What a person can have typed: no control characters (the database refuses NUL), one space, not endless."""
    printable = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(printable.split())[:LONGEST].strip()


def ndc_readings(text: str) -> list[Ndc]:
    """Every reading as an NDC; none where the text is a name."""
    try:
        return readings(text)
    except NdcError:
        return []


def rating_list(user: User | AnonymousUser) -> QuerySet[Product]:
    """Every product that the user may read, with its head; `not_enrolled` where it has none. In no order."""
    not_enrolled = ExpressionWrapper(Q(rating__isnull=True), BooleanField())
    rows = Product.objects.for_user(user, "read_published")
    return rows.select_related("rating").annotate(not_enrolled=not_enrolled)


def own_products(user: User | AnonymousUser) -> QuerySet[Product] | None:
    """A manufacturer's own; None for who has none. One query, and that for manufacturers only."""
    if scope_of(user, "read_figures") != Scope.OWN:
        return None
    own = Product.objects.for_user(user, "read_figures")
    return own if own.exists() else None


def searched_by(text: str) -> Q:
    """What the text names: an NDC in any form, a labeler code, or words of names, strength and labeler."""
    read = ndc_readings(text)
    if read:
        return Q(ndc__in={ndc.product for ndc in read})
    if LABELER_CODE.fullmatch(text):
        return Q(ndc__startswith=f"{text.zfill(6)}-") | _any_name("ilike", f"%{text}%")
    names = names_with([word for word in words(text) if not is_strength(word)])
    found = Q()
    for word in words(text):
        found &= _of_strength(word) if is_strength(word) else called(names[word], word)
    return found


def called(names: list[str] | None, word: str, fields: Sequence[str] = SEARCHED) -> Q:
    """Products with one of these names, which hold the word; without them, those whose names do."""
    if names is None:
        return _any_name("ilike", f"%{word.translate(LITERALLY)}%", fields)
    return _any_name("lower__in", names, fields)


def close_to(text: str) -> tuple[Q, Combinable]:
    """Products whose names come close to the text, as after a typing error, and how close (1 is the same)."""
    names = [word for word in words(text) if not is_strength(word)]
    if not names:
        return Q(pk__in=[]), Value(0.0)
    near, found = names_near(names), Q()
    for word in words(text):
        close = [name for level in near.get(word, {}).values() for name in level]
        found &= _of_strength(word) if is_strength(word) else _any_name("lower__in", close)
    return found, reduce(add, (_closeness(near[word]) for word in names)) / float(len(names))


def _closeness(near: dict[float, list[str]]) -> Case:
    """As the names were found, nearest first: comparing them with every product again takes ten times as long."""
    levels = (When(_any_name("lower__in", names), then=Value(closeness)) for closeness, names in near.items())
    return Case(*levels, default=Value(0.0))


def words(text: str) -> list[str]:
    """The words to look for; 1mg/mL is 1 and mg/mL."""
    found: list[str] = []
    for word in text.split():
        split = NUMBER_AND_UNIT.fullmatch(word)
        found += split.groups() if split else [word]
    return list(dict.fromkeys(found))[:MOST_WORDS]


def is_strength(word: str) -> bool:
    return word[0].isdecimal() or word.split("/")[0].lower() in UNITS


def _any_name(lookup: str, value: Any, fields: Sequence[str] = SEARCHED) -> Q:
    matches = Q()
    for field in fields:
        matches |= Q(**{f"{field}__{lookup}": value})
    return matches


def _of_strength(word: str) -> Q:
    """In the strength or a name: a whole number, so that 1 does not find 10 mg; a unit anywhere. The directory writes
    .5 and ug where labels have 0.5 and mcg."""
    if word[0].isdecimal():
        number = re.escape(word.replace(",", "").removeprefix("0"))
        whole = rf"(^|[^0-9.])0?{number}([^0-9.]|$)"
        return Q(strength__regex=whole) | _any_name("regex", whole)
    unit = word.translate(LITERALLY).lower()
    return Q(strength__ilike=f"%{unit.replace('mcg', 'ug')}%") | called(None, word)
