"""The planner: every single action of one product and of 500, the smallest sets, and the pages that show them."""

from django.core.cache import cache
from django.test import Client

from dscr.access.models import Organisation
from dscr.access.roles import Role
from dscr.bench.measured import Measured, median_of
from dscr.bench.pages import MAKER, prepare, reader
from products.models import Enrolment, Product
from ratings.queries.plan import planned

ONE, MANY, SETS, PAGE = 0.300, 2.0, 2.0, 0.600  # seconds
PRODUCTS = 500
TIMES = 5


def measure() -> list[Measured]:
    prepare()
    user = reader(Role.MANUFACTURER_EDITOR)
    products = _portfolio(PRODUCTS)
    one, rows = products[:1], range(0, PRODUCTS, PRODUCTS // 25)
    searches = [_seconds(lambda row=row: planned(user, [products[row]]).sets({})) for row in rows]
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)

    def all_actions() -> None:
        cache.clear()
        client.get("/portfolio/actions/")

    return [
        Measured("single actions, one product", median_of(lambda: planned(user, one).plans, TIMES), ONE, None, ""),
        Measured(
            f"single actions, {PRODUCTS} products",
            median_of(lambda: planned(user, products).plans, TIMES),
            MANY,
            None,
            f"{sum(len(plan.proposed) for plan in planned(user, products).plans)} actions",
        ),
        Measured("smallest sets, slowest of 25 products", max(searches), SETS, None, f"{sum(searches):.1f} s in all"),
        Measured(
            "what-if, one setting", median_of(lambda: _get(client, one[0], "what-if/score/"), TIMES), PAGE, None, ""
        ),
        Measured("planner page", median_of(lambda: _get(client, one[0], "plan/"), TIMES), SETS, None, ""),
        Measured("portfolio page", median_of(lambda: client.get("/portfolio/"), TIMES), PAGE, None, ""),
        Measured("actions of the portfolio, first answer", median_of(all_actions, TIMES), MANY, None, ""),
    ]


def _portfolio(count: int) -> list[Product]:
    """The first products of the bench maker; others are enrolled by it until there are enough."""
    maker = Organisation.objects.get(name=MAKER)
    own = Product.objects.filter(enrolments__organisation=maker).order_by("pk")
    lacking = count - own.count()
    if lacking > 0:
        others = Enrolment.objects.exclude(organisation=maker).order_by("-pk").values_list("pk", flat=True)[:lacking]
        Enrolment.objects.filter(pk__in=list(others)).update(organisation=maker)
    return list(own[:count])


def _seconds(work) -> float:
    return median_of(work, 1)


def _page(client: Client, product: Product, path: str) -> float:
    return median_of(lambda: _get(client, product, path), TIMES)


def _get(client: Client, product: Product, path: str) -> None:
    response = client.get(f"/products/{product.ndc}/{path}")
    if response.status_code != 200:
        raise RuntimeError(f"{path} answered {response.status_code}.")
