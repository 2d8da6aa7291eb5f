"""Establishments and what is known of their quality management maturity (QMM)."""

from qmm.models.assessment import AREAS, Assessment, Inspection
from qmm.models.case import AssessmentCase, CaseAssignment
from qmm.models.course import CaseEvent, CaseFile, CaseNotice, CaseSheet, ConflictDeclaration, FactComment
from qmm.models.dates import dates_within_reason, not_in_the_future
from qmm.models.establishment import Establishment, EstablishmentIdentifier
from qmm.models.rubric import Rubric
from qmm.models.scores import ConsensusScore, ElementScore
from qmm.models.voidable import Voidable

__all__ = [
    "AREAS",
    "Assessment",
    "AssessmentCase",
    "CaseAssignment",
    "CaseEvent",
    "CaseFile",
    "CaseNotice",
    "CaseSheet",
    "ConflictDeclaration",
    "ConsensusScore",
    "ElementScore",
    "Establishment",
    "EstablishmentIdentifier",
    "FactComment",
    "Inspection",
    "Rubric",
    "Voidable",
    "dates_within_reason",
    "not_in_the_future",
]
