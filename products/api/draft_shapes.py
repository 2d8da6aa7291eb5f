"""What the API tells of drafts, field by field."""

from datetime import date
from typing import Any

from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request

from dscr.api.concurrency import etag_of
from products.api.answers import base_of, told
from products.api.questionnaire import limits, states_of
from products.queries.due import DUE, LATE, MISSING
from products.queries.firm_quarters import NOT_OWED, FirmQuarter
from products.queries.kpi_list import ATTESTED, SUSPENDED
from products.queries.quarters import QuarterlyFigures
from products.questionnaire import QUESTIONS, SECTIONS, Answers, Kind, Question, State, read_answers
from products.questionnaire.plausibility import doubts
from products.questionnaire.rates import wilson
from products.questionnaire.words import in_words, sources_in_words

NONE, DRAFT, CORRECTION = "none", "draft", "correction"
DRAFT_STATES = [
    (NONE, "Nothing is begun"),
    (DRAFT, "Under way"),
    (CORRECTION, "Under way; the quarter is attested, and this would supersede it"),
    (ATTESTED, "Attested"),
]
ANSWER_STATES = [(state.value, state.value) for state in State]
DUTIES = [(name, name) for name in (MISSING, LATE, DUE, ATTESTED, SUSPENDED, NOT_OWED)]
DIGITS = 6  # of a rate


class DraftRowSerializer(serializers.Serializer):
    ndc = serializers.CharField(help_text="Canonical 6-4 key.")
    display_ndc = serializers.CharField()
    name = serializers.CharField()
    quarter_end = serializers.DateField(help_text="Last day of the quarter.")
    due_on = serializers.DateField()
    duty = serializers.ChoiceField(
        choices=DUTIES,
        help_text="What the firm owes: `due`, `late`, `missing` (nothing was ever attested), `attested`, `suspended`, "
        "or `not_owed`.",
    )
    state = serializers.ChoiceField(
        choices=DRAFT_STATES, help_text="`none`, `draft`, `attested`, or `correction`: a draft beside attested figures."
    )
    version = serializers.IntegerField(help_text="Of the draft; 0 without one.")
    answered = serializers.IntegerField(help_text="Questions that are answered.")
    questions_in_all = serializers.IntegerField()
    updated_at = serializers.DateTimeField(allow_null=True)
    updated_by = serializers.CharField(allow_null=True)
    etag = serializers.CharField(help_text="Of the draft, for If-Match and for writing many at once.")


class RateSerializer(serializers.Serializer):
    """A share from 0 to 1, and the Wilson 95% interval in which it lies by the counts alone."""

    share = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class EditSerializer(serializers.Serializer):
    by = serializers.CharField()
    at = serializers.DateTimeField()


class AnsweredQuestionSerializer(serializers.Serializer):
    code = serializers.CharField()
    section = serializers.CharField()
    state = serializers.ChoiceField(choices=ANSWER_STATES)
    words = serializers.CharField(allow_blank=True, help_text="The answer as a person reads it.")
    before = serializers.CharField(allow_blank=True, help_text="The answer last attested for an earlier quarter.")
    rate = RateSerializer(allow_null=True, help_text="Of two counts; else null.")
    sources = serializers.ListField(child=serializers.CharField(), help_text="Where it came from, if not typed.")
    edited = EditSerializer(allow_null=True, help_text="Its last change.")


class ProblemSerializer(serializers.Serializer):
    name = serializers.CharField()
    detail = serializers.CharField()


class WarningSerializer(serializers.Serializer):
    code = serializers.CharField()
    question = serializers.CharField()
    detail = serializers.CharField()
    note = serializers.CharField(allow_blank=True, help_text="The firm's answer to it.")


class DraftSerializer(DraftRowSerializer):
    answers = serializers.DictField(
        help_text="Every answer by its name, as it can be put back; null where there is none."
    )
    notes = serializers.DictField(child=serializers.CharField(), help_text="Answers to warnings, by code.")
    questions = AnsweredQuestionSerializer(many=True)
    open = serializers.ListField(child=serializers.CharField(), help_text="Codes of questions still to be answered.")
    problems = ProblemSerializer(many=True, help_text="What a person typed on the page that is no valid answer.")
    warnings = WarningSerializer(many=True, help_text="What looks unlikely. Nothing is refused for it.")
    attest_page = serializers.URLField(help_text="Where a person reviews and attests it.")


class PutRowSerializer(serializers.Serializer):
    ndc = serializers.CharField()
    version = serializers.IntegerField()
    etag = serializers.CharField()
    answered = serializers.IntegerField()
    questions_in_all = serializers.IntegerField()
    open = serializers.ListField(child=serializers.CharField())
    warnings = WarningSerializer(many=True)


class AnswersSerializer(serializers.Serializer):
    """Values by the names of the questionnaire; null takes an answer out."""

    def get_fields(self) -> dict[str, serializers.Field]:
        fields: dict[str, serializers.Field] = {}
        for question in QUESTIONS:
            for item in question.fields:
                kind, usual = _field_of(item.kind), {"required": False, "allow_null": True}
                low, high = limits(item)
                ranged = {} if low is None else {"min_value": low, "max_value": high}
                unit = f" ({item.unit})" if item.unit else ""
                fields[item.column] = kind(**usual, **ranged, help_text=f"{question.label}: {item.label}{unit}.")
            states = ", ".join(f"`{state}`" for state in states_of(question))
            fields[question.state_key] = serializers.CharField(
                required=False,
                allow_null=True,
                help_text=f"{question.label}: {states}; null is that the figures speak.",
            )
        return fields


def _field_of(kind: Kind) -> type[serializers.Field]:
    if kind in (Kind.COUNT, Kind.WHOLE):
        return serializers.IntegerField
    return {Kind.TICK: serializers.BooleanField, Kind.DATE: serializers.DateField}.get(kind, serializers.FloatField)


def version_tag(figures: QuarterlyFigures) -> str:
    """The ETag of a draft: changes with it, and with what it is compared with."""
    draft, attested, previous = figures.draft, figures.attested, figures.previous
    return etag_of(
        "kpi-draft",
        figures.product.pk,
        figures.quarter.ends_on,
        draft and (draft.pk, draft.version),
        attested and attested.pk,
        previous and previous.pk,
        figures.is_enrolled,
    )


def row_of(found: FirmQuarter) -> dict[str, Any]:
    """As DraftRowSerializer describes it."""
    figures = found.figures
    draft, product = figures.draft, figures.product
    return {
        "ndc": product.ndc,
        "display_ndc": product.display_ndc,
        "name": product.nonproprietary_name or product.proprietary_name,
        "quarter_end": figures.quarter.ends_on,
        "due_on": figures.quarter.due_on,
        "duty": found.duty,
        "state": _state(figures),
        "version": draft.version if draft else 0,
        "answered": draft.answered if draft else len(QUESTIONS) if figures.attested else 0,
        "questions_in_all": len(QUESTIONS),
        "updated_at": draft.updated_at if draft else None,
        "updated_by": str(draft.updated_by) if draft and draft.updated_by else None,
        "etag": version_tag(figures),
    }


def _state(figures: QuarterlyFigures) -> str:
    if figures.attested:
        return CORRECTION if figures.draft else ATTESTED
    return DRAFT if figures.draft else NONE


def draft_of(request: Request, found: FirmQuarter, today: date) -> dict[str, Any]:
    """As DraftSerializer describes it."""
    figures = found.figures
    texts, draft = base_of(figures), figures.draft
    answers = read_answers(texts, today)
    page = reverse("products:kpi-draft-review", args=[figures.product.ndc, figures.quarter.ends_on])
    return row_of(found) | {
        "answers": told(texts),
        "notes": {code: note for code, note in (draft.notes if draft else {}).items() if note},
        "questions": [
            _question(section.code, question, answers, figures)
            for section in SECTIONS
            for question in section.questions
        ],
        "open": answers.open,
        "problems": [{"name": key, "detail": text} for key, text in answers.problems.items()],
        "warnings": warnings_of(figures, answers),
        "attest_page": request.build_absolute_uri(page),
    }


def put_row(found: FirmQuarter, today: date) -> dict[str, Any]:
    """As PutRowSerializer describes it."""
    row, answers = row_of(found), read_answers(base_of(found.figures), today)
    told_of = {name: row[name] for name in ("ndc", "version", "etag", "answered", "questions_in_all")}
    return told_of | {"open": answers.open, "warnings": warnings_of(found.figures, answers)}


def warnings_of(figures: QuarterlyFigures, answers: Answers) -> list[dict[str, str]]:
    """Of a draft; what is attested has been looked at."""
    if figures.draft is None:
        return []
    before, notes = figures.previous, figures.draft.notes
    return [
        {"code": doubt.code, "question": doubt.question, "detail": doubt.text, "note": notes.get(doubt.code, "")}
        for doubt in doubts(answers, before.__dict__ if before else None)
    ]


def _question(section: str, question: Question, answers: Answers, figures: QuarterlyFigures) -> dict[str, Any]:
    state, draft = answers.states[question.code], figures.draft
    before = figures.previous
    keys = (*question.columns, question.state_key)
    edits = [draft.edits[key] for key in keys if draft and key in draft.edits]
    last = max(edits, key=lambda edit: edit["at"], default=None)
    return {
        "code": question.code,
        "section": section,
        "state": state.value,
        "words": "" if state is State.OPEN else in_words(question, answers.values),
        "before": in_words(question, before) if before else "",
        "rate": _rate(question, state, answers),
        "sources": sources_in_words(draft.sources, question.columns) if draft else [],
        "edited": {"by": last["name"], "at": last["at"]} if last else None,
    }


def _rate(question: Question, state: State, answers: Answers) -> dict[str, float] | None:
    if not question.is_rate or state is not State.REPORTED:
        return None
    part, whole = (answers.values[column] for column in question.columns)
    if not whole:
        return None
    low, high = wilson(part, whole)
    return {"share": round(part / whole, DIGITS), "low": round(low, DIGITS), "high": round(high, DIGITS)}
