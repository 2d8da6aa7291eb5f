"""The product's rating page as the operator sees it: its figures, its states, its queries, and how it follows."""

import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from products.models import Enrolment, KpiSubmission, Product, SupplyNode
from qmm.models import Assessment, Establishment
from ratings import figures
from ratings.models import ProductRating, StaleMark
from ratings.views import chart_data
from tests.pages import factory
from tests.pages.conftest import page

# session, user, product with head, enrollments, snapshots, names, drug lists, peers twice, note of the view
PAGE_QUERIES = 10


def words(html: str) -> str:
    """What a reader sees: no tags, one space, no-break spaces plain."""
    return (
        re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " ").replace(" .", ".").replace(" ,", ",")
    )


class TestRated:
    def test_it_answers_first(self, operator_client: Client, pair: tuple[Product, Product]) -> None:
        text = words(page(operator_client, pair[0]))
        for said in ("80.1", "High", "4 of 5", "100% of what applies", "Limits none", "not on the FDA list", "2026.1"):
            assert said in text

    def test_it_says_what_it_is_not_about(self, operator_client: Client, pair: tuple[Product, Product]) -> None:
        assert "It says nothing about safety, effectiveness or quality." in page(operator_client, pair[0])

    def test_every_loss_stands_in_the_table(self, operator_client: Client, pair: tuple[Product, Product]) -> None:
        text = words(page(operator_client, pair[0]))
        assert "QMM of establishments 40 100 72.9 −11.3" in text
        assert "Backup API suppliers 2 qualified sources in 2 countries 50 65.0 −2.1" in text
        assert "Ashvale Chemicals 60% of the stage, mean level 3.1 62.0 −3.5" in text
        assert "Score, rounded from 80.05 100 100 80.1 −19.9" in text

    def test_a_limit_is_told_with_its_reason(self, operator_client: Client, pair: tuple[Product, Product]) -> None:
        text = words(page(operator_client, pair[1]))
        assert "Single point of failure. It would cap the band at Low; the score is already below that." in text
        assert "Limits none in effect" in text

    def test_pictures_have_their_data_and_no_inline_style(
        self, operator_client: Client, pair: tuple[Product, Product]
    ) -> None:
        html = page(operator_client, pair[0])
        for name in ("points", "history", "peers"):
            data = re.search(rf'<script id="{name}-data" type="application/json">(.*?)</script>', html)
            assert data
            json.loads(data.group(1))
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=", html)
        assert all("src=" in tag or "application/json" in tag for tag in re.findall(r"<script[^>]*>", html))

    def test_shown_losses_add_up_to_what_the_score_lacks(
        self, operator_client: Client, pair: tuple[Product, Product]
    ) -> None:
        """80.05 is shown as 80.1, so the domains cost 19.9, and each domain what its lines cost."""
        view = operator_client.get(f"/products/{pair[0].ndc}/").context["figures"]
        assert round(sum(domain.loss for domain in view.domains), 3) == 19.9
        for domain in view.domains:
            parts = view.stages if domain.code == "qmm" else domain.indicators
            assert round(sum(part.loss or 0 for part in parts), 3) == domain.loss, domain.code
        for stage in view.stages:
            assert round(sum(node.loss or 0 for node in stage.nodes), 3) == (stage.loss or 0)
        rows = chart_data.waterfall(view)["rows"]
        assert sum(round(row["to"] - row["from"], 3) for row in rows if row["kind"] == "loss") == pytest.approx(19.9)

    def test_the_directory_s_codes_are_put_in_words(
        self, operator_client: Client, pair: tuple[Product, Product]
    ) -> None:
        Product.objects.filter(pk=pair[0].pk).update(
            strength="1000 [USP'U]/1", dosage_form="TABLET", marketing_category="UNAPPROVED DRUG OTHER"
        )
        text = words(page(operator_client, pair[0]))
        assert "tablet, 1,000 USP units per tablet" in text
        assert "Tablet, 1,000 USP units per tablet" in text
        assert "Unapproved drug other" in text

    def test_printed_it_says_when_it_was_computed(self, operator_client: Client, pair: tuple[Product, Product]) -> None:
        at = datetime(2026, 10, 12, 16, 5, tzinfo=UTC)
        ProductRating.objects.filter(product=pair[0]).update(verified_at=at)
        text = words(page(operator_client, pair[0]))
        assert ", on October 12, 2026 at 12:05 pm ET" in text
        assert f"Printed {figures.day(timezone.localdate())} at" in text

    def test_tables_are_open_without_script(self, operator_client: Client, pair: tuple[Product, Product]) -> None:
        tables = re.findall(r'<details class="as-table"[^>]*>', page(operator_client, pair[0]))
        assert len(tables) == 4
        assert all(table.endswith(" open>") for table in tables)

    def test_queries(
        self,
        operator_client: Client,
        pair: tuple[Product, Product],
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        page(operator_client, pair[0])
        with django_assert_num_queries(PAGE_QUERIES):
            page(operator_client, pair[0])

    def test_queries_do_not_grow_with_history_or_peers(
        self,
        operator_client: Client,
        pair: tuple[Product, Product],
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for days in range(1, 6):
            KpiSubmission.objects.filter(product=pair[0]).update(days_inventory_on_hand=60 + days)
            factory.settle(pair[0])
        for number in range(5):
            Product.objects.create(ndc=f"999001-000{number}", display_ndc=f"999001-000{number}", molecule="CISPLATIN")
        with django_assert_num_queries(PAGE_QUERIES):
            page(operator_client, pair[0])

    def test_not_enrolled_peers_are_named_beside_the_scale(
        self, operator_client: Client, pair: tuple[Product, Product]
    ) -> None:
        Product.objects.create(
            ndc="999077-0402", display_ndc="999077-0402", labeler_name="Bexley", molecule="CISPLATIN"
        )
        html = page(operator_client, pair[0])
        assert "Not enrolled Bexley 999077-0402" in words(html)
        scale = re.search(r'id="peers-data"[^>]*>(.*?)</script>', html)
        assert scale
        assert "Bexley" not in scale.group(1)

    @pytest.mark.parametrize(("count", "named"), [(7, 7), (8, 6)])
    def test_more_never_hides_a_single_name(
        self, operator_client: Client, pair: tuple[Product, Product], count: int, named: int
    ) -> None:
        for number in range(count):
            ndc = f"999077-040{number}"
            Product.objects.create(ndc=ndc, display_ndc=ndc, labeler_name="Bexley", molecule="CISPLATIN")
        text = words(page(operator_client, pair[0]))
        assert text.count("Bexley") == named
        assert ("and more" in text) == (count > named)

    def test_a_product_is_not_named_among_its_others(self, operator_client: Client, db: None) -> None:
        own, other = (
            Product.objects.create(ndc=ndc, display_ndc=ndc, labeler_name=name, molecule="CISPLATIN")
            for ndc, name in (("999077-0402", "Bexley"), ("999077-0403", "Corrow"))
        )
        text = words(page(operator_client, own))
        assert "None of the two NDCs is rated. Two are not enrolled" in text
        assert f"Not enrolled Corrow {other.display_ndc}" in text


class TestAnyFormOfNdc:
    @pytest.mark.parametrize(
        "written", ["99901-101", "99901-0101", "099901-0101-01", "99901010101", "NDC 99901-101-01"]
    )
    def test_leads_to_the_canonical_address(
        self, operator_client: Client, pair: tuple[Product, Product], written: str
    ) -> None:
        response = operator_client.get(f"/products/{written}/")
        assert response.status_code == 302
        assert response.url == "/products/099901-0101/"  # type: ignore[attr-defined]

    def test_ambiguous_digits_lead_to_the_candidates(
        self, operator_client: Client, pair: tuple[Product, Product]
    ) -> None:
        Product.objects.create(ndc="009990-1101", display_ndc="9990-1101")
        response = operator_client.get("/products/99901101/")
        assert response.url == "/products/?q=99901101"  # type: ignore[attr-defined]
        listed = operator_client.get("/products/", {"q": "99901101"}).content.decode()
        assert "9990-1101" in listed
        assert "99901-101" in listed

    @pytest.mark.parametrize("written", ["1234-5678-90", "nonsense", "12345678901234"])
    def test_unknown_ones_are_not_found(self, operator_client: Client, written: str) -> None:
        assert operator_client.get(f"/products/{written}/").status_code == 404


class TestWithoutScore:
    """Every status has its own words, and none is shown as a low score."""

    def seen(self, client: Client, product: Product) -> str:
        factory.settle(product)
        html = page(client, product)
        assert 'class="score__number"' not in html
        assert "Where the points went" not in html
        return words(html)

    def test_insufficient_data(self, operator_client: Client, pair: tuple[Product, Product]) -> None:
        Assessment.objects.filter(establishment__name="Halden Plant 2").delete()
        text = self.seen(operator_client, pair[0])
        said = "35% (at least 50%) of the sites' quality management maturity (QMM). That is not a low score."
        assert f"Too little is known for a score: {said}" in text.replace("&#x27;", "'")
        assert "That is not a low score. It was rated 80.1 (High) until" in text

    def test_not_yet_rated(self, operator_client: Client, pair: tuple[Product, Product]) -> None:
        KpiSubmission.objects.filter(product=pair[0]).update(attested_at=None)
        assert "Enrolled; no rating is published yet. A rating begins with attested KPI figures." in self.seen(
            operator_client, pair[0]
        )

    def test_expired(self, operator_client: Client, pair: tuple[Product, Product]) -> None:
        KpiSubmission.objects.filter(product=pair[0]).update(quarter_end=date(2024, 12, 31))
        assert "A rating is valid for 12 months from its data" in self.seen(operator_client, pair[0])

    def test_suspended(self, operator_client: Client, pair: tuple[Product, Product]) -> None:
        Enrolment.objects.filter(product=pair[0]).update(
            suspended_on=date(2026, 1, 5), suspension_reason="Figures contradict the order lines"
        )
        text = self.seen(operator_client, pair[0])
        assert "Suspended on January 5, 2026: Figures contradict the order lines." in text

    def test_withdrawn(self, operator_client: Client, pair: tuple[Product, Product]) -> None:
        Enrolment.objects.filter(product=pair[0]).update(withdrawn_on=date(2026, 1, 5))
        text = self.seen(operator_client, pair[0])
        assert "Halden Group withdrew it on January 5, 2026; that is neither good nor bad." in text

    def test_out_of_scope(self, operator_client: Client, pair: tuple[Product, Product]) -> None:
        Product.objects.filter(pk=pair[0].pk).update(substances=["A", "B"])
        assert "It has two active ingredients" in self.seen(operator_client, pair[0])

    def test_not_enrolled(
        self, operator_client: Client, db: None, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        product = Product.objects.create(ndc="999077-0402", display_ndc="999077-0402", nonproprietary_name="cisplatin")
        with django_assert_num_queries(4):
            text = words(page(operator_client, product))
        assert "Not enrolled Nobody has enrolled this product in the program, which is neither good nor bad." in text

    def test_never_computable(self, operator_client: Client, pair: tuple[Product, Product]) -> None:
        ProductRating.objects.filter(product=pair[0]).update(
            published_snapshot=None, computed_snapshot=None, failed_count=2, failure="shares of api add up to 0.6"
        )
        text = words(page(operator_client, pair[0]))
        assert "Cannot be computed Its inputs contradict each other" in text
        assert "shares of api add up to 0.6 (2 tries)" in text


class TestFreshness:
    def state(self, client: Client, product: Product) -> str:
        found = re.search(r"freshness/\?state=([^\"]+)", page(client, product))
        assert found
        return found.group(1)

    def poll(self, client: Client, product: Product, state: str):  # type: ignore[no-untyped-def]
        return client.get(f"/products/{product.ndc}/freshness/?state={state}", headers={"HX-Request": "true"})

    def test_nothing_new_is_an_empty_answer_in_three_queries(
        self,
        operator_client: Client,
        pair: tuple[Product, Product],
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        state = self.state(operator_client, pair[0])
        with django_assert_num_queries(3):
            response = self.poll(operator_client, pair[0], state)
        assert response.status_code == 204
        assert "HX-Trigger" not in response

    @pytest.mark.parametrize("touched", ["product", "establishment", "ndc", "all"])
    def test_a_mark_of_any_kind_shows_as_updating(
        self, operator_client: Client, pair: tuple[Product, Product], touched: str
    ) -> None:
        state = self.state(operator_client, pair[0])
        key = {
            "product": pair[0].pk,
            "establishment": Establishment.objects.get(name="Corvo Fine Chem").pk,
            "ndc": 999010101,
            "all": 0,
        }[touched]
        StaleMark.objects.create(kind=touched, key=key, source="test")
        assert "Updating: an input changed." in self.poll(operator_client, pair[0], state).content.decode()

    def test_marks_of_others_do_not(self, operator_client: Client, pair: tuple[Product, Product]) -> None:
        state = self.state(operator_client, pair[1])
        StaleMark.objects.create(kind="product", key=pair[0].pk, source="test")
        corvo = Establishment.objects.get(name="Corvo Fine Chem")
        StaleMark.objects.create(kind="establishment", key=corvo.pk, source="test")
        assert self.poll(operator_client, pair[1], state).status_code == 204

    def test_a_new_snapshot_tells_the_page_to_change(
        self, operator_client: Client, pair: tuple[Product, Product]
    ) -> None:
        state = self.state(operator_client, pair[0])
        KpiSubmission.objects.filter(product=pair[0]).update(fill_rate_numerator=90_000)
        factory.settle(pair[0])
        response = self.poll(operator_client, pair[0], state)
        assert (response.status_code, response["HX-Trigger"]) == (204, "rating-changed")

    def test_a_failure_keeps_the_published_rating(self, operator_client: Client, pair: tuple[Product, Product]) -> None:
        ProductRating.objects.filter(product=pair[0]).update(
            failed_count=3, failed_at=timezone.now(), failure="the shares of api add up to 0.6"
        )
        text = words(page(operator_client, pair[0]))
        assert "Cannot be computed: the shares of api add up to 0.6 (3 tries)." in text
        assert "80.1" in text
        assert "The last published rating stays" in text

    def test_the_time_is_told_in_words(self, operator_client: Client, pair: tuple[Product, Product]) -> None:
        ProductRating.objects.filter(product=pair[0]).update(
            verified_at=timezone.now() - timedelta(minutes=5, seconds=2)
        )
        assert "Computed 5 min ago" in words(page(operator_client, pair[0]))


def test_supply_nodes_that_ended_are_not_shown(operator_client: Client, pair: tuple[Product, Product]) -> None:
    SupplyNode.objects.filter(product=pair[0], establishment__name="Corvo Fine Chem").update(valid_to=date(2026, 1, 1))
    SupplyNode.objects.filter(product=pair[0], establishment__name="Ashvale Chemicals").update(share=1)
    factory.settle(pair[0])
    html = page(operator_client, pair[0])
    supply = html[html.index('id="supply-title"') : html.index('id="figures-title"')]
    assert "Corvo" not in supply
    assert "API supplier Corvo Fine Chem removed" in html
