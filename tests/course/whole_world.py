"""The world of the whole course (test_whole_course.py) and its people, each at a browser of their own."""

import re
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password

from dscr.access.demo_accounts import DEMO_PASSWORD, DOMAIN
from dscr.access.models import Organisation, User
from dscr.access.roles import OrganisationKind, Role
from products.models import Product
from qmm.course.steps import State
from qmm.models import Establishment
from qmm.rubric import in_order
from qmm.rubric.shipped import shipped
from tests.browser.test_killed_server import Running
from tests.chromium import OpenAs
from tests.pages import factory

WAIT = 20_000
KEPT = "Not saved: no connection, kept in this browser"
CODES = in_order(shipped())
FIRM, FEI = "Halden Group", "3001000001"
# Account of the demonstration -> name, organization, role. One click signs each of them in.
PEOPLE = {
    "operator": ("Olivia Office", "Office", Role.OPERATOR),
    "establishment-contact": ("Esther Halden", FIRM, Role.ESTABLISHMENT_CONTACT),
    "lead-assessor": ("Lena Lead", "Larkendale Assessors", Role.LEAD_ASSESSOR),
    "assessor": ("Asa First", "Larkendale Assessors", Role.ASSESSOR),
    "second-assessor": ("Sven Second", "Other Assessors", Role.ASSESSOR),
    "purchaser": ("Petra Purchaser", "Fernwick Alliance", Role.PURCHASER),
}
# Each assessor's levels, element by element. On MC1 they lie two apart, on some others one.
LEAD = dict(zip(CODES, "4332 3322 332333 322 332".replace(" ", ""), strict=True))
SECOND = LEAD | {"MC1": "2", "BC2": "4", "PQ3": "3", "EE1": "4"}
AGREED = LEAD | {"MC1": "3"}
AREA_LEVELS = {
    "management_commitment": "2.750",
    "business_continuity": "2.500",
    "advanced_pqs": "2.833",
    "technical_excellence": "2.333",
    "employee_engagement": "2.667",
}
REASON = "Two shifts differ: nights argue each hold anew. The lower of two levels that fit alike."


@dataclass
class World:
    """A site of a firm whose product has a published score; everybody else works elsewhere."""

    product: Product
    site: Establishment


def make_world() -> World:
    products = factory.appendix_b()
    factory.settle(*products)
    Organisation.objects.filter(name=FIRM).update(kinds=[OrganisationKind.MANUFACTURER])
    site = Establishment.objects.get(identifiers__value=FEI)
    site.owner = Organisation.objects.get(name=FIRM)
    site.save()
    password = make_password(DEMO_PASSWORD, hasher=PBKDF2PasswordHasher())  # the web server knows no hasher of tests
    for account, (name, organization, role) in PEOPLE.items():
        user = factory.user_of(organization, role, f"{account}@{DOMAIN}")
        User.objects.filter(pk=user.pk).update(full_name=name, password=password)
    return World(products[0], site)


@dataclass
class Course:
    """The browsers, each with its own window, and the address of the case once there is one."""

    world: World
    running: Running
    operator: Any
    contact: Any
    lead: Any
    first: Any
    second: Any
    purchaser: Any
    place: str = ""

    @property
    def case(self) -> int:
        return int(self.place.strip("/").rsplit("/", 1)[-1])

    def step(self, tab: Any, event: str, leads: State | None = None, **fields: str) -> None:
        """By its button on the page of the case, until the page tells where that led."""
        tab.goto(self.place)
        form = tab.locator(f"form[action$='/step/{event}/']")
        for name, text in fields.items():
            form.locator(f"[name={name}]").fill(text)
        form.locator("button[type=submit]").click()
        if leads:
            tab.locator("[aria-current=step]", has_text=leads.label).wait_for(timeout=WAIT)

    def refused(self, tab: Any, reason: str) -> None:
        """The page of the case says why the step is not offered yet."""
        tab.goto(self.place)
        tab.locator("#offers-title ~ .offer", has_text=reason).wait_for(timeout=WAIT)


def people_at_their_browsers(world: World, running: Running, open_as: OpenAs) -> Course:
    def enter(button: str) -> Any:
        tab = open_as(None, 1280, running.address)
        tab.goto("/sign-in/")
        tab.get_by_role("button", name=button, exact=True).click()
        tab.locator("#user-menu").wait_for(timeout=WAIT)
        return tab

    return Course(
        world,
        running,
        operator=enter("Operator"),
        contact=enter("Establishment contact"),
        lead=enter("Lead assessor"),
        first=enter("Assessor"),
        second=enter("Second assessor"),
        purchaser=enter("Purchaser"),
    )


def said(tab: Any, text: str) -> None:
    tab.locator("#saved", has_text=re.compile(rf"^\s*{re.escape(text)}")).wait_for(timeout=WAIT)
