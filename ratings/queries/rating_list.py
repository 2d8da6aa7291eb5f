"""Searching products by NDC in any form, by labeler code, by drug, strength and labeler; forgiving where asked to."""

import re

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection
from django.db.models import BooleanField, CharField, ExpressionWrapper, Lookup, Q, QuerySet, TextField, Value
from django.db.models.functions import Greatest

from dscr.access.models import User
from dscr.access.roles import Scope
from dscr.access.scoping import scope_of
from products.models import Product
from products.ndc import Ndc, NdcError, readings

LONGEST = 200  # characters of a search
MOST_WORDS = 8  # each different word is a condition more for every row
SEARCHED = ("nonproprietary_name", "proprietary_name", "labeler_name")
LITERALLY = str.maketrans({sign: f"\\{sign}" for sign in "%_\\"})  # what LIKE would read as a pattern
CLOSE_ENOUGH = "0.4"  # of a word's trigrams: one error in six letters, two letters swapped in nine
LABELER_CODE = re.compile(r"[0-9]{4,6}")
NUMBER_AND_UNIT = re.compile(r"([0-9][0-9.,]*)([a-z%].*)", re.IGNORECASE)  # 1mg/mL
UNITS = {"mg", "mcg", "ug", "g", "kg", "ml", "l", "unt", "unit", "units", "iu", "meq", "mmol", "mci", "%"}


@CharField.register_lookup
@TextField.register_lookup
class Ilike(Lookup):
    """ILIKE, which the trigram index on the names serves; Django's icontains compares UPPER() and cannot use it."""

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


def searched(rows: QuerySet[Product], text: str) -> QuerySet[Product]:
    """Those that the text names: an NDC in any form, a labeler code, or words of names, strength and labeler."""
    read = ndc_readings(text)
    if read:
        return rows.filter(ndc__in={ndc.product for ndc in read})
    if LABELER_CODE.fullmatch(text):
        return rows.filter(Q(ndc__startswith=f"{text.zfill(6)}-") | _named(text))
    for word in words(text):
        rows = rows.filter(_of_strength(word) if is_strength(word) else _named(word))
    return rows


def close_to(rows: QuerySet[Product], text: str) -> QuerySet[Product]:
    """Those whose names come close to the text, as after a typing error, with their `closeness` (1 is the same)."""
    names = [word for word in words(text) if not is_strength(word)]
    if not names or ndc_readings(text):
        return rows.none().annotate(closeness=Value(0.0))
    with connection.cursor() as cursor:  # the index follows the session's setting, not a number in the query
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, false)", [CLOSE_ENOUGH])
    for word in words(text):
        rows = rows.filter(_of_strength(word) if is_strength(word) else _close(word))
    closeness = Greatest(*(TrigramWordSimilarity(" ".join(names), field) for field in SEARCHED))
    return rows.annotate(closeness=closeness)


def words(text: str) -> list[str]:
    """The words to look for; 1mg/mL is 1 and mg/mL."""
    found: list[str] = []
    for word in text.split():
        split = NUMBER_AND_UNIT.fullmatch(word)
        found += split.groups() if split else [word]
    return list(dict.fromkeys(found))[:MOST_WORDS]


def is_strength(word: str) -> bool:
    return word[0].isdecimal() or word.split("/")[0].lower() in UNITS


def _named(word: str) -> Q:
    return _any_name("ilike", f"%{word.translate(LITERALLY)}%")


def _close(word: str) -> Q:
    return _any_name("trigram_word_similar", word)


def _any_name(lookup: str, value: str) -> Q:
    matches = Q()
    for field in SEARCHED:
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
    return Q(strength__ilike=f"%{unit.replace('mcg', 'ug')}%") | _named(word)
