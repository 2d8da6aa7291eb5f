"""Establishments and what is known of their quality management maturity (QMM)."""

from qmm.models.assessment import AREAS, Assessment, Inspection
from qmm.models.case import AssessmentCase, CaseAssignment
from qmm.models.dates import dates_within_reason, not_in_the_future
from qmm.models.establishment import Establishment, EstablishmentIdentifier
from qmm.models.imported import AssessmentImport, SiteEvidence, SiteEvidenceFile
from qmm.models.merge import DuplicatePair, EstablishmentMerge
from qmm.models.owner import EstablishmentContact, SiteGrant
from qmm.models.rubric import Rubric
from qmm.models.scores import ConsensusScore, ElementScore
from qmm.models.voidable import Voidable

__all__ = [
    "AREAS",
    "Assessment",
    "AssessmentCase",
    "AssessmentImport",
    "CaseAssignment",
    "ConsensusScore",
    "DuplicatePair",
    "ElementScore",
    "Establishment",
    "EstablishmentContact",
    "EstablishmentIdentifier",
    "EstablishmentMerge",
    "Inspection",
    "Rubric",
    "SiteEvidence",
    "SiteEvidenceFile",
    "SiteGrant",
    "Voidable",
    "dates_within_reason",
    "not_in_the_future",
]
