"""Server time of the pages of assessments, over 25,000 of them and a million and a half levels; and how long the
figures of agreement take in the background."""

import itertools
import json
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpResponse
from django.test import Client, override_settings

from dscr.access.models import User
from dscr.access.roles import Role
from dscr.bench.assessment_rows import Filled, fill
from dscr.bench.measured import Measured, median_of
from dscr.bench.pages import prepare, reader
from qmm.models import AgreementRun, CaseAssignment, ElementScore
from qmm.services.agreement import recompute

PAGE, BACKGROUND = 0.200, 60.0  # seconds
TIMES = 15


def measure() -> list[Measured]:
    with override_settings(ALLOWED_HOSTS=[*settings.ALLOWED_HOSTS, "testserver"]):
        filled = fill()
        prepare()
        begun = time.perf_counter()
        recompute()
        run = AgreementRun.objects.get()
        note = f"{run.finished['all']:,} assessments, {run.levels:,} levels"
        background = Measured("agreement, recomputed", time.perf_counter() - begun, BACKGROUND, None, note)
        return [background, *(_page(*one) for one in _pages(filled))]


def _pages(filled: Filled) -> list[tuple[str, Callable[[], HttpResponse]]]:
    firm = reader(Role.MANUFACTURER_EDITOR)
    office, assessor, lead, maker, anybody = (
        _client(user) for user in (filled.operator, filled.assessor, filled.lead, firm, None)
    )
    scoring, consensus, final = filled.scoring.pk, filled.consensus.pk, filled.final.pk
    return [
        ("board of the operator", lambda: office.get("/assessments/")),
        ("board, the closed ones", lambda: office.get("/assessments/?closed=1")),
        ("board, searched", lambda: office.get("/assessments/?q=site+24")),
        ("board of an assessor", lambda: assessor.get("/assessments/")),
        ("board of a manufacturer", lambda: maker.get("/assessments/")),
        ("page of a case", lambda: office.get(f"/assessments/{final}/")),
        ("working page", lambda: assessor.get(f"/assessments/{scoring}/scores/")),
        ("working page, a level is saved", _saved(filled, assessor)),
        ("consensus", lambda: lead.get(f"/assessments/{consensus}/consensus/")),
        ("report of a final one", lambda: office.get(f"/assessments/{final}/report/")),
        ("what expires within a year", lambda: office.get("/assessments/ending/")),
        ("agreement, for everybody", lambda: anybody.get("/agreement/")),
        ("agreement by assessor", lambda: office.get("/agreement/assessors/")),
        ("establishment page", lambda: office.get(f"/establishments/{filled.final.establishment_id}/")),
    ]


def _page(name: str, ask: Callable[[], HttpResponse]) -> Measured:
    def checked() -> None:
        if (response := ask()).status_code != 200:
            raise RuntimeError(f"{name}: answered {response.status_code}.")

    return Measured(f"assessments: {name}", median_of(checked, TIMES), PAGE, None, f"of {TIMES}")


def _client(user: User | None) -> Client:
    client = Client()
    if user:
        client.force_login(user)
    return client


def _saved(filled: Filled, client: Client) -> Callable[[], HttpResponse]:
    """A note that grows by a line each time, as the script sends it."""
    lead = CaseAssignment.objects.get(case=filled.scoring, is_lead=True)
    element = ElementScore.objects.filter(assignment=lead).earliest("element")
    body = {"who": str(filled.assessor.pk), "draft": str(lead.pk), "section": ""}
    notes = itertools.count(1)

    def save() -> HttpResponse:
        was, now = (element.notes, f"{element.notes}\nSeen once more, {next(notes)}.")
        element.notes = now
        changes = {f"{element.element}.notes": {"was": was, "now": now}}
        address = f"/assessments/{filled.scoring.pk}/scores/state/"
        return client.post(address, json.dumps(body | {"changes": changes}), content_type="application/json")

    return save
