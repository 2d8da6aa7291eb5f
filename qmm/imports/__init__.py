"""Public files on establishments: the FDA's register of drug establishments (DECRS)."""
