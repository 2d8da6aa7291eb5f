"""The roles of the program and what each may do, on one screen. What no line here grants is refused."""

from django.db import models


class OrganisationKind(models.TextChoices):
    MANUFACTURER = "manufacturer", "Manufacturer"
    PURCHASER = "purchaser", "Purchaser"
    ASSESSOR_FIRM = "assessor_firm", "Assessor firm"
    OPERATOR = "operator", "Program operator"
    COORDINATOR = "coordinator", "HHS coordinator"


class Role(models.TextChoices):
    MANUFACTURER_EDITOR = "manufacturer_editor", "Manufacturer editor"
    ATTESTOR = "attestor", "Attestor"
    ESTABLISHMENT_CONTACT = "establishment_contact", "Establishment contact"
    PURCHASER = "purchaser", "Purchaser"
    ASSESSOR = "assessor", "Assessor"
    LEAD_ASSESSOR = "lead_assessor", "Lead assessor"
    OPERATOR = "operator", "Operator"
    COORDINATOR = "coordinator", "Coordinator"
    AUDITOR = "auditor", "Auditor"


class Scope(models.TextChoices):
    """How far a right reaches. Which rows are one's own or assigned, each model says (dscr/access/scoping.py)."""

    ALL = "all", "Everything"
    OWN = "own", "One's own organization's"
    ASSIGNED = "assigned", "What one is assigned to"


KINDS_OF_ROLE = {
    Role.MANUFACTURER_EDITOR: OrganisationKind.MANUFACTURER,
    Role.ATTESTOR: OrganisationKind.MANUFACTURER,
    Role.ESTABLISHMENT_CONTACT: OrganisationKind.MANUFACTURER,
    Role.PURCHASER: OrganisationKind.PURCHASER,
    Role.ASSESSOR: OrganisationKind.ASSESSOR_FIRM,
    Role.LEAD_ASSESSOR: OrganisationKind.ASSESSOR_FIRM,
    Role.OPERATOR: OrganisationKind.OPERATOR,
    Role.COORDINATOR: OrganisationKind.COORDINATOR,
    Role.AUDITOR: OrganisationKind.OPERATOR,
}

MAKERS = (Role.MANUFACTURER_EDITOR, Role.ATTESTOR)
FIRM = (*MAKERS, Role.ESTABLISHMENT_CONTACT)
ASSESSORS = (Role.ASSESSOR, Role.LEAD_ASSESSOR)
OVERSIGHT = (Role.OPERATOR, Role.AUDITOR)


def _grant(**roles: tuple[Role, ...]) -> dict[str, Scope]:
    return {role: Scope(scope) for scope, granted in roles.items() for role in granted}


# Action -> role -> how far. The auditor reads everything and writes nothing; nobody edits a score.
MAY: dict[str, dict[str, Scope]] = {
    # Published score, band, status, coverage, gates; domains in words and whole points; causes by domain.
    "read_published": _grant(all=(*OVERSIGHT, Role.COORDINATOR, Role.PURCHASER, *FIRM)),
    # Reported KPIs, points of every indicator, supply nodes with names and shares.
    "read_figures": _grant(all=OVERSIGHT, own=MAKERS),
    # What a manufacturer has disclosed to one's organization (products/models/disclosure.py).
    "read_granted": _grant(own=(Role.PURCHASER, Role.COORDINATOR)),
    # Which grants a firm has given, and which organizations looked.
    "read_grants": _grant(all=OVERSIGHT, own=MAKERS),
    # Granting and withdrawing: a firm gives its secrets away by the person who may sign for it.
    "disclose": _grant(own=(Role.ATTESTOR,)),
    # Asking the enrolling firm to disclose more of a product, and reading its answers.
    "ask_disclosure": _grant(own=(Role.PURCHASER,)),
    # Enrolling products and withdrawing them: stated for the firm.
    "enroll": _grant(own=(Role.ATTESTOR,)),
    # What a manufacturer could do next, what it tried and keeps of that: its own makers', nobody else's.
    "plan_products": _grant(own=MAKERS),
    # Threads about a contested rating: correction requests, calculation reviews, appeals (ratings/reviews).
    "read_reviews": _grant(all=OVERSIGHT, own=MAKERS),
    # Opening one, writing in it for the firm, withdrawing it.
    "open_reviews": _grant(own=MAKERS),
    # Taking it, asking, deciding: never the score itself.
    "decide_reviews": _grant(all=(Role.OPERATOR,)),
    # The questionnaire: drafts of one's own products, up to attestation.
    "enter_kpis": _grant(own=MAKERS),
    # Attesting them, so that they count.
    "attest_kpis": _grant(own=(Role.ATTESTOR,)),
    # An establishment, its inspections and that it was assessed.
    "read_establishments": _grant(all=(*OVERSIGHT, Role.COORDINATOR), own=FIRM, assigned=ASSESSORS),
    # The levels of an establishment's quality management maturity.
    "read_maturity": _grant(all=OVERSIGHT, own=FIRM, assigned=ASSESSORS),
    # Which products and molecules depend on an establishment, without shares.
    "read_dependence": _grant(all=(*OVERSIGHT, Role.COORDINATOR), own=MAKERS),
    # Assessment cases and who is assigned to them.
    "read_cases": _grant(all=OVERSIGHT, own=FIRM, assigned=ASSESSORS),
    # Asking for an assessment of one's own establishment, answering before the visit, commenting on the draft.
    "request_cases": _grant(own=FIRM),
    # Accepting, assigning, scheduling, making final: never a level.
    "run_cases": _grant(all=(Role.OPERATOR,)),
    # The visit, the consensus and the draft, by who is assigned; what a lead alone does, qmm/course/steps.py says.
    "assess_cases": _grant(assigned=ASSESSORS),
    # Giving one's own levels, notes and findings, and agreeing on levels.
    "give_scores": _grant(assigned=ASSESSORS),
    # Levels of single assessors and what was agreed: blind until both have finished (qmm/models/blind.py).
    "read_scores": _grant(all=OVERSIGHT, assigned=ASSESSORS),
    # What was agreed and found in a final assessment, and the establishment's plan to improve.
    "read_plans": _grant(all=OVERSIGHT, own=FIRM, assigned=ASSESSORS),
    "write_plans": _grant(own=FIRM),
    # What the plan would do to the scores of the owner's own products.
    "read_plan_effect": _grant(all=OVERSIGHT, own=FIRM),
    # Letting an assessor go on after finishing.
    "reopen_scores": _grant(all=(Role.OPERATOR,)),
    # The published versions of the rubric: by what assessors give levels is told to everybody who takes part.
    "read_rubric": _grant(all=(*OVERSIGHT, Role.COORDINATOR, Role.PURCHASER, *FIRM, *ASSESSORS)),
    # What the next version is going to say.
    "read_rubric_draft": _grant(all=OVERSIGHT),
    # Writing that draft and publishing it.
    "edit_rubric": _grant(all=(Role.OPERATOR,)),
    # How well each two assessors agree, and everybody's drift; what the public may see has no names.
    "read_agreement": _grant(all=OVERSIGHT),
    # An assessor's drift: each their own.
    "read_own_drift": _grant(assigned=ASSESSORS),
    # Calibration cases: assessors meet the panel's levels once their own are in.
    "read_calibration": _grant(all=OVERSIGHT, assigned=ASSESSORS),
    "score_calibration": _grant(assigned=ASSESSORS),
    # Whole cases, with the panel's levels and what each assessor gave.
    "review_calibration": _grant(all=OVERSIGHT),
    "edit_calibration": _grant(all=(Role.OPERATOR,)),
    # A product's supply nodes, and finding the establishments to name in them.
    "edit_supply": _grant(own=MAKERS),
    # Which makers an owner lets see more of its establishment than what a stage costs, and which looked.
    "read_site_grants": _grant(all=OVERSIGHT, own=FIRM),
    # Letting them, and withdrawing it.
    "grant_sight": _grant(own=(Role.ATTESTOR, Role.ESTABLISHMENT_CONTACT)),
    # The people to ask at an establishment; an assessor reads confirmed ones.
    "read_contacts": _grant(all=OVERSIGHT, own=FIRM, assigned=ASSESSORS),
    "name_contacts": _grant(all=(Role.OPERATOR,), own=FIRM),
    "confirm_contacts": _grant(all=(Role.OPERATOR,)),
    # Results of other programs that are shown beside the assessments of an establishment and never scored.
    "read_site_evidence": _grant(all=OVERSIGHT, own=FIRM, assigned=ASSESSORS),
    "record_evidence": _grant(all=(Role.OPERATOR,), own=(Role.ATTESTOR, Role.ESTABLISHMENT_CONTACT)),
    # Bringing in assessments that were made before the program, or by the FDA.
    "import_assessments": _grant(all=(Role.OPERATOR,)),
    # Pairs of records that may be one establishment, and the merges that were made of them.
    "read_merges": _grant(all=OVERSIGHT),
    # Merging two of them, undoing it, and finding that a pair is two sites.
    "merge_establishments": _grant(all=(Role.OPERATOR,)),
    # Queues, failed products, marks, imports.
    "read_operations": _grant(all=OVERSIGHT),
    # Who changed, viewed and exported what.
    "read_audit": _grant(all=OVERSIGHT),
    # The settings of the program, and who changed them.
    "read_program": _grant(all=OVERSIGHT),
    "set_program": _grant(all=(Role.OPERATOR,)),
    # Invitations and memberships.
    "invite_people": _grant(all=(Role.OPERATOR,)),
    # The admin, for those who are also staff.
    "change_records": _grant(all=(Role.OPERATOR,)),
}
