"""Every earlier text has a page: of one's own at any time, of everybody once both have finished."""

import pytest
from pytest_django import DjangoAssertNumQueries

from dscr.access.models import User
from dscr.audit.models import AuditEntry
from qmm.models import EarlierEntry
from qmm.services.findings import Given, finding_add, finding_change, finding_remove
from qmm.services.scoring import Change, levels_save
from tests.scores.conftest import Visit, client_of


@pytest.fixture
def told(visit: Visit) -> Visit:
    """Each changed a level, notes and a finding; Ada took hers out."""
    for assignment, user, word in ((visit.first, visit.ada, "Marrowfat"), (visit.second, visit.bo, "Quillbrook")):
        visit.save(assignment, MC1_level="2", MC1_notes=f"{word} first")
        changes = {"MC1.level": Change("2", "4"), "MC1.notes": Change(f"{word} first", f"{word} second")}
        levels_save(assignment, changes, user=user)
        finding = finding_add(assignment, "MC1", user=user, given=Given("strength", f"{word} door is shut"))
        changed = finding_change(finding, user=user, version=1, given=Given("critical_gap", f"{word} door is open"))
        if user == visit.ada:
            finding_remove(changed, user=user, version=2)
    return visit


def page_of(visit: Visit, user: User, code: str = "MC1") -> str:
    answer = client_of(user).get(f"{visit.address}history/{code}/")
    return " ".join(answer.content.decode().split("<main")[-1].split()) if answer.status_code == 200 else ""


def test_one_s_own_story(told: Visit, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    text = page_of(told, told.ada)
    assert "Quillbrook" not in text
    assert str(told.bo) not in text
    for shown in (
        '<del><span class="usa-sr-only">removed: </span>first</del>',
        '<ins><span class="usa-sr-only">added: </span>second</ins>',
        "Marrowfat door is shut",
        "Taken out",
    ):
        assert shown in text
    assert text.count("Until ") == 3
    assert text.index("Level and notes") < text.index("Finding 1")
    assert "Nothing to show yet" in page_of(told, told.ada, "MC2")
    client = client_of(told.ada)
    client.get(told.address)
    # session, user, case, levels, findings, earlier, whether both have finished
    with django_assert_num_queries(7):
        client.get(f"{told.address}history/MC1/")
    assert f'href="{told.address}history/MC1/"' in client.get(told.address).content.decode()


def test_blind_until_both_have_finished(told: Visit) -> None:
    others = (told.bo, told.operator, told.auditor)
    told.save(told.first, MC2_level="1")
    told_by_ada = "Marrowfat"
    for user in others:
        assert told_by_ada not in page_of(told, user)
        assert EarlierEntry.objects.for_user(user, "read_scores").filter(score__assignment=told.first).count() == 0
    assert "once both assessors have finished" in page_of(told, told.operator)
    assert page_of(told, told.cyd) == page_of(told, told.dan) == ""
    assert not AuditEntry.objects.filter(detail__startswith="earlier levels").exists()


def test_whoever_may_see_both_sees_both_stories(visit: Visit) -> None:
    for assignment, user, word in ((visit.first, visit.ada, "Marrowfat"), (visit.second, visit.bo, "Quillbrook")):
        finding = finding_add(assignment, "MC1", user=user, given=Given("strength", f"{word} door is shut"))
        finding_change(finding, user=user, version=1, given=Given("strength", f"{word} door is open"))
        visit.finish(assignment)
    for user in (visit.ada, visit.bo, visit.operator, visit.auditor):
        text = page_of(visit, user)
        assert text.count("door is") >= 4
        assert text.index("Marrowfat") < text.index("Quillbrook")
        noted = AuditEntry.objects.filter(user_id=user.pk, detail="earlier levels and notes of MC1")
        assert noted.count() == 1
    assert page_of(visit, visit.cyd) == page_of(visit, visit.dan) == page_of(visit, visit.ada, "ZZ9") == ""
