"""The first page of the operator and of the auditor: where products stand, what waits, what changed."""

from typing import Any

from django.utils import timezone

from dscr.access.invitations import waiting_invitations
from dscr.access.scoping import Reader, may
from dscr.home.assessor import case_rows
from dscr.home.changes import SHOWN, grouped, part_sentence
from dscr.home.sentences import (
    duplicates_sentence,
    ending_sentence,
    failed_sentence,
    imports_sentence,
    invitations_sentence,
    late_cases_sentence,
    reviews_sentence,
    standings_sentence,
    waiting_sentence,
)
from products.queries.imports import last_imports
from qmm.queries.cases import open_cases
from qmm.queries.validity import ending_count
from ratings.mergers.queries import pairs_waiting
from ratings.preview_sentences import ONLY_YOU, running_sentence
from ratings.queries.overview import failed_list, latest_changes, standings, waiting_marks
from ratings.queries.preview import previews_running
from ratings.reviews.queries import MOST_TASKS, awaiting_list
from ratings.reviews.sentences import deadline_words
from ratings.scoring import available_versions
from ratings.sentences import STEADY_SUPPLY

LATE_CASES = 8


def operator_context(user: Reader) -> dict[str, Any]:
    rows = standings(user, available_versions()[-1])
    failed, failed_count = failed_list(user)
    waiting = waiting_marks(user)
    late = open_cases(user, only_late=True)
    imports = last_imports(user)
    groups = grouped(latest_changes(user))
    today, reviews = timezone.localdate(), awaiting_list(user)
    running = previews_running(user)
    context = {
        "running": running,
        "running_sentence": running_sentence(running),
        "running_only_you": ONLY_YOU,
        "standings": rows,
        "standings_sentence": standings_sentence(rows),
        "standings_chart": {"rows": [{"label": row.label, "count": row.count, "band": row.band} for row in rows]},
        "failed": failed,
        "failed_count": failed_count,
        "failed_sentence": failed_sentence(failed_count),
        "waiting": waiting,
        "waiting_sentence": waiting_sentence(waiting),
        "late_cases": case_rows(late[:LATE_CASES]),
        "late_cases_sentence": late_cases_sentence(len(late)),
        "ending_sentence": ending_sentence(*ending_count(user)),
        "reviews": [(row, deadline_words(row, today), row.clock.is_late(today)) for row in reviews[:MOST_TASKS]],
        "more_reviews": len(reviews) > MOST_TASKS,
        "reviews_sentence": reviews_sentence(
            len(reviews), sum(row.clock.is_late(today) for row in reviews), is_more=len(reviews) > MOST_TASKS
        ),
        "duplicates_sentence": duplicates_sentence(pairs_waiting(user).count()),
        "imports": imports,
        "imports_sentence": imports_sentence(imports, today),
        "groups": groups[:SHOWN],
        "groups_part": part_sentence(groups),
        "steady_supply": STEADY_SUPPLY,
    }
    if may(user, "invite_people"):
        context["invitations_sentence"] = invitations_sentence(waiting_invitations().count())
    return context


def auditor_context(user: Reader) -> dict[str, Any]:
    from dscr.audit.queries import latest_entries

    return operator_context(user) | {"entries": latest_entries(user, 8)}
