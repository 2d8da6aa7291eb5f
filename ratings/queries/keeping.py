"""Keeping a scenario: checked as the page checks a setting, so that what is kept can be opened."""

from urllib.parse import parse_qsl

from django.db import IntegrityError, transaction

from dscr.access.scoping import Reader
from ratings.models import Scenario
from ratings.queries.plan import Planned
from ratings.worked_example.settings import setting_of

NAME_LENGTH = Scenario._meta.get_field("name").max_length or 0
QUERY_LENGTH = Scenario._meta.get_field("query").max_length or 0
MOST = 50  # scenarios of one product


class ScenarioError(ValueError):
    """Why it is not kept, in plain English."""


def keep_scenario(user: Reader, plan: Planned, name: str, query: str) -> Scenario:
    """`query` as in the page's address. Of a product that the reader may plan."""
    name = " ".join(name.split())
    if not name or len(name) > NAME_LENGTH or not name.isprintable():
        raise ScenarioError(f"Give the scenario a name of 1 to {NAME_LENGTH} characters.")
    setting = setting_of(plan.example(), dict(parse_qsl(query[: QUERY_LENGTH * 2], keep_blank_values=True)))
    if setting.errors:
        raise ScenarioError(next(iter(setting.errors.values())))
    if not setting.query:
        raise ScenarioError("Nothing is moved yet. Move a figure, then save the scenario.")
    if len(setting.query) > QUERY_LENGTH:
        raise ScenarioError("Too much is moved for one scenario. Move fewer figures.")
    organisation = user.membership.organisation
    if Scenario.objects.filter(organisation=organisation, product=plan.product).count() >= MOST:
        raise ScenarioError(f"There are {MOST} scenarios of this product already. Delete one first.")
    try:
        with transaction.atomic():
            return Scenario.objects.create(
                product=plan.product,
                organisation=organisation,
                name=name,
                query=setting.query,
                methodology=plan.methodology.version,
                created_by=user,
            )
    except IntegrityError:
        raise ScenarioError(f"There is a scenario “{name}” of this product already. Choose another name.") from None
