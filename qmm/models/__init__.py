"""Establishments and what is known of their quality management maturity (QMM)."""

from qmm.models.agreement import AgreementFigure, AgreementRun, AssessorDrift, ToldAssessment
from qmm.models.assessment import AREAS, Assessment, Inspection
from qmm.models.calibration import (
    CalibrationCase,
    CalibrationItem,
    CalibrationLevel,
    CalibrationNotice,
    CalibrationSheet,
)
from qmm.models.case import AssessmentCase, CaseAssignment
from qmm.models.course import CaseEvent, CaseFile, CaseNotice, CaseSheet, ConflictDeclaration, ConflictEnd, FactComment
from qmm.models.dates import dates_within_reason, not_in_the_future
from qmm.models.establishment import Establishment, EstablishmentIdentifier
from qmm.models.findings import EarlierEntry, Finding, FindingFile
from qmm.models.imported import AssessmentImport, SiteEvidence, SiteEvidenceFile
from qmm.models.merge import DuplicatePair, EstablishmentMerge
from qmm.models.owner import EstablishmentContact, SiteGrant
from qmm.models.peers import PeerTelling
from qmm.models.plan import (
    ActionChange,
    ActionFile,
    ExpiryWarning,
    ImprovementAction,
    ImprovementPlan,
    PlanReminder,
)
from qmm.models.rubric import Rubric
from qmm.models.scores import ConsensusScore, ElementScore, ScoreReopening
from qmm.models.voidable import Voidable

__all__ = [
    "AREAS",
    "ActionChange",
    "ActionFile",
    "AgreementFigure",
    "AgreementRun",
    "Assessment",
    "AssessmentCase",
    "AssessmentImport",
    "AssessorDrift",
    "CalibrationCase",
    "CalibrationItem",
    "CalibrationLevel",
    "CalibrationNotice",
    "CalibrationSheet",
    "CaseAssignment",
    "CaseEvent",
    "CaseFile",
    "CaseNotice",
    "CaseSheet",
    "ConflictDeclaration",
    "ConflictEnd",
    "ConsensusScore",
    "DuplicatePair",
    "EarlierEntry",
    "ElementScore",
    "Establishment",
    "EstablishmentContact",
    "EstablishmentIdentifier",
    "EstablishmentMerge",
    "ExpiryWarning",
    "FactComment",
    "Finding",
    "FindingFile",
    "ImprovementAction",
    "ImprovementPlan",
    "Inspection",
    "PeerTelling",
    "PlanReminder",
    "Rubric",
    "ScoreReopening",
    "SiteEvidence",
    "SiteEvidenceFile",
    "SiteGrant",
    "ToldAssessment",
    "Voidable",
    "dates_within_reason",
    "not_in_the_future",
]
