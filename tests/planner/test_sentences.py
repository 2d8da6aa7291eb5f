"""What the planner says of the buffer, of limits and of bands that cannot be reached."""

from dataclasses import replace

import pytest

from ratings import plan_sentences
from ratings.planner.gains import Outcome, plans
from ratings.planner.sets import SetSearch, smallest_sets
from ratings.scoring import load_methodology
from tests.planner.products import random_portfolio

METHOD = load_methodology("2026.1")
RATED = Outcome(True, 60.0, 60.0, 3, 3, (), 1.0)


@pytest.mark.parametrize(
    ("now", "prior", "said"),
    [
        (RATED, 0, ""),
        (RATED, 3, "It was Moderate before, so “High” is reached at 72.0, not at 70.0."),
        (replace(RATED, score=71.0), 3, "is reached at 72.0, not at 70.0. Its score has passed the cut already."),
        (RATED, 4, "It was High before, so “High” is kept from 68.0 on already."),
        (replace(RATED, band=5, band_uncapped=5), 5, ""),
    ],
)
def test_the_buffer_is_told(now: Outcome, prior: int, said: str) -> None:
    sentence = plan_sentences.buffer_sentence(now, prior, METHOD)
    assert sentence.endswith(said)
    assert bool(sentence) == bool(said)


def test_a_limit_that_no_action_lifts_is_named() -> None:
    [sentence] = plan_sentences.gate_sentences(replace(RATED, gates=("active_shortage",)), METHOD)
    assert "keeps the band at Moderate at most" in sentence
    assert "No action ends a shortage at once" in sentence


def test_what_cannot_be_reached_says_how_far_the_catalogue_goes() -> None:
    _, inputs = random_portfolio()
    found = plans(inputs, METHOD, frozenset(), {})
    search = smallest_sets(inputs, 22, found[22].now, found[22].proposed, METHOD)
    sentence = plan_sentences.set_sentence(found[22].now, search, METHOD)
    assert sentence.startswith("No set of up to four actions reaches “High”. The most that they reach is ")
    assert "All actions with a known target together come to 70.0 (High)." in sentence
    ways = SetSearch(4, (), 27, 2, None, RATED, 2)
    said = "Two actions are enough for “High”: there are 27 ways"
    assert plan_sentences.set_sentence(RATED, ways, METHOD) == f"{said}."  # nobody said what an action costs
    assert plan_sentences.set_sentence(RATED, ways, METHOD, efforts_said=True) == f"{said}, the least effort first."
    assert plan_sentences.set_sentence(RATED, None, METHOD) == "This product is in the highest band."


def test_an_action_that_others_decide_is_told_with_the_first_of_one_s_own() -> None:
    _, inputs = random_portfolio()
    found = next(plan for plan in plans(inputs, METHOD, frozenset(), {}) if plan.gains[0].action.decided_by)
    own = next(gain for gain in found.gains if not gain.action.decided_by)
    said = plan_sentences.gain_sentence(found)
    assert f"It counts once {found.gains[0].action.decided_by} confirms it." in said
    assert f"Of those in your own hands, “{own.action.label}” gains most: +{own.points} points." in said
