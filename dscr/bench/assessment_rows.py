"""25,000 assessments of 10,000 establishments, each with its case, two assessors, 20 levels of each and 20 agreed ones
(a million and half a million), findings and a timeline; and 400 cases on their way, in every state.

Written as the database would hold them, with triggers off: what counts here is how many there are.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.utils import timezone

from dscr.access.models import Membership, Organisation, User
from dscr.access.roles import Role
from dscr.bench.pages import MAKER, reader
from qmm.course.steps import OPEN_STATES, PATH, State
from qmm.models import AssessmentCase, CaseAssignment, Rubric

ASSESSMENTS, ON_THEIR_WAY, ASSESSORS = 25_000, 400, 60
SCORED = PATH[PATH.index(State.CONSENSUS) :]
FILL = (
    "SET session_replication_role = replica",
    # Earlier ones of the establishments that the registry has rated once.
    """INSERT INTO qmm_assessment (establishment_id, completed_on, management_commitment, business_continuity,
        advanced_pqs, technical_excellence, employee_engagement, created_at, void_reason)
    SELECT 1 + i %% (SELECT count(*)::int FROM qmm_establishment), current_date - 950 - (random() * 1500)::int,
        1 + random() * 4, 1 + random() * 4, 1 + random() * 4, 1 + random() * 4, 1 + random() * 4, now(), ''
    FROM generate_series(1, greatest(0, %(assessments)s - (SELECT count(*)::int FROM qmm_assessment))) i""",
    """INSERT INTO qmm_assessmentcase (establishment_id, state, requested_on, visit_starts_on, closed_on, rubric_id,
        assessment_id)
    SELECT establishment_id, 'final', completed_on - 260, completed_on - 120, completed_on, %(rubric)s, id
    FROM qmm_assessment""",
    """INSERT INTO qmm_assessmentcase (establishment_id, state, requested_on, visit_starts_on, due_on, rubric_id)
    SELECT 1 + (i * 24) %% (SELECT count(*)::int FROM qmm_establishment), (%(states)s::text[])[1 + i %% %(open)s],
        current_date - 200, current_date - 60, current_date - 30 + (random() * 60)::int, %(rubric)s
    FROM generate_series(1, %(on_their_way)s) i""",
    """INSERT INTO qmm_caseassignment (case_id, membership_id, is_lead, assigned_on, ended_on, accepted_at, finished_at)
    SELECT c.id, (%(assessors)s::bigint[])[1 + (c.id * (1 + 6 * side) + side) %% %(people)s], side = 0,
        c.requested_on + 14, c.closed_on, c.requested_on + 15,
        CASE WHEN c.state = ANY(%(scored)s) THEN c.visit_starts_on + 14 + side END
    FROM qmm_assessmentcase c, generate_series(0, 1) side WHERE c.state <> 'requested'""",
    """INSERT INTO qmm_consensusscore (case_id, element, level, reason, version, decided_by_id, decided_at)
    SELECT c.id, element, 1 + floor(random() * 5), '', 1, %(decider)s, now()
    FROM qmm_assessmentcase c, unnest(%(elements)s::text[]) element WHERE c.state = ANY(%(scored)s)""",
    """INSERT INTO qmm_elementscore (assignment_id, element, level, notes, version, updated_at)
    SELECT a.id, element, 1 + floor(random() * 5), 'Seen on the floor and in three records.', 3, now()
    FROM qmm_caseassignment a JOIN qmm_assessmentcase c ON c.id = a.case_id, unnest(%(elements)s::text[]) element
    WHERE c.state IN ('in_progress', 'scoring')
    UNION ALL
    SELECT a.id, s.element, least(5, greatest(1, s.level + floor(random() * 3)::int - 1)),
        'Seen on the floor and in three records.', 3, now()
    FROM qmm_caseassignment a JOIN qmm_consensusscore s ON s.case_id = a.case_id""",
    """INSERT INTO qmm_finding (assignment_id, element, kind, text, evidence, form, version, created_at, updated_at)
    SELECT a.id, (%(elements)s::text[])[n * 4], (ARRAY['strength', 'opportunity', 'critical_gap'])[1 + (a.id + n) %% 3],
        'What was found, in a sentence or two, as they are written.', 'SOP 12-7', gen_random_uuid(), 1, now(), now()
    FROM qmm_caseassignment a JOIN qmm_assessmentcase c ON c.id = a.case_id, generate_series(1, 4) n
    WHERE c.state = ANY(%(scored)s) OR c.state IN ('in_progress', 'scoring')""",
    """INSERT INTO qmm_caseevent (case_id, event, came_from, state, by_id, role, organisation_id, at, note, is_internal,
        is_office)
    SELECT c.id, 'assign', c.state, c.state, %(decider)s, 'Operator', %(office)s, c.requested_on + n * 12, '', false,
        false
    FROM qmm_assessmentcase c, generate_series(1, 12) n""",
    "SET session_replication_role = origin",
    "VACUUM ANALYZE",
)


@dataclass(frozen=True)
class Filled:
    """Who looks, and at which cases: `scoring` is one that `assessor` scores, `consensus` one that `lead` agrees on."""

    operator: User
    assessor: User
    lead: User
    scoring: AssessmentCase
    consensus: AssessmentCase
    final: AssessmentCase


def fill() -> Filled:
    """On top of the registry (dscr/bench/registry.py)."""
    today = timezone.localdate()
    operator, assessors = reader(Role.OPERATOR), _assessors(today)
    rubric = Rubric.objects.in_force().get()
    values: dict[str, Any] = {
        "assessments": ASSESSMENTS,
        "on_their_way": ON_THEIR_WAY,
        "rubric": rubric.pk,
        "elements": list(rubric.kept_texts),
        "states": [state.value for state in OPEN_STATES],
        "open": len(OPEN_STATES),
        "scored": [state.value for state in SCORED],
        "assessors": [member.pk for member in assessors],
        "people": len(assessors),
        "decider": operator.pk,
        "office": operator.membership.organisation_id,
    }
    with connection.cursor() as cursor:
        for statement in FILL:
            cursor.execute(statement, values if "%" in statement else None)
    owner = Organisation.objects.get(name=MAKER)
    scoring, consensus, final = (_case(state) for state in (State.SCORING, State.CONSENSUS, State.FINAL))
    for case in (scoring, consensus, final):
        case.establishment.owner = owner
        case.establishment.save()
    return Filled(operator, _lead(scoring), _lead(consensus), scoring, consensus, final)


def _case(state: State) -> AssessmentCase:
    return AssessmentCase.objects.filter(state=state).select_related("establishment").latest("pk")


def _lead(case: AssessmentCase) -> User:
    return CaseAssignment.objects.get(case=case, is_lead=True).membership.user


def _assessors(today: date) -> list[Membership]:
    firm, _ = Organisation.objects.get_or_create(
        name="Bench assessors", defaults={"kinds": ["assessor_firm"], "is_synthetic": True}
    )
    people = User.objects.bulk_create(User(email=f"assessor{n}@bench.example") for n in range(ASSESSORS))
    return Membership.objects.bulk_create(
        Membership(user=user, organisation=firm, role=Role.LEAD_ASSESSOR, starts_on=today.replace(year=today.year - 9))
        for user in people
    )
