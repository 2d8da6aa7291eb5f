"""Levels and notes: merged field by field, nothing lost, nothing changed after finishing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from qmm.models import CaseAssignment, EarlierEntry, ElementScore, Finding, Rubric, ScoreReopening
from qmm.models.blind import is_revealed
from qmm.queries.scores import open_consensus, open_elements
from qmm.services.consensus import consensus_save
from qmm.services.findings import FindingChangedError, Given, finding_add, finding_change, finding_remove
from qmm.services.scoring import (
    Change,
    ScoringClosedError,
    ScoringError,
    levels_save,
    scoring_finish,
    scoring_reopen,
)
from tests.mergers.test_at_once import Aside, wait_until_waiting
from tests.scores.conftest import CODES, Visit

REASON = "Two levels were typed into the wrong rows."


def assert_refused(change: Callable[[], Any]) -> None:
    with pytest.raises(DatabaseError, match=r"kept for ever|is never changed"), transaction.atomic():
        change()


def test_the_first_saved_level_keeps_the_rubric_in_force(visit: Visit) -> None:
    assert visit.case.rubric is None
    saved = visit.save(visit.first, MC1_level="3", MC1_notes="Seen on the floor")
    assert (saved.version, saved.conflicts) == (1, {})
    visit.case.refresh_from_db()
    assert visit.case.rubric == Rubric.objects.in_force().get()
    row = ElementScore.objects.get()
    assert (row.element, row.level, row.notes, row.version) == ("MC1", 3, "Seen on the floor", 1)
    visit.first.refresh_from_db()
    assert open_elements(visit.first) == [code for code in CODES if code != "MC1"]


def test_two_windows_meet_only_where_both_wrote(visit: Visit) -> None:
    visit.save(visit.first, MC1_level="3", MC1_notes="one")
    changes = {"MC1.level": Change("3", "4"), "MC1.notes": Change("", "two"), "MC2.notes": Change("", "new")}
    saved = levels_save(visit.first, changes, user=visit.ada)
    assert list(saved.conflicts) == ["MC1.notes"]
    assert saved.conflicts["MC1.notes"]["now"] == "one"
    found = {row.element: (row.level, row.notes) for row in ElementScore.objects.all()}
    assert found == {"MC1": (4, "one"), "MC2": (None, "new")}
    same = levels_save(visit.first, {"MC1.level": Change("", "4")}, user=visit.ada)
    assert same.conflicts == {}  # what both wrote alike is none
    changes = {"MC1.notes": Change("", "two"), "MC3.level": Change("", "1")}
    whole = levels_save(visit.first, changes, user=visit.ada, whole=True)
    assert list(whole.conflicts) == ["MC1.notes"]
    assert not ElementScore.objects.filter(element="MC3").exists()


def test_what_a_change_takes_away_is_kept_whoever_writes(visit: Visit) -> None:
    visit.save(visit.first, MC1_notes="The head of quality")
    row = ElementScore.objects.get()
    for notes in ("The head of quality said", "The new head of quality said"):  # only written on
        ElementScore.objects.filter(pk=row.pk).update(notes=notes)
    assert not EarlierEntry.objects.exists()
    ElementScore.objects.filter(pk=row.pk).update(notes="The head said", level=2)
    ElementScore.objects.filter(pk=row.pk).update(level=4)
    kept = list(EarlierEntry.objects.order_by("pk").values_list("entry", flat=True))
    assert kept == [
        {"level": None, "notes": "The new head of quality said"},
        {"level": 2, "notes": "The head said"},
    ]
    assert_refused(lambda: EarlierEntry.objects.all().delete())
    assert_refused(lambda: EarlierEntry.objects.update(version=9))
    assert_refused(lambda: ElementScore.objects.all()._raw_delete("default"))


def test_after_finishing_nothing_changes(visit: Visit) -> None:
    visit.save(visit.first, MC1_level="3")
    with pytest.raises(ScoringError, match="Give a level first to MC2, MC3"):
        scoring_finish(visit.first, user=visit.ada)
    finding = finding_add(visit.first, "MC1", user=visit.ada, given=Given("strength", "Open doors"))
    levels_save(visit.first, {f"{code}.level": Change("", "2") for code in CODES[1:]}, user=visit.ada)
    scoring_finish(visit.first, user=visit.ada)
    with pytest.raises(ScoringClosedError, match="You have finished"):
        visit.save(visit.first, MC2_notes="late")
    with pytest.raises(ScoringClosedError):
        finding_remove(finding, user=visit.ada, version=1)
    assert_refused(lambda: ElementScore.objects.filter(element="MC1").update(level=5))
    assert_refused(lambda: Finding.objects.update(text="other"))
    assert_refused(lambda: CaseAssignment.objects.filter(pk=visit.first.pk).update(finished_at=None))
    assert_refused(lambda: CaseAssignment.objects.filter(pk=visit.first.pk).update(finished_at=timezone.now()))


def test_only_the_operator_reopens_with_a_reason_and_before_both_have_finished(visit: Visit) -> None:
    visit.finish(visit.first)
    for user, reason, said in (
        (visit.ada, REASON, "Only the program operator"),
        (visit.auditor, REASON, "Only the program operator"),
        (visit.operator, "", "Say why"),
    ):
        with pytest.raises(ScoringError, match=said):
            scoring_reopen(visit.first, user=user, reason=reason)
    scoring_reopen(visit.first, user=visit.operator, reason=REASON)
    assert ScoreReopening.objects.get().reason == REASON
    levels_save(visit.first, {"MC1.level": Change("3", "4")}, user=visit.ada)
    scoring_finish(visit.first, user=visit.ada)
    visit.finish(visit.second)
    with pytest.raises(ScoringError, match="Settle it in consensus"):
        scoring_reopen(visit.first, user=visit.operator, reason=REASON)


@pytest.mark.parametrize(
    ("state", "said"),
    [("scheduled", "once the visit has begun"), ("consensus", "is over"), ("final", "is over")],
)
def test_levels_are_given_while_the_case_is_scored(visit: Visit, state: str, said: str) -> None:
    visit.move(state)
    with pytest.raises(ScoringClosedError, match=said):
        visit.save(visit.first, MC1_level="3")
    visit.move("in_progress")
    visit.save(visit.first, MC1_level="3")


def test_nobody_writes_for_somebody_else_nor_after_being_replaced(visit: Visit) -> None:
    with pytest.raises(ScoringClosedError, match="not at work"):
        levels_save(visit.first, {"MC1.level": Change("", "3")}, user=visit.bo)
    visit.first.ended_on = timezone.localdate()
    visit.first.save()
    with pytest.raises(ScoringClosedError, match="not at work"):
        visit.save(visit.first, MC1_level="3")


@pytest.mark.parametrize(
    ("key", "text", "error"),
    [
        ("MC1.level", "6", ValueError),
        ("MC1.level", "3.5", ValueError),
        ("MC1.notes", "x" * 20_001, ValueError),
        ("MC9.level", "3", KeyError),
        ("MC1.version", "3", KeyError),
    ],
)
def test_what_is_no_level_is_refused(visit: Visit, key: str, text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        levels_save(visit.first, {"MC2.level": Change("", "3"), key: Change("", text)}, user=visit.ada)
    assert not ElementScore.objects.exists()


def test_a_form_has_an_end(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report sets every finding: thousands would keep the server busy for minutes."""
    monkeypatch.setattr("qmm.services.findings.MOST", 2)
    given = [Given("strength", f"Open doors {number}") for number in range(3)]
    rows = [finding_add(visit.first, "MC1", user=visit.ada, given=one) for one in given[:2]]
    with pytest.raises(ScoringError, match="at most 2 findings"):
        finding_add(visit.first, "MC1", user=visit.ada, given=given[2])
    assert finding_add(visit.first, "MC1", user=visit.ada, given=given[1]) == rows[1]
    finding_remove(rows[0], user=visit.ada, version=1)
    finding_add(visit.first, "MC1", user=visit.ada, given=given[2])


def test_findings_are_changed_with_care(visit: Visit) -> None:
    given = Given("opportunity", "Trend charts are made by hand", "SOP-12")
    finding = finding_add(visit.first, "MC4", user=visit.ada, given=given)
    assert finding_add(visit.first, "MC4", user=visit.ada, given=given) == finding  # sent twice
    finding_change(finding, user=visit.ada, version=1, given=Given("critical_gap", "No trend charts"))
    with pytest.raises(FindingChangedError):
        finding_change(finding, user=visit.ada, version=1, given=given)
    with pytest.raises(ScoringError, match="Write what you found"):
        finding_change(finding, user=visit.ada, version=2, given=Given("strength", ""))
    finding_remove(finding, user=visit.ada, version=2)
    with pytest.raises(FindingChangedError):
        finding_remove(finding, user=visit.ada, version=3)
    kept = [(row.version, row.entry["kind"], row.entry["text"]) for row in finding.earlier.order_by("pk")]
    assert kept == [(1, "opportunity", "Trend charts are made by hand"), (2, "critical_gap", "No trend charts")]


def test_consensus_by_either_with_a_reason_for_a_wide_gap(visit: Visit) -> None:
    one = {"MC1.level": Change("", "3")}
    visit.finish(visit.first)
    with pytest.raises(ScoringClosedError, match="once both assessors have finished"):
        consensus_save(visit.case, one, user=visit.ada)
    visit.finish(visit.second, MC1="5")
    with pytest.raises(ScoringClosedError, match="stands at “Individual scoring”"):
        consensus_save(visit.case, one, user=visit.ada)
    visit.move("consensus")
    for stranger in (visit.cyd, visit.operator, visit.dan):
        with pytest.raises(ScoringClosedError, match="Only the two assessors"):
            consensus_save(visit.case, one, user=stranger)
    consensus_save(visit.case, {f"{code}.level": Change("", "3") for code in CODES}, user=visit.ada)
    visit.case.refresh_from_db()
    assert open_consensus(visit.case) == ["MC1"]
    saved = consensus_save(visit.case, {"MC1.reason": Change("", "Seen on two shifts")}, user=visit.bo)
    assert saved.conflicts == {}
    assert open_consensus(visit.case) == []
    clash = consensus_save(visit.case, {"MC1.reason": Change("", "Other")}, user=visit.ada)
    assert clash.conflicts["MC1.reason"]["now"] == "Seen on two shifts"
    assert clash.conflicts["MC1.reason"]["name"] == "Bo Person"
    assert ElementScore.objects.filter(assignment=visit.second, element="MC1", level=5).exists()


@pytest.mark.django_db(transaction=True)
def test_who_finishes_waits_for_who_reopens(visit: Visit) -> None:
    """Else both would be finished until the reopening commits, and who goes on could read the other's levels."""
    visit.finish(visit.first)
    levels_save(visit.second, {f"{code}.level": Change("", "3") for code in CODES}, user=visit.bo)
    with transaction.atomic():
        scoring_reopen(visit.first, user=visit.operator, reason=REASON)
        finishing = Aside(lambda: scoring_finish(visit.second, user=visit.bo))
        finishing.start()
        wait_until_waiting(1)
    assert finishing.done() is None
    assert not is_revealed(visit.case.pk)
