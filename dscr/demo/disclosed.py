"""One disclosure of the demonstration, given by the service as its attestor would give it."""

from datetime import date, timedelta

from dscr.access.demo_accounts import DEMO_ACCOUNTS
from dscr.access.models import Membership, Organisation
from dscr.access.roles import Role
from dscr.demo.accounts import ACCOUNTS
from dscr.demo.directory import PAIR
from products.models import DisclosureGrant, Product
from products.services.grants import grant_give

DAYS = 365
KPIS = ["fill_rate", "on_time_delivery", "days_inventory_on_hand"]
REASON = "Asked for in the supply agreement (synthetic demonstration)."


def create_grant(today: date) -> list[DisclosureGrant]:
    """Of the published example's first product, to the demonstration's purchaser, from today for a year."""
    email = next(account.email for account in DEMO_ACCOUNTS if account.name == "manufacturer")
    attestor = Membership.objects.select_related("user").get(
        user__email=email, role=Role.ATTESTOR, organisation__name=ACCOUNTS["manufacturer"][1]
    )
    attestor.user.chosen_membership_id = attestor.pk
    grant = DisclosureGrant(
        grantee=Organisation.objects.get(name=ACCOUNTS["purchaser"][1]),
        kpis=KPIS,
        shows_supply=True,
        valid_from=today,
        valid_to=today + timedelta(days=DAYS),
        reason=REASON,
    )
    return grant_give(grant, products=[Product.objects.get(ndc=PAIR[0][0])], user=attestor.user)
