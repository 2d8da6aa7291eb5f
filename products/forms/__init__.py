"""Forms of the manufacturer's pages."""
