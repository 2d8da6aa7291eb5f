"""Every row of the demonstration, in memory: rows refer to each other as objects and have no ids yet."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date

from django.db.models import Model

from dscr.access.models import Organisation
from dscr.demo.accounts import other_organisations
from dscr.demo.calendar import Calendar
from dscr.demo.cases import build_courses
from dscr.demo.course import Course
from dscr.demo.directory import build_bystanders, build_items
from dscr.demo.kpis import build_submissions
from dscr.demo.maturity import build_assessments, build_inspections
from dscr.demo.pair import pair_assessments, pair_inspections, pair_nodes, pair_submissions
from dscr.demo.shortages import build_lists, build_shortages
from dscr.demo.sites import build_places
from dscr.demo.supply import build_nodes
from products.models import DrugList, DrugListEntry, Enrolment, KpiSubmission, Package, Product, Shortage, SupplyNode
from qmm.models import Assessment, AssessmentCase, Establishment, EstablishmentIdentifier, Inspection


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The rows in an order in which they can be stored: what is referred to comes first."""

    organisations: list[Organisation]
    establishments: list[Establishment]
    identifiers: list[EstablishmentIdentifier]
    assessments: list[Assessment]
    inspections: list[Inspection]
    cases: list[AssessmentCase]
    products: list[Product]
    packages: list[Package]
    enrolments: list[Enrolment]
    nodes: list[SupplyNode]
    submissions: list[KpiSubmission]
    superseded_submissions: list[KpiSubmission]
    drug_lists: list[DrugList]
    drug_list_entries: list[DrugListEntry]
    shortages: list[Shortage]
    courses: list[Course]  # how its cases came where they stand; no table

    def tables(self) -> Iterator[tuple[str, list[Model]]]:
        for table in fields(self):
            if table.name != "courses":
                yield table.name, getattr(self, table.name)

    def __len__(self) -> int:
        return sum(len(rows) for _, rows in self.tables())


def build(seed: int, today: date) -> Portfolio:
    """The same rows for the same seed and date."""
    calendar = Calendar(today)
    places = build_places(seed, today)
    items = build_items(seed, calendar, places)
    bystanders = build_bystanders(seed)
    # Before the KPIs: a shortage dents the figures of its year.
    shortages = build_shortages(seed, calendar, items, bystanders)
    submissions, superseded = build_submissions(seed, calendar, items)
    drug_lists, entries = build_lists()
    everything = [*items, *bystanders]
    assessments = build_assessments(seed, calendar, places) + pair_assessments(calendar, places)
    inspections = build_inspections(seed, calendar, places) + pair_inspections(calendar, places)
    courses = build_courses(seed, calendar, places, assessments, inspections)
    return Portfolio(
        organisations=[*places.organisations.values(), *other_organisations()],
        establishments=[site.establishment for site in places.sites],
        identifiers=places.identifiers,
        assessments=assessments,
        inspections=inspections,
        cases=[course.case for course in courses],
        products=[item.product for item in everything],
        packages=[package for item in everything for package in item.packages],
        enrolments=[item.enrolment for item in items if item.enrolment],
        nodes=build_nodes(seed, calendar, places, items) + pair_nodes(calendar, places, items),
        submissions=submissions + pair_submissions(seed, calendar, items),
        superseded_submissions=superseded,
        drug_lists=drug_lists,
        drug_list_entries=entries,
        shortages=shortages,
        courses=courses,
    )
