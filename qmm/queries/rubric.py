"""The draft of the rubric for who may read it."""

from dscr.access.scoping import Reader
from qmm.models import Rubric


def open_draft(user: Reader, action: str) -> Rubric | None:
    """With the version on which it is based; None where there is none, or the reader may not."""
    rows = Rubric.objects.for_user(user, action).draft()
    return rows.select_related("based_on", "created_by", "updated_by").defer("based_on__edits").first()
