"""Each role's first page: its own work first, in sentences with exact figures, and nothing that is not for its eyes."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dscr.access.models import Membership, Organisation, User
from dscr.access.roles import MAKERS, Role
from dscr.home.changes import ChangeGroup
from dscr.home.changes import part_sentence as changes_part
from dscr.home.purchaser import WORSE_WORDS
from dscr.home.purchaser import part_sentence as moves_part
from products.models import DrugList, DrugListEntry, KpiDraft, KpiSubmission, Package, Product, Shortage, SupplyNode
from products.queries.due import last_quarter
from products.questionnaire import QUESTIONS
from qmm.models import AREAS, Assessment, AssessmentCase, CaseAssignment, Establishment
from ratings.figures import day
from ratings.models import ProductRating, StaleMark, Status
from ratings.queries.movers import FELL, SHORT, Moves, ShownMove
from ratings.queries.site_merges import SiteMerges
from tests.home.conftest import FIRM, home_of, main_words
from tests.pages import factory
from tests.walk.world import CANARIES, READERS, build_world

TODAY = timezone.localdate
COMPLETE = {question.state_key: "not_disclosed" for question in QUESTIONS}


@pytest.fixture
def listed(pair: tuple[Product, Product]) -> DrugList:
    essentials = DrugList.objects.create(name="Essentials")
    for molecule in ("Cisplatin", "NOSUCHAMINE"):
        DrugListEntry.objects.create(drug_list=essentials, molecule=molecule)
    return essentials


@pytest.fixture
def case(plant: Establishment) -> AssessmentCase:
    return AssessmentCase.objects.create(
        establishment=plant,
        state=AssessmentCase.State.CONSENSUS,
        requested_on=TODAY() - timedelta(days=90),
        due_on=TODAY() - timedelta(days=1),
    )


def chart_of(user: User, name: str) -> list[dict[str, Any]]:
    """The rows that a picture of the first page is drawn from."""
    client = Client()
    client.force_login(user)
    found = re.search(rf'id="{name}"[^>]*>(.*?)</script>', client.get("/").content.decode())
    assert found
    return json.loads(found.group(1))["rows"]


def assign(case: AssessmentCase, user: User, is_lead: bool = False) -> None:
    given = {"is_lead": is_lead, "assigned_on": TODAY(), "accepted_at": timezone.now()}
    CaseAssignment.objects.create(case=case, membership=user.membership, **given)


@pytest.mark.parametrize("role", MAKERS)
def test_a_manufacturer_reads_its_products(pair: tuple[Product, Product], role: str) -> None:
    text = home_of(factory.user_of(FIRM, role))
    assert "2 of your 2 products are rated, 50% of them High or Very high. Cisplatin is the lowest, 29.8." in text
    assert "costs your products most" in text
    shown = chart_of(factory.user_of(FIRM, role), "losses-data")
    assert shown[0]["text"] == f"{shown[0]['value']:.1f} points"
    assert {row["text"].rpartition(" ")[2] for row in shown} == {"points"}
    assert "No score of yours has moved in the last 90 days." in text


@pytest.fixture
def moved(pair: tuple[Product, Product]) -> Product:
    """The first product was rated higher 95 days ago than today."""
    ended = last_quarter(TODAY() - timedelta(days=95)).ends_on
    SupplyNode.objects.update(last_batch_on=ended)
    KpiSubmission.objects.filter(product=pair[0]).update(
        quarter_end=ended,
        risk_management_plan_tested_on=ended,
        emergency_stock_tested_on=ended,
        fill_rate_numerator=99_000,
    )
    factory.publish_as_of(pair[0], TODAY() - timedelta(days=95))
    KpiSubmission.objects.filter(product=pair[0]).update(fill_rate_numerator=88_000)
    factory.settle(pair[0])
    return pair[0]


def test_a_manufacturer_reads_what_moved_its_score_in_figures(moved: Product) -> None:
    text = home_of(factory.user_of(FIRM, Role.MANUFACTURER_EDITOR))
    assert re.search(r"Cisplatin fell most in the last 90 days, by \d(\.\d)? points\.", text)
    assert "Fill rate 99% → 88% (99,000 → 88,000 of 100,000)" in text
    assert "Fill rate" not in home_of(factory.user_of("Other Firm", Role.MANUFACTURER_EDITOR))


def test_an_attestor_reads_first_what_awaits_attestation(pair: tuple[Product, Product]) -> None:
    attestor, editor = factory.user_of(FIRM, Role.ATTESTOR), factory.user_of(FIRM, Role.MANUFACTURER_EDITOR)
    assert "Awaiting your attestation No draft awaits attestation." in home_of(attestor)
    for number, (product, answers) in enumerate(zip(pair, ({}, COMPLETE), strict=True)):
        KpiDraft.objects.create(
            product=product,
            organisation=Organisation.objects.get(name=FIRM),
            quarter_end=last_quarter(TODAY()).ends_on,
            answers=answers,
            answered=len(QUESTIONS) if answers else 0,
            updated_by=editor if number else None,
        )
    text = home_of(attestor)
    name = last_quarter(TODAY()).name
    assert "What awaits you, and your products Awaiting your attestation One draft awaits attestation;" in text
    assert "One draft awaits attestation; one more is not answered in full yet." in text
    count = len(QUESTIONS)
    first = f"Cisplatin {pair[1].display_ndc} {name} "
    assert re.search(rf"{first}.*?{count} of {count} Awaits attestation \d s ago by {editor} ", text)
    assert re.search(rf"Cisplatin {pair[0].display_ndc} {name} .*?0 of {count} \d s ago ", text)
    assert text.index(f"{count} of {count}") < text.index(f" 0 of {count}") < text.index("What is due")
    assert "Awaiting your attestation" not in home_of(editor)


def test_an_attestor_reads_no_draft_that_is_closed_or_of_another_firm(pair: tuple[Product, Product]) -> None:
    attestor, other = factory.user_of(FIRM, Role.ATTESTOR), factory.user_of("Other Firm", Role.ATTESTOR)
    draft = KpiDraft.objects.create(
        product=pair[0], organisation=Organisation.objects.get(name=FIRM), quarter_end=last_quarter(TODAY()).ends_on
    )
    assert "No draft awaits attestation; one draft is not answered in full yet." in home_of(attestor)
    assert "draft" not in home_of(other)
    draft.discarded_at = timezone.now()
    draft.save()
    assert "No draft awaits attestation." in home_of(attestor)


def test_a_manufacturer_without_a_product_is_told_what_to_do(db: None) -> None:
    text = home_of(factory.user_of("New Firm", Role.MANUFACTURER_EDITOR))
    assert "No product is enrolled yet. An attestor of your firm enrolls the first one" in text
    assert "What costs" not in text


def test_an_establishment_contact_reads_sites_and_cases(case: AssessmentCase) -> None:
    text = home_of(factory.user_of(FIRM, Role.ESTABLISHMENT_CONTACT))
    assert "One thing is late." in text
    assert "Assessment of Halden Plant 2: consensus" in text
    assert "The assessment of your establishment holds until" in text
    assert "cisplatin" not in text.lower()


def test_who_owes_answers_is_told_so(case: AssessmentCase) -> None:
    AssessmentCase.objects.update(state=AssessmentCase.State.QUESTIONNAIRE_ISSUED)
    KpiSubmission.objects.update(attested_at=None)
    text = home_of(factory.user_of(FIRM, Role.MANUFACTURER_EDITOR))
    assert "attested. Fill them in : KPI figures of" in text
    assert "Answer and return the questionnaire." in text


def test_an_establishment_contact_without_a_site_is_told_what_to_do(pair: tuple[Product, Product]) -> None:
    text = home_of(factory.user_of("New Firm", Role.ESTABLISHMENT_CONTACT))
    assert "No establishment is entered as your organization's." in text


def test_a_purchaser_reads_moves_by_domain_only(pair: tuple[Product, Product], listed: DrugList) -> None:
    site = Establishment.objects.get(name="Halden Plant 2")
    Assessment.objects.create(establishment=site, completed_on=TODAY(), **dict.fromkeys(AREAS, 1))
    factory.settle(*pair)
    text = home_of(factory.user_with(Role.PURCHASER))
    assert "In the last 90 days one product fell a band; one product was newly rated." in text
    assert "Fell from High to Moderate" in text
    assert "Quality management maturity (QMM) of the sites declined" in text
    assert "Halden Plant" not in text
    assert "level" not in text
    assert "One of 2 listed molecules has no rated product; one more has none rated High or Very high." in text
    assert "Nosuchamine Essentials Not rated 0 0 of 0" in text


def test_a_combination_is_not_among_the_weakest(pair: tuple[Product, Product], listed: DrugList) -> None:
    ProductRating.objects.filter(product__molecule__iexact="cisplatin").update(
        status=Status.OUT_OF_SCOPE, band=None, score=None
    )
    text = home_of(factory.user_with(Role.PURCHASER))
    assert "One of 2 listed molecules has no rated product. One is a combination, which the method does not" in text
    assert "Cisplatin Essentials" not in text
    assert "0 of 2 listed molecules have at least one" in home_of(factory.user_with(Role.COORDINATOR))


def test_a_purchaser_reads_a_new_shortage(pair: tuple[Product, Product]) -> None:
    package = Package.objects.get(product=pair[1])
    Shortage.objects.create(package_ndc=package.ndc, status="current", changed_on=TODAY(), entry_key="x")
    factory.settle(*pair)
    text = home_of(factory.user_with(Role.PURCHASER))
    assert "one product came into shortage" in text
    assert "On the FDA shortage list" in text


def test_a_part_of_what_was_counted_says_so() -> None:
    changes = [ChangeGroup([])] * 11
    assert changes_part(changes) == "The ten newest."
    assert changes_part(changes[:10]) == ""
    shown = [ShownMove(FELL, None, None, SiteMerges([]))] * 6
    assert moves_part(Moves({FELL: 20, SHORT: 10}, shown, []), shown, WORSE_WORDS) == "The six newest of 30."
    assert moves_part(Moves({FELL: 6}, shown, []), shown, WORSE_WORDS) == ""


def test_a_purchaser_before_anything_is_rated(db: None) -> None:
    text = home_of(factory.user_with(Role.PURCHASER))
    assert "Find a product" in text
    assert "No band, status or shortage has changed in the last 90 days." in text
    assert "No drug list is kept yet." in text


def test_a_late_case_leads_to_the_case(case: AssessmentCase) -> None:
    lead = factory.user_with(Role.LEAD_ASSESSOR)
    assign(case, lead, is_lead=True)
    address = f"/establishments/{case.establishment_id}/"
    for user in (lead, factory.operator()):
        client = Client()
        client.force_login(user)
        assert f'href="/assessments/{case.pk}/"' in client.get("/").content.decode()
        page = client.get(address).content.decode()
        assert page.count('id="cases-title"') == 1
        assert (page.index('id="cases-title"') < page.index('id="assessments-title"')) == (user == lead)


def test_assessors_read_their_cases_and_no_rating(case: AssessmentCase) -> None:
    lead, other = factory.user_with(Role.LEAD_ASSESSOR), factory.user_with(Role.ASSESSOR)
    assign(case, lead, is_lead=True)
    text = home_of(lead)
    assert "One open case is yours, and you lead one of them. One is late, Halden Plant 2 longest: since" in text
    assert "Halden Plant 2 You lead Consensus" in text
    assert "1 day late" in text
    assert "80.1" not in text
    assert "No open case is assigned to you." in home_of(other)


def test_the_coordinator_reads_coverage_and_where_supply_concentrates(
    pair: tuple[Product, Product], listed: DrugList
) -> None:
    ProductRating.objects.update(verified_at=timezone.now())
    text = home_of(factory.user_with(Role.COORDINATOR))
    assert "1 of 2 listed molecules has at least one product rated High or Very high (50%)." in text
    assert "1 manufacturer takes part with 2 of the 2 products of listed molecules (100%)." in text
    assert "Halden Plant 2 supplies products of one of 2 listed molecules" in text
    assert "Counted are listed molecules only, and no establishment that is only a backup" in text
    assert "No input waits. Every rating was last checked within the hour." in text
    assert "Halden Plant 2 Finished dose, Packaging, Testing 1 2" in text
    shown = chart_of(factory.user_with(Role.COORDINATOR), "sites-data")
    assert {"label": "Halden Plant 2", "value": 1, "text": "1 molecule"} in shown


def test_the_coordinator_reads_what_waits_and_since_when_all_is_checked(
    pair: tuple[Product, Product], listed: DrugList
) -> None:
    ProductRating.objects.filter(product=pair[0]).update(verified_at=timezone.now() - timedelta(days=3))
    StaleMark.objects.create(kind="product", key=pair[0].pk)
    text = home_of(factory.user_with(Role.COORDINATOR))
    then = day(timezone.localdate(timezone.now() - timedelta(days=3)))
    assert f"One input waits to be computed. Every rating was last checked on {then} or later." in text


def test_the_coordinator_without_a_list_is_told_whom_to_ask(pair: tuple[Product, Product]) -> None:
    assert "No drug list is kept yet" in home_of(factory.user_with(Role.COORDINATOR))


def test_the_operator_reads_queues_imports_and_late_cases(case: AssessmentCase) -> None:
    Product.objects.update(last_seen_on=TODAY())
    text = home_of(factory.operator())
    assert re.search(
        r"One assessment case is late\. Halden Plant 2 Consensus, due [^.,]+?, \d{4} 1 day late Reviews No request",
        text,
    )
    assert "No invitation waits to be accepted." in text
    assert "Never imported: FDA drug shortages and FDA establishment registrations." in text
    late = TODAY() - timedelta(days=4)
    AssessmentCase.objects.filter(pk=case.pk).update(state="final", closed_on=TODAY(), due_on=late)
    assert re.search(
        r"Halden Plant 2 Final; improvement plan due [^.,]+?, \d{4} 4 days late", home_of(factory.operator())
    )


def test_the_operator_reaches_the_enrolled_products_alone(pair: tuple[Product, Product]) -> None:
    client = Client()
    client.force_login(factory.operator())
    assert 'href="/products/?enrolled=yes"' in client.get("/").content.decode()


def test_the_auditor_reads_what_changed_and_invites_nobody(pair: tuple[Product, Product]) -> None:
    text = home_of(factory.user_with(Role.AUDITOR))
    assert text.index("Latest changes") < text.index("Latest entries of the audit trail") < text.index("Where the")
    assert "invitation" not in text.lower()


def test_the_auditor_is_led_to_who_looked_at_a_record(plant: Establishment, pair: tuple[Product, Product]) -> None:
    auditor, buyer = Client(), Client()
    auditor.force_login(factory.user_with(Role.AUDITOR))
    buyer.force_login(factory.user_with(Role.PURCHASER))
    product = f"/products/{pair[0].ndc}/"
    for page, history in (
        (product, f"/audit/product/{pair[0].pk}/"),
        (f"/establishments/{plant.pk}/", f"/audit/establishment/{plant.pk}/"),
    ):
        assert f'href="{history}">Who looked at this</a>' in auditor.get(page).content.decode()
        assert auditor.get(history).status_code == 200
    assert "Who looked at this" not in buyer.get(product).content.decode()


def test_someone_without_a_membership_reads_which_ended_and_whom_to_ask(db: None) -> None:
    user = factory.user_with(Role.PURCHASER)
    Membership.objects.filter(user=user).update(ends_on=TODAY())
    text = home_of(user)
    assert "no organization has given you a role that holds today" in text
    assert "or the program operator, for an invitation" in text
    assert "Purchaser at DSCR program office, ended" in text


@pytest.mark.parametrize("reader", READERS)
def test_no_first_page_says_what_is_not_for_its_reader(db: None, reader: str) -> None:
    world = build_world()
    DrugListEntry.objects.create(drug_list=DrugList.objects.create(name="L"), molecule="WALKAMINE")
    client = Client()
    client.force_login(world.users[reader])
    page = client.get("/").content.decode()
    hidden = [canary for canary, readers in CANARIES.items() if reader not in readers]
    assert [canary for canary in hidden if canary in page] == []


@pytest.mark.parametrize(
    ("role", "queries"),
    [
        (Role.MANUFACTURER_EDITOR, 19),
        (Role.ATTESTOR, 20),
        (Role.ESTABLISHMENT_CONTACT, 6),
        (Role.PURCHASER, 7),
        (Role.ASSESSOR, 4),
        (Role.COORDINATOR, 9),
        (Role.OPERATOR, 16),
        (Role.AUDITOR, 21),
        (None, 4),
    ],
)
def test_the_number_of_queries_is_known(
    case: AssessmentCase,
    listed: DrugList,
    moved: Product,
    role: str | None,
    queries: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    user = factory.user_of(FIRM, role) if role else factory.user_with(None)
    if role == Role.ASSESSOR:
        assign(case, user)
    client = Client()
    client.force_login(user)
    client.get("/")  # what is looked up once a process
    with django_assert_num_queries(queries):
        assert main_words(client.get("/").content.decode())
    assert Organisation.objects.filter(name=FIRM).exists()
