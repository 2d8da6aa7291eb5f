"""What pages read of establishments, assessments and cases."""
