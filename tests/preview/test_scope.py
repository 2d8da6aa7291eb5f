"""What is in preview meets the eyes of its firm, the operator and auditors: every other reader's answers stay the same
to the letter, whatever they ask, until it is published."""

import difflib
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dscr.access.roles import Role
from products.models import KpiSubmission, Product
from ratings.models import ProductRating
from ratings.previews import publish_due
from ratings.reviews.services import Given, review_open
from tests.pages import factory
from tests.preview.conftest import FIRM, client_of, compute, head, keep_stock, set_days

OTHERS = {
    "purchaser": (Role.PURCHASER, "Fernwick"),
    "coordinator": (Role.COORDINATOR, "Coordination"),
    "competitor": (Role.MANUFACTURER_EDITOR, "Another firm"),
    "contact": (Role.ESTABLISHMENT_CONTACT, FIRM),
}
SEERS = {
    "editor": (Role.MANUFACTURER_EDITOR, FIRM),
    "attestor": (Role.ATTESTOR, FIRM),
    "operator": (Role.OPERATOR, "Office"),
    "auditor": (Role.AUDITOR, "Office"),
}
CHANGING = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"|"X-CSRFToken": ?"[^"]+"|data-ago>[^<]+<')


def addresses(ndc: str) -> list[str]:
    product = f"/products/{ndc}/"
    asked = [f"/products/?enrolled=yes&sort={sign}{key}" for key in ("score", "band", "updated") for sign in ("", "-")]
    asked += [
        f"/products/?enrolled=yes&{query}" for query in ("min_score=70", "max_score=70", "band=4", "band=2&band=3")
    ]
    columns = "&".join(f"column={key}" for key in ("ndc", "score", "band", "limits", "coverage", "updated"))
    return [
        "/",
        product,
        f"{product}?preview=1",
        "/products/?q=cisplatin",
        f"/products/?enrolled=yes&{columns}",
        *asked,
        *(address.replace("/products/?", "/products/export.csv?") for address in asked),
        "/molecules/",
        "/molecules/CISPLATIN/",
        f"/api/v1/ratings/{ndc}/",
        f"/api/v1/ratings/{ndc}/history/",
        f"/api/v1/ratings/{ndc}/explanation/",
        "/api/v1/ratings/",
        "/api/v1/ratings/?min_score=70",
        "/api/v1/molecules/",
        "/api/v1/molecules/CISPLATIN/",
    ]


def answers(client: Client, ndc: str) -> dict[str, tuple[Any, ...]]:
    """Status, body and ETag of everything that a reader may ask."""
    found = {}
    for address in addresses(ndc):
        response = client.get(address)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        said = re.sub(r'"next_since": ?"[0-9]+"', "", CHANGING.sub("", body.decode()))
        said = re.sub(r"state=[^\"]+", "", said)  # the poll's token, which is looked at below
        said = re.sub(r"[0-9]{1,2}:[0-9]{2}\s[ap]m\sET", "", said)  # when it was asked
        said = re.sub(r'"now": [0-9]+', "", said)
        found[address] = (response.status_code, said, response.headers.get("ETag"))
    return found


def fall(product: Product) -> None:
    """In preview: a worse score and a lower band, computed at the very moment at which it was checked last."""
    set_days(14)
    keep_stock(product, 0)
    KpiSubmission.objects.filter(product=product).update(
        fill_rate_numerator=25_000,
        on_time_delivery_numerator=0,
        safety_stock_days=0,
        dual_sourced_materials_numerator=0,
        capital_reinvestment_ratio=0,
        contribution_margin=0,
    )
    compute(product, head(product).verified_at)


@pytest.mark.parametrize("reader", OTHERS)
def test_every_answer_stays_the_same(pair: tuple[Product, Product], reader: str) -> None:
    client = client_of(OTHERS[reader][1], OTHERS[reader][0])
    before = answers(client, pair[0].ndc)
    page = client.get(f"/products/{pair[0].ndc}/").content.decode()
    poll = re.search(r'hx-get="([^"]+/freshness/\?state=[^"]+)"', page).group(1)
    fall(pair[0])
    assert (head(pair[0]).in_preview, head(pair[0]).computed_snapshot.band) == (True, 2)
    after = answers(client, pair[0].ndc)
    told = {a: _difference(str(before[a][1]), str(answer[1])) for a, answer in after.items() if answer != before[a]}
    assert told == {}
    polled = client.get(poll)
    assert (polled.status_code, polled.headers.get("HX-Trigger")) == (204, None)
    assert any(status == 200 for status, _, _ in after.values())
    assert not any("in preview" in body.lower() and "?preview" not in body for _, body, _ in after.values())


@pytest.mark.parametrize("reader", OTHERS)
def test_once_published_all_of_them_see_it(pair: tuple[Product, Product], reader: str) -> None:
    fall(pair[0])
    score = f"{head(pair[0]).computed_snapshot.score:.1f}"
    client = client_of(OTHERS[reader][1], OTHERS[reader][0])
    assert score not in client.get(f"/products/{pair[0].ndc}/").content.decode()
    publish_due(timezone.now() + timedelta(days=16))
    assert score in client.get(f"/products/{pair[0].ndc}/").content.decode()


@pytest.mark.parametrize("reader", SEERS)
def test_the_firm_and_the_office_see_it(pair: tuple[Product, Product], reader: str) -> None:
    fall(pair[0])
    score = f"{head(pair[0]).computed_snapshot.score:.1f}"
    client = client_of(SEERS[reader][1], SEERS[reader][0])
    for address in (f"/products/{pair[0].ndc}/", "/products/?enrolled=yes", "/"):
        text = client.get(address).content.decode()
        assert "In preview" in text
        assert score in text
    assert client.get(f"/api/v1/ratings/{pair[0].ndc}/").json()["preview"]["score"] == float(score)


def test_a_firm_that_took_the_product_over_sees_nothing_of_the_time_before(pair: tuple[Product, Product]) -> None:
    from products.models import Enrolment

    fall(pair[0])
    other = factory.user_of("Another firm", Role.MANUFACTURER_EDITOR)
    client = Client()
    client.force_login(other)
    today = timezone.localdate()
    Enrolment.objects.filter(product=pair[0]).update(withdrawn_on=today)
    Enrolment.objects.create(
        product=pair[0], organisation=other.membership.organisation, enrolled_on=today, attested_by=None
    )
    ProductRating.objects.filter(product=pair[0]).update(failed_count=0)
    text = client.get(f"/products/{pair[0].ndc}/").content.decode()
    assert "Quarterly figures" in text  # it is theirs now
    # Computed today, so theirs to see; what was computed before their first day is not (Sight.sees).
    from ratings.queries.preview import preview_of
    from ratings.queries.sight import Sight

    later = Sight(figures=True, maturity=None, since=today + timedelta(days=1))
    assert preview_of(other, head(pair[0]), later, None) is None


def test_updated_since_finds_it_when_it_is_published_and_not_before(pair: tuple[Product, Product]) -> None:
    client = client_of("Fernwick", Role.PURCHASER)
    since = client.get("/api/v1/ratings/").json()["next_since"]
    ProductRating.objects.update(published_in=0)  # the transaction of this test is one and the same
    fall(pair[0])
    listed = f"/api/v1/ratings/?updated_since={since}"
    assert client.get(listed).json()["results"] == []
    publish_due(timezone.now() + timedelta(days=16))
    assert [row["ndc"] for row in client.get(listed).json()["results"]] == [pair[0].ndc]


def test_the_time_of_publication_is_that_of_publication(pair: tuple[Product, Product]) -> None:
    client = client_of("Fernwick", Role.PURCHASER)
    fall(pair[0])
    now = timezone.now() + timedelta(days=16)
    publish_due(now)
    hour = now.replace(minute=0, second=0, microsecond=0)
    found = client.get(f"/api/v1/ratings/{pair[0].ndc}/").json()
    assert found["published_at"] == hour.isoformat().replace("+00:00", "Z")
    newest = client.get(f"/api/v1/ratings/{pair[0].ndc}/history/").json()["results"][0]
    assert newest["at"].startswith(timezone.localtime(now).isoformat()[:16])
    later = (now - timedelta(minutes=5)).isoformat().replace("+00:00", "Z")
    listed = client.get(f"/api/v1/ratings/?updated_since={later}").json()["results"]
    assert [row["ndc"] for row in listed] == [pair[0].ndc]


def _difference(before: str, after: str) -> str:
    return "\n".join(list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))[:12])


def test_that_a_preview_is_contested_is_told_once_it_is_over(previewed: Product) -> None:
    """Others would learn from it that there is a preview, and that its firm does not like it."""
    firm = factory.user_of(FIRM, Role.MANUFACTURER_EDITOR)
    snapshot = head(previewed).computed_snapshot
    given = Given("It does not follow.")
    review_open(previewed, user=firm, kind="calculation", subject="score", should_be="", snapshot=snapshot, given=given)
    buyer = client_of("Fernwick", Role.PURCHASER)
    assert "Under review" not in buyer.get(f"/products/{previewed.ndc}/").content.decode()
    assert publish_due(timezone.now() + timedelta(days=30)) == 1
    assert "Under review" in buyer.get(f"/products/{previewed.ndc}/").content.decode()
