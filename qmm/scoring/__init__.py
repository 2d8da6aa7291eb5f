"""The working pages of assessors: levels, findings, consensus, and the form as a workbook."""
