"""What to do next: the planner and the what-if page of a product, its scenarios, and the firm's whole portfolio."""

from ratings.views.planning.planner import planner, planner_effort, planner_next
from ratings.views.planning.portfolio import portfolio, portfolio_actions
from ratings.views.planning.scenarios import scenario_delete, scenario_save
from ratings.views.planning.what_if import what_if, what_if_score

__all__ = [
    "planner",
    "planner_effort",
    "planner_next",
    "portfolio",
    "portfolio_actions",
    "scenario_delete",
    "scenario_save",
    "what_if",
    "what_if_score",
]
