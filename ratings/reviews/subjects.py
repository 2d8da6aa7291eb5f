"""What a request is about: which input is wrong, or which number is doubted. Codes are those of the files they name."""

from products.questionnaire import SECTIONS
from ratings.reviews.rules import Kind
from ratings.scoring import INDICATORS, available_versions, load_methodology

Choices = list[tuple[str, str]]
SUPPLY, MATURITY, INSPECTION = "record:supply", "record:maturity", "record:inspection"
RECORDS: Choices = [
    (SUPPLY, "Supply chain: a site, its share or its qualification"),
    (MATURITY, "QMM assessment of a site"),
    (INSPECTION, "Inspection or official action at a site"),
    ("record:shortage", "FDA shortage list"),
    ("record:directory", "The product itself: name, form, route, labeler, packages"),
    ("record:enrolment", "Enrollment: its days, or a suspension"),
]
RESULTS: Choices = [
    ("result:score", "The score"),
    ("result:band", "The band, or what limits it"),
    ("result:coverage", "How much is known of what applies"),
    ("result:status", "The status"),
    ("result:cause", "What the history says the change was due to"),
]
OTHER = ("other", "Something else, named below")


def subjects(kind: str) -> list[tuple[str, Choices]]:
    """Grouped choices for a correction request or a calculation review; an appeal is about its decision."""
    if kind == Kind.CORRECTION:
        figures = [
            (section.team, [(f"kpi:{question.code}", question.label) for question in section.questions])
            for section in SECTIONS
        ]
        return [("Records", [*RECORDS, OTHER]), *figures]
    methodology = load_methodology(available_versions()[-1])
    domains = [(f"domain:{domain.code}", domain.label) for domain in methodology.domains]
    indicators = [(f"indicator:{code}", indicator.label) for code, indicator in INDICATORS.items()]
    return [("The result", [*RESULTS, OTHER]), ("Points of a domain", domains), ("Points of an indicator", indicators)]


def subject_words(kind: str, code: str) -> str:
    """The label of a choice; of one that a later questionnaire or method no longer has, its code."""
    if kind == Kind.APPEAL:
        return "The decision"
    return next((label for _, choices in subjects(kind) for value, label in choices if value == code), code)
