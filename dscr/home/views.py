"""The first page: the operator's overview, or for other roles what the program will show them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dscr.access.roles import Role
from dscr.access.scoping import may
from dscr.home.changes import grouped
from dscr.home.sentences import failed_sentence, standings_sentence, waiting_sentence
from ratings.models import Status
from ratings.queries.overview import failed_list, latest_changes, standings, waiting_marks
from ratings.scoring import available_versions
from ratings.sentences import STEADY_SUPPLY

COMING = {
    Role.MANUFACTURER_EDITOR: "Your products with every figure behind their ratings, and the questionnaire to answer.",
    Role.ATTESTOR: "The submissions of your organization that wait for your attestation.",
    Role.ESTABLISHMENT_CONTACT: "Your establishment's assessment, its questionnaire and its improvement plan.",
    Role.PURCHASER: "The products of a molecule side by side: score, band, and which domains cost points.",
    Role.ASSESSOR: "The assessment cases that are assigned to you, with the rubric beside each question.",
    Role.LEAD_ASSESSOR: "The assessment cases that you lead, and the consensus of your assessors.",
    Role.COORDINATOR: "Essential molecules, where their supply concentrates, and how many makers take part.",
}


@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    if not may(request.user, "read_operations"):
        memberships = request.user.memberships_today
        coming = [(membership, COMING.get(Role(membership.role), "")) for membership in memberships]
        return render(request, "home/role_home.html", {"coming": coming})
    rows = standings(request.user, available_versions()[-1])
    failed, failed_count = failed_list(request.user)
    waiting = waiting_marks(request.user)
    context = {
        "standings": rows,
        "standings_sentence": standings_sentence(rows),
        "standings_chart": {
            "rows": [{"label": row.label, "count": row.count, "band": row.band} for row in rows],
        },
        "failed": failed,
        "failed_count": failed_count,
        "failed_sentence": failed_sentence(failed_count),
        "waiting": waiting,
        "waiting_sentence": waiting_sentence(waiting),
        "groups": grouped(latest_changes(request.user)),
        "rated_status": Status.RATED,
        "steady_supply": STEADY_SUPPLY,
    }
    return render(request, "home/operator_home.html", context)
