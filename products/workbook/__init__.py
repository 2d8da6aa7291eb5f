"""The KPI questionnaire of many products as one workbook: made for a firm, and read back cell by cell."""
