"""The rubric of a QMM assessment: its texts, what they must be before publication, and how two versions differ."""

from qmm.rubric.content import Element, Level, Questions, Section, read
from qmm.rubric.differences import ElementChange, differences
from qmm.rubric.faults import Fault, faults
from qmm.rubric.fields import AREAS, FIELDS, GROUPS, LADDER, Area, Field, Texts, field_of, in_order

__all__ = [
    "AREAS",
    "FIELDS",
    "GROUPS",
    "LADDER",
    "Area",
    "Element",
    "ElementChange",
    "Fault",
    "Field",
    "Level",
    "Questions",
    "Section",
    "Texts",
    "differences",
    "faults",
    "field_of",
    "in_order",
    "read",
]
