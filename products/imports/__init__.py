"""Public files on products: the FDA's NDC Directory and its list of drug shortages."""
