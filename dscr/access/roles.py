"""The roles of the program on one screen. What each may do with what joins them here, issue by issue."""

from django.db import models


class OrganisationKind(models.TextChoices):
    MANUFACTURER = "manufacturer", "Manufacturer"
    PURCHASER = "purchaser", "Purchaser"
    ASSESSOR_FIRM = "assessor_firm", "Assessor firm"
    OPERATOR = "operator", "Program operator"
    COORDINATOR = "coordinator", "HHS coordinator"


class Role(models.TextChoices):
    MANUFACTURER_EDITOR = "manufacturer_editor", "Manufacturer editor"
    ATTESTOR = "attestor", "Attestor"
    ESTABLISHMENT_CONTACT = "establishment_contact", "Establishment contact"
    PURCHASER = "purchaser", "Purchaser"
    ASSESSOR = "assessor", "Assessor"
    LEAD_ASSESSOR = "lead_assessor", "Lead assessor"
    OPERATOR = "operator", "Operator"
    COORDINATOR = "coordinator", "Coordinator"
    AUDITOR = "auditor", "Auditor"
