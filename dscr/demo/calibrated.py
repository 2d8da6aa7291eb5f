"""Calibration cases that the demonstration's assessors have scored; one sheet is begun and not submitted."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from django.utils import timezone

from dscr.demo.dated import as_dated
from dscr.demo.dice import dice
from dscr.demo.levels import Habit, given_level, habit_of
from dscr.demo.people import People, account_of
from dscr.demo.words import calibration_note
from qmm.models import CalibrationCase, CalibrationItem, CalibrationLevel, CalibrationSheet

STILL_OPEN = "assessor"  # who has the last case before them, half done
NOT_YET = "mina-okafor"  # who has not opened the last case
DONE_OF_OPEN = 4


def create_calibrations(seed: int, people: People) -> None:
    cases = list(CalibrationCase.objects.filter(state=CalibrationCase.State.PUBLISHED).order_by("pk"))
    items = {case.pk: list(case.items.order_by("pk")) for case in cases}
    sheets: list[CalibrationSheet] = []
    done: list[CalibrationSheet] = []
    levels: list[CalibrationLevel] = []
    for case in cases:
        for member in people.assessors:
            account, is_last = account_of(member), case is cases[-1]
            if is_last and account == NOT_YET:
                continue
            at = timezone.now() - timedelta(days=4 + 3 * len(sheets))
            sheet = CalibrationSheet(case=case, assessor=member.user, started_at=at - timedelta(hours=2), updated_at=at)
            sheets.append(sheet)
            scored = items[case.pk]
            if is_last and account == STILL_OPEN:
                scored = scored[:DONE_OF_OPEN]
            else:
                done.append(sheet)
            levels += _levels(dice(seed, "calibration", case.pk, account), sheet, scored, habit_of(account))
    with as_dated(CalibrationSheet):
        CalibrationSheet.objects.bulk_create(sheets)
        CalibrationLevel.objects.bulk_create(levels)
        for sheet in done:  # after its levels: nothing is added to a submitted sheet
            sheet.submitted_at = sheet.updated_at
        CalibrationSheet.objects.bulk_update(done, ["submitted_at"])


def _levels(
    roll: Random, sheet: CalibrationSheet, items: list[CalibrationItem], habit: Habit
) -> Iterator[CalibrationLevel]:
    for item in items:
        level = given_level(roll, item.reference, habit)
        yield CalibrationLevel(sheet=sheet, element=item.element, level=level, note=calibration_note(roll))
