"""Finding pairs of establishments that may be one site, and saying of a pair that it is two."""

from collections.abc import Iterable

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from dscr.access.models import User
from qmm.models import DuplicatePair

# Of the names' and the addresses' trigrams, 0 to 1. What is compared at all shares the country, and a number of the
# address (the postal code, mostly) or the beginning of the name: comparing each with each would take minutes. Pairs
# come from arrays: a join of a table with itself was planned as each with each.
LIKE_NAMES, LIKE_ADDRESSES = 0.5, 0.45
COMMON = 60  # establishments that share a key; one that more share says nothing

WITHOUT = "inc|incorporated|ltd|limited|llc|co|corp|corporation|company|gmbh|ag|sa|spa|bv|plc|pvt|private|s a|lp"
FIND = f"""
WITH site AS (
    SELECT id, country, lower(address) AS address,
        trim(regexp_replace(
            regexp_replace(lower(name), '[^a-z0-9]+', ' ', 'g'), '\\m({WITHOUT})\\M', '', 'g')) AS name
    FROM qmm_establishment WHERE merged_into_id IS NULL
), key AS (
    SELECT DISTINCT id, country || ' ' || found[1] AS key FROM site, regexp_matches(address, '\\d{{3,}}', 'g') found
    UNION SELECT id, country || ' ' || left(regexp_replace(name, ' +', '', 'g'), 9) FROM site
), rare AS (
    SELECT array_agg(id) AS ids FROM key GROUP BY key HAVING count(*) BETWEEN 2 AND {COMMON}
), near AS (
    SELECT DISTINCT first, second FROM rare, unnest(ids) first, unnest(ids) second WHERE first < second
), compared AS (
    SELECT first, second, regexp_replace(a.name, ' +', '', 'g') = regexp_replace(b.name, ' +', '', 'g') AS is_same,
        similarity(a.name, b.name) AS likeness,
        a.address = '' OR b.address = '' OR similarity(a.address, b.address) >= {LIKE_ADDRESSES} AS is_near
    FROM near JOIN site a ON a.id = first JOIN site b ON b.id = second
), one_fei AS (
    SELECT array_agg(establishment_id) AS ids FROM qmm_establishmentidentifier JOIN site ON site.id = establishment_id
    WHERE scheme = 'fei' GROUP BY ltrim(value, '0') HAVING count(*) > 1
), fei AS (
    SELECT DISTINCT first, second FROM one_fei, unnest(ids) first, unnest(ids) second WHERE first < second
), duns AS (
    SELECT first, second FROM unnest(%(firsts)s::bigint[], %(seconds)s::bigint[]) d(first, second)
), said AS (
    SELECT first, second, CASE WHEN is_same THEN 'same_name' ELSE 'near_name' END AS signal, likeness FROM compared
    WHERE is_near AND likeness >= {LIKE_NAMES}
    UNION ALL SELECT first, second, 'same_fei', 1 FROM fei
    UNION ALL SELECT first, second, 'same_duns', 1 FROM duns
)
INSERT INTO qmm_duplicatepair (first_id, second_id, signals, likeness, found_at, apart_reason)
SELECT first, second, array_agg(DISTINCT signal::varchar(10) ORDER BY signal::varchar(10)), max(likeness), now(), ''
FROM said GROUP BY first, second
ON CONFLICT (first_id, second_id) DO UPDATE SET likeness = excluded.likeness, signals = ARRAY(
    SELECT DISTINCT signal FROM unnest(excluded.signals ||
        array_remove(array_remove(qmm_duplicatepair.signals, 'same_name'), 'near_name')) signal
    ORDER BY signal)
"""  # noqa: S608  the constants above


def duplicates_find(by_duns: Iterable[tuple[int, int]] = ()) -> int:
    """Stores the pairs that are new and what speaks for those that are known; returns how many are open.

    by_duns: pairs (lower id first) for which a register file gave one DUNS number. A pair that the operator found to
    be two sites stays so.
    """
    pairs = sorted(by_duns)
    with connection.cursor() as cursor:
        cursor.execute(FIND, {"firsts": [pair[0] for pair in pairs], "seconds": [pair[1] for pair in pairs]})
    return open_pairs().count()


def open_pairs() -> QuerySet[DuplicatePair]:
    standing = {"first__merged_into": None, "second__merged_into": None}
    return DuplicatePair.objects.filter(apart_at=None, **standing)


def pair_apart(pair: DuplicatePair, *, reason: str, user: User) -> bool:
    """The operator looked: these are two sites. False where somebody said so before."""
    changed = DuplicatePair.objects.filter(pk=pair.pk, apart_at=None).update(
        apart_at=timezone.now(), apart_by=user, apart_reason=reason
    )
    return bool(changed)
