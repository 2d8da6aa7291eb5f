"""Pages of assessments and the rubric."""
