"""What makers keep of their planning names establishments by id: efforts of actions and the settings of scenarios.

They are the firms' own thoughts, so a merge's record keeps only which rows were rewritten, never what they say.
"""

import re
from typing import Any

from django.db.models import Q

from ratings.models import PlannerEffort, Scenario


def plans_rename(old: int, new: int, only: dict[str, list[int]] | None = None) -> dict[str, list[int]]:
    """Lets them name `new` instead of `old`; those that name both are left as they are. `only`: these rows.

    Returns the primary keys of what was rewritten.
    """
    return {
        "efforts": _rename(PlannerEffort, "action", rf"(?<=:){old}(?=:|$)", old, new, only and only["efforts"]),
        "scenarios": _rename(Scenario, "query", rf"(?<=_){old}(?==)", old, new, only and only["scenarios"]),
    }


def _rename(model: Any, field: str, pattern: str, old: int, new: int, only: list[int] | None) -> list[int]:
    rows = model.objects.filter(**{f"{field}__contains": str(old)})
    renamed = []
    for row in rows if only is None else rows.filter(pk__in=only):
        was = getattr(row, field)
        text = re.sub(pattern, str(new), was)
        if text == was or re.search(pattern.replace(str(old), str(new)), was) or _is_taken(row, text):
            continue
        model.objects.filter(pk=row.pk).update(**{field: text})
        renamed.append(row.pk)
    return renamed


def _is_taken(row: PlannerEffort | Scenario, text: str) -> bool:
    if not isinstance(row, PlannerEffort):
        return False
    return PlannerEffort.objects.filter(Q(organisation=row.organisation_id), action=text).exists()
