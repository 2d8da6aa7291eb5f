"""How the score is made: the page of a methodology, and its worked example that really scores."""

from ratings.views.methodology.page import methodology_detail, newest_methodology
from ratings.views.methodology.score import methodology_score

__all__ = ["methodology_detail", "methodology_score", "newest_methodology"]
