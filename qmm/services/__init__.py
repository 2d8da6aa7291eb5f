"""What is done to assessments and the rubric."""
