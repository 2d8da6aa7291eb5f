"""The pages of the ratings."""

from ratings.views.draft_effect import draft_effect
from ratings.views.establishment import establishment_detail, establishment_list
from ratings.views.export import rating_export_csv, rating_export_xlsx
from ratings.views.many_effect import many_effect
from ratings.views.methodology import methodology_detail, methodology_score, newest_methodology
from ratings.views.molecule import molecule_detail, molecule_index
from ratings.views.plan_effect import plan_effect
from ratings.views.planning import (
    planner,
    planner_effort,
    planner_next,
    portfolio,
    portfolio_actions,
    scenario_delete,
    scenario_save,
    what_if,
    what_if_score,
)
from ratings.views.program import program, program_change
from ratings.views.rating import rating_detail, rating_freshness
from ratings.views.rating_list import rating_list
from ratings.views.supply_preview import supply_preview
from ratings.views.workbook_effect import workbook_effect

__all__ = [
    "draft_effect",
    "establishment_detail",
    "establishment_list",
    "many_effect",
    "methodology_detail",
    "methodology_score",
    "molecule_detail",
    "molecule_index",
    "newest_methodology",
    "plan_effect",
    "planner",
    "planner_effort",
    "planner_next",
    "portfolio",
    "portfolio_actions",
    "program",
    "program_change",
    "rating_detail",
    "rating_export_csv",
    "rating_export_xlsx",
    "rating_freshness",
    "rating_list",
    "scenario_delete",
    "scenario_save",
    "supply_preview",
    "what_if",
    "what_if_score",
    "workbook_effect",
]
