"""Server time of the pages, each as the readers who open it, over 120,000 rated products."""

from datetime import timedelta
from urllib.parse import urlencode

from django.db import connection
from django.test import Client
from django.utils import timezone

from dscr.access.models import Membership, Organisation, User
from dscr.access.roles import KINDS_OF_ROLE, Role
from dscr.bench.measured import Measured, median_of
from products.models import DrugList, DrugListEntry, Product, Shortage
from ratings.models import ProductRating
from ratings.recompute import recompute_pending
from ratings.scoring import available_versions

PAGE, SEARCH, SLIDE = 0.150, 0.060, 0.050  # seconds
SLIDER = f"/method/{available_versions()[-1]}/score/?product=B&days_inventory_on_hand=100"
TIMES = 20
MAKER = "Bench maker 1"
HOMES = (
    Role.MANUFACTURER_EDITOR,
    Role.PURCHASER,
    Role.ASSESSOR,
    Role.COORDINATOR,
    Role.OPERATOR,
    Role.AUDITOR,
)


def measure() -> list[Measured]:
    prepare()
    product = Product.objects.filter(enrolments__organisation__name=MAKER).earliest("pk")
    found = [_page(f"home of the {role.label.lower()}", role, "/") for role in HOMES]
    found += [
        _page(f"product page, {role.label.lower()}", role, f"/products/{product.ndc}/")
        for role in (Role.PURCHASER, Role.MANUFACTURER_EDITOR, Role.OPERATOR)
    ]
    found += [
        _page("product list", Role.PURCHASER, "/products/"),
        _page("product list by score, filtered", Role.PURCHASER, "/products/?band=4&sort=-score"),
        _page("molecule page", Role.PURCHASER, f"/molecules/{product.molecule}/"),
        _page("molecule list", Role.PURCHASER, "/molecules/"),
        _page("a slider of the method page", Role.PURCHASER, SLIDER, SLIDE),
    ]
    searches = {
        "a name": product.nonproprietary_name,
        "an NDC": product.display_ndc.replace("-", ""),
        "a labeler": product.labeler_name,
        "a typing error": mistyped(product.nonproprietary_name),
    }
    found += [
        _page(f"search for {what}", Role.PURCHASER, f"/products/?{urlencode({'q': text})}", SEARCH)
        for what, text in searches.items()
    ]
    return found


def prepare() -> None:
    """Readers, a drug list, shortages, and a rating for every product."""
    today = timezone.localdate()
    essentials, _ = DrugList.objects.get_or_create(name="Bench essentials")
    if not essentials.entries.exists():
        molecules = Product.objects.order_by("molecule").values_list("molecule", flat=True).distinct()[:120]
        DrugListEntry.objects.bulk_create(DrugListEntry(drug_list=essentials, molecule=name) for name in molecules)
        short = Product.objects.filter(pk__lte=300).values_list("ndc", flat=True)
        Shortage.objects.bulk_create(
            Shortage(package_ndc=f"{ndc}-01", status="current", changed_on=today, entry_key=f"bench {ndc}")
            for ndc in short
        )
    if not ProductRating.objects.filter(score__isnull=False).exists():
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO ratings_stalemark (kind, source) VALUES ('all', 'bench')")
    recompute_pending()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def reader(role: Role) -> User:
    kind = KINDS_OF_ROLE[role]
    name = MAKER if kind == "manufacturer" else f"Bench {kind}"
    organisation, _ = Organisation.objects.get_or_create(name=name, defaults={"kinds": [kind], "is_synthetic": True})
    user, _ = User.objects.get_or_create(email=f"{role}@bench.example")
    start = timezone.localdate() - timedelta(days=1)
    Membership.objects.get_or_create(user=user, organisation=organisation, role=role, starts_on=start)
    return user


def mistyped(name: str) -> str:
    """Its third and fourth letter changed over."""
    return name[:2] + name[3] + name[2] + name[4:]


def _page(name: str, role: Role, address: str, limit: float = PAGE) -> Measured:
    client = Client(SERVER_NAME="localhost")
    client.force_login(reader(role))

    def ask() -> None:
        response = client.get(address, follow=True)
        if response.status_code != 200:
            raise RuntimeError(f"{address} answered {response.status_code} to the {role.label.lower()}.")

    return Measured(f"{name}, median", median_of(ask, TIMES), limit, None, f"of {TIMES}")
