"""The pages of the ratings."""

from ratings.views.draft_effect import draft_effect
from ratings.views.establishment import establishment_detail, establishment_list
from ratings.views.export import rating_export_csv, rating_export_xlsx
from ratings.views.methodology import methodology_detail, methodology_score, newest_methodology
from ratings.views.molecule import molecule_detail, molecule_index
from ratings.views.rating import rating_detail, rating_freshness
from ratings.views.rating_list import rating_list

__all__ = [
    "draft_effect",
    "establishment_detail",
    "establishment_list",
    "methodology_detail",
    "methodology_score",
    "molecule_detail",
    "molecule_index",
    "newest_methodology",
    "rating_detail",
    "rating_export_csv",
    "rating_export_xlsx",
    "rating_freshness",
    "rating_list",
]
