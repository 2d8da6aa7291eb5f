"""Calibration cases that come with the program, and what a case needs before it is published."""
