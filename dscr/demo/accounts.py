"""Demo accounts, in local mode only: one for each kind of user."""

from datetime import date

from django.contrib.auth.hashers import make_password

from dscr.access.demo_accounts import DEMO_ACCOUNTS, DEMO_PASSWORD
from dscr.access.models import Membership, Organisation, User
from dscr.access.roles import OrganisationKind, Role
from dscr.demo.directory import PAIR_MAKER

OFFICE = "Program Office (synthetic demonstration)"
OTHER_ORGANISATIONS = {
    OFFICE: OrganisationKind.OPERATOR,
    "Fernwick Hospital Purchasing Alliance": OrganisationKind.PURCHASER,
    "Larkendale Assessors": OrganisationKind.ASSESSOR_FIRM,
    "Tolvane Quality Review": OrganisationKind.ASSESSOR_FIRM,
    "Shortage Coordination (synthetic demonstration)": OrganisationKind.COORDINATOR,
}
OTHER_MAKER = "Ostrelle Sterile Products"
# Account -> (full name, organisation, roles).
ACCOUNTS = {
    "operator": ("Olivia Operator", OFFICE, (Role.OPERATOR,)),
    "manufacturer": ("Marco Manufacturer", PAIR_MAKER, (Role.MANUFACTURER_EDITOR, Role.ATTESTOR)),
    "other-manufacturer": ("Odile Othermaker", OTHER_MAKER, (Role.MANUFACTURER_EDITOR,)),
    "establishment-contact": ("Esther Establishment", PAIR_MAKER, (Role.ESTABLISHMENT_CONTACT,)),
    "purchaser": ("Petra Purchaser", "Fernwick Hospital Purchasing Alliance", (Role.PURCHASER,)),
    "assessor": ("Asa Assessor", "Larkendale Assessors", (Role.ASSESSOR,)),
    "second-assessor": ("Sven Second", "Larkendale Assessors", (Role.ASSESSOR,)),
    "lead-assessor": ("Lea Leadassessor", "Larkendale Assessors", (Role.LEAD_ASSESSOR,)),
    "coordinator": ("Cora Coordinator", "Shortage Coordination (synthetic demonstration)", (Role.COORDINATOR,)),
    "auditor": ("Amir Auditor", OFFICE, (Role.AUDITOR,)),
}

# Assessors beside them, whom nobody signs in as.
COLLEAGUES = {
    "greta-holm": ("Greta Holm", "Tolvane Quality Review", Role.LEAD_ASSESSOR),
    "ivo-brandt": ("Ivo Brandt", "Tolvane Quality Review", Role.ASSESSOR),
    "mina-okafor": ("Mina Okafor", "Tolvane Quality Review", Role.ASSESSOR),
}


def other_organisations() -> list[Organisation]:
    return [Organisation(name=name, kinds=[kind], is_synthetic=True) for name, kind in OTHER_ORGANISATIONS.items()]


def addresses() -> list[str]:
    return [account.email for account in DEMO_ACCOUNTS]


def create_accounts(starts_on: date) -> None:
    """An account that is already there keeps its password and rights, and gets the membership."""
    organisations = Organisation.objects.in_bulk(field_name="name")
    password = make_password(DEMO_PASSWORD)
    for account in DEMO_ACCOUNTS:
        full_name, organisation, roles = ACCOUNTS[account.name]
        is_operator = Role.OPERATOR in roles
        user, _ = User.objects.get_or_create(
            email=account.email,
            defaults={
                "full_name": full_name,
                "password": password,
                "is_staff": is_operator,
                "is_superuser": is_operator,
            },
        )
        for role in roles:
            Membership.objects.create(
                user=user, organisation=organisations[organisation], role=role, starts_on=starts_on
            )
