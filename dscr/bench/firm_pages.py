"""Every page, list and API answer of a manufacturer, asked for one firm: what the measure `firm` times and the tests of
queries count. Files (templates, exports, reports) have limits of their own."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.test import Client

from dscr.access.models import User
from dscr.api.tokens import token_create
from dscr.bench.firm_rows import Firm
from products.models import SupplyNode
from products.questionnaire import SECTIONS
from products.services.supply_chain import fingerprint, nodes_of


@dataclass(frozen=True)
class Asked:
    """One request, which can be made again and again. `ask` raises where the answer is not a good one."""

    name: str
    ask: Callable[[], HttpResponse]


class Asker:
    """The firm's editor and attestor at their browsers, and the editor's program."""

    def __init__(self, firm: Firm) -> None:
        self.firm = firm
        self.editor, self.attestor = (_signed_in(user) for user in (firm.editor, firm.attestor))
        _, secret = token_create(firm.editor.membership, name="Bench")
        self.token = {"Authorization": f"Token {secret}"}

    def all(self) -> Iterator[Asked]:
        yield from self._figures()
        yield from self._files()
        yield from self._supply()
        yield from self._planning()
        yield from self._disclosures()
        yield from self._published()
        yield from self._api()

    def _figures(self) -> Iterator[Asked]:
        firm, ndc = self.firm, self.firm.products[0].ndc
        draft = f"/products/{ndc}/kpis/{firm.quarter_end}/"
        yield self._get("home of the editor", "/")
        yield self._get("home of the attestor", "/", self.attestor)
        yield self._get("quarterly figures", "/figures/")
        yield self._get("submissions of a product", f"/products/{firm.products[1].ndc}/kpis/")
        yield self._get("one submission", f"/products/{firm.products[1].ndc}/kpis/submissions/{firm.submission.pk}/")
        for section in SECTIONS:
            yield self._get(f"questionnaire, {section.code.replace('_', ' ')}", f"{draft}?section={section.code}")
        yield self._get("questionnaire, is anything new", f"{draft}state/?draft={firm.draft.pk}&version=0")
        yield Asked("questionnaire, an answer is saved", self._save_answer(f"{draft}state/"))
        yield self._get("review, editor", f"{draft}review/")
        yield self._get("review, attestor", f"{draft}review/", self.attestor)
        yield self._get("effect of a draft", f"/drafts/{firm.draft.pk}/effect/", **PART)
        yield self._get("review of many drafts", "/figures/attest/?all=yes", self.attestor)
        yield self._get("effect of many drafts", "/drafts/effect/?all=yes", self.attestor, **PART)

    def _save_answer(self, address: str) -> Callable[[], HttpResponse]:
        """Another text each time, from what is stored to what is not."""
        firm, months = self.firm, [24]

        def save() -> HttpResponse:
            firm.draft.refresh_from_db()
            months.append(months[-1] % 36 + 1)
            change = {"was": firm.draft.answers["shelf_life_months"], "now": str(months[-1])}
            who = f"{firm.editor.pk}-{firm.organisation.pk}"
            body = {"who": who, "draft": firm.draft.pk, "section": "demand_and_supply"}
            body["changes"] = {"shelf_life_months": change}
            return _sound(self.editor.post(address, json.dumps(body), content_type="application/json"))

        return save

    def _files(self) -> Iterator[Asked]:
        workbook, orders = f"/kpis/workbooks/{self.firm.workbook.pk}/", f"/order-lines/{self.firm.orders.pk}/"
        yield self._get("workbooks", "/kpis/workbooks/")
        yield self._get("one workbook", workbook)
        yield self._get("one workbook, progress", f"{workbook}progress/", **PART)
        yield self._get("one workbook, effect on the scores", f"{workbook}effect/", **PART)
        yield self._get("order lines", "/order-lines/")
        yield self._get("order lines, new", "/order-lines/new/")
        yield self._get("order lines of one file", orders)
        yield self._get("order lines, columns", f"{orders}columns/")
        yield self._get("order lines, progress", f"{orders}progress/", **PART)

    def _supply(self) -> Iterator[Asked]:
        product = self.firm.products[0]
        address = f"/products/{product.ndc}/supply/"
        form = self._supply_form()
        yield self._get("supply editor", address)
        yield self._post("supply editor, while one types", address, form, **PART)
        yield self._post("supply editor, picture", f"{address}preview/", form, **PART)
        yield self._post("supply editor, search", address, form | {"q": "holding site 1", "find": "1"}, **PART)
        yield self._get("supply history", f"{address}history/")
        yield self._get("one site's products", f"/supply/establishments/{self.firm.hub.pk}/")

    def _supply_form(self) -> dict[str, Any]:
        nodes: list[SupplyNode] = nodes_of(self.firm.products[0])
        data: dict[str, Any] = {"seen": fingerprint(nodes), "stage": "api"}
        data["row"] = [f"{node.stage}.{node.establishment_id}" for node in nodes]
        for node in nodes:
            key = f"{node.stage}.{node.establishment_id}"
            data |= {f"share.{key}": f"{node.share * 100:g}", f"batch.{key}": str(node.last_batch_on or "")}
        return data

    def _planning(self) -> Iterator[Asked]:
        address = f"/products/{self.firm.products[0].ndc}/"
        yield self._get("plan", f"{address}plan/")
        yield self._get("plan, on the product's page", f"{address}plan/next/", **PART)
        yield self._get("what if", f"{address}what-if/")
        yield self._get("what if, one setting", f"{address}what-if/score/?days_inventory_on_hand=120")
        yield self._get("portfolio", "/portfolio/")
        while b"<progress" in self.editor.get("/portfolio/actions/", headers=PART).content:
            pass  # a firm of hundreds is computed in several answers, whose limit the measure `planner` holds
        yield self._get("portfolio, actions once computed", "/portfolio/actions/", **PART)

    def _disclosures(self) -> Iterator[Asked]:
        ndc = self.firm.products[0].ndc
        yield self._get("disclosures", "/disclosures/", self.attestor)
        yield self._get("disclosures, new", "/disclosures/new/", self.attestor)
        yield self._get("disclosures, withdraw", f"/disclosures/{self.firm.grant.pk}/withdraw/", self.attestor)
        yield self._get("reviews", "/reviews/", self.attestor)
        yield self._get("enroll a product", "/enrollments/new/", self.attestor)
        yield self._get("withdraw a product", f"/enrollments/{ndc}/withdraw/", self.attestor)

    def _published(self) -> Iterator[Asked]:
        product = self.firm.products[0]
        yield self._get("ratings, only my products", "/products/?mine=yes")
        yield self._get(
            "ratings, mine by a figure", "/products/?mine=yes&sort=-score&columns=score&columns=kpi-fill_rate"
        )
        yield self._get("product page", f"/products/{product.ndc}/")
        yield self._get("product page, is anything new", f"/products/{product.ndc}/freshness/")
        yield self._get("molecules", "/molecules/")
        yield self._get("one molecule", f"/molecules/{product.molecule}/")
        yield self._get("establishments", "/establishments/")
        yield self._get("one own establishment", f"/establishments/{self.firm.hub.pk}/")

    def _api(self) -> Iterator[Asked]:
        ndc = self.firm.products[0].ndc
        for name, path in (
            ("ratings of a molecule", "ratings/?q=holdicillin"),
            ("one rating", f"ratings/{ndc}/"),
            ("explanation", f"ratings/{ndc}/explanation/"),
            ("history", f"ratings/{ndc}/history/"),
            ("products", "products/?labeler=Bench Holding Pharma"),
            ("one product", f"products/{ndc}/"),
            ("establishments", "establishments/"),
            ("grants", "grants/"),
            ("what-if inputs", f"products/{ndc}/what-if/"),
            ("scenarios", "scenarios/"),
        ):
            yield self._get(f"API: {name}", f"/api/v1/{path}", Client(), **self.token)
        tried = json.dumps({"changes": {"days_inventory_on_hand": "120"}})
        yield Asked(
            "API: what-if",
            lambda: _sound(
                Client().post(
                    f"/api/v1/products/{ndc}/what-if/", tried, content_type="application/json", headers=self.token
                )
            ),
        )

    def _get(self, name: str, address: str, client: Client | None = None, **headers: str) -> Asked:
        return Asked(name, lambda: _sound((client or self.editor).get(address, headers=headers)))

    def _post(self, name: str, address: str, data: dict[str, Any], **headers: str) -> Asked:
        return Asked(name, lambda: _sound(self.editor.post(address, data, headers=headers)))


PART = {"HX-Request": "true"}


def _signed_in(user: User) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    return client


def _sound(response: Any) -> HttpResponse:
    if response.status_code not in (200, 204):
        address = response.request["PATH_INFO"]
        raise RuntimeError(f"{address} answered {response.status_code}: {response.content[:300]!r}")
    return response
