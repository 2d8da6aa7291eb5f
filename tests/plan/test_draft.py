"""The draft of a plan: what an action must say, two who write at once, what is proposed, and how it is sent."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from qmm.course.plans import Facts, drafted
from qmm.course.steps import Event, State
from qmm.models import ActionChange, CaseNotice, ImprovementAction, ImprovementPlan
from qmm.queries.plan import ground_of, lacking, proposals
from qmm.services.course import CourseError, case_step
from qmm.services.plan import draft_add, draft_leave_out, draft_save
from qmm.services.rubric import Change, DraftClosedError
from tests.plan.conftest import Planner

TODAY = date(2026, 11, 23)
FACTS = Facts({"MC1": 2, "TE1": 5}, {7: "MC1"}, {4}, TODAY)
GOOD = {"answers": "MC1:7", "what": "Ten letters", "who": "Dana", "member": "4", "due": "2026-11-23", "target": "3"}


def test_a_complete_action_is_read_into_values() -> None:
    found = drafted(1, GOOD, FACTS)
    assert (found.element, found.finding, found.member, found.due_on, found.target, found.problems) == (
        *("MC1", 7, 4, TODAY, 3),
        {},
    )


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("answers", "", "Choose the element or the finding that it answers."),
        ("answers", "ZZ1", "That is no element and no finding of this assessment. Choose one of the list."),
        ("answers", "MC1:8", "That is no element and no finding of this assessment. Choose one of the list."),
        ("answers", "mc1", "That is no element and no finding of this assessment. Choose one of the list."),
        ("answers", "TE1", "This element stands at level 5 already. Choose one that can rise."),
        ("what", "Too short", "Say what will be done, in a sentence."),
        ("what", "x" * 2_001, "Shorten it to 2,000 characters; it has 2,001."),
        ("who", "", "Name the person who is responsible."),
        ("who", "x" * 151, "Shorten the name to 150 characters."),
        ("member", "5", "That person does not work here today. Choose another one, or nobody."),
        ("member", "²", "That person does not work here today. Choose another one, or nobody."),
        ("due", "", "Give the day by which it is done."),
        ("due", "2027-02-29", "That is no date. Choose it anew, such as 2027-02-15."),
        ("due", "2026-11-22", "That day lies in the past. Give a day from today on."),
        ("due", "0202-11-22", "That day lies in the past. Give a day from today on."),
        ("due", "2031-11-23", "That day lies more than 5 years ahead. Check the year."),
        ("target", "", "Choose the level that it is meant to reach."),
        ("target", "2", "Choose a level above the agreed one, which is 2."),
        ("target", "6", "Choose a level from 2 to 5."),
        ("target", "³", "Choose a level from 2 to 5."),
    ],
)
def test_every_text_is_checked_with_a_plain_word(name: str, text: str, said: str) -> None:
    found = drafted(1, GOOD | {name: text}, FACTS)
    assert found.problems[name] == said
    assert not found.is_complete


def test_five_years_to_the_day_are_allowed() -> None:
    assert drafted(1, GOOD | {"due": "2031-11-22", "target": "5"}, FACTS).is_complete


def test_the_draft_begins_with_gaps_and_the_lowest_levels(planner: Planner) -> None:
    found = proposals(ground_of(planner.case, planner.contact))
    assert [(one.answers, one.level, one.next.number) for one in found[:3]] == [
        (f"BC2:{planner.gap.pk}", 1, 2),
        (f"MC1:{planner.chance.pk}", 2, 3),
        ("MC2", 3, 4),
    ]
    assert all(one.element.code != "TE1" for one in found)
    assert [row.text for row in found[0].findings] == ["No second source for two excipients."]
    number = draft_add(planner.case, user=planner.contact, answers=found[0].answers)
    assert ImprovementPlan.objects.get().texts == {"1.answers": found[0].answers, "1.target": "2"}
    assert number == 1


def test_what_two_wrote_at_once_is_kept_or_shown(planner: Planner) -> None:
    planner.draft(what="The first text of it.")
    first = draft_save(
        planner.case, user=planner.attestor, changes={"1.what": Change("The first text of it.", "Mine is better yet.")}
    )
    assert first.conflicts == {}
    second = draft_save(
        planner.case,
        user=planner.contact,
        changes={
            "1.what": Change("The first text of it.", "No, mine is the one."),
            "1.who": Change("Dana Ruiz", "Sam Ode"),
        },
    )
    assert {key: (row["now"], row["name"]) for key, row in second.conflicts.items()} == {
        "1.what": ("Mine is better yet.", "attestor@halden.example")
    }
    texts = ImprovementPlan.objects.get().texts
    assert (texts["1.what"], texts["1.who"]) == ("Mine is better yet.", "Sam Ode")
    assert second.version == first.version + 1


def test_a_draft_is_written_by_the_firm_alone_and_before_it_is_sent(planner: Planner) -> None:
    for user in (planner.operator, planner.lead, planner.stranger, planner.auditor):
        with pytest.raises(DraftClosedError):
            draft_save(planner.case, user=user, changes={"none": Change("", "No need.")})
    with pytest.raises(KeyError):
        draft_save(planner.case, user=planner.contact, changes={"1.what": Change("", "No such action")})
    with pytest.raises(ValueError, match="at most 2,000 are kept"):
        draft_save(planner.case, user=planner.contact, changes={"none": Change("", "x" * 2_001)})
    planner.sent()
    with pytest.raises(DraftClosedError):
        draft_add(planner.case, user=planner.contact)


def test_a_plan_is_sent_whole_with_its_actions(planner: Planner) -> None:
    with pytest.raises(CourseError, match="Plan at least one action, or say in a sentence why none is needed"):
        planner.send()
    planner.draft(answers=f"BC2:{planner.gap.pk}", target="2", member=str(planner.contact.pk))
    planner.draft(due="")
    planner.draft(what="")
    with pytest.raises(CourseError, match="Actions 2, 3: not complete yet"):
        planner.send()
    draft_leave_out(planner.case, 2, user=planner.contact, left_out=True)
    draft_leave_out(planner.case, 3, user=planner.contact, left_out=True)
    draft_leave_out(planner.case, 3, user=planner.contact, left_out=False)
    with pytest.raises(CourseError, match="Action 3: not complete yet"):
        planner.send()
    draft_leave_out(planner.case, 3, user=planner.contact, left_out=True)
    for user in (planner.operator, planner.lead, planner.stranger):
        with pytest.raises(CourseError, match="Only the establishment can do that"):
            case_step(planner.case, Event.SUBMIT_PLAN, user)
    closed_on = planner.case.closed_on
    case = planner.send()
    assert (case.state, case.due_on, case.closed_on) == (State.IMPROVEMENT_PLAN, None, closed_on)
    action = ImprovementAction.objects.get()
    assert (action.number, action.element, action.finding, action.target, action.standing, action.member) == (
        *(1, "BC2", planner.gap, 2, "planned", planner.contact),
    )
    line = ActionChange.objects.get()
    assert (line.field, line.new, line.by) == ("added", f"Due {action.due_on.isoformat()}", planner.contact)
    assert set(CaseNotice.objects.values_list("user__email", flat=True)) == {
        *("olivia@office.example", "lena@assessors.example", "aron@assessors.example"),
    }
    with pytest.raises(CourseError, match="its improvement plan is sent"):
        planner.send()


def test_a_plan_without_actions_gives_its_reason(planner: Planner) -> None:
    draft_save(planner.case, user=planner.contact, changes={"none": Change("", "All elements stand at level 5.")})
    planner.send()
    plan = ImprovementPlan.objects.get()
    assert (plan.no_action, plan.sent_by, plan.actions.count()) == (
        *("All elements stand at level 5.", planner.contact, 0),
    )


def test_another_assessment_may_begin_while_the_plan_is_written(planner: Planner) -> None:
    planner.request()
    planner.draft()
    assert planner.send().state == State.IMPROVEMENT_PLAN


def test_a_day_that_has_passed_since_keeps_the_plan_from_being_sent(planner: Planner) -> None:
    planner.draft(due=(timezone.localdate() + timedelta(days=3)).isoformat())
    planner.later(4)
    with pytest.raises(CourseError, match="Action 1: not complete yet"):
        planner.send()
    assert lacking(ImprovementPlan(case=planner.case), []).startswith("Plan at least one action")
