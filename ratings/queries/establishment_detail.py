"""Everything that the page of one establishment shows, as far as the reader sees."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from dscr.access.scoping import Reader, may
from qmm.models import AREAS, Assessment, AssessmentCase, Establishment, Inspection, SiteEvidence
from qmm.queries.validity import MONTHS
from qmm.services.site_evidence import may_void
from qmm.services.validity import months_after
from ratings.queries.establishment_dependents import Dependents, dependents_of
from ratings.scoring import available_versions, load_methodology
from ratings.scoring.dates import add_months

LADDER = ("Reactive", "Developing", "Defined", "Proactive", "Optimizing")
AREA_LABELS = {area: str(Assessment._meta.get_field(area).verbose_name) for area in AREAS}


@dataclass(frozen=True, slots=True)
class AreaLevel:
    label: str
    level: float
    before: float | None  # at the assessment before

    @property
    def word(self) -> str:
        """The step of the ladder that is reached."""
        return LADDER[min(int(self.level), len(LADDER)) - 1]

    @property
    def width(self) -> float:
        """Of 100, from level 1 to level 5."""
        return round((self.level - 1) * 25, 1)


@dataclass(frozen=True, slots=True)
class AssessmentFact:
    """A completed assessment. `mean` is None for readers who may know that it was made and not how it ended."""

    completed_on: date
    last_day: date
    mean: float | None
    source: str = ""  # of one that was imported

    @property
    def is_valid(self) -> bool:
        return self.last_day >= timezone.localdate()

    @property
    def ends_soon(self) -> bool:
        return self.last_day <= months_after(timezone.localdate(), MONTHS[0])

    @property
    def first_day_after(self) -> date:
        return self.last_day + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class EstablishmentDetail:
    """`areas` are the levels of the newest assessment, `dependents` is None for readers who may not know them."""

    establishment: Establishment
    fei: str
    duns: list[str]
    assessments: list[AssessmentFact]
    areas: list[AreaLevel]
    inspections: list[Inspection]
    cases: list[AssessmentCase]
    evidence: list[SiteEvidence]
    dependents: Dependents | None

    @property
    def present(self) -> AssessmentFact | None:
        """The assessment by which it counts today."""
        return self.assessments[0] if self.assessments and self.assessments[0].is_valid else None

    @property
    def under_way(self) -> AssessmentCase | None:
        """The assessment that will take the place of the present one."""
        return next((case for case in self.cases if case.closed_on is None), None)

    @property
    def shows_levels(self) -> bool:
        return bool(self.areas)


def establishment_detail(user: Reader, pk: int, page: int | str = 1) -> EstablishmentDetail | None:
    """None where it does not exist for this user, or was merged into another.

    `page` is that of the products that depend on it.
    """
    readable = Establishment.objects.for_user(user, "read_establishments")
    site = readable.standing().select_related("owner").prefetch_related("identifiers").filter(pk=pk).first()
    if site is None:
        return None
    numbers = [(number.scheme, number.value) for number in site.identifiers.all()]
    facts, areas = _assessments(user, site)
    return EstablishmentDetail(
        establishment=site,
        fei=next((value for scheme, value in numbers if scheme == "fei"), ""),
        duns=sorted(value for scheme, value in numbers if scheme == "duns"),
        assessments=facts,
        areas=areas,
        inspections=list(
            Inspection.objects.for_user(user, "read_establishments").filter(establishment=site, voided_at__isnull=True)
        ),
        cases=list(AssessmentCase.objects.for_user(user, "read_cases").filter(establishment=site)),
        evidence=_evidence(user, site),
        dependents=dependents_of(user, site, page) if may(user, "read_dependence") else None,
    )


def _evidence(user: Reader, site: Establishment) -> list[SiteEvidence]:
    """Each with `may_void`: whether the reader may take it back."""
    rows = SiteEvidence.objects.for_user(user, "read_site_evidence").filter(establishment=site, voided_at=None)
    found = list(rows.prefetch_related("files"))
    for row in found:
        row.may_void = may_void(user, row)
    return found


def _assessments(user: Reader, site: Establishment) -> tuple[list[AssessmentFact], list[AreaLevel]]:
    """Newest first, and the levels of the newest where the reader may read them: otherwise they are not even read."""
    kept = {"establishment": site, "voided_at__isnull": True}
    levels = list(Assessment.objects.for_user(user, "read_maturity").filter(**kept).select_related("imported"))
    if levels:
        facts = [_fact(row.completed_on, _mean(row), _source(row)) for row in levels]
        before = levels[1] if len(levels) > 1 else None
        return facts, [
            AreaLevel(
                AREA_LABELS[area].capitalize(),
                float(getattr(levels[0], area)),
                float(getattr(before, area)) if before else None,
            )
            for area in AREAS
        ]
    days = (
        Assessment.objects.for_user(user, "read_establishments").filter(**kept).values_list("completed_on", flat=True)
    )
    return [_fact(day, None) for day in days], []


def _mean(row: Assessment) -> float:
    levels: list[Decimal] = [getattr(row, area) for area in AREAS]
    return float(sum(levels)) / len(levels)


def _source(row: Assessment) -> str:
    """Imported: Quill Assessors, from plants.xlsx."""
    return f"Imported: {row.assessed_by}, from {row.imported.source}" if row.imported else ""


def _fact(completed_on: date, mean: float | None, source: str = "") -> AssessmentFact:
    months = load_methodology(available_versions()[-1]).qmm.valid_months
    return AssessmentFact(completed_on, add_months([completed_on], months).astype(object)[0], mean, source)
