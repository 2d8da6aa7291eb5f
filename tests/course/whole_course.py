"""The chapters of the whole course, as test_whole_course.py tells it.

Everything is done on pages, by buttons, fields and keys. Only the six weeks before the visit are not waited for.
"""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from dscr.access.demo_accounts import DOMAIN
from qmm.course.questions import questions
from qmm.course.steps import WEEKS_AHEAD, State
from qmm.models import CaseSheet, ElementScore
from tests.course.whole_world import (
    AGREED,
    AREA_LEVELS,
    CODES,
    KEPT,
    LEAD,
    REASON,
    SECOND,
    WAIT,
    Course,
    said,
)

# Chapter 1: a request, two assessors and one who leaves


def request_and_acceptance(course: Course) -> None:
    course.contact.goto("/assessments/request/")
    course.contact.get_by_label("Establishment").select_option(label=course.world.site.name)
    course.contact.get_by_role("button", name="Send to the program operator").click()
    course.contact.wait_for_url(re.compile(r"/assessments/\d+/$"), timeout=WAIT)
    course.place = course.contact.evaluate("location.pathname")
    course.operator.goto("/assessments/")
    course.operator.get_by_role("link", name=course.world.site.name).first.click()
    course.step(course.operator, "accept", State.ACCEPTED)
    course.refused(course.operator, "Two assessors, one of them the lead, must be assigned first.")


def assignment(course: Course) -> None:
    """The assessor who is assigned first has a conflict of interest and leaves; another takes the place."""
    assign(course, "Asa First")
    declare(course, course.first, "I have one: somebody else is assigned", "I worked at Halden until last spring.")
    course.first.get_by_text("You have left the case").wait_for(timeout=WAIT)
    assert course.first.goto(course.place).status == 404
    assign(course, "Sven Second")
    for tab in (course.lead, course.second):
        declare(course, tab, "None: I take the assignment")
        tab.get_by_text("You have taken the assignment.").wait_for(timeout=WAIT)


def assign(course: Course, second: str) -> None:
    course.operator.goto(f"{course.place}assign/")
    for label, name in (("Lead assessor", "Lena Lead"), ("Second assessor", second)):
        field = course.operator.get_by_label(label, exact=True)
        offered = field.locator("option", has_text=name).get_attribute("value")
        field.select_option(offered)
    course.operator.get_by_role("button", name="Assign").click()
    course.operator.get_by_text("The assessors are assigned and told.").wait_for(timeout=WAIT)


def declare(course: Course, tab: Any, choice: str, nature: str = "") -> None:
    tab.goto(course.place)
    tab.get_by_text(choice).click()
    if nature:
        tab.locator("#nature").fill(nature)
    tab.get_by_role("button", name="Declare", exact=True).click()


# Chapter 2: orientation, questionnaire, the day of the visit


def orientation(course: Course) -> None:
    course.step(course.operator, "orient", State.ORIENTED, note="By video, with all shift leads.")
    course.step(course.lead, "issue", State.QUESTIONNAIRE_ISSUED)


def questionnaire(course: Course) -> dict[str, str]:
    """Returned by the contact; returns what was answered, by question."""
    answers = {asked.code: f"{asked.code}: “{asked.label}” – we’d say: 95 % & more." for asked in questions()}
    write_sheet(course.contact, f"{course.place}questionnaire/", answers)
    course.contact.get_by_role("button", name="Return the questionnaire").click()
    course.contact.locator("[aria-current=step]", has_text="Questionnaire returned").wait_for(timeout=WAIT)
    course.lead.goto(f"{course.place}questionnaire/review/")
    read = course.lead.locator(".sheet-part dd").all_inner_texts()
    assert [text.strip() for text in read] == list(answers.values())
    return answers


def write_sheet(tab: Any, address: str, texts: dict[str, str]) -> None:
    """Section by section, to the page on which everything is read. The first field of each is saved by itself."""
    tab.goto(address)
    while "/review/" not in tab.url:
        fields = tab.locator("textarea.usa-textarea").all()
        for field in fields:
            field.fill(texts[field.get_attribute("name")])
        with tab.expect_navigation(timeout=WAIT):
            tab.locator("button[name=go]").click()


def visit(course: Course) -> None:
    """Not within six weeks of the orientation, and not before its day."""
    today = timezone.localdate()
    day = today + timedelta(weeks=WEEKS_AHEAD)
    course.step(course.operator, "schedule", visit_on=f"{day - timedelta(days=1)}")
    course.operator.get_by_text(f"at least {WEEKS_AHEAD} weeks after the orientation").wait_for(timeout=WAIT)
    course.step(course.operator, "schedule", State.SCHEDULED, visit_on=f"{day}")
    course.refused(course.lead, f"The visit begins on {day:%B} {day.day}, {day.year}.")
    days_pass(course.case, (day - today).days)
    course.step(course.lead, "begin", State.IN_PROGRESS)


def days_pass(case: int, days: int) -> None:
    """Everything recorded of the case lies that much further back: as if the processes had run all the while."""
    back = "{0} = {0} - %(days)s * interval '1 day'".format
    dates = ("requested_on", "due_on", "visit_starts_on")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # nobody may change a timeline otherwise
        for table, key, columns in (
            ("qmm_assessmentcase", "id", dates),
            ("qmm_caseevent", "case_id", ("at", "due_on")),
        ):
            changes = ", ".join(back(column) for column in columns)
            cursor.execute(f"UPDATE {table} SET {changes} WHERE {key} = %(case)s", {"days": days, "case": case})


# Chapter 3: levels, notes and findings, with the network and the server gone


def words_of(who: str) -> dict[str, str]:
    """A note on each element, of all kinds of characters."""
    return {
        code: f"{who} on {code}: the hold “B-{number:02}” was lifted after 2nd signature; <5 % & no trend – é, ß, µ."
        for number, code in enumerate(CODES)
    }


def levels_and_notes(course: Course, of_lead: dict[str, str], of_second: dict[str, str]) -> None:
    """While the lead has no connection for a minute, the server is killed in the middle of a word of the second's."""
    lead, second = course.lead, course.second
    for tab, levels in ((lead, LEAD), (second, SECOND)):
        tab.goto(f"{course.place}scores/")
        for code in CODES:
            tab.keyboard.press(levels[code])
            tab.keyboard.press("n")
        said(tab, "Saved ")
    finding(lead, "MC1", "Critical gap", "No trend of holds is kept.", "QR-117, interview with the night lead")
    finding(second, "BC2", "Strength", "The plan was tried with the power cut.", "Drill record 2026-03")
    assert stored(course, "lead-assessor") == {code: (int(LEAD[code]), "") for code in CODES}

    begin_at(lead, CODES[0])
    lead.clock.install()
    lead.context.set_offline(True)
    type_notes(lead, CODES, of_lead)

    begin_at(second, CODES[0])
    half = len(of_second["MC1"]) // 2
    second.keyboard.press("e")
    second.keyboard.type(of_second["MC1"][:half])
    course.running.kill_web()
    second.keyboard.type(of_second["MC1"][half:])
    second.keyboard.press("Escape")
    second.keyboard.press("n")
    type_notes(second, CODES[1:], of_second)

    lead.clock.run_for(60_000)
    for tab in (lead, second):
        said(tab, KEPT)
    assert not any(notes for _, notes in stored(course, "lead-assessor").values())
    course.running.start()
    said(second, "Saved ")
    lead.context.set_offline(False)
    lead.clock.run_for(5_000)
    said(lead, "Saved ")
    for tab in (lead, second):
        assert tab.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('dscr-scores/'))") == []


def begin_at(tab: Any, code: str) -> None:
    tab.locator(f"#progress [data-to={code}]").click()
    tab.locator(f"#element-{code}:focus").wait_for(timeout=WAIT)


def type_notes(tab: Any, codes: list[str], texts: dict[str, str]) -> None:
    """From the element that stands there, by keys."""
    for code in codes:
        tab.keyboard.press("e")
        tab.keyboard.type(texts[code])
        tab.keyboard.press("Escape")
        tab.keyboard.press("n")


def finding(tab: Any, code: str, kind: str, text: str, evidence: str) -> None:
    begin_at(tab, code)
    part = tab.locator(f"#findings-{code}")
    part.get_by_text("Add a finding").click()
    part.get_by_label("Kind").select_option(label=kind)
    part.get_by_label("What you found").fill(text)
    part.get_by_label("Evidence: documents, records, interviews").fill(evidence)
    part.get_by_role("button", name="Keep the finding").click()
    part.locator(".finding__text", has_text=text).wait_for(timeout=WAIT)


def stored(course: Course, account: str) -> dict[str, tuple[int | None, str]]:
    """Element -> level and notes as the database has them."""
    rows = ElementScore.objects.filter(
        assignment__case=course.case, assignment__membership__user__email=f"{account}@{DOMAIN}"
    )
    return {row.element: (row.level, row.notes) for row in rows}


# Chapter 4: unseen by each other until both have finished, then one result


def nobody_sees(course: Course, of_lead: dict[str, str], of_second: dict[str, str]) -> None:
    """The lead finishes first; neither the second nor the office nor the firm meets a word of it."""
    course.step(course.lead, "end-visit", State.SCORING)
    finish(course, course.lead)
    hidden = [*of_lead.values(), *of_second.values(), "No trend of holds is kept.", "tried with the power cut"]
    for tab, secrets in (
        (course.second, [*of_lead.values(), "No trend of holds is kept."]),
        (course.lead, [*of_second.values(), "tried with the power cut"]),
        (course.operator, hidden),
    ):
        for address in (course.place, f"{course.place}consensus/"):
            tab.goto(address)
            assert not [secret for secret in secrets if secret in tab.content()]
    assert course.contact.goto(f"{course.place}consensus/").status == 404
    course.refused(course.lead, "Sven Second has not finished the individual scoring yet.")
    finish(course, course.second)


def finish(course: Course, tab: Any) -> None:
    tab.goto(f"{course.place}scores/")
    tab.get_by_role("button", name="Finish and keep it so").click()
    tab.get_by_text("You have finished.").first.wait_for(timeout=WAIT)


def consensus(course: Course, of_lead: dict[str, str], of_second: dict[str, str]) -> None:
    """Both read every note of the other; a gap of two holds everything up until its reason is written."""
    lead, second = course.lead, course.second
    course.step(second, "meet", State.CONSENSUS)
    for tab in (lead, second):
        tab.goto(f"{course.place}consensus/")
        read = tab.locator(".both__notes").all_text_contents()
        assert read == [words[code] for code in CODES for words in (of_lead, of_second)]
    for code in CODES:
        lead.keyboard.press(AGREED[code])
        lead.keyboard.press("n")
    said(lead, "Saved ")
    course.refused(lead, "no reason for a wide gap: MC1.")
    second.get_by_label("Why this level: the two lie 2 apart").fill(REASON)
    said(second, "Saved ")
    course.step(lead, "agree", State.DRAFT_REPORT)


# Chapter 5: the draft and its facts


def draft(course: Course) -> dict[str, str]:
    """Written by the lead and sent; returns the passages by element."""
    passages = {
        code: f"{code}: the review looks at 12 measures every month; the last 3 led to “2 decisions”." for code in CODES
    }
    assert course.contact.goto(f"{course.place}draft/review/").status == 404
    write_sheet(course.lead, f"{course.place}draft/", passages)
    course.lead.get_by_role("button", name="Send the draft to the establishment").click()
    course.lead.locator("[aria-current=step]", has_text=State.FACT_CHECK.label).wait_for(timeout=WAIT)
    return passages


def facts(course: Course, passages: dict[str, str]) -> None:
    contact, lead, place = course.contact, course.lead, f"{course.place}fact-check/"
    contact.goto(place)
    assert [text.strip() for text in contact.locator(".passage__text").all_inner_texts()] == list(passages.values())
    passage = contact.locator("#passage-MC4")
    passage.locator("summary").click()
    passage.locator("textarea").fill("It is every two weeks since May.")
    passage.get_by_role("button", name="Keep the comment").click()
    passage.locator(".comment", has_text="It is every two weeks since May.").wait_for(timeout=WAIT)
    contact.get_by_role("button", name="Finish the review").click()
    contact.get_by_text("Your review is finished.").wait_for(timeout=WAIT)
    course.refused(course.operator, "1 comment waits for the assessors’ answer.")
    lead.goto(place)
    answered = lead.locator("#passage-MC4")
    answered.get_by_text("The draft is corrected", exact=True).click()
    answered.get_by_label("Answer").fill("The minutes of May to July show it.")
    answered.get_by_role("button", name="Answer the comment").click()
    answered.locator(".comment__answer", has_text="The minutes of May to July show it.").wait_for(timeout=WAIT)


def sheet_texts(course: Course, kind: str) -> dict[str, str]:
    return CaseSheet.objects.get(case=course.case, kind=kind).texts


# Chapter 6: final, and what follows from it


def final(course: Course) -> None:
    course.step(course.operator, "finalize")
    course.operator.get_by_text("The assessment is final.").first.wait_for(timeout=WAIT)


def score_on(tab: Any) -> str:
    return tab.locator("#rating").get_attribute("data-score")


def score_after(tab: Any, before: str) -> str:
    """Of the page that stands open: it follows by itself."""
    tab.locator(f"#rating:not([data-score='{before}'])").wait_for(timeout=WAIT)
    return score_on(tab)


def area_levels() -> dict[str, Decimal]:
    return {area: Decimal(level) for area, level in AREA_LEVELS.items()}
