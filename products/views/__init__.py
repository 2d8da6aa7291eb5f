"""Pages of the products."""
