"""An assessor's workbook as what it would change, cell by cell, with everything that is wrong in it."""

import re
import uuid
from dataclasses import dataclass, field

from dscr.intake.archive import FileRefusedError
from dscr.intake.sheets import Cell, Sheet, cleaned, read_sheets
from qmm.models import Finding
from qmm.queries.score_sheet import Item, ScoreSheet
from qmm.scoring.workbook import BASE_SHEET, FINDINGS_SHEET, FORM_LINE, LEVELS_SHEET
from qmm.services.findings import LONGEST, LONGEST_EVIDENCE
from qmm.services.scoring import LONGEST_NOTES

BEGIN_ANEW = "Get the workbook anew on this page and copy your levels and notes into it."
CODE, LEVEL, NOTES = 1, 3, 4  # columns, from 1
NUMBER, FINDING_CODE, KIND, TEXT, EVIDENCE = range(1, 6)
KINDS = {kind.label.lower(): kind.value for kind in Finding.Kind}
_LEVEL = re.compile(r"([1-5])(?:\s.*)?")


@dataclass(frozen=True, slots=True)
class Place:
    """A cell of the file, such as Levels C5."""

    sheet: str
    cell: str

    def __str__(self) -> str:
        return f"{self.sheet} {self.cell}".strip()


@dataclass(frozen=True, slots=True)
class Fault:
    place: Place | None  # None is the file
    message: str


@dataclass(frozen=True, slots=True)
class CellChange:
    """`stored` is on the page now, `given` in the file; both differ from `base`, which the file was made with, where
    `clashes`."""

    place: Place
    key: str
    stored: str
    given: str
    clashes: bool

    @property
    def code(self) -> str:
        return self.key.partition(".")[0]

    @property
    def name(self) -> str:
        return self.key.partition(".")[2]


@dataclass(frozen=True, slots=True)
class NewFinding:
    place: Place
    code: str
    kind: str
    text: str
    evidence: str

    def form(self, assignment: int) -> uuid.UUID:
        """Of its words: the same row sent twice is one finding."""
        words = "\0".join((str(assignment), self.code, self.kind, self.text, self.evidence))
        return uuid.uuid5(uuid.NAMESPACE_OID, words)

    @property
    def kind_label(self) -> str:
        return Finding.Kind(self.kind).label


@dataclass(slots=True)
class Reading:
    """`rubric`: the version by whose anchors the levels were given."""

    rubric: str = ""
    changes: list[CellChange] = field(default_factory=list)
    findings: list[NewFinding] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def clashes(self) -> list[CellChange]:
        return [change for change in self.changes if change.clashes]

    @property
    def plain(self) -> list[CellChange]:
        return [change for change in self.changes if not change.clashes]


def read_workbook(content: bytes, form: ScoreSheet) -> Reading:
    """Nothing is raised for what people send: everything wrong is in `faults`."""
    found = Reading(form.rubric_version)
    try:
        sheets = {sheet.name: sheet for sheet in read_sheets(content, keeps_lines=True)}
    except FileRefusedError as error:
        found.faults.append(Fault(None, str(error)))
        return found
    levels, base = sheets.get(LEVELS_SHEET), sheets.get(BASE_SHEET)
    if levels is None or base is None:
        lacking = LEVELS_SHEET if levels is None else BASE_SHEET
        found.faults.append(Fault(None, f"The sheet “{lacking}” is missing. {BEGIN_ANEW}"))
        return found
    if (_text(base, 1, 1), _text(base, 1, 2)) != (FORM_LINE, str(form.assignment.pk)):
        found.faults.append(Fault(None, f"The workbook belongs to another form than yours of this case. {BEGIN_ANEW}"))
        return found
    if (version := _text(base, 1, 3)) != form.rubric_version:
        made = f"version {version[:20]} of the rubric" if version else "another version of the rubric"
        now = f"The workbook was made by {made}, and the case is assessed by {form.rubric_version} now"
        found.faults.append(Fault(None, f"{now}: the anchors may differ. {BEGIN_ANEW}"))
        return found
    _read_levels(levels, base, form, found)
    if FINDINGS_SHEET in sheets:
        _read_findings(sheets[FINDINGS_SHEET], form, found)
    return found


def _read_levels(levels: Sheet, base: Sheet, form: ScoreSheet, found: Reading) -> None:
    items = {item.element.code: item for item in form.items}
    before = {_text(base, row, 1): row for row in base.rows}
    seen: set[str] = set()
    for row in sorted(levels.rows):
        code = _text(levels, row, CODE).upper()
        if row == 1 and code == "CODE":
            continue
        if not any(_text(levels, row, column) for column in (CODE, LEVEL, NOTES)):
            continue
        place = Place(LEVELS_SHEET, f"A{row}")
        if code not in items or code not in before:
            found.faults.append(Fault(place, f"“{code[:20]}” is no element of this form. Give its code, such as MC1."))
        elif code in seen:
            found.faults.append(Fault(place, f"{code} stands here a second time. Leave one of its rows."))
        else:
            seen.add(code)
            _read_row(levels, row, items[code], (_text(base, before[code], 2), _text(base, before[code], 3)), found)


def _read_row(levels: Sheet, row: int, item: Item, base: tuple[str, str], found: Reading) -> None:
    for column, letter, entry, was in ((LEVEL, "C", item.level, base[0]), (NOTES, "D", item.notes, base[1])):
        place, cell = Place(LEVELS_SHEET, f"{letter}{row}"), levels.rows[row].get(column)
        if cell is None:
            continue
        given, wrong = _level(cell) if column == LEVEL else _words(cell, LONGEST_NOTES)
        if wrong:
            found.faults.append(Fault(place, wrong))
        elif given not in (was, stands := cleaned(entry.was, keeps_lines=True)):
            found.changes.append(CellChange(place, entry.key, entry.was, given, clashes=stands != was))


def _read_findings(sheet: Sheet, form: ScoreSheet, found: Reading) -> None:
    codes = {item.element.code for item in form.items}
    kept = {str(row.pk): row for item in form.items for row in item.findings}
    for row in sorted(sheet.rows):
        number, code, kind, text, evidence = (_text(sheet, row, column) for column in range(NUMBER, EVIDENCE + 1))
        if (row == 1 and number.lower() == "number") or not any((code, kind, text, evidence)):
            continue
        place = Place(FINDINGS_SHEET, f"A{row}")
        if number:
            there = kept.get(number)
            texts = [cleaned(text, keeps_lines=True) for text in (there.text, there.evidence)] if there else []
            stands = there and (there.element, there.get_kind_display(), *texts)
            if stands != (code, kind, text, evidence):
                message = (
                    f"Finding {number[:20]} stands otherwise on the page. Change it there, or leave the number blank."
                )
                found.faults.append(Fault(place, message))
            continue
        faults = _finding_faults(sheet, row, codes, kind, text, evidence)
        found.faults += [Fault(Place(FINDINGS_SHEET, f"{letter}{row}"), message) for letter, message in faults]
        if not faults:
            new = NewFinding(Place(FINDINGS_SHEET, f"D{row}"), code.upper(), KINDS[kind.lower()], text, evidence)
            forms = {there.form for there in kept.values()}
            if new.form(form.assignment.pk) not in forms:
                found.findings.append(new)


def _finding_faults(
    sheet: Sheet, row: int, codes: set[str], kind: str, text: str, evidence: str
) -> list[tuple[str, str]]:
    code = _text(sheet, row, FINDING_CODE).upper()
    said = []
    if code not in codes:
        said.append(("B", f"“{code[:20]}” is no element of this form. Give its code, such as MC1."))
    if kind.lower() not in KINDS:
        said.append(("C", f"“{kind[:20]}” is no kind. Give Strength, Opportunity or Critical gap."))
    if not text:
        said.append(("D", "Write what you found, or empty the row."))
    if len(text) > LONGEST:
        said.append(("D", f"It has {len(text):,} characters; at most {LONGEST:,} are kept. Make two findings of it."))
    if len(evidence) > LONGEST_EVIDENCE:
        said.append(("E", f"It has {len(evidence):,} characters; at most {LONGEST_EVIDENCE:,} are kept."))
    return said


def _level(cell: Cell) -> tuple[str, str]:
    """(level, what is wrong)"""
    value = cell.value
    if cell.formula or cell.is_error:
        return "", "It holds a formula or an error; write the level itself."
    if isinstance(value, int | float) and not isinstance(value, bool) and value in (1, 2, 3, 4, 5):
        return str(int(value)), ""
    match = _LEVEL.fullmatch(value) if isinstance(value, str) else None
    return (match.group(1), "") if match else ("", f"“{str(value)[:40]}” is no level. Give 1, 2, 3, 4 or 5.")


def _words(cell: Cell, longest: int) -> tuple[str, str]:
    if cell.formula or cell.is_error:
        return "", "It holds a formula or an error; write the text itself."
    text = str(cell.value)
    if len(text) > longest:
        return "", f"It has {len(text):,} characters; at most {longest:,} are kept. Shorten it."
    return text, ""


def _text(sheet: Sheet, row: int, column: int) -> str:
    cell = sheet.rows.get(row, {}).get(column)
    if cell is None or cell.value is None:
        return ""
    value = cell.value
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
