"""The pages of the ratings."""

from ratings.views.methodology import methodology_detail
from ratings.views.rating import rating_detail, rating_freshness
from ratings.views.rating_list import rating_list

__all__ = ["methodology_detail", "rating_detail", "rating_freshness", "rating_list"]
