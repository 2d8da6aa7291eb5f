"""The report of an assessment: what stands in it, in which words, and as PDF. Pure: rows are read by qmm/queries."""
