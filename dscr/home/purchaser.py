"""The first page of a purchaser: the search, changes worth watching, and the molecules that are weakest."""

from collections.abc import Sequence
from typing import Any

from dscr.access.scoping import Reader
from dscr.home.molecules import molecule_rows, weakest_sentence
from ratings.figures import in_words, joined
from ratings.queries.coverage import coverage
from ratings.queries.movers import DAYS, FELL, LOST, NEW, OVER, ROSE, SHORT, Moves, ShownMove, published_moves
from ratings.sentences import STEADY_SUPPLY

WORSE_WORDS = {
    SHORT: ("came into shortage", "came into shortage"),
    FELL: ("fell a band", "fell a band"),
    LOST: ("lost its rating", "lost their rating"),
}
BETTER_WORDS = {
    ROSE: ("rose a band", "rose a band"),
    NEW: ("was newly rated", "were newly rated"),
    OVER: ("left the shortage list", "left the shortage list"),
}
MOLECULES = 10


def purchaser_context(user: Reader) -> dict[str, Any]:
    moves, listed = published_moves(user), coverage(user)
    return {
        "moves": moves,
        "moves_sentence": moves_sentence(moves),
        "worse_part": part_sentence(moves, moves.worse, WORSE_WORDS),
        "better_part": part_sentence(moves, moves.better, BETTER_WORDS),
        "days": DAYS,
        "molecules": molecule_rows(listed.weakest[:MOLECULES]),
        "molecule_count": len(listed.weakest),
        "weakest_sentence": weakest_sentence(listed),
        "steady_supply": STEADY_SUPPLY,
        "shows_synthetic": any(move.product.is_synthetic for move in (*moves.worse, *moves.better)),
    }


def moves_sentence(moves: Moves) -> str:
    """In the last 90 days 5 products fell a band and 2 came into shortage; 7 rose a band."""
    worse, better = (_told(moves.counts, words) for words in (WORSE_WORDS, BETTER_WORDS))
    if not worse and not better:
        return f"No band, status or shortage has changed in the last {DAYS} days."
    said = f"{worse}; {better}" if worse and better else worse or better
    return f"In the last {DAYS} days {said}."


def part_sentence(moves: Moves, shown: Sequence[ShownMove], words: dict[str, tuple[str, str]]) -> str:
    """The six newest of 30; "" where all are shown."""
    count = sum(moves.counts.get(kind, 0) for kind in words)
    return f"The {in_words(len(shown))} newest of {count:,}." if 0 < len(shown) < count else ""


def _told(counts: dict[str, int], words: dict[str, tuple[str, str]]) -> str:
    found = [(counts.get(kind, 0), pair) for kind, pair in words.items() if counts.get(kind)]
    told = [f"{in_words(count)} {pair[count != 1]}" for count, pair in found]
    if told:
        count = found[0][0]
        number = in_words(count)
        told[0] = told[0].replace(number, f"{number} product{'' if count == 1 else 's'}", 1)
    return joined(told)
