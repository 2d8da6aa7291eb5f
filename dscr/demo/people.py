"""People of the demonstration whom nobody signs in as: further assessors, and contacts of the other firms."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.hashers import make_password

from dscr.access.demo_accounts import DOMAIN
from dscr.access.models import Membership, Organisation, User
from dscr.access.roles import ASSESSORS, Role
from dscr.demo.accounts import ACCOUNTS, COLLEAGUES
from dscr.demo.dice import dice

CONTACT = Role.ESTABLISHMENT_CONTACT
FIRST = (
    *("Amara", "Bruno", "Carla", "Dinesh", "Elif", "Felix", "Grace", "Hanna", "Imre", "Joana", "Kenji", "Lucia"),
    *("Mateo", "Nora", "Oskar", "Paula", "Quentin", "Rosa", "Samir", "Tara", "Umar", "Vera", "Wanda", "Yuki"),
)
LAST = ("Abbot", "Bergen", "Castell", "Dorn", "Egan", "Fabri", "Gupta", "Horvath", "Iyer", "Jansen", "Kovac", "Lindt")


@dataclass(frozen=True, slots=True)
class People:
    """Memberships with their users: by account, the operator's among them, and of firms by organization id."""

    accounts: dict[str, Membership]
    contacts: dict[int, Membership]

    @property
    def operator(self) -> Membership:
        return self.accounts["operator"]

    @property
    def assessors(self) -> list[Membership]:
        return [row for row in self.accounts.values() if row.role in ASSESSORS]


def account_of(member: Membership) -> str:
    return member.user.email.removesuffix(f"@{DOMAIN}")


def create_people(seed: int, starts_on: date, firms: Iterable[Organisation]) -> People:
    """`firms` get a contact where no account is theirs. Passwords of these people are unusable."""
    organisations = Organisation.objects.in_bulk(field_name="name")
    wanted = [(name, full, organisations[firm], role) for name, (full, firm, role) in COLLEAGUES.items()]
    have = {firm for _, firm, roles in ACCOUNTS.values() if CONTACT in roles}
    for firm in sorted({firm.name for firm in firms} - have):
        roll = dice(seed, "contact", firm)
        account = "contact." + firm.lower().replace(" ", "-")
        wanted.append((account, f"{roll.choice(FIRST)} {roll.choice(LAST)}", organisations[firm], CONTACT))
    there = User.objects.in_bulk([f"{name}@{DOMAIN}" for name, *_ in wanted], field_name="email")
    nobody = make_password(None)
    users = [
        User(email=email, full_name=full, password=nobody)
        for name, full, _, _ in wanted
        if (email := f"{name}@{DOMAIN}") not in there
    ]
    User.objects.bulk_create(users)
    there |= {user.email: user for user in users}
    Membership.objects.bulk_create(
        Membership(user=there[f"{name}@{DOMAIN}"], organisation=firm, role=role, starts_on=starts_on)
        for name, _, firm, role in wanted
    )
    return _people()


def _people() -> People:
    rows = Membership.objects.filter(user__email__endswith=f"@{DOMAIN}").select_related("user", "organisation")
    accounts, contacts = {}, {}
    for row in rows.order_by("pk"):
        if row.role in (*ASSESSORS, Role.OPERATOR):
            accounts[account_of(row)] = row
        elif row.role == CONTACT:
            contacts[row.organisation_id] = row
    return People(accounts, contacts)
