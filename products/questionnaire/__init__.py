"""The KPI questionnaire: what a manufacturer is asked per product and quarter, and how an answer is read."""

from products.questionnaire.answers import Answers, read_answers, texts_of
from products.questionnaire.fields import Field, Kind, Question, Section, State
from products.questionnaire.questions import FIELDS, QUESTIONS, SECTIONS

__all__ = [
    "FIELDS",
    "QUESTIONS",
    "SECTIONS",
    "Answers",
    "Field",
    "Kind",
    "Question",
    "Section",
    "State",
    "read_answers",
    "texts_of",
]
