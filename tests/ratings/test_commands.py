"""The commands of the ratings as an operator meets them."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from products.models import Enrolment, KpiSubmission, SupplyNode
from qmm.models import Assessment, Inspection
from tests.ratings.conftest import Portfolio


def output(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_explain_gives_the_whole_rating_of_any_ndc_form(computed: Portfolio) -> None:
    rating = json.loads(output("explain_rating", "99901-101"))
    assert (rating["ndc"], rating["status"], rating["score"]) == ("099901-0101", "rated", 80.1)
    lost = sum(rating["points_lost"].values())
    assert lost == pytest.approx(100 - rating["exact"], abs=1e-3)
    assert set(rating["points_lost_detail"]["qmm"]["api"]) == {"Ashvale Chemicals", "Corvo Fine Chem"}


@pytest.mark.parametrize(
    ("ndc", "as_of", "status"),
    [
        ("99901-404", "2026-11-01", "not_enrolled"),
        ("99901-101", "1999-01-01", "not_enrolled"),
        ("99901-101", "2025-06-30", "not_yet_rated"),
    ],
)
def test_explain_says_what_is_not_rated(computed: Portfolio, ndc: str, as_of: str, status: str) -> None:
    assert json.loads(output("explain_rating", ndc, "--as-of", as_of))["status"] == status


def test_explain_of_a_withdrawn_product(computed: Portfolio) -> None:
    Enrolment.objects.filter(product=computed.strong).update(withdrawn_on=timezone.localdate())
    assert json.loads(output("explain_rating", "99901-101"))["status"] == "withdrawn"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("explain_rating", "99901-999"), "No product has the NDC '99901-999' (looked for 099901-0999)."),
        (("explain_rating", "99901-101", "--as-of", "May"), "'May' is not a date; give it as YYYY-MM-DD"),
        (("recompute_ratings", "cisplatin"), "'cisplatin' is no NDC"),
    ],
)
def test_what_cannot_be_named_is_told_in_words(computed: Portfolio, arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError) as error:
        output(*arguments)
    assert message in str(error.value)


def test_recompute_says_how_much_it_did(computed: Portfolio) -> None:
    SupplyNode.objects.filter(product=computed.strong, stage="testing").update(share=0.998)
    assert output("recompute_ratings").startswith("1 recomputed, 1 of them changed")
    assert output("recompute_ratings", "--all").startswith("2 recomputed, 0 of them changed")
    assert output("recompute_ratings", "99901-202").startswith("1 recomputed, 0 of them changed")


def test_what_has_happened_cannot_lie_in_the_future(stored: Portfolio) -> None:
    """An assessment dated next year would quietly make every product of its site unrated until then."""
    tomorrow = timezone.localdate() + timedelta(days=1)
    rows = {
        Assessment: ("completed_on",),
        Inspection: ("ended_on", "resolved_on"),
        SupplyNode: ("last_batch_on",),
        KpiSubmission: ("quarter_end", "risk_management_plan_tested_on", "emergency_stock_tested_on"),
    }
    for model, names in rows.items():
        row = model.objects.first()
        for name in names:
            setattr(row, name, tomorrow)
        with pytest.raises(ValidationError) as error:
            row.full_clean()
        for name in names:
            assert error.value.message_dict[name] == [
                "This date lies in the future; give the day on which it happened."
            ]
