"""Names of products as a search finds them: those that hold a word, and those that come close to it."""

from collections.abc import Sequence

from django.db import connection

MOST_NAMES = 500  # with more, a word tells products apart so little that reading them is as quick
AS_NEAR = 0.04  # what is further away than the nearest by more than this is something else
SHORTEST = 3  # letters that the trigram index can look up
LITERALLY = str.maketrans({sign: f"\\{sign}" for sign in "%_\\"})  # what LIKE would read as a pattern
CLOSE_ENOUGH = "0.4"  # of a word's trigrams: one error in six letters, two letters swapped in nine


def names_with(words: Sequence[str]) -> dict[str, list[str] | None]:
    """Word -> the names, in lower case, that hold it anywhere; None where they are too many or it is too short."""
    found: dict[str, list[str] | None] = dict.fromkeys(words)
    asked = [word for word in words if len(word) >= SHORTEST]
    if not asked:
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ARRAY(SELECT name FROM products_productname WHERE name ILIKE pattern LIMIT %s) "
            "FROM unnest(%s::text[]) WITH ORDINALITY AS asked (pattern, place) ORDER BY place",
            [MOST_NAMES + 1, [f"%{word.translate(LITERALLY)}%" for word in asked]],
        )
        rows = [names for (names,) in cursor.fetchall()]
    return found | {word: names if len(names) <= MOST_NAMES else None for word, names in zip(asked, rows, strict=True)}


def names_near(words: Sequence[str]) -> dict[str, dict[float, list[str]]]:
    """Word -> how close, nearest first (1 is the same) -> the names, in lower case, that come so close to it."""
    with connection.cursor() as cursor:  # the index follows the session's setting, not a number in the query
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, false)", [CLOSE_ENOUGH])
        cursor.execute(
            "SELECT word, closeness, name FROM unnest(%s::text[]) AS asked (word), LATERAL ("
            "SELECT name, round(word_similarity(word, name)::numeric, 2)::float8 AS closeness "
            "FROM products_productname WHERE name %%> word ORDER BY 2 DESC, 1 LIMIT %s) near ORDER BY 2 DESC, 3",
            [list(words), MOST_NAMES],
        )
        near: dict[str, dict[float, list[str]]] = {word: {} for word in words}
        for word, closeness, name in cursor.fetchall():
            levels = near[word]
            if closeness >= max(levels, default=closeness) - AS_NEAR:
                levels.setdefault(closeness, []).append(name)
        return near
