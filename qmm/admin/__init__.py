"""The operator's admin of establishments and assessments. What single assessors gave, notes and findings have none: it
would be read before both have finished."""

from qmm.admin import calibration, cases, owners, sites

__all__ = ["calibration", "cases", "owners", "sites"]
