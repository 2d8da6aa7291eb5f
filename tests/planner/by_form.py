"""An action of the planner, done as its maker does it: by the questionnaire's and the supply editor's own pages."""

import json
import re
from typing import Any

from django.test import Client
from django.utils import timezone

from dscr.access.models import User
from products.models import KpiDraft, KpiSubmission, Product
from products.questionnaire import QUESTIONS
from products.questionnaire.fields import State
from ratings.planner.catalogue import Action
from ratings.planner.changes import Kpi, Move, NewNode, Qualify
from ratings.scoring import STAGES, unpack_country
from tests.planner.stored import columns
from tests.supply.test_supply_pages import form_of

FIELDS = {item.column: item for question in QUESTIONS for item in question.fields}
QUESTION_OF = {item.column: question for question in QUESTIONS for item in question.fields}


class Maker:
    """An attestor of the firm at the browser, who also fills in and edits the supply chain."""

    def __init__(self, user: User) -> None:
        self.user, self.client, self.today = user, Client(), timezone.localdate()
        self.client.force_login(user)

    def do(self, action: Action, product: Product) -> None:
        assert not action.decided_by, "no form of the firm can do this"
        figures = {change.column: change.value for change in action.changes if isinstance(change, Kpi)}
        if figures:
            self._report(product, columns(figures))
        others = [change for change in action.changes if not isinstance(change, Kpi)]
        if others:
            self._supply(product, others)

    # -- the questionnaire: correct, review, attest

    def _report(self, product: Product, values: dict[str, Any]) -> None:
        counting = KpiSubmission.objects.filter(
            product=product, attested_at__isnull=False, superseded_at=None, voided_at=None
        ).latest("quarter_end")
        address = f"/products/{product.ndc}/kpis/{counting.quarter_end}/"
        self._post(f"{address}open/", {}, 302)
        draft = KpiDraft.objects.get(product=product, submission=None, discarded_at=None)
        wanted = {column: FIELDS[column].written(value) for column, value in values.items()}
        for column in values:  # what was withheld is reported from now on
            state = QUESTION_OF[column].state_key
            if draft.answers.get(state):
                wanted[state] = State.REPORTED.value
        changes = {key: {"was": draft.answers.get(key, ""), "now": text} for key, text in wanted.items()}
        body = {"who": f"{self.user.pk}-{draft.organisation_id}", "draft": draft.pk, "changes": changes}
        saved = self._post(f"{address}state/", json.dumps(body), 200, content_type="application/json").json()
        assert saved["conflicts"] == {}
        self._attest(address)

    def _attest(self, address: str) -> None:
        page = self.client.get(f"{address}review/").content.decode()
        found = re.search(r'name="version" value="(\d+)"', page)
        assert found, re.sub(r"<[^>]+>|\s+", " ", page)
        signed = {"name": "Ada Attestor", "title": "Vice President", "agrees": "on", "version": found[1]}
        self._post(f"{address}attest/", signed, 302)

    # -- the supply editor: find or give the site, then save

    def _supply(self, product: Product, changes: list[Any]) -> None:
        data = form_of(product, self.today)
        for change in changes:
            if isinstance(change, NewNode):
                self._add(product, data, change)
            elif isinstance(change, Qualify):
                key = f"{STAGES[change.stage]}.{change.establishment}"
                data |= {f"qualified.{key}": "on", f"batch.{key}": self.today.isoformat()}
            elif isinstance(change, Move):
                for site, share in ((change.giver, -change.share), (change.taker, change.share)):
                    key = f"share.{STAGES[change.stage]}.{site}"
                    if site is not None:
                        data[key] = f"{float(data[key]) + share * 100:.6g}"
        self._post(f"/products/{product.ndc}/supply/", data | {"save": "1"}, 302)

    def _add(self, product: Product, data: dict[str, Any], new: NewNode) -> None:
        stage, before = STAGES[new.stage], set(data["row"])
        site = {"new-name": "Backup Works", "new-address": "1 Works Road"}
        site["new-country"] = unpack_country(new.country) or ""
        page = self._post(f"/products/{product.ndc}/supply/", data | site | {"stage": stage, "create": "1"}, 200)
        [key] = set(re.findall(rf'name="row"\s+value="({stage}\.\d+)"', page.content.decode())) - before
        data["row"] = [*data["row"], key]
        data |= {f"share.{key}": f"{new.share * 100:.6g}", f"batch.{key}": self.today.isoformat()}
        if new.is_qualified:
            data[f"qualified.{key}"] = "on"

    def _post(self, address: str, data: Any, status: int, **more: Any) -> Any:
        response = self.client.post(address, data, **more)
        assert response.status_code == status, (address, response.status_code, response.content.decode()[:2000])
        return response
