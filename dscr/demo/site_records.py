"""What owners and the program keep of sites: people to ask, who may see more, results of other programs, a site that
stands in the register twice, and papers of a case under way."""

from datetime import date, timedelta
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Q
from django.utils import timezone

from dscr.access.models import Organisation
from dscr.demo.accounts import OTHER_MAKER
from dscr.demo.course import Course, next_work_day, office_hour
from dscr.demo.dated import as_dated
from dscr.demo.dice import dice
from dscr.demo.people import FIRST, LAST, People
from dscr.demo.portfolio import Portfolio
from dscr.demo.sites import PAIR_FIRST_API, PAIR_PLANT, PAIR_SECOND_API
from dscr.evidence.storing import evidence_kept
from qmm.course.steps import Event
from qmm.models import (
    CaseFile,
    DuplicatePair,
    Establishment,
    EstablishmentContact,
    EstablishmentIdentifier,
    Inspection,
    SiteEvidence,
    SiteGrant,
)
from qmm.services.case_files import FOLDER
from qmm.services.duplicates import duplicates_find, open_pairs

PURPOSES = ("Scheduling of visits", "Quality", "Supply planning")
Kind = SiteEvidence.Kind
RESULTS = {
    Kind.HIRC: (
        "Resiliency badge for the product family “generic injectables”",
        "Healthcare Industry Resilience Collaborative",
        730,
    ),
    Kind.APQ: (
        "CAPA: 4 of 5; management responsibilities and review: 3 of 5 (self-assessment)",
        "ISPE, Advancing Pharmaceutical Quality program",
        None,
    ),
    Kind.OTHER: ("ISO 22301 certificate: business continuity management", "Norvale Certification", 1095),
}
EVIDENCE = 9  # sites with a result of another program, besides the published example's plant
LEFT_PAIRS = 2
TOLD_APART = "Two addresses, and both answer their own telephone (synthetic demonstration)."
PAPERS = {
    "Site overview.txt": "Lines, shifts, products and people of the site (synthetic demonstration).\n",
    "Agenda of the visit.txt": "Day 1: tour and opening. Days 2 to 4: areas and interviews. Day 5: closing.\n",
}


def create_site_records(seed: int, today: date, portfolio: Portfolio, people: People) -> None:
    roll = dice(seed, "site records")
    with as_dated(EstablishmentContact, SiteGrant, SiteEvidence, CaseFile):
        EstablishmentContact.objects.bulk_create(_contacts(roll, today, portfolio.courses, people))
        SiteGrant.objects.bulk_create(_grants(roll, today, portfolio, people))
        SiteEvidence.objects.bulk_create(_evidence(roll, today, portfolio, people))
        _create_papers(roll, portfolio.courses, people)
    twin = _create_twin(today, portfolio)
    duplicates_find()
    _look_at_pairs(twin, people)


def _contacts(roll: Random, today: date, courses: list[Course], people: People) -> list[EstablishmentContact]:
    """Of every assessed site two; the newest is not confirmed yet."""
    sites = {course.case.establishment.pk: course.case.establishment for course in courses}
    found = []
    for site in sites.values():
        by = people.contacts[site.owner_id].user
        for purpose in roll.sample(PURPOSES, 2):
            name = f"{roll.choice(FIRST)} {roll.choice(LAST)}"
            at = office_hour(roll, next_work_day(today - timedelta(days=roll.randint(30, 500))))
            found.append(
                EstablishmentContact(
                    establishment=site,
                    name=name,
                    email=f"{name}.{len(found)}@{site.owner.name.split()[0]}.example".lower().replace(" ", "."),
                    purpose=purpose,
                    named_by=by,
                    named_at=at,
                    confirmed_by=people.operator.user,
                    confirmed_at=at + timedelta(days=2),
                )
            )
    newest = max(found, key=lambda row: row.named_at)
    newest.confirmed_by = newest.confirmed_at = None
    return found


def _grants(roll: Random, today: date, portfolio: Portfolio, people: People) -> list[SiteGrant]:
    """Both API works of the published example to its maker, one of them withdrawn; its plant to another maker."""
    sites = _sites(portfolio)
    other = Organisation.objects.get(name=OTHER_MAKER)
    plant, first, second = sites[PAIR_PLANT], sites[PAIR_FIRST_API], sites[PAIR_SECOND_API]
    rows = []
    for site, grantee, days_ago, withdrawn_ago, reason in (
        (first, plant.owner, 70, None, "Agreed in the supply contract."),
        (second, plant.owner, 200, 40, "For the qualification as second source."),
        (plant, other, 25, None, "Talks about contract manufacture."),
    ):
        by = people.contacts[site.owner_id].user
        since = today - timedelta(days=days_ago)
        rows.append(
            SiteGrant(
                establishment=site,
                organisation=site.owner,
                grantee=grantee,
                valid_from=since,
                valid_to=since + timedelta(days=365),
                reason=f"{reason[:-1]} (synthetic demonstration).",
                granted_by=by,
                granted_at=office_hour(roll, since),
                withdrawn_at=office_hour(roll, today - timedelta(days=withdrawn_ago)) if withdrawn_ago else None,
                withdrawn_by=by if withdrawn_ago else None,
            )
        )
    return rows


def _evidence(roll: Random, today: date, portfolio: Portfolio, people: People) -> list[SiteEvidence]:
    plant = _sites(portfolio)[PAIR_PLANT]
    others = [course.case.establishment for course in portfolio.courses if course.is_final]
    chosen = [plant, plant, *roll.sample([site for site in others if site is not plant], EVIDENCE)]
    kinds = list(RESULTS)
    rows = []
    for number, site in enumerate(chosen):
        kind = kinds[number % 2] if number < 8 else kinds[2]
        result, issuer, days = RESULTS[kind]
        dated_on = today - timedelta(days=roll.randint(40, 600))
        rows.append(
            SiteEvidence(
                establishment=site,
                kind=kind,
                result=result,
                issuer=issuer,
                dated_on=dated_on,
                valid_until=dated_on + timedelta(days=days) if days else None,
                recorded_by=people.operator.user,
                recorded_for=people.operator.organisation,
                recorded_at=office_hour(roll, min(dated_on + timedelta(days=9), today - timedelta(days=1))),
            )
        )
    return rows


def _create_papers(roll: Random, courses: list[Course], people: People) -> None:
    """Of the visit of this week, given by the establishment; real files in the private folder."""
    course = next(course for course in courses if course.last == Event.BEGIN)
    by = people.contacts[course.case.establishment.owner_id]
    files = [SimpleUploadedFile(name, text.encode(), "text/plain") for name, text in PAPERS.items()]
    at = office_hour(roll, course.days[Event.SCHEDULE] + timedelta(days=2))
    with evidence_kept(files, FOLDER) as kept:
        CaseFile.objects.bulk_create(
            CaseFile(case=course.case, given_by=by.user, organisation=by.organisation, given_at=at, **one.fields)
            for one in kept
        )


def _create_twin(today: date, portfolio: Portfolio) -> Establishment:
    """A register file named a plant of the other manufacturer once more, by a DUNS number and in other letters."""
    site = next(site for site in portfolio.establishments if site.owner and site.owner.name == OTHER_MAKER)
    twin = Establishment.objects.create(
        name=site.name.upper().replace("PLANT", "PLT"),
        address=site.address.upper(),
        country=site.country,
        operations="PACK; LABEL",
        registration_expires_on=date(today.year, 12, 31),
        last_seen_on=today,
        is_synthetic=True,
    )
    EstablishmentIdentifier.objects.create(
        establishment=twin, scheme=EstablishmentIdentifier.Scheme.DUNS, value="990014861"
    )
    Inspection.objects.create(establishment=twin, classification="NAI", ended_on=today - timedelta(days=1200))
    return twin


def _look_at_pairs(twin: Establishment, people: People) -> None:
    """The operator has told apart all pairs but that one and the likest of the others."""
    others = open_pairs().exclude(Q(first=twin) | Q(second=twin)).order_by("-likeness", "pk")
    told = list(others.values_list("pk", flat=True))[LEFT_PAIRS:]
    DuplicatePair.objects.filter(pk__in=told).update(
        apart_at=timezone.now(), apart_by=people.operator.user, apart_reason=TOLD_APART
    )


def _sites(portfolio: Portfolio) -> dict[str, Establishment]:
    return {row.value: row.establishment for row in portfolio.identifiers}
